"""Every detector keeps the contract at every sampling rate, and the check itself sees what is broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.chain import Parts
from detectors.conformance import check_detector
from detectors.emg.features import EmgFeatures
from detectors.emg.leg_movement import EmgLegMovementDetector
from detectors.recording import steady_clock
from detectors.signal import Gap, SampleBlock, Stream
from detectors.track import Track
from tests.made_legs import CRITERIA, emg, emg_parts, emg_stream, motion_parts, motion_stream, run, run_items, turned

if TYPE_CHECKING:
    from detectors.events import Event

pytestmark = pytest.mark.slow

BURSTS = ((2.0, 1.5, 30.0), (5.0, 6.0, 40.0), (12.8, 0.4, 50.0), (14.2, 0.8, 40.0))


@pytest.mark.parametrize("fs_hz", [100.0, 128.0, 200.0, 250.0, 256.0, 500.0, 1000.0, 1111.7])
def test_emg_detectors_keep_the_contract(fs_hz: float) -> None:
    data = emg(15.0, BURSTS, fs_hz=fs_hz).astype(np.float32)
    check_detector(emg_parts(), emg_stream(fs_hz), data, seed=round(fs_hz))


@pytest.mark.parametrize("fs_hz", [25.0, 52.0, 104.0])
def test_motion_detectors_keep_the_contract(fs_hz: float) -> None:
    turns = [(10.0, 30.0, 2.0, 0.0), (30.0, 5.0, 0.3, 0.5), (79.0, 15.0, 1.0, 0.0)]
    check_detector(motion_parts(), motion_stream(fs_hz), turned(80.0, turns, fs_hz=fs_hz), seed=round(fs_hz))


EMG_NIGHT = emg(90.0, [(62.0, 3.0, 30.0), (70.0, 12.0, 40.0)], fs_hz=200.0)
EMG_WHOLE = run(emg_parts(), emg_stream(200.0), EMG_NIGHT)[0]


@settings(max_examples=15, deadline=None)
@given(cuts=st.lists(st.integers(0, len(EMG_NIGHT)), max_size=12))
def test_any_cut_of_the_stream_gives_the_same_events(cuts: list[int]) -> None:
    stream, clock = emg_stream(200.0), steady_clock(0, 200.0)
    starts = [0, *sorted(cuts)]
    stops = [*starts[1:], len(EMG_NIGHT)]
    blocks = [SampleBlock(stream, clock, a, EMG_NIGHT[a:b]) for a, b in zip(starts, stops, strict=True)]
    assert run_items(emg_parts(), stream, blocks)[0] == EMG_WHOLE
    assert len(EMG_WHOLE) == 3


class Forgetful(EmgLegMovementDetector):
    """Loses what it has found when a track is short."""

    def feed(self, item: Track | Gap) -> list[Event]:
        events = super().feed(item)
        return [] if isinstance(item, Track) and len(item.values) < 500 else events


class Talkative(EmgLegMovementDetector):
    """Says everything again at the end."""

    def finish(self) -> list[Event]:
        self.said = [*getattr(self, "said", []), *super().finish()]
        return self.said


class Hasty(EmgLegMovementDetector):
    """Promises more than it knows."""

    @property
    def settled(self) -> int:
        return self._stop * 5 + 500


@pytest.mark.parametrize(
    ("broken", "what"),
    [(Forgetful, "events differ"), (Talkative, "a second finish"), (Hasty, "where all was settled")],
)
def test_a_detector_that_breaks_the_contract_is_told_how(broken: type[EmgLegMovementDetector], what: str) -> None:
    def build(stream: Stream) -> EmgLegMovementDetector:
        return broken(stream, CRITERIA)

    parts = Parts(lambda stream: EmgFeatures(stream, CRITERIA), (build,))
    with pytest.raises(AssertionError, match=what):
        check_detector(parts, emg_stream(), emg(15.0, BURSTS))

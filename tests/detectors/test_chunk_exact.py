"""Detectors are chunk-exact: what lies around an event is the same, however much of it came in one block."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from detectors.emg.cramp import CrampDetector
from detectors.emg.rhythm import RhythmDetector
from detectors.runs import Trace
from detectors.track import Track, TrackName
from tests.made_legs import CRITERIA, changed, emg_stream, envelope_tracks, found

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.criteria import Criteria

STREAM = emg_stream()
REST_UV = 2.0
HOPS_PER_S = 100
# A run can begin early in a second, where little is known of what came before it, or late.
SHIFTS = (0, 5, 50)


def level(*pieces: tuple[int, float]) -> np.ndarray:
    """An envelope of (hops, µV) between rest, whole seconds long."""
    rest = 12 * HOPS_PER_S - sum(n_hops for n_hops, _ in pieces) % HOPS_PER_S
    parts = [(5 * HOPS_PER_S, REST_UV), *pieces, (rest, REST_UV)]
    return np.concatenate([np.full(n_hops, value_uv) for n_hops, value_uv in parts])


def in_one_block(tracks: Sequence[Track]) -> list[Track]:
    """The tracks as one long block gives them."""
    whole = []
    for name in dict.fromkeys(track.name for track in tracks):
        same = [track for track in tracks if track.name is name]
        values, quality = np.concatenate([t.values for t in same]), np.concatenate([t.quality for t in same])
        whole.append(Track(STREAM, same[0].clock, name, same[0].start, same[0].hop, values, quality))
    return whole


@pytest.mark.parametrize(
    "criteria",
    [CRITERIA, changed("cramp", smoothing_s=4.5), changed("cramp", duty_window_s=4.9)],
    ids=["as proposed", "a slow RMS longer than the quiet time", "a duty window longer than the quiet time"],
)
def test_a_contraction_is_measured_the_same_whether_seconds_come_one_by_one_or_all_at_once(criteria: Criteria) -> None:
    for shift in SHIFTS:
        # It creeps over the lower threshold of 5 µV half a second before it passes the upper one.
        rise = [(shift, REST_UV), (300, 4.9), (45, 5.5)]
        tracks = envelope_tracks(STREAM, level(*rise, (900, 25.0), (230, 4.9), (100, 9.0)))
        events = found(CrampDetector(STREAM, criteria), tracks)
        assert events == found(CrampDetector(STREAM, criteria), in_one_block(tracks)), f"{shift} hops"
        assert events


def test_a_train_is_measured_the_same_whether_seconds_come_one_by_one_or_all_at_once() -> None:
    for shift in (1, 2, 3, 4):
        # The first burst begins with the second before the first one whose envelope passes the threshold.
        bursts = [(12, 9.0), *[(88, REST_UV), (12, 14.0)] * 9]
        tracks = envelope_tracks(STREAM, level((shift, REST_UV), *bursts))
        for track in tracks:
            if track.name is TrackName.ENVELOPE_UV:
                track.values[track.values < 10.0] = REST_UV
        events = found(RhythmDetector(STREAM, CRITERIA), tracks)
        assert events == found(RhythmDetector(STREAM, CRITERIA), in_one_block(tracks)), f"{shift} hops"
        assert events


def test_a_part_of_a_trace_knows_nothing_of_the_rest() -> None:
    trace = Trace()
    trace.append(10, np.arange(10.0))
    part = trace.part(12, 15)
    assert (part.start, part.stop, part.padded(11, 17).tolist()) == (12, 15, [0.0, 2.0, 3.0, 4.0, 0.0, 0.0])
    assert trace.part(5, 12).padded(9, 13).tolist() == [0.0, 0.0, 1.0, 0.0]
    assert trace.part(30, 40).padded(30, 32).tolist() == [0.0, 0.0]

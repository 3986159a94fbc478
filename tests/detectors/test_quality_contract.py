"""Features and detectors keep their contract on a night on which everything goes wrong, for every cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from detectors.conformance import check_detector
from detectors.recording import steady_clock
from detectors.signal import Gap, GapCause, SampleBlock, Stream
from detectors.track import Flag, Track, TrackName
from tests.bad_nights import all_parts, heart, hum, pops
from tests.made_legs import emg, emg_stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from detectors.events import Event

pytestmark = pytest.mark.slow

BAD_S = 170.0
SEEN_FROM_HZ = 200.0
POPS_S = (75.3, 100.99, 101.2, 114.999, 115.003)


def bad_night(fs_hz: float) -> np.ndarray[Any, Any]:
    """Movements in hum, heart beat and pops, and an electrode that is off for a while."""
    data = emg(BAD_S, [(70.0, 2.0, 30.0), (90.0, 3.0, 20.0), (110.0, 2.0, 40.0), (163.0, 3.0, 30.0)], fs_hz=fs_hz)
    disturbed = (
        data + hum(BAD_S, 1.5, 50.0, fs_hz) + heart(BAD_S, 40.0, 70.0, fs_hz) + pops(BAD_S, POPS_S, 800.0, 0.05, fs_hz)
    )
    off = slice(round(120.0 * fs_hz), round(140.0 * fs_hz))
    disturbed[off] += hum(BAD_S, 300.0, 50.0, fs_hz)[off]
    return disturbed


def played(stream: Stream, items: Iterable[SampleBlock | Gap]) -> tuple[dict[TrackName, Any], list[Event], list[Event]]:
    """Return starts, values and flags of every track, the events, and the candidates that failed."""
    parts = all_parts()
    features, detectors = parts.features(stream), [build(stream) for build in parts.detectors]
    outputs = [output for item in items for output in features.feed(item)] + features.finish()
    events = [event for output in outputs for detector in detectors for event in detector.feed(output)]
    events += [event for detector in detectors for event in detector.finish()]
    rejected = [event for detector in detectors for event in detector.rejected()]
    tracks: dict[TrackName, list[Track]] = {}
    for output in outputs:
        if isinstance(output, Track):
            tracks.setdefault(output.name, []).append(output)
    joined = {
        name: (
            np.concatenate([track.start + track.hop * np.arange(len(track.values)) for track in pieces]),
            np.concatenate([track.values for track in pieces]),
            np.concatenate([track.quality for track in pieces]),
        )
        for name, pieces in tracks.items()
    }
    return joined, sorted(events, key=str), sorted(rejected, key=str)


def blocks(stream: Stream, data: np.ndarray[Any, Any], size: int, start: int = 0) -> Iterator[SampleBlock]:
    clock = steady_clock(0, stream.fs_hz)
    for at in range(0, len(data), size):
        yield SampleBlock(stream, clock, start + at, data[at : at + size])


@pytest.mark.slow
@pytest.mark.parametrize("with_gap", [False, True], ids=["whole", "gap"])
@pytest.mark.parametrize("fs_hz", [100.0, 128.0, 200.0, 250.0, 256.0, 500.0, 1000.0, 1111.7])
def test_a_bad_night_is_the_same_for_every_cut(fs_hz: float, with_gap: bool) -> None:  # noqa: FBT001 - a case
    stream, data = emg_stream(fs_hz), bad_night(fs_hz)
    first, stop = round(100.5 * fs_hz), round((101.3 if with_gap else 100.5) * fs_hz)
    gap = [Gap(stream, steady_clock(0, fs_hz), first, stop - first, GapCause.AIR)] if with_gap else []

    def items(size: int) -> list[SampleBlock | Gap]:
        return [*blocks(stream, data[:first], size), *gap, *blocks(stream, data[stop:], size, stop)]

    whole = played(stream, items(len(data)))
    seen = int(np.bitwise_or.reduce(whole[0][TrackName.RESTING_UV][2]))
    assert seen & Flag.ECG.value
    # At a slower rate the decay of a pop looks like its step.
    assert seen & Flag.POP.value or fs_hz < SEEN_FROM_HZ
    for size in (1 if fs_hz <= 200.0 else 61, 4096):
        cut = played(stream, items(size))
        assert whole[1:] == cut[1:]
        for name, columns in whole[0].items():
            for one, other in zip(columns, cut[0][name], strict=True):
                assert np.array_equal(one, other, equal_nan=True), name


@pytest.mark.slow
@pytest.mark.parametrize("fs_hz", [100.0, 200.0, 1111.7])
def test_the_electrode_detector_keeps_the_contract(fs_hz: float) -> None:
    data = emg(20.0, [(2.0, 1.5, 30.0)], fs_hz=fs_hz)
    data[:, 0] += np.where(np.arange(len(data)) > 8 * fs_hz, 6000.0 / fs_hz, 0.0).cumsum()
    parts = all_parts()
    check_detector(type(parts)(parts.features, parts.detectors[-1:]), emg_stream(fs_hz), data)


def test_a_bad_night_is_the_same_in_blocks_of_a_third_of_a_second() -> None:
    stream, data = emg_stream(200.0), bad_night(200.0)
    whole, cut = (played(stream, blocks(stream, data, size)) for size in (len(data), 67))
    assert whole[1:] == cut[1:]
    assert all(
        np.array_equal(a, b, equal_nan=True) for n, c in whole[0].items() for a, b in zip(c, cut[0][n], strict=True)
    )

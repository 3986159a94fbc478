"""After a gap the first values say that their window is not full, wherever in a frame the signal returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from detectors.recording import steady_clock
from detectors.signal import Gap, GapCause, SampleBlock, Stream
from detectors.track import Flag, Track, TrackName
from tests.made_legs import CRITERIA, emg, emg_parts, emg_stream, motion_parts, motion_stream

if TYPE_CHECKING:
    from detectors.chain import Parts

pytestmark = pytest.mark.slow

EMG = (emg_parts(), emg_stream(), TrackName.ENVELOPE_UV)
MOTION = (motion_parts(), motion_stream(1000.0), TrackName.MOVEMENT_G)
EMG_HOPS = round(CRITERIA.leg_movement.envelope_s / 0.01)
MOTION_HOPS = round(CRITERIA.motion.envelope_s / 0.02)


def fast_tracks(measured: tuple[Parts, Stream, TrackName], returns_at: int, block: int) -> tuple[np.ndarray, ...]:
    """Values and flags after a gap that ends at a sample, fed in blocks of a size."""
    parts, stream, name = measured
    clock, n_samples = steady_clock(0, stream.fs_hz), round(130 * stream.fs_hz)
    data = np.repeat(emg(n_samples / 500.0, []), len(stream.axes), axis=1)
    gap = Gap(stream, clock, returns_at - 300, 300, GapCause.AIR)
    whole = [(0, gap.first_missing), (returns_at, n_samples)]
    before, after = (
        [SampleBlock(stream, clock, k, data[k : min(k + block, b)]) for k in range(a, b, block)] for a, b in whole
    )
    features = parts.features(stream)
    items: list[SampleBlock | Gap] = [*before, gap, *after]
    found = [out for item in items for out in features.feed(item)] + features.finish()
    tracks = [
        item for item in found if isinstance(item, Track) and item.name is name and item.start > gap.first_missing
    ]
    return np.concatenate([t.values for t in tracks]), np.concatenate([t.quality for t in tracks])


@pytest.mark.parametrize("left_in_frame", [1, 4, 5, 6, 30, 74, 499, 500])
@pytest.mark.parametrize(("measured", "n_hops"), [(EMG, EMG_HOPS), (MOTION, MOTION_HOPS)])
def test_a_window_that_reaches_into_a_gap_is_flagged(
    measured: tuple[Parts, Stream, TrackName], n_hops: int, left_in_frame: int
) -> None:
    returns_at = round(121 * measured[1].fs_hz) - left_in_frame
    _, flags = fast_tracks(measured, returns_at, 10**6)
    unsettled = flags & Flag.UNSETTLED.value > 0
    assert unsettled[:n_hops].all()
    assert not unsettled[n_hops:].any()


@pytest.mark.parametrize("block", [7_001, 777, 100])
@pytest.mark.parametrize("left_in_frame", [1, 30])
@pytest.mark.parametrize("measured", [EMG, MOTION])
def test_what_is_said_after_a_gap_does_not_depend_on_the_cut(
    measured: tuple[Parts, Stream, TrackName], left_in_frame: int, block: int
) -> None:
    returns_at = round(121 * measured[1].fs_hz) - left_in_frame
    for cut, whole in zip(
        fast_tracks(measured, returns_at, block), fast_tracks(measured, returns_at, 10**6), strict=True
    ):
        assert np.array_equal(cut, whole)

"""Trying thresholds on the active stretches finds what the detector finds on the whole night with those thresholds."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from detectors.annotations import Span
from detectors.emg.active_stretches import ActiveStretches
from detectors.emg.leg_movement import EmgLegMovementDetector
from detectors.emg.movement_variants import TOGETHER, MovementVariants
from detectors.framing import EMG_HOP_S, grid_of
from detectors.numbers.robustness import MOST_ACTIVE_S
from detectors.recording import steady_clock
from detectors.signal import Gap, GapCause
from detectors.track import Flag, Track, TrackName
from tests.made_legs import CRITERIA, changed, emg_stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.emg.criteria import LegMovementCriteria
    from detectors.signal import Stream

SHARE = CRITERIA.validity.vary_share
VARIED = ("onset_uv", "onset_ratio", "offset_uv", "offset_ratio", "quiet_s", "min_s", "morphology_s", "max_lf_hf")
FRAMES = 120
GAPS = ((50, 53), (95, 96))
"""Frames that are missing."""


def tracks(stream: Stream, seed: int, cuts: Sequence[int] = ()) -> list[Track | Gap]:
    """Two minutes of an envelope that crosses every threshold, over levels and ratios that change."""
    grid, clock, rng = grid_of(stream.fs_hz, EMG_HOP_S), steady_clock(0, stream.fs_hz), np.random.default_rng(seed)
    n = FRAMES * grid.hops_per_frame
    level = np.repeat(rng.choice([1.5, 3.0, 7.0, 12.0, 14.0, 18.0], FRAMES // 10), 10)
    bursts = np.repeat(
        rng.choice([0.0, 1.0, 2.5, 7.0, 9.0, 12.0, 30.0], n // 15 + 1, p=[0.5, *[0.1] * 3, *[0.2 / 3] * 3]), 15
    )
    envelope = np.repeat(level, grid.hops_per_frame) * 0.9 + bursts[:n] * rng.uniform(0.8, 1.2, n)
    flags = rng.choice(
        [0, Flag.ELECTRODE_OFF.value, Flag.SATURATED.value, Flag.UNSETTLED.value], FRAMES, p=[0.9, *[0.1 / 3] * 3]
    )
    slow = {
        TrackName.RESTING_UV: level,
        TrackName.LF_HF_RATIO: rng.choice([0.1, 1.5, 1.9, 2.1, 2.6, np.nan], FRAMES),
        TrackName.RISE_RATIO: rng.choice([0.0, 0.2, 1.0], FRAMES),
        TrackName.LINE_RATIO: rng.choice([0.1, 0.3, 0.9], FRAMES, p=[0.6, 0.3, 0.1]),
    }
    items: list[Track | Gap] = []
    for first, stop in pairwise(sorted({0, *cuts, *(edge for gap in GAPS for edge in gap), FRAMES})):
        if (first, stop) in GAPS:
            items.append(Gap(stream, clock, first * grid.frame, (stop - first) * grid.frame, GapCause.AIR))
            continue
        start, hops = first * grid.frame, slice(first * grid.hops_per_frame, stop * grid.hops_per_frame)
        per_hop = np.repeat(flags, grid.hops_per_frame)[hops].astype(np.uint16)
        frame_flags = flags[first:stop].astype(np.uint16)
        items += [Track(stream, clock, k, start, grid.frame, v[first:stop], frame_flags) for k, v in slow.items()]
        items.append(Track(stream, clock, TrackName.ENVELOPE_UV, start, grid.hop, envelope[hops], per_hop))
    return items


def detected(stream: Stream, items: Sequence[Track | Gap], criteria: Any) -> list[Span]:
    detector = EmgLegMovementDetector(stream, criteria)
    events = [event for item in items for event in detector.feed(item)] + detector.finish()
    return sorted(Span(event.onset_ns, event.end_ns) for event in events)


def later(item: Track | Gap, n_samples: int) -> Track | Gap:
    if isinstance(item, Gap):
        return replace(item, first_missing=item.first_missing + n_samples)
    return replace(item, start=item.start + n_samples)


def kept(stream: Stream, items: Sequence[Track | Gap]) -> ActiveStretches:
    active = ActiveStretches(stream, CRITERIA.leg_movement, SHARE, MOST_ACTIVE_S)
    for item in items:
        active.feed(item)
    active.close()
    return active


def found(stream: Stream, items: Sequence[Track | Gap], criteria: Sequence[LegMovementCriteria]) -> MovementVariants:
    variants = MovementVariants(stream, criteria, SHARE, MOST_ACTIVE_S)
    for item in items:
        variants.feed(item)
    variants.close()
    return variants


@pytest.mark.slow
@pytest.mark.parametrize(("fs_hz", "seed"), [(200.0, 3), (1111.7, 4)])
def test_every_threshold_gives_the_movements_of_a_full_score(fs_hz: float, seed: int) -> None:
    stream = emg_stream(fs_hz)
    items = tracks(stream, seed)
    tried = [
        changed("leg_movement", **{name: factor * getattr(CRITERIA.leg_movement, name)})
        for name in VARIED
        for factor in (1.0, 1 - SHARE, 1 + SHARE)
    ]
    variants = found(stream, items, [criteria.leg_movement for criteria in tried])
    results = set()
    for criteria in tried:
        expected = detected(stream, items, criteria)
        assert list(variants.movements(criteria.leg_movement)) == expected, criteria.leg_movement
        results.add(tuple(expected))
    assert len(results) >= len(VARIED)


def test_stretches_do_not_depend_on_how_the_tracks_were_cut() -> None:
    stream = emg_stream(200.0)
    whole, pieces = (kept(stream, tracks(stream, 5, cuts)).taken() for cuts in ((), tuple(range(1, FRAMES, 7))))
    assert [one.first for one in whole] == [one.first for one in pieces]
    assert all(np.array_equal(a.envelope, b.envelope) for a, b in zip(whole, pieces, strict=True))
    assert all(np.array_equal(a.frame_flags, b.frame_flags) for a, b in zip(whole, pieces, strict=True))


def test_rest_is_not_kept() -> None:
    stream = emg_stream()
    quiet = [replace(t, values=np.full_like(t.values, 1.0)) for t in tracks(stream, 1) if isinstance(t, Track)]
    active = kept(stream, quiet)
    assert active.n_waiting == 0
    assert active.taken() == []
    assert found(stream, quiet, [CRITERIA.leg_movement]).movements(CRITERIA.leg_movement) == ()


@pytest.mark.slow
def test_hours_of_activity_are_looked_at_some_minutes_at_a_time() -> None:
    stream, n_times = emg_stream(200.0), 14
    length = FRAMES * grid_of(stream.fs_hz, EMG_HOP_S).frame
    items = [later(item, number * length) for number in range(n_times) for item in tracks(stream, number)]
    variants = found(stream, items, [CRITERIA.leg_movement])
    assert kept(stream, items).n_waiting > 2 * TOGETHER
    assert variants.n_waiting == 0
    assert list(variants.movements(CRITERIA.leg_movement)) == detected(stream, items, CRITERIA)

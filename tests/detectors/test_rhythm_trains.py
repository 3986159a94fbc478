"""Rhythmic trains: every rule of science.md 1.7 at both edges, and what must not become one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from detectors.chain import Parts
from detectors.emg.features import EmgFeatures
from detectors.emg.rhythm import RhythmDetector
from detectors.events import EventKind, EventQuality
from detectors.signal import Gap, GapCause
from detectors.track import Flag, Track, TrackName
from tests.made_legs import CRITERIA, emg, emg_stream, envelope_tracks, found, run, seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.events import Event

STREAM = emg_stream()
REST_UV = 2.0
HOPS_PER_S = 100
PARTS = Parts(lambda stream: EmgFeatures(stream, CRITERIA), (lambda stream: RhythmDetector(stream, CRITERIA),))


def level(onsets_s: Sequence[float], burst_s: float = 0.3, heights: Sequence[float] = (30.0, 40.0)) -> np.ndarray:
    """An envelope of bursts with heights in turn, five seconds of rest before and after."""
    envelope = np.full(round((onsets_s[-1] + burst_s + 10) * HOPS_PER_S), REST_UV)
    for number, onset_s in enumerate(onsets_s):
        start = round((5 + onset_s) * HOPS_PER_S)
        envelope[start : start + round(burst_s * HOPS_PER_S)] = heights[number % len(heights)]
    return envelope


def told(envelope: np.ndarray, **tracks: Any) -> tuple[list[Event], list[Event]]:
    detector = RhythmDetector(STREAM, CRITERIA)
    return found(detector, envelope_tracks(STREAM, envelope, **tracks)), detector.rejected()


def trains(envelope: np.ndarray, **tracks: Any) -> list[Event]:
    return told(envelope, **tracks)[0]


def every(interval_s: float, n_bursts: int) -> list[float]:
    return [number * interval_s for number in range(n_bursts)]


@pytest.mark.parametrize(("n_bursts", "n_trains"), [(3, 0), (4, 1)])
def test_a_train_has_four_bursts(n_bursts: int, n_trains: int) -> None:
    assert len(trains(level(every(1.0, n_bursts)))) == n_trains


@pytest.mark.parametrize(
    ("interval_s", "burst_s", "n_trains"),
    [(0.22, 0.1, 0), (0.25, 0.13, 1), (1.0, 0.3, 1), (3.3, 0.5, 1), (3.4, 0.5, 0), (20.0, 0.8, 0)],
)
def test_bursts_of_a_train_begin_a_quarter_to_three_and_a_third_seconds_apart(
    interval_s: float, burst_s: float, n_trains: int
) -> None:
    assert len(trains(level(every(interval_s, 8), burst_s))) == n_trains


@pytest.mark.parametrize(("burst_s", "n_trains"), [(0.04, 0), (0.12, 1), (0.95, 1), (1.1, 0)])
def test_a_burst_lasts_a_tenth_of_a_second_to_a_second(burst_s: float, n_trains: int) -> None:
    assert len(trains(level(every(2.0, 6), burst_s))) == n_trains


@pytest.mark.parametrize(("height_uv", "n_trains"), [(7.8, 0), (8.4, 1)])
def test_a_burst_rises_6_uv_above_rest(height_uv: float, n_trains: int) -> None:
    assert len(trains(level(every(1.0, 6), heights=(height_uv,)))) == n_trains


@pytest.mark.parametrize(("late_s", "rule"), [(0.2, None), (0.29, "max_cv_few")])
def test_few_bursts_have_to_be_more_regular(late_s: float, rule: str | None) -> None:
    onsets_s = [0.0, 1.0 + late_s, 2.0, 3.0 + late_s, 4.0]
    events, rejected = told(level(onsets_s))
    assert (len(events), len(rejected)) == ((1, 0) if rule is None else (0, 1))
    assert [step.rule for event in rejected for step in event.why if not step.held] == ([] if rule is None else [rule])


@pytest.mark.parametrize(("change", "n_trains"), [(1.75, 1), (1.95, 2)])
def test_intervals_change_slowly(change: float, n_trains: int) -> None:
    onsets_s = [*every(1.0, 5), *(4.0 + change * number for number in range(1, 6))]
    assert len(trains(level(onsets_s))) == n_trains


@pytest.mark.parametrize(("weaker", "n_trains"), [(2.4, 1), (2.6, 0)])
def test_bursts_that_follow_each_other_are_alike(weaker: float, n_trains: int) -> None:
    assert len(trains(level(every(2.0, 6), 0.5, [60.0] * 3 + [60.0 / weaker] * 3))) == n_trains


def test_rate_bursts_regularity_and_anchor_are_measured() -> None:
    (event,) = trains(level(every(0.8, 9), 0.3))
    measures = event.measures
    assert measures["rate_hz"] == pytest.approx(1.25, rel=0.02)
    assert (measures["n_bursts"], measures["regularity"]) == (9.0, pytest.approx(0.0, abs=0.02))
    assert measures["burst_s"] == pytest.approx(0.3, abs=0.06)
    assert measures["anchor_s"] == pytest.approx(3.2, abs=0.02)
    assert seconds(event) == pytest.approx((5.0, 5.0 + 8 * 0.8 + 0.3), abs=0.05)
    assert (event.kind, all(step.held for step in event.why)) == (EventKind.RHYTHMIC_TRAIN, True)


@pytest.mark.parametrize(("burst_s", "hints"), [(0.15, (0, 0)), (0.32, (1, 0)), (0.6, (1, 1))])
def test_the_length_of_the_bursts_hints_at_tremor_or_movements(burst_s: float, hints: tuple[int, int]) -> None:
    (event,) = trains(level(every(1.5, 6), burst_s))
    assert (event.measures["hft"], event.measures["hflm"]) == hints


def test_one_beat_that_is_lost_does_not_end_a_train() -> None:
    onsets_s = [onset_s for number, onset_s in enumerate(every(1.0, 16)) if number != 7]
    (event,) = trains(level(onsets_s))
    assert event.measures["n_bursts"] == 15


@pytest.mark.parametrize(("heights", "n_trains"), [((12.0,), 0), ((10.0, 14.0), 1)])
def test_short_bursts_that_are_all_alike_come_from_the_heart(heights: tuple[float, ...], n_trains: int) -> None:
    assert len(trains(level(every(0.9, 20), 0.07, heights))) == n_trains


@pytest.mark.parametrize(("share", "n_trains"), [(0.99, 0), (1.0, 1)])
def test_a_moving_cable_makes_no_train_unless_there_is_muscle_above_its_band(share: float, n_trains: int) -> None:
    tracks, rise = [], share * CRITERIA.leg_movement.min_rise_ratio
    for track in envelope_tracks(STREAM, level(every(1.0, 8)), lf_hf=2.1):
        tracks.append(track)
        if track.name is TrackName.LF_HF_RATIO:
            ratio = np.full(len(track.values), rise)
            tracks.append(
                Track(STREAM, track.clock, TrackName.RISE_RATIO, track.start, track.hop, ratio, track.quality)
            )
    assert len(found(RhythmDetector(STREAM, CRITERIA), tracks)) == n_trains


def test_while_the_electrode_is_off_there_is_no_train() -> None:
    assert not trains(level(every(1.0, 8)), flags=Flag.ELECTRODE_OFF.value)


def test_a_gap_ends_a_train_and_lowers_its_quality() -> None:
    tracks = envelope_tracks(STREAM, level(every(1.0, 8))[:1000])
    (event,) = found(RhythmDetector(STREAM, CRITERIA), [*tracks, Gap(STREAM, tracks[0].clock, 5000, 50, GapCause.AIR)])
    assert (event.quality, event.measures["n_bursts"]) == (EventQuality.LOW, 5.0)


@pytest.mark.slow
def test_long_trains_come_in_pieces_of_ten_minutes_and_do_not_wait_for_their_end() -> None:
    detector = RhythmDetector(STREAM, CRITERIA)
    tracks = envelope_tracks(STREAM, level(every(1.0, 1000)))
    early = [event for track in tracks if track.stop <= 620 * 500 for event in detector.feed(track)]
    late = [event for track in tracks if track.stop > 620 * 500 for event in detector.feed(track)] + detector.finish()
    assert [event.measures["n_bursts"] for event in (*early, *late)] == [600.0, 400.0]
    assert len(early) == 1
    assert late[0].onset_ns >= early[0].end_ns


def test_periodic_movements_and_movements_of_several_bursts_are_no_train() -> None:
    movements = [(65.0 + 15 * number, 2.0, 60.0) for number in range(6)]
    pieces = [(160.0 + 10 * n + 0.9 * k, 0.5, 40.0) for n in range(5) for k in range(3)]
    assert not run(PARTS, STREAM, emg(220.0, [*movements, *pieces]))[0]


def test_a_sustained_contraction_is_no_train_however_its_noise_falls() -> None:
    assert not run(PARTS, STREAM, emg(200.0, [(65.0, 60.0, 30.0), (140.0, 40.0, 12.0)]))[0]


def test_a_body_shift_of_irregular_bursts_is_no_train() -> None:
    rng = np.random.default_rng(8)
    shifts = [
        (70.0 + 25 * number + at, rng.uniform(0.2, 1.4), 60.0) for number in range(6) for at in (0.0, 1.6, 2.1, 4.4)
    ]
    assert not run(PARTS, STREAM, emg(240.0, shifts))[0]


def test_a_tremor_in_the_signal_of_a_muscle_is_one_train() -> None:
    (event,), _ = run(PARTS, STREAM, emg(100.0, [(70.0 + number / 1.6, 0.3, 40.0) for number in range(20)]))
    assert event.measures["n_bursts"] == 20
    assert event.measures["rate_hz"] == pytest.approx(1.6, rel=0.03)

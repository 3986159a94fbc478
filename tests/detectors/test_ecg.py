"""A heart beat in the leg neither makes movements nor keeps one from ending (science.md 2.4)."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.emg.ecg import HeartBeat
from detectors.events import EventKind
from detectors.framing import Grid
from detectors.track import Flag, TrackName
from tests.bad_nights import heart, measured
from tests.made_legs import CRITERIA, changed, emg, emg_parts, emg_stream, run, seconds

HOP_S = 0.01
GRID = Grid(5, 100)
BURSTS = [(70.0 + 10 * number, 2.0, 15.0 + 5 * number) for number in range(6)]


def beat() -> HeartBeat:
    return HeartBeat(GRID, HOP_S, CRITERIA.ecg)


def power(duration_s: float, beats_s: np.ndarray, seed: int = 1) -> np.ndarray:
    """Power of hops: noise of 1 µV² with beats of three hops."""
    hops = np.random.default_rng(seed).gamma(2.0, 0.5, round(duration_s / HOP_S))
    for at_s in beats_s[beats_s < duration_s - 1]:
        hops[round(at_s / HOP_S) : round(at_s / HOP_S) + 3] += 60.0
    return hops


def present(beats_s: np.ndarray, duration_s: float = 40.0) -> bool:
    return bool(beat().feed(power(duration_s, beats_s))[-1])


@pytest.mark.parametrize(("interval_s", "found"), [(0.37, False), (0.42, True), (1.45, True), (1.55, False)])
def test_intervals_of_a_heart_beat_lie_between_400_and_1500_ms(interval_s: float, found: bool) -> None:  # noqa: FBT001 - a case
    assert present(np.arange(0.2, 40.0, interval_s)) is found


@pytest.mark.parametrize(("variation", "found"), [(0.13, True), (0.17, False)])
def test_a_heart_beat_is_regular(variation: float, found: bool) -> None:  # noqa: FBT001 - a case
    intervals_s = 0.9 * (1 + variation * np.where(np.arange(50) % 2, 1.0, -1.0))
    assert present(0.2 + np.cumsum(intervals_s)) is found


def test_a_few_peaks_in_half_a_minute_are_no_heart_beat() -> None:
    assert not present(np.arange(0.2, 10.0, 0.9))


def test_bursts_that_come_as_regularly_as_a_heart_beat_are_none() -> None:
    hops = np.ones(4000)
    for at in range(0, 4000, 100):
        hops[at : at + 40] += 60.0
    assert not beat().feed(hops).any()


def test_beats_are_replaced_by_what_is_around_them_once_they_are_known() -> None:
    hops = power(60.0, np.arange(0.2, 60.0, 0.9))
    found = beat().feed(hops)
    assert not found[:30].any()
    assert found[30:].all()
    assert hops[:3000].max() > 50.0
    assert hops[3100:5800].max() < 10.0


def test_a_burst_keeps_its_power_while_beats_are_taken_out() -> None:
    hops = power(60.0, np.arange(0.2, 60.0, 0.9))
    hops[4500:4700] += np.random.default_rng(2).gamma(1.0, 400.0, 200)
    before = hops.copy()
    beat().feed(hops)
    assert hops[4500:4700].sum() > 0.9 * before[4500:4700].sum()


def test_cleaning_does_not_depend_on_how_frames_come() -> None:
    hops = power(100.0, np.arange(0.2, 100.0, 0.871))
    hops[6000:6300] += np.random.default_rng(2).gamma(1.0, 100.0, 300)
    whole, cut, one = hops.copy(), hops.copy(), beat()
    flags = beat().feed(whole)
    pieces = np.concatenate([one.feed(cut[at : at + 700]) for at in range(0, len(cut), 700)])
    assert np.array_equal(whole, cut)
    assert np.array_equal(flags, pieces)


@pytest.mark.parametrize(("height_uv", "per_minute"), [(30.0, 100.0), (60.0, 60.0)])
def test_movements_of_a_leg_with_a_heart_beat_keep_onset_and_end(height_uv: float, per_minute: float) -> None:
    data = emg(130.0, BURSTS)
    plain, _ = run(emg_parts(), emg_stream(), data)
    events, _ = run(emg_parts(), emg_stream(), data + heart(130.0, height_uv, per_minute))
    wanted = np.array([seconds(event) for event in plain])
    found = np.array([seconds(event) for event in events if event.onset_ns > 60 * 10**9])
    assert len(found) == len(BURSTS)
    assert np.median(np.abs(found - wanted)) < 0.05
    assert np.abs(found[:, 0] - wanted[:, 0]).max() < 0.15
    assert np.abs(found[:, 1] - wanted[:, 1]).max() < 0.5


def test_without_treatment_a_fast_heart_keeps_movements_from_ending() -> None:
    data = emg(130.0, BURSTS) + heart(130.0, 60.0, 100.0)
    events, _ = run(emg_parts(changed("ecg", max_variation=1e-6)), emg_stream(), data)
    assert max(event.duration_s for event in events if event.kind is EventKind.LEG_MOVEMENT) > 10.0


def test_a_heart_beat_is_flagged_and_muscle_is_not() -> None:
    rest = emg(100.0, [])
    _, with_beat = measured(rest + heart(100.0, 40.0, 70.0))
    assert (with_beat[35:] & Flag.ECG.value).all()
    for quiet in (rest, emg(100.0, [(at, 0.3, 30.0) for at in np.arange(0.0, 100.0, 1.0)])):
        _, flags = measured(quiet)
        assert not (flags & Flag.ECG.value).any()


def test_the_resting_level_is_that_of_the_muscle_and_not_of_the_heart() -> None:
    data = emg(200.0, [])
    plain, _ = measured(data)
    beating, _ = measured(data + heart(200.0, 60.0, 100.0))
    assert beating[TrackName.RESTING_UV][-1] == pytest.approx(plain[TrackName.RESTING_UV][-1], rel=0.05)

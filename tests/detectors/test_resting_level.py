"""The resting level follows the quiet signal and nothing else (science.md 2.5)."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.proposed.emg import RESTING
from detectors.resting import RestingLevel, RestingScale, Spans

PER_S = 10
SCALE = RestingScale(RESTING.gate_uv, RESTING.gate_ratio, RESTING.rise_uv, RESTING.fall_uv, RESTING.floor_uv)


def quiet(seconds: float, level_uv: float = 1.5, seed: int = 1) -> np.ndarray:
    return level_uv * np.random.default_rng(seed).normal(1.0, 0.14, round(seconds)).repeat(PER_S).reshape(-1, PER_S)


def spans(values: np.ndarray, usable: np.ndarray | None = None) -> Spans:
    return Spans(values, np.ones(len(values), np.bool_) if usable is None else usable)


def follow(values: np.ndarray, usable: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    resting = RestingLevel(RESTING, SCALE, PER_S)
    resting.offer(spans(values, usable))
    levels = resting.follow(spans(values, usable))
    return levels.level, levels.stepped


def test_a_cramp_of_five_minutes_does_not_lift_it() -> None:
    level_uv, _ = follow(np.concatenate([quiet(300), quiet(300, 80.0), quiet(60)]))
    before, middle, end = level_uv[290], level_uv[450], level_uv[600]
    assert middle == pytest.approx(before, rel=0.05)
    assert end == pytest.approx(before, rel=0.05)


def test_movements_every_20_s_do_not_lift_it() -> None:
    values = quiet(600)
    for at in range(0, 600, 20):
        values[at : at + 3] = 60.0
    level_uv, _ = follow(values)
    assert level_uv[-1] == pytest.approx(1.5, rel=0.05)


def test_the_first_level_is_the_quiet_fifth_of_the_first_minute() -> None:
    values = np.concatenate([quiet(40, 50.0), quiet(20)])
    level_uv, _ = follow(values)
    assert 1.2 < level_uv[0] < 2.0


def test_the_first_level_waits_for_a_minute_of_usable_signal() -> None:
    resting = RestingLevel(RESTING, SCALE, PER_S)
    resting.offer(spans(quiet(59)))
    resting.offer(spans(quiet(300, 50.0), np.zeros(300, np.bool_)))
    assert not resting.ready
    resting.offer(spans(quiet(1)))
    assert resting.ready


def test_the_first_level_waits_for_ten_minutes_at_most() -> None:
    resting = RestingLevel(RESTING, SCALE, PER_S)
    resting.offer(spans(quiet(599), np.zeros(599, np.bool_)))
    assert not resting.ready
    resting.offer(spans(quiet(1), np.zeros(1, np.bool_)))
    assert resting.ready


def test_without_signal_it_stays_and_is_taken_anew_from_the_first_half_minute_after() -> None:
    values = np.concatenate([quiet(200, 1.5), quiet(1200, 40.0), quiet(200, 6.0)])
    usable = np.ones(1600, np.bool_)
    usable[200:1400] = False
    resting = RestingLevel(RESTING, SCALE, PER_S)
    resting.offer(spans(values, usable))
    levels = resting.follow(spans(values, usable))
    assert levels.level[1399] == pytest.approx(levels.level[199], rel=0.02)
    assert levels.level[1460] == pytest.approx(6.0, rel=0.2)
    assert not levels.stepped.any()
    assert not levels.renewing[:209].any()
    assert levels.renewing[210:1429].all()
    assert not levels.renewing[1460:].any()


def test_a_short_interruption_leaves_it_alone() -> None:
    values, usable = quiet(400), np.ones(400, np.bool_)
    usable[200:209] = False
    resting = RestingLevel(RESTING, SCALE, PER_S)
    resting.offer(spans(values, usable))
    levels = resting.follow(spans(values, usable))
    assert not levels.renewing.any()
    assert levels.level[-1] == pytest.approx(1.5, rel=0.05)


def test_a_dead_channel_has_the_level_of_a_good_electrode() -> None:
    level_uv, _ = follow(np.zeros((700, PER_S)))
    assert set(level_uv) == {RESTING.floor_uv}


def test_it_rises_and_falls_no_faster_than_allowed() -> None:
    level_uv, _ = follow(np.concatenate([quiet(200, 2.0), quiet(200, 5.0), quiet(400, 1.0)]))
    steps = np.diff(level_uv)
    assert (steps <= RESTING.rise_ratio * level_uv[:-1] + RESTING.rise_uv + 1e-12).all()
    assert (-steps <= RESTING.fall_ratio * level_uv[:-1] + RESTING.fall_uv + 1e-12).all()
    assert level_uv[399] > 3.5
    assert level_uv[-1] == pytest.approx(1.0, rel=0.1)


@pytest.mark.parametrize(("minutes", "steps"), [(14, 0), (16, 1)])
def test_it_is_moved_by_force_after_15_minutes_without_a_quiet_value(minutes: int, steps: int) -> None:
    level_uv, stepped = follow(np.concatenate([quiet(300), quiet(60 * minutes, 12.0)]))
    assert np.count_nonzero(stepped) == steps
    assert level_uv[-1] == pytest.approx(12.0 if steps else 1.5, rel=0.2)


def test_after_a_step_of_the_noise_floor_it_stays_there() -> None:
    level_uv, stepped = follow(np.concatenate([quiet(300), quiet(1800, 12.0)]))
    assert np.count_nonzero(stepped) == 1
    assert level_uv[-600:] == pytest.approx(12.0, rel=0.1)


def test_a_level_far_from_the_long_term_one_is_taken_back_after_five_minutes() -> None:
    values = quiet(2400, 12.0)
    values[::7] = 1.5
    values[:60] = 1.5
    level_uv, stepped = follow(values)
    assert level_uv[600] < 2.5
    assert stepped.any()
    assert np.flatnonzero(stepped)[0] > 600


def test_unusable_seconds_do_not_count_as_quiet() -> None:
    values = np.concatenate([quiet(300, 3.0), quiet(300, 1.0)])
    usable = np.arange(600) < 300
    level_uv, _ = follow(values, usable)
    assert level_uv[-1] == pytest.approx(3.0, rel=0.1)


def test_the_level_of_a_second_does_not_look_ahead() -> None:
    values = quiet(400)
    changed = values.copy()
    changed[200:] = 3.0
    assert np.array_equal(follow(values)[0][:201], follow(changed)[0][:201])


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(cuts=st.lists(st.integers(0, 700), max_size=8), seed=st.integers(0, 99))
def test_it_does_not_depend_on_how_the_frames_come(cuts: list[int], seed: int) -> None:
    values = quiet(700, seed=seed)
    values[300:340] = 40.0
    whole, _ = follow(values)
    resting = RestingLevel(RESTING, SCALE, PER_S)
    edges = [0, *sorted(cuts), 700]
    pieces = [values[start:stop] for start, stop in pairwise(edges) if stop > start]
    for piece in pieces:
        resting.offer(spans(piece))
    followed = np.concatenate([resting.follow(spans(piece)).level for piece in pieces])
    assert np.array_equal(whole, followed)


def test_the_spread_is_the_median_absolute_deviation_of_the_quiet_values() -> None:
    resting = RestingLevel(replace(RESTING, buffer_s=20.0), SCALE, PER_S)
    values = np.linspace(1.0, 3.0, 20 * PER_S).reshape(-1, PER_S)
    resting.offer(spans(values))
    resting.follow(spans(values))
    assert resting.follow(spans(values)).spread[0] == pytest.approx(0.5, abs=0.02)

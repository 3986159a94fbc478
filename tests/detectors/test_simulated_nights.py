"""Simulated nights: what they promise about pieces, splits, sleep and truth."""

from __future__ import annotations

import math
from dataclasses import fields
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from detectors.events import EventKind, Stage
from detectors.signal import Leg
from detectors.simulate import REGIMES, Cause, SpanKind, Split, named_regime, simulate_night, split_of
from detectors.simulate.structure import night_structure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detectors.simulate import SimulatedNight, TruthEvent

pytestmark = pytest.mark.slow

MUSCLE = {
    EventKind.LEG_MOVEMENT, EventKind.CRAMP, EventKind.TONIC, EventKind.TWITCH, EventKind.BRIEF_JERK,
    EventKind.RHYTHMIC_TRAIN, EventKind.CLONUS, EventKind.SHIFT, EventKind.RESTLESSNESS,
}  # fmt: skip
HOURS = 4.0
# What shapes the signals; the noise of an accelerometer may be alike where the EMG is not.
SHAPING = ("noise_uv", "spectrum_low_hz", "spectrum_high_hz", "units")


@cache
def night(regime: str, seed: int) -> SimulatedNight:
    return simulate_night(HOURS, seed, regime)


def events(regime: str, kind: EventKind, seeds: range = range(4)) -> Iterator[TruthEvent]:
    for seed in seeds:
        yield from (event for event in night(regime, seed).truth if event.kind is kind)


def of_leg(truth: tuple[TruthEvent, ...], leg: Leg, *kinds: EventKind) -> list[TruthEvent]:
    return [event for event in truth if event.leg is leg and event.kind in kinds]


@pytest.mark.parametrize("regime", REGIMES)
def test_any_piece_of_a_night_is_the_same_whatever_was_asked_for_before(regime: str) -> None:
    forwards, backwards = simulate_night(0.06, 7, regime), simulate_night(0.06, 7, regime)
    for first, second in zip(forwards.legs, backwards.legs, strict=True):
        cuts = [0, 10, 29_990, 30_010, 95_000, 108_000]
        pieces = [first.emg(start, stop) for start, stop in pairwise(cuts)]
        again = [second.emg(start, stop) for start, stop in reversed(list(pairwise(cuts)))]
        assert all(np.array_equal(one, other) for one, other in zip(pieces, reversed(again), strict=True))
        late = second.acceleration(4_000, 10_800)
        assert np.array_equal(first.acceleration(0, 10_800)[4_000:], late)


def test_a_contraction_over_several_chunks_is_the_same_from_its_middle() -> None:
    cramp = max(events("hard", EventKind.CRAMP), key=lambda event: event.duration_s)
    (seed,) = (seed for seed in range(4) if cramp in night("hard", seed).truth)
    (read,) = (leg for leg in night("hard", seed).legs if leg.leg is cramp.leg)
    (fresh,) = (leg for leg in simulate_night(HOURS, seed, "hard").legs if leg.leg is cramp.leg)
    start, middle = round(500 * cramp.onset_s), round(250 * (cramp.onset_s + cramp.end_s))
    assert np.array_equal(read.emg(start, middle + 500)[-500:], fresh.emg(middle, middle + 500))


@pytest.mark.parametrize(("seed", "split"), [(0, "test"), (999, "test"), (1000, "tuning"), (1999, "tuning")])
def test_the_seed_decides_what_a_night_may_be_used_for(seed: int, split: str) -> None:
    assert split_of(seed) == split
    for regime in REGIMES:
        assert simulate_night(0.01, seed, regime).regime == named_regime(regime, split)


@pytest.mark.parametrize("regime", REGIMES)
def test_no_signal_of_the_test_is_drawn_from_a_range_for_tuning(regime: str) -> None:
    test, tuning = named_regime(regime, Split.TEST).emg, named_regime(regime, Split.TUNING).emg
    for name in SHAPING:
        (low, high), (other_low, other_high) = getattr(test, name), getattr(tuning, name)
        assert high < other_low or other_high < low, name


@pytest.mark.parametrize("split", Split)
@pytest.mark.parametrize("name", REGIMES)
def test_every_range_is_one(name: str, split: Split) -> None:
    regime = named_regime(name, split)
    assert (regime.name, regime.split) == (name, split)
    for group in fields(regime)[2:]:
        values = getattr(regime, group.name)
        for field in fields(values):
            value = getattr(values, field.name)
            if isinstance(value, tuple):
                assert value[0] <= value[1], field.name


def test_an_unknown_regime_or_split_is_refused() -> None:
    with pytest.raises(ValueError, match="regime is 'easy', expected one of clean, hard, healthy, spastic, artefact"):
        named_regime("easy")
    with pytest.raises(ValueError, match="'training'"):
        named_regime("clean", "training")


@pytest.mark.parametrize("split", Split)
def test_nothing_happens_to_a_muscle_in_a_night_of_artefacts(split: Split) -> None:
    seeds = range(3) if split is Split.TEST else range(1000, 1003)
    kinds = {event.kind for seed in seeds for event in night("artefact", seed).truth}
    assert not kinds & MUSCLE
    assert EventKind.ELECTRODE_OFF in kinds


def test_each_regime_has_what_it_is_for() -> None:
    clean = {event.kind for seed in range(4) for event in night("clean", seed).truth}
    assert {EventKind.LEG_MOVEMENT, EventKind.CRAMP, EventKind.SHIFT, EventKind.UPRIGHT, EventKind.TWITCH} <= clean
    assert {event.cause for event in events("spastic", EventKind.CRAMP)} == {Cause.CRAMP, Cause.SPASM}
    assert list(events("spastic", EventKind.CLONUS))
    assert not list(events("healthy", EventKind.CRAMP))
    assert not list(events("clean", EventKind.TONIC))
    assert all(event.cause is Cause.HOLD and not event.clear for event in events("healthy", EventKind.TONIC))
    causes = {event.cause for seed in range(6) for event in night("hard", seed).truth}
    assert {Cause.CREEPING, Cause.STRETCH, Cause.ALTERNATING, Cause.MYOCLONUS, Cause.JERK, Cause.CONTACT} <= causes


@pytest.mark.parametrize("regime", REGIMES)
def test_the_truth_is_in_order_and_inside_the_night(regime: str) -> None:
    truth = night(regime, 1).truth
    assert [event.onset_s for event in truth] == sorted(event.onset_s for event in truth)
    assert all(0.0 <= event.onset_s < event.end_s <= HOURS * 3600.0 for event in truth)
    assert all(event.onset_s <= event.rise_10_s <= event.end_s for event in truth if event.rise_10_s)


@pytest.mark.parametrize("regime", ["clean", "hard", "spastic"])
def test_nothing_of_one_leg_disturbs_what_is_clear(regime: str) -> None:
    apart = (EventKind.LEG_MOVEMENT, EventKind.CRAMP, EventKind.TONIC, EventKind.RHYTHMIC_TRAIN, EventKind.CLONUS)
    for seed in range(3):
        for leg in (Leg.LEFT, Leg.RIGHT):
            mine = of_leg(night(regime, seed).truth, leg, *apart)
            for earlier, later in pairwise(mine):
                assert earlier.end_s <= later.onset_s, (earlier, later)


def test_a_clear_twitch_has_a_second_of_rest_on_both_sides() -> None:
    for seed in range(3):
        for leg in (Leg.LEFT, Leg.RIGHT):
            mine = of_leg(night("hard", seed).truth, leg, EventKind.TWITCH, EventKind.LEG_MOVEMENT, EventKind.CRAMP)
            for earlier, later in pairwise(mine):
                twitch = EventKind.TWITCH in (earlier.kind, later.kind)
                if twitch and earlier.kind is not later.kind and earlier.clear and later.clear:
                    assert later.onset_s - earlier.end_s >= 1.0, (earlier, later)


def test_stages_follow_each_other_without_a_gap() -> None:
    for regime in REGIMES:
        stages = night(regime, 2).stages
        assert (stages[0].onset_s, stages[0].stage, stages[-1].end_s) == (0.0, Stage.WAKE, HOURS * 3600.0)
        assert all(one.end_s == other.onset_s and one.stage is not other.stage for one, other in pairwise(stages))


def test_legs_rest_three_times_as_long_in_deep_sleep() -> None:
    rng = np.random.default_rng(5)
    structure = night_structure(rng, HOURS * 3600.0, named_regime("clean").sleep)
    deep = next(span for span in structure.spans if span.stage is Stage.N3)
    light = next(span for span in structure.spans if span.stage is Stage.N2)
    assert structure.after(deep.onset_s, 60.0) - deep.onset_s == pytest.approx(200.0)
    assert structure.after(light.onset_s, 60.0) - light.onset_s == pytest.approx(60.0)
    assert structure.after(HOURS * 3600.0, 60.0) >= HOURS * 3600.0


def test_a_cramp_wakes_its_sleeper_15_to_90_s_after_its_onset() -> None:
    delays = []
    for seed in range(6):
        truth = night("hard", seed).truth
        for stretch in (event for event in truth if event.cause is Cause.STRETCH):
            cramp = max(
                (event for event in truth if event.kind is EventKind.CRAMP and event.end_s < stretch.onset_s),
                key=lambda event: event.onset_s,
            )
            awake = [event.onset_s for event in truth if event.kind is EventKind.AWAKENING]
            assert cramp.leg is stretch.leg
            assert stretch.onset_s - cramp.end_s >= 1.0
            # Nobody is woken who was awake.
            delays += [t_s - cramp.onset_s for t_s in awake if cramp.onset_s < t_s < stretch.onset_s]
    assert len(delays) >= 3
    assert min(delays) >= 15.0
    assert max(delays) <= 90.0


def test_an_awakening_is_clear_from_two_minutes_on_when_the_sleeper_moves() -> None:
    awake = [event for seed in range(6) for event in events("hard", EventKind.AWAKENING, range(seed, seed + 1))]
    assert {event.leg for event in awake} == {Leg.BOTH}
    assert all(event.duration_s >= 120.0 for event in awake if event.clear)
    assert any(event.clear for event in awake)
    assert not any(event.clear for event in events("artefact", EventKind.AWAKENING))


def test_sleep_and_wakefulness_cover_the_night_as_spans() -> None:
    spans = [span for span in night("hard", 1).spans if span.kind in (SpanKind.SLEEP, SpanKind.WAKE)]
    assert math.isclose(sum(span.end_s - span.onset_s for span in spans), HOURS * 3600.0)
    assert all(one.kind is not other.kind for one, other in pairwise(spans))


def test_restless_legs_calm_down_towards_the_morning_and_healthy_ones_move_most_in_the_middle() -> None:
    def thirds(regime: str) -> np.ndarray:
        onsets_s = [
            event.onset_s
            for event in events(regime, EventKind.LEG_MOVEMENT, range(12))
            if event.cause is Cause.PERIODIC
        ]
        return np.histogram(onsets_s, bins=3, range=(0.0, HOURS * 3600.0))[0]

    first, _, last = thirds("clean")
    assert 0.25 * first < last < 0.7 * first
    first, middle, last = thirds("healthy")
    assert middle > max(first, last)

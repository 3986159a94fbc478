"""Leg movements and series alone: the same movements, and no word on what was not looked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from detectors.criteria import named
from detectors.events import EventKind
from detectors.movements_alone import UNKNOWN_ALONE
from detectors.pipeline import Score, score
from detectors.recording import ArraySource, Recording, steady_clock
from detectors.signal import Leg, Quantity, Stream, Unit
from detectors.simulate import simulate_night

if TYPE_CHECKING:
    from detectors.events import Event

pytestmark = pytest.mark.slow

CRITERIA = named("wasm-2016")
# Kinds that are found in either way of scoring.
STAY = {
    EventKind.LEG_MOVEMENT,
    EventKind.PERIODIC_SERIES,
    EventKind.SHIFT,
    EventKind.RESTLESSNESS,
    EventKind.ELECTRODE_OFF,
    EventKind.SIGNAL_GAP,
    EventKind.NOT_WORN,
    EventKind.AWAKENING,
    EventKind.BED_EXIT,
    EventKind.UPRIGHT,
}


def night() -> Recording:
    sources = []
    for leg in simulate_night(0.4, seed=4, regime="clean").legs:
        emg = Stream(f"{leg.leg}-shin", leg.leg, "tibialis anterior", Quantity.EMG, Unit.MICROVOLT, ("emg",), 500.0)
        motion = Stream(f"{leg.leg}-shin", leg.leg, "shin", Quantity.ACCELERATION, Unit.G, ("x", "y", "z"), 50.0)
        sources += [
            ArraySource(emg, steady_clock(0, 500.0), leg.emg(0, leg.n_emg)),
            ArraySource(motion, steady_clock(0, 50.0), leg.acceleration(0, leg.n_acceleration)),
        ]
    return Recording("simulated", 0, tuple(sources))


@pytest.fixture(scope="module")
def both() -> tuple[Score, Score]:
    return score(night(), CRITERIA), score(night(), CRITERIA, movements_alone=True)


def spans(events: tuple[Event, ...]) -> list[tuple[object, ...]]:
    return [
        (event.sensor, event.onset_ns, event.end_ns, event.quality, event.measures["mean_uv"])
        for event in events
        if event.kind is EventKind.LEG_MOVEMENT
    ]


def test_leg_movements_lie_where_they_lie_when_everything_is_looked_for(both: tuple[Score, Score]) -> None:
    whole, alone = both
    assert len(spans(whole.events)) > 10
    assert spans(alone.events) == spans(whole.events)


def test_what_counts_is_the_same_where_no_train_took_a_movement_out(both: tuple[Score, Score]) -> None:
    whole, alone = both
    assert not any(event.measures.get("in_train") for event in whole.events)
    for number in ("lm", "clm", "plm_wasm", "plm_aasm", "plm_series", "valid_h"):
        assert alone.summary[number] == whole.summary[number]
    assert [e for e in alone.events if e.kind is EventKind.PERIODIC_SERIES] == [
        e for e in whole.events if e.kind is EventKind.PERIODIC_SERIES
    ]


def test_what_nobody_looked_for_is_unknown_and_not_none_of_it(both: tuple[Score, Score]) -> None:
    whole, alone = both
    assert EventKind.CRAMP in {event.kind for event in whole.events}
    assert {event.kind for event in alone.events} <= STAY
    for name in UNKNOWN_ALONE:
        assert name in whole.summary
        assert alone.summary[name] is None
        assert alone.summary["reasons"][name] == "only leg movements and series were looked for"
    assert {hour["cramps"] for hour in alone.summary["by_hour"]} == {None}
    movements = [event for event in alone.events if event.kind is EventKind.LEG_MOVEMENT]
    assert not any({"in_train", "in_cramp"} & event.measures.keys() for event in movements)


def test_every_number_of_cramp_like_contractions_is_among_the_unknown(both: tuple[Score, Score]) -> None:
    cramps = {name for name in both[0].summary if name.startswith(("cramp", "twitch"))}
    assert cramps <= set(UNKNOWN_ALONE)


def test_a_channel_that_does_not_score_the_movements_of_its_leg_is_passed_over() -> None:
    signal = simulate_night(0.1, seed=5, regime="clean", muscles=("tibialis anterior", "gastrocnemius")).legs[0]
    stream = Stream("shin", Leg.LEFT, "tibialis anterior, gastrocnemius", Quantity.EMG, Unit.MICROVOLT, ("a", "b"), 500)
    recording = Recording("two", 0, (ArraySource(stream, steady_clock(0, 500.0), signal.emg(0, signal.n_emg)),))
    whole, alone = score(recording, CRITERIA), score(recording, CRITERIA, movements_alone=True)
    assert spans(alone.events) == spans(whole.events)
    assert len({epoch.sensor for epoch in alone.epochs}) < len({epoch.sensor for epoch in whole.epochs})


def test_one_way_of_cutting_gives_the_same_as_another() -> None:
    recording = replace(night(), name="cut")
    assert score(recording, CRITERIA, movements_alone=True, block_samples=30_011) == score(
        recording, CRITERIA, movements_alone=True
    )


def test_the_numbers_do_not_need_the_epochs(both: tuple[Score, Score]) -> None:
    lean = score(night(), CRITERIA, with_epochs=False)
    assert both[0].epochs
    assert lean == replace(both[0], epochs=())

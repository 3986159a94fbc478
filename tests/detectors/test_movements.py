"""What both rule sets say about one list of movements, as events."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detectors.annotations import Annotations
from detectors.criteria import named
from detectors.events import Event, EventKind, EventQuality
from detectors.movements import MovementRules
from detectors.signal import NS_PER_S, Leg

CRITERIA = named("wasm-2016")


def movement(onset_s: float, duration_s: float = 2.0, leg: Leg = Leg.LEFT) -> Event:
    onset_ns = round(onset_s * NS_PER_S)
    end_ns = onset_ns + round(duration_s * NS_PER_S)
    return Event(EventKind.LEG_MOVEMENT, f"{leg}-shin", leg, onset_ns, end_ns, {"duration_s": duration_s})


def last_words(movements: list[Event], steps_s: list[float]) -> dict[float, Event]:
    """Feed movements as their times are settled and return the newest revision of each by onset, s."""
    rules = MovementRules(CRITERIA, Annotations())
    newest: dict[float, Event] = {}
    waiting = list(movements)
    said: list[Event] = []
    for step_s in steps_s:
        for event in [e for e in waiting if e.onset_ns < step_s * NS_PER_S]:
            rules.add(event)
            waiting.remove(event)
        said += rules.advance(round(step_s * NS_PER_S), lambda _event: None)
    said += rules.finish(lambda _event: None)
    for event in said:
        held = newest.get(event.onset_ns / NS_PER_S)
        if event.kind is EventKind.LEG_MOVEMENT and (held is None or event.revision > held.revision):
            newest[event.onset_ns / NS_PER_S] = event
    return newest


def test_the_first_three_movements_of_a_series_are_revised_when_the_fourth_is_found() -> None:
    events = last_words([movement(t) for t in (10, 30, 50, 70)], [100.0, 200.0])
    assert [event.measures["plm_wasm"] for event in events.values()] == [1.0] * 4
    assert [event.revision for event in events.values()] == [2] * 4


def test_the_last_word_on_a_movement_does_not_depend_on_when_its_time_was_settled() -> None:
    movements = [movement(t, leg=leg) for t, leg in zip((5, 12, 30, 31, 55, 70, 170), [*Leg][:2] * 4, strict=False)]
    whole = last_words(movements, [1000.0])
    assert last_words(movements, [float(t) for t in range(1, 400)]) == whole
    assert last_words(movements, [33.0, 34.5, 90.0, 1000.0]) == whole


def test_a_movement_in_a_series_by_aasm_only_says_so() -> None:
    events = last_words([movement(t) for t in (10, 17, 24, 31)], [500.0])
    flags = [(event.measures["plm_wasm"], event.measures["plm_aasm"]) for event in events.values()]
    assert flags == [(0.0, 1.0)] * 4


def test_both_legs_carry_the_flags_of_the_movement_that_they_form_together() -> None:
    pairs = [movement(t, leg=leg) for t in (10, 30, 50, 70) for leg in (Leg.LEFT, Leg.RIGHT)]
    rules = MovementRules(CRITERIA, Annotations())
    for event in pairs:
        rules.add(event)
    said = rules.advance(round(500 * NS_PER_S), lambda _event: True)
    newest = {event.key: event for event in said if event.kind is EventKind.LEG_MOVEMENT}
    assert len(newest) == 8
    assert {(e.measures["bilateral"], e.measures["plm_wasm"], e.measures["moved"]) for e in newest.values()} == {
        (1.0, 1.0, 1.0)
    }


def test_a_movement_that_comes_after_its_time_was_settled_is_kept_and_marked_low() -> None:
    rules = MovementRules(CRITERIA, Annotations())
    rules.advance(100 * NS_PER_S, lambda _event: None)
    rules.add(movement(40))
    (event,) = rules.advance(120 * NS_PER_S, lambda _event: None)
    assert event.quality is EventQuality.LOW
    assert event.measures["plm_wasm"] == 0.0


def test_a_series_is_an_event_with_its_number_of_movements() -> None:
    rules = MovementRules(CRITERIA, Annotations())
    for t in (10, 30, 50, 70, 90):
        rules.add(movement(t))
    said = rules.advance(10_000 * NS_PER_S, lambda _event: None)
    (series,) = [event for event in said if event.kind is EventKind.PERIODIC_SERIES]
    assert series.measures["n"] == 5
    assert (series.onset_ns, series.end_ns) == (10 * NS_PER_S, 92 * NS_PER_S)


def test_movements_that_no_series_can_reach_are_forgotten() -> None:
    rules = MovementRules(CRITERIA, Annotations())
    for hour in range(4):
        rules.add(movement(hour * 3600.0 + 10))
        rules.advance((hour + 1) * 3600 * NS_PER_S, lambda _event: None)
    assert len(rules._said) <= 1


@pytest.mark.parametrize("leg", [Leg.LEFT, Leg.RIGHT])
def test_a_movement_of_more_than_ten_seconds_is_an_event_but_no_candidate(leg: Leg) -> None:
    events = last_words([replace(movement(20, 10.0, leg)), movement(60, 10.1, leg)], [500.0])
    assert [event.measures["clm"] for event in events.values()] == [1.0, 0.0]

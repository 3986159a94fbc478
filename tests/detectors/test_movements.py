"""What both rule sets say about one list of movements, as events."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detectors.annotations import Annotations
from detectors.criteria import named
from detectors.events import Event, EventKind, EventQuality
from detectors.night.movements import MovementRules
from detectors.rules.combined import LegMovement
from detectors.signal import NS_PER_S, Leg

CRITERIA = named("wasm-2016")


def movement(onset_s: float, duration_s: float = 2.0, leg: Leg = Leg.LEFT, **measures: float) -> Event:
    onset_ns = round(onset_s * NS_PER_S)
    end_ns = onset_ns + round(duration_s * NS_PER_S)
    values = {"duration_s": duration_s, **measures}
    return Event(EventKind.LEG_MOVEMENT, f"{leg}-shin", leg, onset_ns, end_ns, values)


def part(event: Event) -> LegMovement:
    return LegMovement(event.onset_ns, event.end_ns, event.leg, event.sensor)


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
        said += rules.advance(round(step_s * NS_PER_S))
    said += rules.finish()
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
    said = rules.advance(round(500 * NS_PER_S))
    newest = {event.key: event for event in said if event.kind is EventKind.LEG_MOVEMENT}
    assert len(newest) == 8
    assert {(e.measures["bilateral"], e.measures["plm_wasm"]) for e in newest.values()} == {(1.0, 1.0)}


def test_a_movement_that_comes_after_its_time_was_settled_is_kept_and_marked_low() -> None:
    rules = MovementRules(CRITERIA, Annotations())
    rules.advance(100 * NS_PER_S)
    rules.add(movement(40))
    (event,) = rules.advance(120 * NS_PER_S)
    assert event.quality is EventQuality.LOW
    assert event.measures["plm_wasm"] == 0.0


def test_a_series_is_an_event_with_its_number_of_movements() -> None:
    rules = MovementRules(CRITERIA, Annotations())
    for t in (10, 30, 50, 70, 90):
        rules.add(movement(t))
    said = rules.advance(10_000 * NS_PER_S)
    (series,) = [event for event in said if event.kind is EventKind.PERIODIC_SERIES]
    assert series.measures["n"] == 5
    assert (series.onset_ns, series.end_ns) == (10 * NS_PER_S, 92 * NS_PER_S)


def test_movements_of_which_nothing_new_can_be_learned_are_forgotten() -> None:
    rules = MovementRules(CRITERIA, Annotations())
    for hour in range(4):
        rules.add(movement(hour * 3600.0 + 10))
        rules.advance((hour + 1) * 3600 * NS_PER_S)
        rules.forget((hour + 1) * 3600 * NS_PER_S)
    assert rules.known_on(Leg.LEFT, 0, 3600 * 4 * NS_PER_S) == []


@pytest.mark.parametrize("leg", [Leg.LEFT, Leg.RIGHT])
def test_a_movement_of_more_than_ten_seconds_is_an_event_but_no_candidate(leg: Leg) -> None:
    events = last_words([replace(movement(20, 10.0, leg)), movement(60, 10.1, leg)], [500.0])
    assert [event.measures["clm"] for event in events.values()] == [1.0, 0.0]


def test_a_movement_in_a_train_is_said_and_takes_no_part_in_a_series() -> None:
    steady = [movement(t) for t in (10, 30, 50, 70)]
    trembling = [movement(t, 1.0, in_train=1.0) for t in (40, 42, 44)]
    events = last_words([*steady, *trembling], [500.0])
    assert [events[t].measures["plm_wasm"] for t in (10, 30, 50, 70)] == [1.0] * 4
    told = {(events[t].measures["clm"], events[t].measures["plm_wasm"], events[t].revision) for t in (40, 42, 44)}
    assert told == {(0.0, 0.0, 0)}


def test_a_movement_too_short_for_the_rules_is_said_all_the_same() -> None:
    (event,) = last_words([movement(20, 0.4)], [500.0]).values()
    assert (event.measures["clm"], event.quality) == (0.0, EventQuality.GOOD)


@pytest.mark.parametrize("learn_at_s", [15.0, 60.0, 400.0])
def test_what_is_learned_later_raises_the_revision_to_the_same_number_whenever_it_comes(learn_at_s: float) -> None:
    rules, said = MovementRules(CRITERIA, Annotations()), []
    movements = [movement(t, in_cramp=0.0) for t in (10, 30, 50, 70)]
    for step_s in range(5, 600, 5):
        for event in movements:
            if event.onset_ns // NS_PER_S // 5 == step_s // 5 - 1:
                rules.add(event)
        said += rules.advance(step_s * NS_PER_S)
        if step_s == learn_at_s:
            said += rules.learn([part(movements[0])], "in_cramp")
    first = max((e for e in said if e.key == movements[0].key), key=lambda event: event.revision)
    assert (first.measures["in_cramp"], first.measures["plm_wasm"], first.revision) == (1.0, 1.0, 3)
    assert rules.learn([part(movements[0])], "in_cramp") == []

"""Bouts of one leg become episodes, and context decides how sure one can be."""

from __future__ import annotations

import pytest

from detectors.criteria import named
from detectors.episodes import CrampEpisodes
from detectors.events import Event, EventKind
from detectors.signal import NS_PER_S, Leg

CRITERIA = named("wasm-2016")
TERMS = {"term_duration": 1.0, "term_amplitude": 1.0, "term_stationarity": 0.4, "term_cleanliness": 1.0}


def bout(onset_s: float, duration_s: float, leg: Leg = Leg.LEFT, **measures: float) -> Event:
    onset_ns = round(onset_s * NS_PER_S)
    values = {"duration_s": duration_s, "peak_uv": 50.0, **TERMS, **measures}
    return Event(EventKind.CRAMP, f"{leg}-shin", leg, onset_ns, onset_ns + round(duration_s * NS_PER_S), values)


def motion(kind: EventKind, onset_s: float, duration_s: float) -> Event:
    onset_ns = round(onset_s * NS_PER_S)
    return Event(kind, "left-shin", Leg.LEFT, onset_ns, onset_ns + round(duration_s * NS_PER_S), {"peak_g": 0.1})


def said(bouts: list[Event], seen: list[Event] | None = None, *, until_s: float = 10_000) -> list[Event]:
    episodes = CrampEpisodes(CRITERIA)
    for one in bouts:
        episodes.add(one, None if seen is None else [e for e in seen if e.onset_ns < one.onset_ns])
    return episodes.advance(round(until_s * NS_PER_S), {Leg.LEFT: seen or []})


def test_bouts_less_than_30_s_apart_are_one_episode_and_30_s_apart_are_two() -> None:
    (one,) = said([bout(0, 20), bout(49.9, 20)])
    assert (one.measures["n_bouts"], one.duration_s) == (2.0, 69.9)
    assert len(said([bout(0, 20), bout(50, 20)])) == 2


def test_bouts_of_two_legs_are_two_episodes() -> None:
    assert len(said([bout(0, 20), bout(5, 20, Leg.RIGHT)])) == 2


def test_bouts_as_short_as_leg_movements_stay_alone_and_are_stored_only() -> None:
    episodes = said([bout(t, 6) for t in range(0, 200, 25)])
    assert len(episodes) == 8
    assert {episode.measures["tier"] for episode in episodes} == {0.0}


def test_an_episode_is_as_probable_as_its_longest_bout_is_long() -> None:
    (one,) = said([bout(0, 12), bout(20, 12)])
    assert one.duration_s > CRITERIA.cramp.probable_min_s
    assert one.measures["tier"] == 1.0


def test_an_episode_waits_until_no_bout_can_join_it() -> None:
    assert said([bout(0, 20)], until_s=50) == []
    assert len(said([bout(0, 20)], until_s=50.1)) == 1


def test_without_a_motion_sensor_the_confidence_is_capped_and_said_once() -> None:
    (one,) = said([bout(0, 60, term_stationarity=1.0)])
    assert one.measures["confidence"] == CRITERIA.cramp.cap_without_context
    assert "term_rest_before" not in one.measures


def test_rest_before_and_a_consequence_within_120_s_raise_the_confidence() -> None:
    still = said([bout(100, 60)], [])
    getting_up = said([bout(100, 60)], [motion(EventKind.SHIFT, 279.9, 2)])
    assert [event.revision for event in still] == [0, 1]
    assert [event.measures.get("term_consequence") for event in still] == [None, 0.0]
    assert getting_up[-1].measures["term_consequence"] == 1.0
    assert getting_up[-1].measures["confidence"] > still[-1].measures["confidence"]


def test_a_shift_120_s_after_the_end_is_no_consequence() -> None:
    late = said([bout(100, 60)], [motion(EventKind.SHIFT, 280, 2)])
    assert late[-1].measures["term_consequence"] == 0.0


@pytest.mark.parametrize(("onset_s", "rest"), [(69.0, 0.0), (60.0, 1.0)])
def test_a_leg_that_moved_in_the_30_s_before_was_not_at_rest(onset_s: float, rest: float) -> None:
    first = said([bout(100, 60)], [motion(EventKind.LEG_MOVEMENT, onset_s, 2)])[0]
    assert first.measures["term_rest_before"] == rest


def test_a_short_movement_afterwards_is_no_consequence_and_a_long_one_is() -> None:
    for duration_s, expected in ((2.9, 0.0), (3.0, 1.0)):
        last = said([bout(100, 60)], [motion(EventKind.LEG_MOVEMENT, 200, duration_s)])[-1]
        assert last.measures["term_consequence"] == expected

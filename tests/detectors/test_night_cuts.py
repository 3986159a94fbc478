"""What a night says at the end does not depend on when its parts were known, and it does not remember for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.events import Event, EventKind, EventQuality
from detectors.signal import NS_PER_S, Leg
from tests.night_events import bout, combiner, emg_movement, event, last_words, seen_movement, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.night.combine import NightCombiner

BOTH = (Leg.LEFT, Leg.RIGHT)
# Times on a coarse grid meet limits exactly, and each other.
TENTHS = st.integers(0, 6000).map(lambda tenths: tenths / 10)


def lasting(low_s: float, high_s: float) -> st.SearchStrategy[float]:
    return st.integers(round(low_s * 10), round(high_s * 10)).map(lambda tenths: tenths / 10)


def low(onset_s: float, duration_s: float, leg: Leg) -> Event:
    return event(EventKind.TONIC, onset_s, duration_s, leg, low=1.0)


def twitch(onset_s: float, duration_s: float, leg: Leg) -> Event:
    return event(EventKind.TWITCH, onset_s, duration_s, leg)


def train(onset_s: float, duration_s: float, leg: Leg) -> Event:
    return event(EventKind.RHYTHMIC_TRAIN, onset_s, duration_s, leg, rate_hz=1.1, anchor_s=2.3, burst_s=0.3)


def turned(onset_s: float, duration_s: float, leg: Leg) -> Event:
    return event(EventKind.SHIFT, onset_s, duration_s, leg, orientation_change_deg=30.0)


def upright(onset_s: float, duration_s: float, leg: Leg) -> Event:
    return event(EventKind.UPRIGHT, onset_s, duration_s, leg)


def possible(onset_s: float, duration_s: float, leg: Leg) -> Event:
    terms = {"term_bursts": float(duration_s > 50), "term_held": 1.0, "term_tremor": 0.0}
    return event(EventKind.POSSIBLE_EPISODE, onset_s, duration_s, leg, confidence=0.2, **terms)


def some(make: Any, low_s: float, high_s: float, most: int) -> st.SearchStrategy[list[Event]]:
    leg = st.sampled_from(BOTH)
    return st.lists(st.builds(make, TENTHS, lasting(low_s, high_s), leg), max_size=most, unique_by=lambda one: one.key)


NIGHTS = st.tuples(
    some(emg_movement, 0.5, 25, 25),
    some(seen_movement, 0.3, 25, 25),
    some(bout, 5, 120, 5),
    some(low, 15, 100, 4),
    some(train, 3, 40, 5),
    some(twitch, 0.1, 0.4, 15),
    some(turned, 1, 4, 4),
    some(upright, 10, 100, 3),
    some(possible, 5, 100, 2),
).map(lambda kinds: [one for kind in kinds for one in kind])
STEPS = st.lists(lasting(0, 1000), max_size=40).map(sorted)


def night() -> NightCombiner:
    return combiner(motion=BOTH, fs_hz=500.0)


def story(events: Sequence[Event], steps_s: Sequence[float]) -> tuple[list[Event], list[Event]]:
    heard = night()
    said = told(heard, events, steps_s)
    return last_words(said), sorted(heard.rejected(), key=lambda one: (one.onset_ns, one.kind, one.leg))


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(events=NIGHTS, steps_s=STEPS)
def test_the_last_word_on_everything_is_the_same_for_every_cut(events: list[Event], steps_s: list[float]) -> None:
    assert story(events, steps_s) == story(events, [])


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(events=NIGHTS, steps_s=STEPS)
def test_events_that_are_heard_before_their_time_is_settled_change_nothing(
    events: list[Event], steps_s: list[float]
) -> None:
    early = night()
    said = early.feed(events, 0)
    said += [one for step_s in steps_s for one in early.feed([], round(step_s * NS_PER_S))]
    assert last_words(said + early.finish()) == story(events, [])[0]


def hour(at_s: float) -> list[Event]:
    movements = [emg_movement(at_s + t, 2) for t in range(0, 3600, 25)]
    movements += [seen_movement(at_s + t, 3, orientation_change_deg=12.0) for t in range(5, 3600, 100)]
    twitches = [event(EventKind.TWITCH, at_s + 3 + t, 0.02) for t in range(0, 3600, 25)]
    return [
        *movements,
        *twitches,
        bout(at_s + 1000, 60),
        low(at_s + 2000, 40, Leg.LEFT),
        train(at_s + 3000, 9, Leg.LEFT),
    ]


@pytest.mark.slow
def test_an_hour_more_takes_no_more_memory_than_what_it_says() -> None:
    heard = night()
    sizes = []
    for number in range(4):
        events = hour(number * 3600.0)
        for step_s in range(60, 3601, 60):
            step_ns = round((number * 3600 + step_s) * NS_PER_S)
            heard.feed([e for e in events if step_ns - 60 * NS_PER_S <= e.onset_ns < step_ns], step_ns)
            heard.rejected()
        sizes.append(held_by(heard))
    assert sizes[3] == sizes[1]


def held_by(heard: NightCombiner) -> int:
    """How many events the working parts of a night hold."""
    seen: set[int] = set()
    parts = [value for name, value in vars(heard).items() if name not in {"_newest", "_notes", "_movements", "_losses"}]
    return sum(_events_in(part, seen) for part in parts)


def _events_in(value: object, seen: set[int]) -> int:
    if id(value) in seen or isinstance(value, str | int | float | EventQuality | None):
        return 0
    seen.add(id(value))
    if isinstance(value, Event):
        return 1
    if isinstance(value, dict):
        return sum(_events_in(one, seen) for one in value.values())
    if isinstance(value, list | set | tuple):
        return sum(_events_in(one, seen) for one in value)
    return sum(_events_in(one, seen) for one in vars(value).values()) if hasattr(value, "__dict__") else 0

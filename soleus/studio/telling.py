"""What was found in a recording as the pages take it: events, numbers, and a list that can be judged."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from dashboards.bench_values import BenchEvent
from detectors.evaluate.marks import Mark
from detectors.events import EventKind
from detectors.signal import NS_PER_S
from soleus.tune.nights import listed_in

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from detectors.evaluate.classes import EventClass
    from detectors.evaluate.marks import MarkedNight
    from detectors.events import Event
    from detectors.recording import Recording
    from detectors.rescore.sweep import Glance

# The first takes thirty further scorings; the other holds words.
_NOT_TOLD: Final = frozenset({"robustness", "reasons"})


def glanced(recording: Recording, glance: Glance) -> MarkedNight:
    """Return what was found as :func:`soleus.tune.nights.found_in` does, with leg movements alone.

    Parameters
    ----------
    recording : Recording
        What was looked at.
    glance : Glance
        What was found.

    Returns
    -------
    MarkedNight
        The list, in s from the start of the recording.
    """
    start_ns, kind = recording.start_ns, EventKind.LEG_MOVEMENT.value
    marks = (
        Mark(
            kind,
            one.movement.leg.value,
            (one.movement.onset_ns - start_ns) / NS_PER_S,
            (one.movement.end_ns - start_ns) / NS_PER_S,
            in_train=in_train,
        )
        for one, in_train in zip(glance.movements, glance.in_train, strict=True)
    )
    return listed_in(recording, marks, (round(one.epochs.hours, 6) for one in glance.night.valid.streams))


def numbers_of(summary: Mapping[str, Any], names: Collection[str] = ()) -> dict[str, float | None]:
    """Return the numbers of a summary by their keys; those of a table within it by both keys, with a point between.

    Parameters
    ----------
    summary : mapping
        From a score.
    names : collection of str
        Which of them; all if empty.

    Returns
    -------
    dict
        Without words, lists, and what says how far numbers hang on thresholds.
    """
    found: dict[str, float | None] = {}
    for name in summary:
        if name in _NOT_TOLD or (names and name not in names):
            continue
        value = summary[name]
        within = value if isinstance(value, Mapping) else None
        parts = {name: value} if within is None else {f"{name}.{key}": one for key, one in within.items()}
        found |= {key: one for key, one in parts.items() if _is_number(one)}
    return found


def event_of(row: Mapping[str, Any] | None, page: Callable[[BenchEvent], str]) -> BenchEvent | None:
    """Return a row of a result as an event, with its page; None of none."""
    if row is None:
        return None
    event = BenchEvent(row["onset_s"], row["end_s"], str(row["leg"]), str(row["kind"]))
    return event._replace(page=page(event))


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value))


def bench_events(judged_marks: Sequence[tuple[Mark, str]]) -> tuple[BenchEvent, ...]:
    """Return marks, each with what became of it, as events by onset."""
    # Without a key: it would be asked for each of thousands of events while a threshold is dragged.
    return tuple(sorted([BenchEvent(one.onset_s, one.end_s, one.leg, one.kind, state) for one, state in judged_marks]))


def in_class(events: Sequence[Event], event_class: EventClass) -> list[Event]:
    """Return the events of a score that are of a class."""
    least = event_class.least_tier
    return [one for one in events if one.kind is event_class.kind and one.measures.get("tier", least) >= least]

"""Awakenings: wake of some minutes inside the sleep period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.annotations import common_ns
from detectors.events import Event, EventKind, Step
from detectors.signal import Leg
from detectors.sleep.basis import seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.annotations import Span
    from detectors.criteria import Criteria
    from detectors.sleep.basis import SleepBasis


def awakenings(basis: SleepBasis, criteria: Criteria, uncertain: Sequence[Span] = ()) -> list[Event]:
    """Return the awakenings of a night (science.md 6.3).

    Parameters
    ----------
    basis : SleepBasis
        Sleep and wake: scored by a person, or estimated from the legs.
    criteria : Criteria
        ``sleep`` is used.
    uncertain : sequence of Span
        Where the votes of an estimate differ, UTC ns.

    Returns
    -------
    list of Event
        Wake of ``awakening_s`` or more between the onset of sleep and the end of the last sleep, of
        both legs; in place of a sensor stands what the basis is called. Measures: ``duration_s``,
        ``long`` (1 from ``long_awakening_s`` on) and ``uncertain_share``. Getting up in the morning
        is none. An estimate sees only awakenings in which the legs move.
    """
    limits = criteria.sleep
    found = []
    for span in basis.wake_inside():
        duration_s = seconds(span)
        if duration_s < limits.awakening_s:
            continue
        measures = {
            "duration_s": duration_s,
            "long": float(duration_s >= limits.long_awakening_s),
            "uncertain_share": sum(common_ns(span, other) for other in uncertain) / (span.end_ns - span.onset_ns),
        }
        why = (Step("awakening_s", duration_s, limits.awakening_s, held=True),)
        found.append(Event(EventKind.AWAKENING, basis.name, Leg.BOTH, *span, measures, why=why))
    return found

"""A finished night as its numbers see it: what was worn, what counts, when the person slept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from detectors.annotations import Span
from detectors.events import EventKind
from detectors.numbers.unknown import Unknown, enough
from detectors.quality.valid_hours import joined
from detectors.signal import Leg, Quantity
from detectors.sleep.basis import lies_in

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from detectors.criteria import Criteria
    from detectors.events import Event
    from detectors.night.combine import NightFacts
    from detectors.quality.valid_hours import NightValidity
    from detectors.rules.combined import CombinedMovement
    from detectors.sleep.basis import SleepBasis

# What is said about the signal itself, not found in it.
_OF_SIGNAL = frozenset({EventKind.NOT_WORN, EventKind.ELECTRODE_OFF, EventKind.SIGNAL_GAP, EventKind.MARKER})
_SHOWN_FROM_TIER = 1


@dataclass(frozen=True, slots=True)
class NightView:
    """What the numbers of a night are counted from.

    Parameters
    ----------
    facts : NightFacts
        Movements and events while the sensors were worn.
    valid : NightValidity
        When the streams could be scored.
    criteria : Criteria
        ``validity`` is used.
    span : Span
        Begin and end of the night, UTC ns.
    basis : SleepBasis or None
        When the person slept; None where numbers are per hour of recording.
    """

    facts: NightFacts
    valid: NightValidity
    criteria: Criteria
    span: Span
    basis: SleepBasis | None

    @property
    def sleep(self) -> list[Span] | None:
        """Stretches of sleep; None where all of the recording counts."""
        return None if self.basis is None else list(self.basis.sleep)

    @property
    def period(self) -> Span:
        """The sleep period, or the recording; empty where the person did not sleep."""
        if self.basis is None:
            return self.span
        return self.basis.period or Span(self.span.onset_ns, self.span.onset_ns)

    @property
    def period_h(self) -> float:
        """Valid hours inside the period, h."""
        return self.valid.movement_h([self.period])

    @property
    def too_short(self) -> Unknown | None:
        """Why there is no index per hour, if there is none."""
        where = "" if self.basis is None else "in the sleep period"
        return enough(self.period_h, self.criteria.validity.min_index_h, where)

    def in_sleep(self, t_ns: int) -> bool:
        """Return whether an instant counts as sleep; all of a recording does where nothing is known."""
        return self.basis is None or self.basis.asleep(t_ns)

    def weight(self, movement: CombinedMovement) -> float:
        """Return what a movement counts for: less where no part of it can be trusted."""
        for part in movement.parts:
            note = self.facts.notes.get(part)
            if note is None or not note.low:
                return 1.0
        return self.criteria.validity.low_weight

    def counted(self, movements: Iterable[CombinedMovement]) -> float:
        """Return how many movements count."""
        return sum(map(self.weight, movements))

    def of_kind(self, *kinds: EventKind) -> list[Event]:
        """Return the shown events of some kinds, by onset."""
        return [event for event in self.facts.events if event.kind in kinds and is_shown(event)]

    def has(self, quantity: Quantity) -> bool:
        """Return whether any stream of a quantity gave a valid signal."""
        return any(one.quantity is quantity and len(one.epochs.valid_s) for one in self.valid.streams)

    def scored_by_emg(self, leg: Leg) -> bool:
        """Return whether the movements of a leg come from its EMG."""
        scoring = self.valid.scoring.get(leg)
        return scoring is not None and scoring.quantity is Quantity.EMG


def is_shown(event: Event) -> bool:
    """Return whether an event is more than stored.

    Candidates of the lowest tier are not, nor is weak sustained activity that nothing followed.
    """
    if event.kind is EventKind.TONIC and event.measures.get("low", 0.0) > 0:
        return event.measures.get("followed", 0.0) > 0
    return event.measures.get("tier", _SHOWN_FROM_TIER) >= _SHOWN_FROM_TIER


def while_worn(facts: NightFacts, valid: NightValidity) -> NightFacts:
    """Return what was found while sensors were worn and electrodes on.

    Parameters
    ----------
    facts : NightFacts
        Everything that was found.
    valid : NightValidity
        The streams of the night.

    Returns
    -------
    NightFacts
        Without movements all of whose parts, and without events whose onset or greater part, lie in
        a stretch in which their sensor was off.
    """
    scored = {leg: joined(one.off(facts.events), touching_s=0.0) for leg, one in valid.scoring.items()}
    by_sensor = {one.sensor: joined(one.off(facts.events), touching_s=0.0) for one in valid.streams}
    if not any((*scored.values(), *by_sensor.values())):
        return facts

    def worn(movement: CombinedMovement) -> bool:
        return not all(lies_in(part.onset_ns, scored.get(part.leg, ())) for part in movement.parts)

    return replace(
        facts,
        wasm=tuple(filter(worn, facts.wasm)),
        aasm=tuple(filter(worn, facts.aasm)),
        events=tuple(e for e in facts.events if e.kind in _OF_SIGNAL or not _off(e, by_sensor)),
    )


def _off(event: Event, by_sensor: dict[str, list[Span]]) -> bool:
    off = by_sensor.get(event.sensor, ())
    common_ns = sum(max(min(o.end_ns, event.end_ns) - max(o.onset_ns, event.onset_ns), 0) for o in off)
    return lies_in(event.onset_ns, off) or 2 * common_ns > event.end_ns - event.onset_ns


def share(movements: Collection[CombinedMovement], holds: Callable[[CombinedMovement], bool | None]) -> float | None:
    """Return the share of movements for which something holds, of those for which it is known; None without any."""
    known = [truth for truth in map(holds, movements) if truth is not None]
    return sum(known) / len(known) if known else None

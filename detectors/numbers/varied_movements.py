"""The movements of both legs as they would have been counted with other thresholds."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from detectors.annotations import Span
from detectors.emg.movement_variants import MovementVariants
from detectors.events import EventKind
from detectors.quality.valid_hours import joined
from detectors.rules.series_counts import Counted, Moved, count_movements
from detectors.sleep.basis import lies_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from detectors.emg.active_stretches import ActiveStretches
    from detectors.emg.criteria import LegMovementCriteria
    from detectors.numbers.night_view import NightView
    from detectors.rules.series_criteria import SeriesCriteria
    from detectors.signal import Leg

_TRAINS = (EventKind.RHYTHMIC_TRAIN, EventKind.CLONUS)


class VariedMovements:
    """Count the movements of a night under any thresholds.

    Parameters
    ----------
    night : NightView
        The night as it was scored: its trains, its losses of signal, and what was not worn stay.
    active : sequence of ActiveStretches
        The channels of EMG that score movements. Movements of other legs stay as they were found.
    """

    def __init__(self, night: NightView, active: Sequence[ActiveStretches]) -> None:
        self._night = night
        self._channels = [(a.stream.leg, MovementVariants(a, night.criteria.leg_movement)) for a in active]
        self._legs = {leg: _LegContext(night, leg) for leg, _ in self._channels}
        self._losses = joined(night.facts.losses, touching_s=0.0)
        self._found: dict[LegMovementCriteria, tuple[Moved, ...]] = {}
        self._counted: dict[tuple[tuple[Moved, ...], SeriesCriteria], Counted] = {}
        self._fixed = [
            Moved(part.onset_ns, part.end_ns, str(part.leg), night.weight(movement))
            for movement in night.facts.wasm
            for part in movement.parts
            if part.leg not in self._legs
        ]

    def counted(self, criteria: LegMovementCriteria, rules: SeriesCriteria) -> Counted:
        """Return what a rule set counts under some thresholds.

        Parameters
        ----------
        criteria : LegMovementCriteria
            Thresholds of movements in EMG.
        rules : SeriesCriteria
            The rule set.

        Returns
        -------
        Counted
            Weights and onsets; the same list is counted only once.
        """
        if criteria not in self._found:
            self._found[criteria] = tuple(sorted([*self._fixed, *self._moved(criteria)]))
        movements = self._found[criteria]
        key = (movements, rules)
        if key not in self._counted:
            basis = self._night.basis
            asleep = None if basis is None else basis.asleep
            self._counted[key] = count_movements(movements, rules, self._losses, asleep)
        return self._counted[key]

    def _moved(self, criteria: LegMovementCriteria) -> Iterator[Moved]:
        for leg, channel in self._channels:
            context = self._legs[leg]
            for span in channel.movements(criteria):
                moved = context.moved(span)
                if moved is not None:
                    yield moved


class _LegContext:
    """What bears on the movements of one leg, whatever the thresholds."""

    def __init__(self, night: NightView, leg: Leg) -> None:
        self._leg = str(leg)
        self._known: dict[Span, Moved | None] = {}
        self._share = night.criteria.context.train_share
        self._low_weight = night.criteria.validity.low_weight
        trains = (event for event in night.of_kind(*_TRAINS) if event.leg is leg)
        self._trains = joined((Span(event.onset_ns, event.end_ns) for event in trains), touching_s=0.0)
        low = (part for part, note in night.facts.notes.items() if note.low and part.leg is leg)
        self._low = joined((Span(part.onset_ns, part.end_ns) for part in low), touching_s=0.0)
        self._off = joined(night.valid.scoring[leg].off(night.facts.events), touching_s=0.0)

    def moved(self, movement: Span) -> Moved | None:
        """Return a movement with what it counts for; None if it is part of a train."""
        if movement not in self._known:
            weight = self._weight(movement)
            self._known[movement] = None if weight is None else Moved(*movement, self._leg, weight)
        return self._known[movement]

    def _weight(self, movement: Span) -> float | None:
        length_ns = movement.end_ns - movement.onset_ns
        if self._trains and length_ns and _common_ns(movement, self._trains) > self._share * length_ns:
            return None
        if self._off and lies_in(movement.onset_ns, self._off):
            return 0.0
        return self._low_weight if self._low and _common_ns(movement, self._low) else 1.0


def _common_ns(span: Span, others: Sequence[Span]) -> int:
    """Return how much of a stretch lies in others, which are in order and apart, ns."""
    first = bisect_right(others, span.onset_ns, key=lambda other: other.end_ns)
    last = bisect_left(others, span.end_ns, key=lambda other: other.onset_ns)
    return sum(min(span.end_ns, o.end_ns) - max(span.onset_ns, o.onset_ns) for o in others[first:last])

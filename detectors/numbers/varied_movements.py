"""The movements of both legs as they would have been counted with other thresholds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detectors.annotations import span_of
from detectors.events import EventKind
from detectors.quality.valid_hours import joined
from detectors.rules.moved_row import Moved, MovedRow, leg_number, row_of
from detectors.rules.series_counts import Counted, combined_movements
from detectors.span_row import SpanRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.annotations import Span
    from detectors.emg.criteria import LegMovementCriteria
    from detectors.emg.movement_variants import MovementVariants
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
    channels : sequence of MovementVariants
        The channels of EMG that score movements. Movements of other legs stay as they were found.
    """

    def __init__(self, night: NightView, channels: Sequence[MovementVariants]) -> None:
        self._night, self._channels = night, channels
        self._legs = {leg: _LegContext(night, leg) for leg in (channel.stream.leg for channel in channels)}
        self._losses = joined(night.facts.losses, touching_s=0.0)
        self._found: dict[LegMovementCriteria, MovedRow] = {}
        self._counted: dict[tuple[bytes, bytes, bytes, SeriesCriteria], Counted] = {}
        self._fixed = row_of(
            [
                Moved(part.onset_ns, part.end_ns, str(part.leg), night.weight(movement))
                for movement in night.facts.wasm
                for part in movement.parts
                if part.leg not in self._legs
            ]
        )

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
            self._found[criteria] = self._row(criteria)
        row = self._found[criteria]
        key = (row.onset_ns.tobytes(), row.end_ns.tobytes(), row.leg.tobytes(), rules)
        if key not in self._counted:
            basis = self._night.basis
            asleep = None if basis is None else basis.asleep
            self._counted[key] = combined_movements(row, rules, self._losses, asleep).counted(row.weight)
        return self._counted[key]

    def _row(self, criteria: LegMovementCriteria) -> MovedRow:
        found = [self._legs[one.stream.leg].moved(one.movements(criteria)) for one in self._channels]
        columns = (np.concatenate(several) for several in zip(self._fixed, *found, strict=True))
        row = MovedRow(*columns)
        return row.of(row.order())


class _LegContext:
    """What bears on the movements of one leg, whatever the thresholds."""

    def __init__(self, night: NightView, leg: Leg) -> None:
        self._leg = leg
        self._share = night.criteria.context.train_share
        self._low_weight = night.criteria.validity.low_weight
        self._trains = SpanRow(span_of(event) for event in night.of_kind(*_TRAINS) if event.leg is leg)
        low = (part for part, note in night.facts.notes.items() if note.low and part.leg is leg)
        self._low = SpanRow(map(span_of, low))
        self._off = SpanRow(night.valid.scoring[leg].off(night.facts.events))

    def moved(self, movements: Sequence[Span]) -> MovedRow:
        """Return movements with what they count for; those that are part of a train are left out."""
        onset_ns, end_ns = np.array(movements, np.int64).reshape(-1, 2).T
        alone = self._trains.common_ns(onset_ns, end_ns) <= self._share * (end_ns - onset_ns)
        onset_ns, end_ns = onset_ns[alone], end_ns[alone]
        weight = np.where(self._low.common_ns(onset_ns, end_ns) > 0, self._low_weight, 1.0)
        weight[self._off.holds(onset_ns)] = 0.0
        return MovedRow(onset_ns, end_ns, np.full(len(onset_ns), leg_number(self._leg)), weight)

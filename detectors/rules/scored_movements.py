"""A finished list of leg movements under one rule set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from detectors.rules.combined import CombinedMovement
from detectors.rules.series import NOTHING_SCORED, RuleEngine, Series

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.annotations import Annotations
    from detectors.rules.combined import LegMovement, SignalLoss
    from detectors.rules.series_criteria import SeriesCriteria


@dataclass(frozen=True, slots=True)
class ScoredMovements:
    """A finished night under one rule set.

    Parameters
    ----------
    criteria : SeriesCriteria
        The rule set.
    annotations : Annotations
        What was known about sleep, breathing and arousals.
    movements : tuple of CombinedMovement
        Combined movements by onset, each in its last state.
    series : tuple of Series
        Series by onset.
    losses : tuple of SignalLoss
        Stretches without valid signal.
    n_listed : int
        Movements that were given, those too short for the rules among them.
    """

    criteria: SeriesCriteria
    annotations: Annotations
    movements: tuple[CombinedMovement, ...]
    series: tuple[Series, ...]
    losses: tuple[SignalLoss, ...]
    n_listed: int

    @property
    def parts(self) -> tuple[LegMovement, ...]:
        """Movements of single legs that the combined ones are made of."""
        return tuple(part for movement in self.movements for part in movement.parts)


def apply_rules(
    movements: Sequence[LegMovement],
    criteria: SeriesCriteria,
    *,
    annotations: Annotations = NOTHING_SCORED,
    losses: Sequence[SignalLoss] = (),
) -> ScoredMovements:
    """Apply a rule set to a finished list of movements.

    Parameters
    ----------
    movements : sequence of LegMovement
        Movements of both legs, in any order.
    criteria : SeriesCriteria
        The rule set.
    annotations : Annotations
        Sleep stages, respiratory events and arousals.
    losses : sequence of SignalLoss
        Stretches without valid signal.

    Returns
    -------
    ScoredMovements
        What `RuleEngine` says, with the last word on each movement.
    """
    engine = RuleEngine(criteria, annotations)
    for loss in losses:
        engine.interrupt(loss.onset_ns, loss.end_ns)
    earliest_ns = min((m.onset_ns for m in movements), default=0)
    said = engine.feed(movements, settled_ns=earliest_ns) + engine.finish()
    newest = {item.parts: item for item in said if isinstance(item, CombinedMovement)}
    series = tuple(item for item in said if isinstance(item, Series))
    by_onset = sorted(newest.values(), key=lambda m: (m.onset_ns, m.end_ns, m.leg))
    return ScoredMovements(criteria, annotations, tuple(by_onset), series, tuple(losses), len(movements))

"""Two rule sets on one list of leg movements, movement by movement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from detectors.rules.combined import CombinedMovement, LegMovement
    from detectors.rules.scored_movements import ScoredMovements


@dataclass(frozen=True, slots=True)
class ComparedMovement:
    """One leg's movement and what each rule set makes of it.

    Parameters
    ----------
    movement : LegMovement
        The movement as it was listed.
    first, second : CombinedMovement or None
        The combined movement that it belongs to under each rule set; None where the movement is
        shorter than the rules allow.
    reasons : tuple of str
        In what they differ: ``joined`` (with other movements), ``candidate``, ``series``; empty if
        they agree.
    """

    movement: LegMovement
    first: CombinedMovement | None
    second: CombinedMovement | None
    reasons: tuple[str, ...]


def compare_rules(first: ScoredMovements, second: ScoredMovements) -> tuple[ComparedMovement, ...]:
    """Compare two rule sets on the same movements.

    Parameters
    ----------
    first, second : ScoredMovements
        The same list of movements under two rule sets.

    Returns
    -------
    tuple of ComparedMovement
        Every movement that either rule set took, by onset.

    Examples
    --------
    >>> from detectors.rules.combined import LegMovement
    >>> from detectors.published import AASM, WASM_2016
    >>> from detectors.rules.scored_movements import apply_rules
    >>> from detectors.signal import NS_PER_S, Leg
    >>> every_7_s = [LegMovement(t * NS_PER_S, (t + 2) * NS_PER_S, Leg.LEFT, "a") for t in range(0, 35, 7)]
    >>> compared = compare_rules(apply_rules(every_7_s, WASM_2016), apply_rules(every_7_s, AASM))
    >>> {reason for one in compared for reason in one.reasons}
    {'series'}
    """
    belongs = [{part: movement for movement in score.movements for part in movement.parts} for score in (first, second)]
    listed = sorted({*belongs[0], *belongs[1]}, key=lambda m: (m.onset_ns, m.end_ns, m.leg, m.sensor))
    pairs = ((movement, belongs[0].get(movement), belongs[1].get(movement)) for movement in listed)
    return tuple(ComparedMovement(movement, one, other, _reasons(one, other)) for movement, one, other in pairs)


def _reasons(one: CombinedMovement | None, other: CombinedMovement | None) -> tuple[str, ...]:
    if one is None or other is None:
        return () if one is other else ("joined",)
    differs = {"joined": one.parts != other.parts, "candidate": one.clm != other.clm, "series": one.plm != other.plm}
    return tuple(reason for reason, is_different in differs.items() if is_different)

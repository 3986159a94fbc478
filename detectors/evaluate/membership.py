"""Both lists under one rule set: which candidates are periodic in both, and how many there are an hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detectors.annotations import asleep
from detectors.evaluate.agreement import Tally
from detectors.evaluate.classes import OVERLAP
from detectors.evaluate.marks import BOTH, LEGS
from detectors.events import EventKind
from detectors.rules.combined import LegMovement
from detectors.rules.indices import hours_of, per_hour, periodicity_index
from detectors.rules.scored_movements import ScoredMovements, apply_rules
from detectors.rules.series import NOTHING_SCORED
from detectors.signal import NS_PER_S, Leg

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from detectors.evaluate.marks import Mark, MarkedNight
    from detectors.rules.combined import CombinedMovement
    from detectors.rules.series_criteria import SeriesCriteria

    Spans = NDArray[np.float64]

# The published rise above rest, µV: what a movement must reach to be one by the rule.
ONSET_UV = 8.0
# The published shortest leg movement, s.
LEAST_S = 0.5


@dataclass(frozen=True, slots=True)
class RuledPair:
    """Two lists under the same rules.

    Parameters
    ----------
    found, truth : ScoredMovements
        What is judged, and what it is judged by.
    hours : float
        Length of the recording, h.
    """

    found: ScoredMovements
    truth: ScoredMovements
    hours: float


def rule_both(found: MarkedNight, truth: MarkedNight, criteria: SeriesCriteria) -> RuledPair:
    """Apply the same rules to two lists.

    Parameters
    ----------
    found, truth : MarkedNight
        What is judged, and what it is judged by.
    criteria : SeriesCriteria
        The rule set.

    Returns
    -------
    RuledPair
        Both lists on the legs that both have looked at. Sleep, breathing and arousals are those of the
        truth, or of the other list where it has none: what differs then is the movements alone.

    Notes
    -----
    A simulated truth counts with the movements that reach the published rise above the noise of their
    leg, or, where only acceleration was recorded, that turn the leg: another one is none by the rule,
    however real it is.
    """
    around = truth.annotations if truth.annotations != NOTHING_SCORED else found.annotations
    unseen = set(LEGS) - set(found.legs) & set(truth.legs) if set(found.legs) <= set(LEGS) else set()
    ours = [mark for mark in found.marks if not mark.in_train and mark.leg not in unseen]
    theirs = [mark for mark in _by_rule(found, truth) if mark.leg not in unseen]
    return RuledPair(
        apply_rules(movements_of(ours), criteria, annotations=around),
        apply_rules(movements_of(theirs), criteria, annotations=around),
        found.hours,
    )


def movements_of(marks: Iterable[Mark]) -> list[LegMovement]:
    """Return the leg movements that are long enough for the rules."""
    return [
        LegMovement(
            round(mark.onset_s * NS_PER_S),
            round(mark.end_s * NS_PER_S),
            Leg.UNKNOWN if mark.leg == BOTH else Leg(mark.leg),
            mark.leg,
        )
        for mark in marks
        if mark.kind == EventKind.LEG_MOVEMENT and mark.end_s - mark.onset_s >= LEAST_S
    ]


def membership(pair: RuledPair) -> Tally:
    """Count who belongs to a series: per candidate, matched one to one at IoU 0.3.

    Parameters
    ----------
    pair : RuledPair
        Two lists under the same rules.

    Returns
    -------
    Tally
        ``hits``: candidates that are periodic in both lists; ``missed`` and ``false``: periodic in one of
        them, and in the other a candidate outside of any series or none at all; ``neutral``: candidates
        that match and are periodic in neither.
    """
    ours, theirs = (_candidates(scored) for scored in (pair.found, pair.truth))
    spans = [_spans(candidates) for candidates in (ours, theirs)]
    pairs = OVERLAP(*spans).pairs
    both = [(i, j) for i, j in pairs if ours[i].plm and theirs[j].plm]
    errors = [spans[0][i] - spans[1][j] for i, j in both]
    return Tally(
        hits=len(both),
        missed=sum(one.plm for one in theirs) - len(both),
        false=sum(one.plm for one in ours) - len(both),
        neutral=sum(not ours[i].plm and not theirs[j].plm for i, j in pairs),
        split=0,
        merged=0,
        onset_errors=tuple(float(error[0]) for error in errors),
        end_errors=tuple(float(error[1]) for error in errors),
        hours=pair.hours,
    )


def plm_per_h(scored: ScoredMovements, hours: float) -> float:
    """Return periodic movements per hour of recording, 1/h; nan for no hours."""
    return sum(movement.plm for movement in scored.movements) / hours if hours > 0 else float("nan")


def rule_indices(scored: ScoredMovements, hours: float) -> dict[str, float | None]:
    """Return the numbers of a list under a rule set that two scorers are compared by.

    Parameters
    ----------
    scored : ScoredMovements
        The list.
    hours : float
        Length of the recording, h.

    Returns
    -------
    dict
        ``lm_per_h`` and ``plm_per_h`` per hour of recording, ``plms_per_h`` per hour of scored sleep
        (None where nobody scored any), and the ``periodicity_index`` (0 to 1).
    """
    stages = scored.annotations.stages
    in_sleep = sum(one.plm and asleep(one.onset_ns, stages) for one in scored.movements)
    return {
        "lm_per_h": per_hour(len(scored.movements), hours),
        "plm_per_h": per_hour(sum(one.plm for one in scored.movements), hours),
        "plms_per_h": per_hour(in_sleep, hours_of(stages, awake=False)),
        "periodicity_index": periodicity_index(scored.movements),
    }


def _by_rule(found: MarkedNight, truth: MarkedNight) -> list[Mark]:
    movements = [mark for mark in truth.marks if mark.kind == EventKind.LEG_MOVEMENT and not mark.in_train]
    noise_uv = truth.noise_uv
    if noise_uv is None:
        return movements
    if not found.has_emg:
        return [mark for mark in movements if mark.angle_deg > 0]
    return [mark for mark in movements if _rises(mark, noise_uv.get(mark.leg))]


def _rises(mark: Mark, noise_uv: float | None) -> bool:
    """Return whether a simulated movement reaches the published rise; one that is clear, where noise is not known."""
    if noise_uv is None:
        return mark.clear
    return bool(np.hypot(mark.amplitude_uv, noise_uv) - noise_uv >= ONSET_UV)


def _candidates(scored: ScoredMovements) -> list[CombinedMovement]:
    return [movement for movement in scored.movements if movement.clm]


def _spans(movements: Sequence[CombinedMovement]) -> Spans:
    rows = [(movement.onset_ns / NS_PER_S, movement.end_ns / NS_PER_S) for movement in movements]
    return np.array(rows, dtype=np.float64).reshape(-1, 2)

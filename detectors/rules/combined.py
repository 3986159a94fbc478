"""Movements of one leg and of the person, and which of them are candidates for a series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from detectors.annotations import nanoseconds
from detectors.signal import NS_PER_S, Leg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.rules.series_criteria import SeriesCriteria


@dataclass(frozen=True, slots=True)
class LegMovement:
    """One movement of one leg, as a detector or a person marked it.

    Parameters
    ----------
    onset_ns, end_ns : int
        UTC, ns; ``[onset, end)``.
    leg : Leg
        The leg; never both.
    sensor : str
        Where it was found, or the scorer.

    Raises
    ------
    ValueError
        If the end lies before the onset, or the movement claims both legs.
    """

    onset_ns: int
    end_ns: int
    leg: Leg
    sensor: str

    def __post_init__(self) -> None:
        if self.end_ns < self.onset_ns:
            msg = f"{self.sensor}: leg movement ends {self.onset_ns - self.end_ns} ns before its onset"
            raise ValueError(msg)
        if self.leg is Leg.BOTH:
            msg = f"{self.sensor}: leg movement has leg {self.leg}, expected one leg; the rules combine the two"
            raise ValueError(msg)

    @property
    def duration_ns(self) -> int:
        """Length, ns."""
        return self.end_ns - self.onset_ns


@dataclass(frozen=True, slots=True)
class SignalLoss:
    """A stretch ``[onset, end)`` in which no leg had a valid signal, UTC ns."""

    onset_ns: int
    end_ns: int


@dataclass(frozen=True, slots=True)
class CombinedMovement:
    """What the rules count: one movement of one leg or of both.

    Parameters
    ----------
    onset_ns, end_ns : int
        First onset and last end of its parts, UTC ns.
    leg : Leg
        One leg, or both.
    parts : tuple of LegMovement
        What it is made of, by onset.
    clm : bool
        Whether it is a candidate for a series.
    plm : bool
        Whether it belongs to a series.
    series : int or None
        Number of that series, from 1.
    imi_s : float or None
        Interval from the onset of the candidate before, s; None for the first one, for what is no
        candidate, and where signal was lost for longer than a series can bridge.
    uncertain : bool
        Whether signal was lost between the movement before it in the series and this one.
    respiratory : bool
        Whether it is associated with a respiratory event.
    """

    onset_ns: int
    end_ns: int
    leg: Leg
    parts: tuple[LegMovement, ...]
    clm: bool
    plm: bool
    series: int | None
    imi_s: float | None
    uncertain: bool
    respiratory: bool

    @property
    def duration_s(self) -> float:
        """Length, s."""
        return (self.end_ns - self.onset_ns) / NS_PER_S


def is_candidate(movements: Sequence[LegMovement], criteria: SeriesCriteria) -> bool:
    """Return whether a combined movement may belong to a series.

    Parameters
    ----------
    movements : sequence of LegMovement
        What it is made of, by onset; each leg has rested between two of its movements.
    criteria : SeriesCriteria
        The rule set.

    Returns
    -------
    bool
        Whether its length, its number of components and each component's length allow it.
    """
    clm_max_ns = nanoseconds(criteria.clm_max_s)
    if len(movements) == 1:
        return movements[0].end_ns - movements[0].onset_ns <= clm_max_ns
    duration_ns = max(movement.end_ns for movement in movements) - movements[0].onset_ns
    if len({movement.leg for movement in movements}) == 1:
        return duration_ns <= clm_max_ns
    if criteria.bilateral_clm_max_s is not None and duration_ns > nanoseconds(criteria.bilateral_clm_max_s):
        return False
    if criteria.max_components is not None and len(movements) > criteria.max_components:
        return False
    return not criteria.long_component_spoils or all(movement.duration_ns <= clm_max_ns for movement in movements)

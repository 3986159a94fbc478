"""Two periods side by side, and a plan for them: the values that pages and commands show.

What is computed comes from ``soleus/helped``; here is what it is called. A number that the nights do not give is None.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST_VALID_NIGHTS = 5
"""Fewer valid nights in one of two periods are not compared (science.md 6.5)."""
MOST_NAME = 80
"""Characters."""


class Measure(StrEnum):
    """What is counted."""

    CRAMPS = "cramps"
    PLM = "plm"


class Verdict(StrEnum):
    """What a comparison can say."""

    CHANGED = "changed"
    CANNOT_TELL = "cannot_tell"
    TOO_FEW = "too_few"


class Phase(StrEnum):
    """What the evenings of a block of a plan are for."""

    OFF = "off"
    ON = "on"
    WASHOUT = "washout"


@dataclass(frozen=True, slots=True)
class Period:
    """Evenings that belong together.

    Parameters
    ----------
    name : str
        What the person calls them.
    first, last : date
        First and last evening, both inclusive; the small hours belong to the evening before.
    evenings : tuple of date
        The evenings between them that count; empty where all do. The blocks of a plan lie apart.

    Raises
    ------
    ValueError
        If it ends before it begins, or an evening lies outside of it.
    """

    name: str
    first: date
    last: date
    evenings: tuple[date, ...] = ()

    def __post_init__(self) -> None:
        if len(self.name) > MOST_NAME:
            msg = f"the name of a period has {len(self.name)} characters, expected at most {MOST_NAME}"
            raise ValueError(msg)
        if self.last < self.first:
            msg = f"{self.name}: ends {self.last}, before it begins {self.first}"
            raise ValueError(msg)
        if any(not self.first <= evening <= self.last for evening in self.evenings):
            msg = f"{self.name}: an evening lies outside of {self.first} to {self.last}"
            raise ValueError(msg)

    def holds(self, evening: date) -> bool:
        """Return whether an evening belongs to it."""
        return self.first <= evening <= self.last and (not self.evenings or evening in self.evenings)


@dataclass(frozen=True, slots=True)
class Side:
    """What one of two periods has.

    Parameters
    ----------
    period : Period
        Its evenings.
    n_nights : int
        Nights that were recorded in it.
    n_valid_nights : int
        Nights that count: enough valid signal, and scored from the same legs and signals as most of both periods.
    valid_h : float
        Valid hours of the nights that count, h.
    count : float
        What was counted in them.
    """

    period: Period
    n_nights: int
    n_valid_nights: int
    valid_h: float
    count: float

    @property
    def per_h(self) -> float | None:
        """Counted per valid hour; None without valid hours."""
        return self.count / self.valid_h if self.valid_h else None

    @property
    def per_night(self) -> float | None:
        """Counted per valid night; None without valid nights."""
        return self.count / self.n_valid_nights if self.n_valid_nights else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One number of two periods, and how far one can tell that it differs.

    Parameters
    ----------
    measure : Measure
        What was counted.
    a, b : Side
        The two periods.
    ratio : float or None
        Rate of `b` over rate of `a`, per valid hour; None where there is none (too few nights, or nothing counted in
        `a`).
    low, high : float or None
        95 % interval of the ratio; None where the nights set no limit on that side, and both with too few nights.
    p_real : float or None
        Probability that the rates differ, 0 to 1, for somebody who held both for equally likely before and thinks that
        a difference would be of the order of a halving or a doubling; None with too few nights.
    verdict : Verdict
        ``changed`` where the interval leaves out 1.
    nights_more : int or None
        How many more nights, both periods together, would tell a rate that is `to_tell` times as high; None unless the
        verdict is ``cannot_tell`` and there is enough to say so.
    why : str
        The verdict in words that may be shown.
    to_tell : float or None
        The ratio that `nights_more` is meant for.
    """

    measure: Measure
    a: Side
    b: Side
    ratio: float | None
    low: float | None
    high: float | None
    p_real: float | None
    verdict: Verdict
    nights_more: int | None
    why: str
    to_tell: float | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """Evenings in a row on which the same is done.

    Parameters
    ----------
    phase : Phase
        Off, on, or a wash-out whose nights are not compared.
    first : date
        Its first evening.
    n_evenings : int
        How many.
    """

    phase: Phase
    first: date
    n_evenings: int

    @property
    def last(self) -> date:
        """Its last evening."""
        return self.first + timedelta(days=self.n_evenings - 1)

    @property
    def evenings(self) -> tuple[date, ...]:
        """Every evening of it."""
        return tuple(self.first + timedelta(days=day) for day in range(self.n_evenings))


@dataclass(frozen=True, slots=True)
class Plan:
    """Blocks of evenings on and off, in an order that was drawn.

    Parameters
    ----------
    name : str
        What is on and off.
    blocks : tuple of Block
        By date, without a gap.
    """

    name: str
    blocks: tuple[Block, ...]

    def period(self, phase: Phase) -> Period | None:
        """Return the evenings of a phase as a period; None where the plan has none."""
        evenings = tuple(e for block in self.blocks if block.phase is phase for e in block.evenings)
        return Period(f"{self.name}, {phase}", evenings[0], evenings[-1], evenings) if evenings else None

    def phase_on(self, evening: date) -> Phase | None:
        """Return what is planned for an evening; None outside of the plan."""
        return next((b.phase for b in self.blocks if b.first <= evening <= b.last), None)


class ComparisonBook(Protocol):
    """What can be compared, and the comparison. Methods block and may be called from several threads."""

    def periods(self) -> Sequence[Period]:
        """Return the periods that the diary tells of, by first evening: named ones, blocks of plans, remedies."""
        ...

    def plan(self) -> Plan | None:
        """Return the plan of on and off that was written last; None where there is none."""
        ...

    def compare(self, a: Period, b: Period) -> tuple[Comparison, ...]:
        """Return how each number of two periods differs, cramp-like contractions first.

        Raises
        ------
        ValueError
            If an evening is in both.
        """
        ...

"""One row of the table: a figure, what it is held against, and what it should be."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Row:
    """A figure and its anchor.

    Parameters
    ----------
    what : str
        What was measured, in words.
    anchor : str
        What it is held against, measured in the same run.
    measured : str
        The figure, in words.
    aim : str
        What it should be; empty where nothing is asked.
    met : bool or None
        Whether it is; None where nothing is asked.
    figures : dict of str to float
        The numbers, with their units in the names.
    """

    what: str
    anchor: str
    measured: str
    aim: str
    met: bool | None
    figures: dict[str, float]

    def document(self) -> dict[str, Any]:
        """Return what JSON holds of it."""
        return asdict(self)


def table(rows: Sequence[Row]) -> list[str]:
    """Return the lines of a table."""
    words = {True: "yes", False: "no", None: ""}
    return [
        "| what | held against | measured | aim | met |",
        "|---|---|---|---|---|",
        *(f"| {row.what} | {row.anchor} | {row.measured} | {row.aim} | {words[row.met]} |" for row in rows),
    ]


def at_most(value: float, limit: float) -> bool:
    """Return whether a number is one and does not exceed a limit."""
    return math.isfinite(value) and value <= limit


def at_least(value: float, limit: float) -> bool:
    """Return whether a number is one and reaches a limit."""
    return math.isfinite(value) and value >= limit

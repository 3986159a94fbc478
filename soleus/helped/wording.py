"""What a comparison is called in words: what was counted, in how many valid nights, and nothing about why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboards.comparison import LEAST_VALID_NIGHTS, Measure

if TYPE_CHECKING:
    from dashboards.comparison import Side

NAMES: Final = {Measure.CRAMPS: "cramp-like contractions", Measure.PLM: "periodic leg movements"}
RATIO_TEXTS: Final = {1 / 2: "half as high", 2 / 3: "a third lower", 4 / 5: "a fifth lower"}
"""The differences that a number of nights is meant for (:data:`soleus.helped.power.RATIOS`)."""


def changed(measure: Measure, a: Side, b: Side) -> str:
    """Say that a count changed, and of nothing else that it did."""
    return (
        f"The count of {NAMES[measure]} changed from {a.count:g} to {b.count:g} over {a.n_valid_nights} and"
        f" {b.n_valid_nights} valid nights ({_hours(a, b)}). Why, the counts do not say: other things may have changed,"
        " too."
    )


def cannot_tell(a: Side, b: Side, low: float | None, high: float | None) -> str:
    """Say that the counts fit with no difference."""
    if high is None:
        limits = "any ratio" if low is None else f"a ratio from {low:.2g} up"
    else:
        limits = f"a ratio from {low:.2g} to {high:.2g}" if low else f"a ratio up to {high:.2g}"
    return (
        f"Cannot tell yet: {a.count:g} in {a.n_valid_nights} and {b.count:g} in {b.n_valid_nights} valid nights"
        f" ({_hours(a, b)}) fit with no difference, and with {limits}."
    )


def nothing(a: Side, b: Side) -> str:
    """Say that nothing was counted on either side."""
    return f"Cannot tell yet: none was marked in {_hours(a, b)}."


def too_few(a: Side, b: Side) -> str:
    """Say that there are too few valid nights."""
    return (
        f"{a.period.name} has {_nights(a.n_valid_nights)}, {b.period.name} has {_nights(b.n_valid_nights)};"
        f" a comparison needs at least {LEAST_VALID_NIGHTS} in each."
    )


def left_out(a: Side, b: Side, *, several_versions: bool) -> str:
    """Say which nights do not count, and that the program changed; empty where there is nothing to say."""
    said = ""
    recorded = a.n_nights + b.n_nights
    gone = recorded - a.n_valid_nights - b.n_valid_nights
    if gone:
        said += (
            f" {gone} of {recorded} recorded nights do not count: less than 4 h of valid signal, or scored from other"
            " legs, signals or thresholds than most."
        )
    return said + (" The nights were scored by different versions of Soleus." if several_versions else "")


def ratio_text(to_tell: float) -> str:
    """Return the size of a difference in words, as in ``half as high``."""
    return RATIO_TEXTS.get(to_tell, f"{to_tell:.2g} times as high")


def more_text(nights_more: int, to_tell: float) -> str:
    """Return how many more nights it would take, as one sentence."""
    return f"About {nights_more} more valid nights, both periods together, would tell a rate {ratio_text(to_tell)}."


def _hours(a: Side, b: Side) -> str:
    return f"{a.valid_h:.1f} and {b.valid_h:.1f} valid hours"


def _nights(n_nights: int) -> str:
    return "1 valid night" if n_nights == 1 else f"{n_nights} valid nights"

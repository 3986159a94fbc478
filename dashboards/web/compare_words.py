"""Two periods side by side, ready to print: counts, a ratio with its interval, a verdict; and as JSON."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from dashboards.comparison import Measure, Verdict
from dashboards.web.period_words import evenings_text, period_json
from dashboards.web.weeks_json import number
from dashboards.web.wording import number_text

if TYPE_CHECKING:
    from dashboards.comparison import Comparison, Side

TITLES = {Measure.CRAMPS: "Cramp-like contractions", Measure.PLM: "Periodic leg movements"}
VERDICTS = {
    Verdict.CHANGED: "The count changed",
    Verdict.CANNOT_TELL: "Cannot tell yet",
    Verdict.TOO_FEW: "Too few valid nights",
}
WIDEST = 16.0
"""The picture reaches from a sixteenth to sixteen times; what lies further out has an open end."""
TICKS = (0.125, 0.5, 1.0, 2.0, 8.0)
_TICK_TEXTS = ("⅛", "½", "1", "2", "8")
PERCENT = 100
_CERTAIN, _NEVER = 0.995, 0.005


class IntervalPicture(NamedTuple):
    """A ratio and its interval on an axis whose steps are doublings; all in percent of its width.

    Parameters
    ----------
    low, high : float
        Ends of the interval.
    ratio : float or None
        The ratio; None without one.
    ticks : tuple of pair of float and str
        Where the axis says what.
    """

    low: float
    high: float
    ratio: float | None
    ticks: tuple[tuple[float, str], ...]


class SideRow(NamedTuple):
    """One of the two periods: a row of the table. Numbers are None where there are too few nights."""

    name: str
    evenings: str
    side: Side
    counted: str
    per_night: str
    hours: str


class Result(NamedTuple):
    """The comparison of one number.

    Parameters
    ----------
    measure : str
        What was counted, for style and scripts.
    title, verdict, why : str
        What was counted, and what one can say of it.
    rows : tuple of SideRow
        The two periods.
    told : bool
        Whether there are enough nights for numbers.
    facts : tuple of (str, str, str, str)
        Key, value, name and text of each number that compares them.
    picture : IntervalPicture or None
        None without an interval.
    """

    measure: str
    title: str
    verdict: str
    why: str
    rows: tuple[SideRow, ...]
    told: bool
    facts: tuple[tuple[str, str, str, str], ...]
    picture: IntervalPicture | None


def result_of(comparison: Comparison) -> Result:
    """Return a comparison, ready to print.

    Parameters
    ----------
    comparison : Comparison
        Two periods.
    """
    told = comparison.verdict is not Verdict.TOO_FEW
    return Result(
        comparison.measure,
        TITLES[comparison.measure],
        VERDICTS[comparison.verdict],
        comparison.why,
        tuple(_row(side) for side in (comparison.a, comparison.b)),
        told,
        _facts(comparison) if told else (),
        _picture(comparison) if told else None,
    )


def _row(side: Side) -> SideRow:
    return SideRow(
        side.period.name,
        evenings_text(side.period),
        side,
        number_text(side.count),
        "none" if side.per_night is None else number_text(side.per_night),
        f"{side.valid_h:.1f} h",
    )


def _facts(comparison: Comparison) -> tuple[tuple[str, str, str, str], ...]:
    facts = []
    ratio, low, high, p_real = comparison.ratio, comparison.low, comparison.high, comparison.p_real
    if ratio is not None:
        facts.append(("ratio", f"{ratio}", "Second over first, per valid hour", f"{number_text(ratio)} times"))
    if low is not None or high is not None:
        facts.append(("interval", f"{low or ''} {high or ''}".strip(), "95 % interval", interval_text(low, high)))
    if p_real is not None:
        facts.append(("p_real", f"{p_real}", "Probability of a real difference", share_text(p_real)))
    if comparison.nights_more is not None:
        of = "" if comparison.to_tell is None else f", to tell {number_text(comparison.to_tell)} times"
        said = f"about {comparison.nights_more}{of}"
        facts.append(("nights_more", f"{comparison.nights_more}", "More valid nights needed", said))
    return tuple(facts)


def interval_text(low: float | None, high: float | None) -> str:
    """Return an interval of ratios, of which an end may be open.

    Examples
    --------
    >>> interval_text(0.4, 0.95), interval_text(None, 2.0), interval_text(1.5, None)
    ('0.4 to 0.95', 'up to 2', '1.5 or more')
    """
    if low is None:
        return "no limit" if high is None else f"up to {number_text(high)}"
    return f"{number_text(low)} or more" if high is None else f"{number_text(low)} to {number_text(high)}"


def share_text(share: float) -> str:
    """Return a probability in percent; it is never certain.

    Examples
    --------
    >>> share_text(0.934), share_text(0.9999), share_text(0.0)
    ('93 %', 'over 99 %', 'under 1 %')
    """
    if share >= _CERTAIN:
        return "over 99 %"
    return "under 1 %" if share < _NEVER else f"{share * PERCENT:.0f} %"


def _picture(comparison: Comparison) -> IntervalPicture | None:
    if comparison.low is None and comparison.high is None:
        return None
    ticks = tuple((_at(tick), text) for tick, text in zip(TICKS, _TICK_TEXTS, strict=True))
    ratio = None if comparison.ratio is None else _at(comparison.ratio)
    return IntervalPicture(_at(comparison.low or 0.0), _at(comparison.high or math.inf), ratio, ticks)


def _at(ratio: float) -> float:
    """Return where a ratio lies on the axis, percent."""
    inside = min(max(ratio, 1 / WIDEST), WIDEST)
    return round(PERCENT * (math.log(inside) / math.log(WIDEST) + 1) / 2, 2)


def comparison_json(comparison: Comparison) -> dict[str, object]:
    """Return a comparison as plain JSON values; no number of it where there are too few nights."""
    told = comparison.verdict is not Verdict.TOO_FEW
    numbers = {name: getattr(comparison, name) for name in ("ratio", "low", "high", "p_real", "to_tell")}
    return {
        "measure": comparison.measure,
        "a": _side_json(comparison.a, told=told),
        "b": _side_json(comparison.b, told=told),
        **{name: number(value) if told and value is not None else None for name, value in numbers.items()},
        "verdict": comparison.verdict,
        "nights_more": comparison.nights_more if told else None,
        "why": comparison.why,
    }


def _side_json(side: Side, *, told: bool) -> dict[str, object]:
    return {
        "period": period_json(side.period),
        "n_nights": side.n_nights,
        "n_valid_nights": side.n_valid_nights,
        "valid_h": number(side.valid_h),
        "count": number(side.count) if told else None,
    }

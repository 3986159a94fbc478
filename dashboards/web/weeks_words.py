"""What many nights say, in words: what changed, and more often that one cannot tell."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from dashboards.web.clocktime import S_PER_MIN
from dashboards.web.diary_cramps import beside_counts
from dashboards.web.weeks_figures import diary_cramps
from dashboards.web.wording import number_text
from detectors.diary_match import TOLERANCE_S
from detectors.trend import LEAST_NIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dashboards.web.weeks_figures import Nights, Series

MATCHED = (
    f"An entry and a contraction are matched where they lie no more than {round(TOLERANCE_S / S_PER_MIN)} min apart; "
    "neither is added to the other."
)
ASSUMES = (
    "Medians, ranges and changes are of the nights that count. The range holds the middle half of them. A change is "
    "told only where its 95 % interval leaves out 0 and 14 nights count. The interval assumes a straight line, nights "
    "of which the next resembles the last, and nights that were left out for reasons that have nothing to do with "
    "the number. Where nothing changes, one such statement in 20 would still tell of a change. Nothing here says why "
    "a number changed."
)


def counted_text(series: Series) -> str:
    """Return how many nights count, and why the others do not.

    Parameters
    ----------
    series : Series
        One number over nights.

    Returns
    -------
    str
        For example ``27 of 30 nights count. 3 do not: no valid signal (2), less than 4 h of valid signal (1).``
    """
    n_nights, n_out = len(series.whys), sum(series.left_out.values())
    if not n_out:
        return f"{_nights(n_nights)[:1].upper()}{_nights(n_nights)[1:]} {_count(n_nights)}."
    reasons = ", ".join(f"{why} ({n})" for why, n in series.left_out.items())
    do = "does" if n_out == 1 else "do"
    return f"{series.n_counted} of {_nights(n_nights)} {_count(series.n_counted)}. {n_out} {do} not: {reasons}."


def _count(n_nights: int) -> str:
    return "counts" if n_nights == 1 else "count"


def middle_text(series: Series) -> str:
    """Return the median of the nights that count and the range of their middle half."""
    low, median, high = series.middle
    text_of = series.metric.text_of
    if math.isnan(median):
        return "no valid night"
    if math.isnan(low):
        return f"median {text_of(median)}"
    return f"median {text_of(median)}, middle half {number_or(text_of, low)} to {text_of(high)}"


def number_or(text_of: Callable[[float], str], value: float) -> str:
    """Return the lower end of a range, without a unit that the upper end repeats.

    Examples
    --------
    >>> number_or(lambda value: f"{value:g} h", 3.0), number_or(lambda value: f"{value:g} h 2 min", 3.0)
    ('3', '3 h 2 min')
    """
    text = text_of(value)
    number, _, unit = text.partition(" ")
    return number if number_text(value) == number and not any(map(str.isdigit, unit)) else text


def trend_text(series: Series) -> str:
    """Return whether a number changed over the nights, with the interval of the change.

    Parameters
    ----------
    series : Series
        One number over nights.

    Returns
    -------
    str
        ``Cannot tell ...`` unless the interval leaves out 0 and at least 14 nights count; never why it changed.
    """
    found, text_of = series.trend, series.metric.text_of
    n = found.n_nights
    if math.isnan(found.per_week):
        return f"Cannot tell whether this changed: {_nights(n)} count{'s' if n == 1 else ''}, it takes {LEAST_NIGHTS}."
    if found.low == found.high == 0:
        return f"Cannot tell whether this changed: it was {text_of(found.first)} in each of {n} nights."
    interval = f"{signed(text_of, found.low)} to {signed(text_of, found.high)}"
    if not found.changed:
        return (
            f"Cannot tell whether this changed: between {interval.replace(' to ', ' and ')} a week, {n} valid nights."
        )
    first, last = (text_of(max(value, 0.0)) for value in (found.first, found.last))
    return (
        f"Changed from about {first} to about {last} over {n} valid nights: "
        f"{signed(text_of, found.per_week)} a week, 95 % interval {interval}."
    )


def signed(text_of: Callable[[float], str], value: float) -> str:
    """Return a change with its sign.

    Examples
    --------
    >>> signed("{:g} h".format, -0.5), signed("{:g} h".format, 2.0), signed("{:g} h".format, -math.inf)
    ('−0.5 h', '+2 h', 'any fall')
    """
    if math.isinf(value):
        return "any rise" if value > 0 else "any fall"
    sign = "+" if value > 0 else "\N{MINUS SIGN}" if value < 0 else ""
    return f"{sign}{text_of(abs(value))}"


def headline(cramps: Series) -> str:
    """Return the weeks in one or two sentences.

    Parameters
    ----------
    cramps : Series
        Cramp-like contractions over the nights.
    """
    values = [value for value, why in zip(cramps.values, cramps.whys, strict=True) if not why]
    if not values:
        return "No night of these had enough valid signal to count cramp-like contractions in."
    n_with = sum(value > 0 for value in values)
    if not n_with:
        return f"Cramp-like contractions: none marked in {len(values)} valid nights."
    marked = f"Cramp-like contractions were marked on {n_with} of {len(values)} valid nights"
    if not cramps.trend.changed:
        return f"{marked}. Whether they became more or fewer one cannot tell."
    first, last = (number_text(max(value, 0.0)) for value in (cramps.trend.first, cramps.trend.last))
    return f"{marked}; their count changed from about {first} to about {last} a night."


def caveats(nights: Nights) -> tuple[str, ...]:
    """Return what makes these nights hard to compare: legs, criteria, versions."""
    figures = nights.figures
    found = []
    n_one = sum(bool(one.summary.get("one_leg")) for one in figures)
    if 0 < n_one < len(figures):
        found.append(f"{_nights(n_one)} recorded one leg only, the others both: such counts cannot be compared.")
    for what, names in (
        ("criteria", [one.criteria for one in figures]),
        ("versions of the software", [one.version for one in figures]),
    ):
        counts = Counter(name or "not recorded" for name in names)
        if len(counts) > 1:
            listed = ", ".join(f"{name} ({_nights(n)})" for name, n in counts.items())
            found.append(f"Scored with different {what}: {listed}. A change may come from that.")
    return tuple(f"{text[:1].upper()}{text[1:]}" for text in found)


def diary_text(nights: Nights, cramps: Series) -> tuple[str, ...]:
    """Return the count of the sensors beside that of the diary, and the person's word on what was marked."""
    noted = [diary_cramps(one) for one in nights.figures]
    n_marked = sum(value for value, why in zip(cramps.values, cramps.whys, strict=True) if not why)
    lines = [f"Marked by the sensors: {n_marked:g} on {cramps.n_counted} valid nights."] if cramps.n_counted else []
    written = [one for one, n, why in zip(nights.figures, noted, cramps.whys, strict=True) if n and not why]
    if written:
        found = [beside_counts(one.spans, one.diary) for one in written]
        both, sensors_only, diary_only = (sum(part) for part in zip(*found, strict=True))
        lines.append(
            f"On the {_nights(len(written))} with an entry: {both} found by both, {sensors_only} by the sensors only, "
            f"{diary_only} in the diary only. {MATCHED}"
        )
    lines.append(
        "A night without an entry may be one without a cramp, or one in which nobody wrote."
        if any(noted)
        else "No cramp was noted, by button or in the diary: that does not say that there was none."
    )
    words = Counter(span.confirmed for one in nights.figures for span in one.spans if span.tier)
    if words[True] + words[False]:
        said = f"Of what was marked, you confirmed {words[True]} and denied {words[False]}"
        lines.append(f"{said}; what you denied is not counted.")
    return tuple(lines)


def in_order(kinds: Iterable[str]) -> tuple[str, ...]:
    """Return the kinds of the diary in the order in which they are shown, remedies first.

    Examples
    --------
    >>> in_order(["note", "caffeine", "remedy"])
    ('remedy', 'caffeine', 'note')
    """
    return tuple(sorted(kinds, key=lambda kind: (kind != "remedy", kind)))


def _nights(n: int) -> str:
    return "1 night" if n == 1 else f"{n} nights"

"""The numbers of many nights side by side: which nights count for which number, and why the others do not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dashboards.web.clocktime import S_PER_MIN, duration_text
from dashboards.web.diary_cramps import CRAMP, MARKER, noted_cramps
from dashboards.web.wording import number_text
from detectors.signal import NS_PER_S, Quantity
from detectors.trend import Middle, Trend, middle, trend

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from dashboards.diary import DiaryEntry
    from dashboards.weeks import NightFigures

S_PER_DAY = 86_400
NOON_S = S_PER_DAY // 2
NO_SIGNAL = "no valid signal"
TOO_SHORT = "less than 4 h of valid signal"
NOT_KNOWN = "not known"
SHORT_GRADE = "C"
"""The grade of a night with less than 4 h of valid signal: what was counted in it is no count of a night."""
_INDEX_NEEDS = "an index needs"
EXACT_BELOW_MIN = 10
CRAMPS = "cramps"
VALID_H = "valid_h"


class Metric(NamedTuple):
    """A number that is followed over weeks.

    Parameters
    ----------
    name : str
        What the answers call it: its key in the summary, or ours where it is made of several.
    title : str
        What a person calls it.
    keys : tuple of str
        Keys of the summary that it is the sum of.
    text_of : callable
        Turns a number into text with its unit.
    note : str
        What it is, in one sentence.
    """

    name: str
    title: str
    keys: tuple[str, ...]
    text_of: Callable[[float], str]
    note: str


def _with_unit(value: float, unit: str) -> str:
    return f"{number_text(value)} {unit}"


def _minutes(value: float) -> str:
    if value < EXACT_BELOW_MIN:
        return f"{number_text(value)} min"
    return duration_text(round(value) * S_PER_MIN)


_PER_HOUR = partial(_with_unit, unit="per hour")
_HOURS = partial(_with_unit, unit="h")
METRICS = (
    Metric(
        CRAMPS,
        "Cramp-like contractions",
        ("cramp_probable", "cramp_possible"),
        number_text,
        "Probable and possible ones by night, as software marked them.",
    ),
    Metric(
        "awake_after_cramps_est_min",
        "Awake after them, estimate",
        ("awake_after_cramps_est_min",),
        _minutes,
        "Wake-like activity that began within five minutes; estimated from the movement of the legs.",
    ),
    Metric(
        "waso_est_min",
        "Awake after falling asleep, estimate",
        ("waso_est_min",),
        _minutes,
        "Estimated from the movement of the legs, whatever the reason.",
    ),
    Metric(
        "plms_wasm_per_h",
        "Periodic leg movements",
        ("plms_wasm_per_h",),
        _PER_HOUR,
        "By WASM 2016. Many healthy people have some; one night can differ a lot from the next.",
    ),
    Metric(
        "longest_undisturbed_min",
        "Longest undisturbed stretch",
        ("longest_undisturbed_min",),
        _minutes,
        "Without a cramp-like event, a series, restlessness, wake or getting up.",
    ),
    Metric(
        VALID_H, "Valid signal", (VALID_H,), _HOURS, "Of the best sensor of each night: what can be compared at all."
    ),
)


@dataclass(frozen=True, slots=True)
class Nights:
    """Nights in the order of time, and what can be read off their dates.

    Parameters
    ----------
    figures : tuple of NightFigures
        Oldest first.
    days : ndarray of int64, shape (n_nights,)
        Day of the evening of each, counted from 1 January 1970 in its own local time.
    """

    figures: tuple[NightFigures, ...]
    days: NDArray[np.int64]

    @property
    def dated(self) -> tuple[tuple[NightFigures, int], ...]:
        """The nights, each with its day."""
        return tuple(zip(self.figures, self.days.tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Series:
    """One number over all nights.

    Parameters
    ----------
    metric : Metric
        What it is.
    values : ndarray of float, shape (n_nights,)
        The number of each night; nan where it has none.
    parts : ndarray of float, shape (n_parts, n_nights)
        The same by key of the summary.
    whys : tuple of str
        Why a night does not count for median and trend; empty where it does.
    middle : Middle
        Of the nights that count.
    trend : Trend
        Of the nights that count.
    """

    metric: Metric
    values: NDArray[np.float64]
    parts: NDArray[np.float64]
    whys: tuple[str, ...]
    middle: Middle
    trend: Trend

    @property
    def n_counted(self) -> int:
        """How many nights count."""
        return sum(not why for why in self.whys)

    @property
    def left_out(self) -> Mapping[str, int]:
        """Nights that do not count by reason, the most frequent one first."""
        return dict(Counter(why for why in self.whys if why).most_common())


def nights_of(figures: Sequence[NightFigures]) -> Nights:
    """Return nights with the days that they began on; the small hours belong to the evening before."""
    days = [evening_day(one.card.start_ns, one.card.utc_offset_s) for one in figures]
    return Nights(tuple(figures), np.array(days, np.int64))


def evening_day(t_ns: int, utc_offset_s: int) -> int:
    """Return the day from noon to noon that a moment lies in, counted from 1 January 1970.

    Examples
    --------
    >>> evening_day(0, 0), evening_day(13 * 3600 * 10**9, 0)
    (-1, 0)
    """
    return (t_ns // NS_PER_S + utc_offset_s - NOON_S) // S_PER_DAY


def day_text(day: int) -> str:
    """Return a day as in ``Sat 14 Mar``.

    Examples
    --------
    >>> day_text(0)
    'Thu 1 Jan'
    """
    date = datetime.fromtimestamp(day * S_PER_DAY, UTC)
    return f"{date:%a} {date.day} {date:%b}"


def series_of(nights: Nights, metric: Metric) -> Series:
    """Return one number over nights, with what its nights have in common and how it changed.

    Parameters
    ----------
    nights : Nights
        The nights.
    metric : Metric
        The number.

    Returns
    -------
    Series
        Nights without the number do not count, and nights with less than 4 h of valid signal do not either: fewer
        events in them are no fewer events a night.
    """
    parts = np.array([[_number(one, key) for one in nights.figures] for key in metric.keys]).reshape(
        len(metric.keys), len(nights.figures)
    )
    values = parts.sum(axis=0)
    whys = tuple(
        _why(one, metric, known=bool(np.isfinite(value))) for one, value in zip(nights.figures, values, strict=True)
    )
    counted = np.where(np.array([not why for why in whys], np.bool_), values, np.nan)
    return Series(metric, values, parts, whys, middle(counted), trend(nights.days, counted))


def _number(one: NightFigures, key: str) -> float:
    hours = valid_hours(one)
    value = hours if key == VALID_H else one.summary.get(key)
    if not hours:
        return np.nan
    return float(value) if isinstance(value, int | float) else np.nan


def _why(one: NightFigures, metric: Metric, *, known: bool) -> str:
    if not known and not valid_hours(one):
        return NO_SIGNAL
    if not known:
        reasons = one.summary.get("reasons")
        told = reasons if isinstance(reasons, dict) else {}
        why = next((str(told[key]) for key in metric.keys if told.get(key)), NOT_KNOWN)
        # Each night says by how much; over many nights it is one reason.
        return TOO_SHORT if _INDEX_NEEDS in why and metric.name != VALID_H else why
    is_short = one.summary.get("night_grade") == SHORT_GRADE and metric.name != VALID_H
    return TOO_SHORT if is_short else ""


def valid_hours(one: NightFigures) -> float:
    """Return the valid hours of the best sensor of a night, EMG before anything else; 0 without valid signal."""
    hours = one.summary.get(VALID_H)
    known = {name: float(value) for name, value in hours.items() if value} if isinstance(hours, dict) else {}
    emg = [value for name, value in known.items() if name.rpartition("/")[2] == Quantity.EMG]
    return max(emg or known.values(), default=0.0)


def grade(one: NightFigures) -> str:
    """Return the grade of a night; empty without valid signal."""
    return str(one.summary.get("night_grade") or "") if valid_hours(one) else ""


def diary_cramps(one: NightFigures) -> int | None:
    """Return how many cramps a person noted, by button or in words; None where nothing was noted, which is no 0."""
    return len(noted_cramps(one.diary)) or None


def other_entries(one: NightFigures) -> tuple[DiaryEntry, ...]:
    """Return what a person wrote besides cramps and markers: remedies, notes and the like."""
    return tuple(entry for entry in one.diary if entry.kind not in {MARKER, CRAMP})

"""Periods and plans as the diary tells of them."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from dashboards.comparison import MOST_NAME, Block, Period, Phase, Plan
from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dashboards.diary import DiaryEntry

    EveningOf = Callable[[int], date]

PERIOD: Final = "period"
ON: Final = "remedy_on"
OFF: Final = "remedy_off"
LASTING: Final = ("remedy", "medicine", "dose_change")
"""Kinds that are a period where they say for how long."""
H_PER_DAY: Final = 24
UNNAMED: Final = "unnamed"
_HALF_DAY_NS: Final = 12 * 3600 * NS_PER_S
_DAY: Final = timedelta(days=1)


def periods_of(entries: Iterable[DiaryEntry], evening_of: EveningOf, until: date) -> tuple[Period, ...]:
    """Return the periods that a diary tells of.

    Parameters
    ----------
    entries : iterable of DiaryEntry
        The diary.
    evening_of : callable
        Returns the evening that an instant (UTC, ns) belongs to, a day lasting from noon to noon.
    until : date
        The evening up to which what has no end has lasted.

    Returns
    -------
    tuple of Period
        By first evening. Of each plan its evenings off and its evenings on. A named period without a length ends before
        the next one. A remedy begins with the first evening after ``remedy_on`` and ends before ``remedy_off``.
    """
    ordered = sorted(entries, key=lambda entry: entry.time_ns)
    written = [entry for entry in ordered if entry.kind == PERIOD]
    plain = [entry for entry in written if "phase" not in entry.words]
    plans = (
        _plan(written, name, evening_of) for name in dict.fromkeys(_name(e) for e in written if "phase" in e.words)
    )
    planned = [plan.period(phase) for plan in plans for phase in (Phase.OFF, Phase.ON)]
    lasting = [e for e in ordered if e.kind in LASTING and e.values.get("duration_h", 0.0) >= H_PER_DAY]
    found = [
        *(period for period in planned if period is not None),
        *_named(plain, evening_of, until),
        *(_lasting(entry, evening_of) for entry in lasting),
        *_remedies(ordered, evening_of, until),
    ]
    return tuple(sorted(found, key=lambda period: (period.first, period.last, period.name)))


def plan_of(entries: Iterable[DiaryEntry], evening_of: EveningOf) -> Plan | None:
    """Return the plan whose last block is the latest one, None where a diary tells of none."""
    written = [entry for entry in entries if entry.kind == PERIOD and "phase" in entry.words]
    if not written:
        return None
    return _plan(written, _name(max(written, key=lambda entry: entry.time_ns)), evening_of)


def _plan(written: Iterable[DiaryEntry], name: str, evening_of: EveningOf) -> Plan:
    own = sorted((e for e in written if "phase" in e.words and _name(e) == name), key=lambda entry: entry.time_ns)
    return Plan(name, tuple(Block(Phase(e.words["phase"]), evening_of(e.time_ns), _n_evenings(e)) for e in own))


def _named(plain: Sequence[DiaryEntry], evening_of: EveningOf, until: date) -> Iterable[Period]:
    for entry, following in zip_longest(plain, plain[1:]):
        first = evening_of(entry.time_ns)
        if "duration_h" in entry.values:
            last = first + (_n_evenings(entry) - 1) * _DAY
        else:
            last = until if following is None else evening_of(following.time_ns) - _DAY
        yield Period(_name(entry), first, max(first, last))


def _lasting(entry: DiaryEntry, evening_of: EveningOf) -> Period:
    first = evening_of(entry.time_ns + _HALF_DAY_NS)
    return Period(_name(entry), first, first + (_n_evenings(entry) - 1) * _DAY)


def _remedies(ordered: Iterable[DiaryEntry], evening_of: EveningOf, until: date) -> Iterable[Period]:
    """Yield what was begun and ended; what begins in the morning did nothing in the night before."""
    begun: dict[str, date] = {}
    for entry in ordered:
        name = _name(entry)
        if entry.kind == ON:
            begun.setdefault(name, evening_of(entry.time_ns + _HALF_DAY_NS))
        elif entry.kind == OFF and name in begun:
            first, last = begun.pop(name), evening_of(entry.time_ns - _HALF_DAY_NS)
            if first <= last:
                yield Period(name, first, last)
    for name, first in begun.items():
        if first <= until:
            yield Period(name, first, until)


def _name(entry: DiaryEntry) -> str:
    said = entry.words.get("name") or entry.text or UNNAMED
    # Room for what a plan adds to it.
    return said[: MOST_NAME // 2]


def _n_evenings(entry: DiaryEntry) -> int:
    return max(1, round(entry.values.get("duration_h", H_PER_DAY) / H_PER_DAY))

"""When cramp-like contractions came: by the clock, and by the time since falling asleep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dashboards.web.classes import TIER_POSSIBLE
from dashboards.web.clocktime import MIN_PER_H, S_PER_H, S_PER_MIN
from dashboards.web.weeks_figures import S_PER_DAY
from detectors.events import EventKind
from detectors.signal import NS_PER_S, Leg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from dashboards.web.weeks_figures import Nights, Series
    from dashboards.weeks import EventSpan, NightFigures

N_HOURS = 24
LEAST_H = 3.0
"""An hour of the clock that fewer hours of signal fell into has a count and no shade."""
N_SHADES = 4
_NO_SIGNAL = frozenset({EventKind.SIGNAL_GAP, EventKind.NOT_WORN, EventKind.ELECTRODE_OFF})
_LEGS = (Leg.LEFT, Leg.RIGHT)


@dataclass(frozen=True, slots=True)
class HourCell:
    """One hour of the heat map.

    Parameters
    ----------
    hour : int
        Hour of the local clock, or since falling asleep, from 0.
    n : int
        Cramp-like contractions that began in it, over all nights that count.
    hours : float
        Signal that fell into it, h.
    shade : int or None
        0 (none) to 4 (the highest rate); None with too little signal for a rate.
    """

    hour: int
    n: int
    hours: float
    shade: int | None

    @property
    def text(self) -> str:
        """The hour in words."""
        return f"{self.n} in {self.hours:g} h of signal" if self.hours else "no signal"


def by_clock(nights: Nights, cramps: Series) -> tuple[HourCell, ...]:
    """Return cramp-like contractions by hour of the local clock, in the order in which a night passes them.

    Parameters
    ----------
    nights : Nights
        The nights.
    cramps : Series
        Which of them count.

    Returns
    -------
    tuple of HourCell
        From the first to the last hour with any signal, from noon on; empty without a night that counts.
    """
    n, minutes = np.zeros(N_HOURS, np.int64), np.zeros(N_HOURS)
    for one, why in zip(nights.figures, cramps.whys, strict=True):
        if not why:
            hours = _seen_hours(one)
            minutes += np.bincount(hours, minlength=N_HOURS)
            for span in one.spans:
                if span.tier >= TIER_POSSIBLE and span.confirmed is not False:
                    n[_hour_of(span.onset_ns, one)] += 1
    # A night begins in the evening: noon is where one ends and the next begins.
    order = np.roll(np.arange(N_HOURS), -N_HOURS // 2)
    seen = np.flatnonzero(minutes[order])
    if not len(seen):
        return ()
    kept = order[seen[0] : seen[-1] + 1]
    return _cells(kept.tolist(), n[kept], minutes[kept] / MIN_PER_H)


def since_sleep_onset(nights: Nights, cramps: Series) -> tuple[tuple[HourCell, ...], int]:
    """Return cramp-like contractions by hour since falling asleep, as estimated, and how many nights tell it.

    Parameters
    ----------
    nights : Nights
        The nights.
    cramps : Series
        Which of them count.

    Returns
    -------
    cells : tuple of HourCell
        From hour 0 on; empty where no night tells when sleep began.
    n_nights : int
        Nights that do.
    """
    n, hours, n_nights = np.zeros(N_HOURS, np.int64), np.zeros(N_HOURS), 0
    for one, why in zip(nights.figures, cramps.whys, strict=True):
        rows = () if why else _since_onset(one)
        n_nights += bool(rows)
        for row in rows:
            hour = int(row["hour"])
            if 0 <= hour < N_HOURS:
                n[hour] += int(row["cramps"])
                hours[hour] += row["valid_h"]
    last = np.flatnonzero(hours)
    if not len(last):
        return (), 0
    kept = np.arange(last[-1] + 1)
    return _cells(kept.tolist(), n[kept], hours[kept]), n_nights


def _since_onset(one: NightFigures) -> Sequence[Mapping[str, float]]:
    """Return the hours of a night from the onset of sleep on; nothing where its summary counts from the begin."""
    key = {"estimate": "by_hour_est", "stages": "by_hour"}.get(str(one.summary.get("sleep_basis")), "")
    rows = one.summary.get(key)
    return rows if isinstance(rows, list) else ()


def _cells(hours: Sequence[int], n: NDArray[np.int64], signal_h: NDArray[np.float64]) -> tuple[HourCell, ...]:
    enough = signal_h >= LEAST_H
    rates = np.divide(n, signal_h, out=np.zeros(len(n)), where=enough)
    highest = rates.max(initial=0.0)
    shades = np.ceil(N_SHADES * rates / highest) if highest > 0 else rates
    return tuple(
        HourCell(hour, int(count), round(float(hours_h), 1), int(shade) if told else None)
        for hour, count, hours_h, shade, told in zip(hours, n, signal_h, shades, enough, strict=True)
    )


def _hour_of(t_ns: int, one: NightFigures) -> int:
    return (t_ns // NS_PER_S + one.card.utc_offset_s) % S_PER_DAY // S_PER_H


def _seen_hours(one: NightFigures) -> NDArray[np.int64]:
    """Return the hour of the clock of each minute in which a sensor of at least one leg gave a signal."""
    card = one.card
    n_minutes = max(0, (card.end_ns - card.start_ns) // NS_PER_S // S_PER_MIN)
    silent = {leg: np.zeros(n_minutes, np.bool_) for leg in _LEGS}
    for span in one.spans:
        if span.kind in _NO_SIGNAL:
            first, stop = (_minute_of(t_ns, card.start_ns) for t_ns in (span.onset_ns, span.end_ns))
            for leg in _legs_of(span, one_leg=bool(one.summary.get("one_leg"))):
                silent[leg][max(first, 0) : max(stop, 0)] = True
    seen = np.flatnonzero(~np.logical_and(*silent.values()))
    start_s = card.start_ns // NS_PER_S + card.utc_offset_s
    return (start_s + seen * S_PER_MIN) % S_PER_DAY // S_PER_H


def _legs_of(span: EventSpan, *, one_leg: bool) -> tuple[Leg, ...]:
    """Return the legs that a stretch without signal concerns; the only leg that is worn is both."""
    return _LEGS if one_leg or span.leg not in _LEGS else (span.leg,)


def _minute_of(t_ns: int, start_ns: int) -> int:
    return (t_ns - start_ns) // NS_PER_S // S_PER_MIN

"""How a sensor did in numbers: battery, link, loss, clock and signal strength; nothing where nothing was said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dashboards.web.clocktime import MIN_PER_H, S_PER_MIN
from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from dashboards.sensor_report import SensorReport

LEAST_BATTERY_H = 2.0
"""A shorter time tells little of what a night takes."""
LEAST_FALL_PCT = 3.0
"""Sensors tell whole percents, some of them tens: a smaller fall is no rate."""
FULL_PCT = 100.0
WEAK_PERCENTILE = 5.0
WEAK_DBM = -80.0
"""Below this a small radio loses packets through a blanket or a turned body; ours."""


class Battery(NamedTuple):
    """The charge of a battery through a night.

    Parameters
    ----------
    first_pct, last_pct : float
        The first and the last that the sensor said, percent.
    last_minute : int
        Minute of the last word.
    per_h_pct : float or None
        What an hour took, percentage points; None where it did not fall by enough to tell.
    """

    first_pct: float
    last_pct: float
    last_minute: int
    per_h_pct: float | None

    @property
    def left_h(self) -> float | None:
        """How much longer it would have lasted at this rate, h."""
        return None if self.per_h_pct is None else self.last_pct / self.per_h_pct

    @property
    def full_h(self) -> float | None:
        """How long a full battery lasts at this rate, h."""
        return None if self.per_h_pct is None else FULL_PCT / self.per_h_pct


class Silence(NamedTuple):
    """The longest time without a packet: how long, s, and in which minute of the report it ended."""

    lasted_s: float
    minute: int


class Lost(NamedTuple):
    """What is missing for one reason: how many stretches, and how long they are together, s."""

    n: int
    total_s: float


@dataclass(frozen=True, slots=True)
class SensorFigures:
    """One sensor through one night in numbers; None is what nobody said.

    Parameters
    ----------
    delivered : bool
        Whether a single sample arrived, as far as is known; without one there are no numbers of samples.
    n_minutes : int
        Minutes of which the link is known.
    battery : Battery or None
        Charge.
    linked_share : float or None
        Share of these minutes with a link, 0 to 1.
    silence : Silence or None
        Longest time without a packet while linked, in a stretch of minutes.
    received_share : float or None
        Share of the expected samples that arrived, 0 to 1.
    n_lost, n_resent, links_lost : int or None
        Samples that are missing, samples that came when they were sent again, and how often the link was lost.
    clock_ppm : float or None
        How much faster the clock of the sensor ran than that of this computer, parts per million.
    rssi_dbm, weak_rssi_dbm : float or None
        Signal strength, median, and what 5 % of the minutes were below, dBm.
    lost : mapping of str to Lost
        What is missing by cause, most first.
    """

    delivered: bool
    n_minutes: int
    battery: Battery | None
    linked_share: float | None
    silence: Silence | None
    received_share: float | None
    n_lost: int | None
    n_resent: int | None
    links_lost: int | None
    clock_ppm: float | None
    rssi_dbm: float | None
    weak_rssi_dbm: float | None
    lost: Mapping[str, Lost]


def figures_of(report: SensorReport) -> SensorFigures:
    """Return a report in numbers.

    Parameters
    ----------
    report : SensorReport
        What is known of the sensor.

    Returns
    -------
    SensorFigures
        A sensor that delivered nothing has no numbers of samples, clock or strength.
    """
    account = report.account
    linked, rssi = (_column(report, name) for name in ("linked_share", "rssi_dbm"))
    known, strengths = linked[np.isfinite(linked)], rssi[np.isfinite(rssi)]
    expected, received = account.get("n_expected"), account.get("n_received")
    delivered = received != 0 and bool(received or np.any(known > 0))
    return SensorFigures(
        delivered=delivered,
        n_minutes=len(known),
        battery=battery_of(report),
        linked_share=float(known.mean()) if len(known) else None,
        silence=_silence(_column(report, "longest_silence_s"), linked) if delivered else None,
        received_share=received / expected if delivered and expected and received is not None else None,
        n_lost=_whole(account, "n_lost") if delivered else None,
        n_resent=_whole(account, "n_resent") if delivered else None,
        links_lost=_whole(account, "links_lost"),
        clock_ppm=account.get("clock_slope_ppm") if delivered else None,
        rssi_dbm=float(np.median(strengths)) if len(strengths) else None,
        weak_rssi_dbm=float(np.percentile(strengths, WEAK_PERCENTILE)) if len(strengths) else None,
        lost=_lost(report),
    )


def _column(report: SensorReport, name: str) -> NDArray[np.float64]:
    return np.asarray(report.minutes.get(name, ()), np.float64)


def _whole(account: Mapping[str, float], name: str) -> int | None:
    return round(account[name]) if name in account else None


def is_charge(level_pct: float) -> bool:
    """Return whether a number can be a charge: some sensors say 255 or less than nothing where they do not know.

    Examples
    --------
    >>> is_charge(80.0), is_charge(255.0), is_charge(-1.0)
    (True, False, False)
    """
    return 0.0 <= level_pct <= FULL_PCT


def battery_of(report: SensorReport) -> Battery | None:
    """Return the charge of a sensor through the night, or None where it said none.

    Parameters
    ----------
    report : SensorReport
        What is known of the sensor.
    """
    levels = _column(report, "battery_pct")
    told = np.array([minute for minute, level in enumerate(levels.tolist()) if is_charge(level)], np.int64)
    if not len(told):
        return None
    known = levels[told]
    first, last = float(known[0]), float(known[-1])
    hours = told / MIN_PER_H
    long_enough = hours[-1] - hours[0] >= LEAST_BATTERY_H and first - last >= LEAST_FALL_PCT
    per_h = -float(np.polyfit(hours, known, 1)[0]) if long_enough else 0.0
    return Battery(first, last, int(told[-1]), per_h if per_h > 0 else None)


def _silence(longest_s: NDArray[np.float64], linked: NDArray[np.float64]) -> Silence | None:
    """Return the longest silence; minutes without any packet add up, with or without a link."""
    n_minutes = max(len(longest_s), len(linked))
    if not n_minutes or not np.any(np.isfinite(longest_s)):
        return None
    silences = np.full(n_minutes, np.nan)
    silences[: len(longest_s)] = longest_s
    away = np.zeros(n_minutes, np.bool_)
    away[: len(linked)] = linked == 0
    run_s, best = 0.0, Silence(0.0, 0)
    for minute, (silence_s, is_away) in enumerate(zip(silences.tolist(), away.tolist(), strict=True)):
        run_s = run_s + S_PER_MIN if is_away or silence_s >= S_PER_MIN else 0.0
        longest = max(run_s, silence_s if np.isfinite(silence_s) else 0.0)
        if longest > best.lasted_s:
            best = Silence(longest, minute)
    return best


def _lost(report: SensorReport) -> Mapping[str, Lost]:
    found: dict[str, list[float]] = {}
    for span in report.missing:
        found.setdefault(span.cause, []).append((span.end_ns - span.onset_ns) / NS_PER_S)
    sums = {cause: Lost(len(lengths), sum(lengths)) for cause, lengths in found.items()}
    return dict(sorted(sums.items(), key=lambda item: -item[1].total_s))

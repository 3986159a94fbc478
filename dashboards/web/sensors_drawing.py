"""The pictures of a sensor's night as SVG paths: link and gaps as a strip, battery and signal strength as lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dashboards.web.clocktime import S_PER_H, S_PER_MIN
from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dashboards.book import NightCard
    from dashboards.sensor_report import SensorReport

WIDTH = 1200
HEIGHT = 100
LANE = 10
LEAST = 2
"""Least width of a gap in the strip, of 1200: 36 s of ten hours."""
FULL_LINK = 0.999
WEAKEST_DBM, STRONGEST_DBM = -100.0, -30.0
_LANES = ("linked", "partly", "unlinked")


class Strip(NamedTuple):
    """One class of marks of the strip: its name, which is its CSS class as well, and the path."""

    name: str
    d: str


@dataclass(frozen=True, slots=True)
class SensorPicture:
    """What is drawn of a sensor; x is 0 to 1200 from the begin of the night to its end.

    Parameters
    ----------
    link : tuple of Strip
        Minutes by their link.
    gaps : tuple of Strip
        What is missing, by cause.
    battery : str
        Line of the charge, 0 to 100 %; empty where nothing is known.
    rssi : str
        Line of the signal strength, -100 to -30 dBm; empty where nothing is known.
    hours : tuple of tuple
        x and local hour of each full hour.
    """

    link: tuple[Strip, ...]
    gaps: tuple[Strip, ...]
    battery: str
    rssi: str
    hours: tuple[tuple[float, str], ...]


def picture_of(report: SensorReport, card: NightCard) -> SensorPicture:
    """Return what to draw of a sensor.

    Parameters
    ----------
    report : SensorReport
        What is known of it.
    card : NightCard
        The night.

    Returns
    -------
    SensorPicture
        Empty paths where nothing is known.
    """
    span_s = max((card.end_ns - card.start_ns) / NS_PER_S, float(S_PER_MIN))
    per_s = WIDTH / span_s
    begin_s = (report.start_ns - card.start_ns) / NS_PER_S
    return SensorPicture(
        _link(report, begin_s, per_s),
        _gaps(report, card, per_s),
        _line(_column(report, "battery_pct"), begin_s, per_s, (0.0, 100.0)),
        _line(_column(report, "rssi_dbm"), begin_s, per_s, (WEAKEST_DBM, STRONGEST_DBM)),
        _hours(card, span_s),
    )


def _column(report: SensorReport, name: str) -> NDArray[np.float64]:
    return np.asarray(report.minutes.get(name, ()), np.float64)


def _link(report: SensorReport, begin_s: float, per_s: float) -> tuple[Strip, ...]:
    share = _column(report, "linked_share")
    which = (share >= FULL_LINK, (share > 0) & (share < FULL_LINK), share == 0)
    found = []
    for name, minutes in zip(_LANES, which, strict=True):
        edges = np.flatnonzero(np.diff(np.concatenate(([False], minutes, [False])))).reshape(-1, 2)
        d = "".join(
            _box(begin_s + first * S_PER_MIN, begin_s + stop * S_PER_MIN, per_s) for first, stop in edges.tolist()
        )
        if d:
            found.append(Strip(name, d))
    return tuple(found)


def _gaps(report: SensorReport, card: NightCard, per_s: float) -> tuple[Strip, ...]:
    by_cause: dict[str, list[str]] = {}
    for span in report.missing:
        edges_s = [(t_ns - card.start_ns) / NS_PER_S for t_ns in (span.onset_ns, span.end_ns)]
        by_cause.setdefault(span.cause, []).append(_box(edges_s[0], edges_s[1], per_s))
    return tuple(Strip(cause or "unknown", "".join(parts)) for cause, parts in by_cause.items())


def _box(onset_s: float, end_s: float, per_s: float) -> str:
    first = min(max(onset_s * per_s, 0.0), float(WIDTH - LEAST))
    width = max(min(end_s * per_s, float(WIDTH)) - first, float(LEAST))
    return f"M{first:.1f} 0h{width:.1f}v{LANE}h-{width:.1f}z"


def _line(values: NDArray[np.float64], begin_s: float, per_s: float, limits: tuple[float, float]) -> str:
    """Return a line through the middle of each minute, lifted where a minute is not known."""
    low, high = limits
    parts, drawing = [], False
    for minute, value in enumerate(values.tolist()):
        if not np.isfinite(value):
            drawing = False
            continue
        x = (begin_s + (minute + 0.5) * S_PER_MIN) * per_s
        y = HEIGHT * (1 - (min(max(value, low), high) - low) / (high - low))
        parts.append(f"{'L' if drawing else 'M'}{x:.1f} {y:.1f}{'' if drawing else 'h0'}")
        drawing = True
    return "".join(parts)


def _hours(card: NightCard, span_s: float) -> tuple[tuple[float, str], ...]:
    start_s = card.start_ns // NS_PER_S + card.utc_offset_s
    first = -start_s % S_PER_H
    n_hours = int((span_s - first) // S_PER_H) + 1
    at_s = [first + hour * S_PER_H for hour in range(n_hours)]
    return tuple((round(WIDTH * s / span_s, 1), f"{(start_s + s) // S_PER_H % 24:02d}") for s in at_s)

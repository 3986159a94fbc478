"""Does a sensor's battery last the night: by what earlier nights took of it, or by half a charge."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.signal import NS_PER_S, S_PER_H
from ingest.decoders.base import StatusKind
from ingest.night.entries import TopicKind
from ingest.night.journal import Journal
from soleus.nights import all_nights, journal_path
from soleus.verdicts import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ingest.decoders.base import Status
    from ingest.night.entries import Entry
    from soleus.settings import Settings

# Of one lithium cell: half of its charge is left at about 3.8 V, next to nothing at 3.5 V. Where nothing is known of a
# sensor's use, half a charge is asked for. All of these numbers are ours.
_HALF: Final = {"battery_pct": 50.0, "battery_mv": 3800.0}
_LOW: Final = {"battery_pct": 20.0, "battery_mv": 3600.0}
_EMPTY: Final = {"battery_pct": 5.0, "battery_mv": 3500.0}
# A night takes as much as the last ones did, give or take this.
_RESERVE: Final = 1.25
# Of so many nights the newest that is long enough tells the use; a shorter one tells little.
_NIGHTS, _LEAST_H = 5, 2.0
_CHARGE: Final = "charge it before the night; never while it is worn"


@dataclass(frozen=True, slots=True)
class Use:
    """What a night takes of a battery.

    Parameters
    ----------
    measure : str
        ``battery_pct`` or ``battery_mv``.
    per_h : float
        How much of it in an hour; positive.
    """

    measure: str
    per_h: float


def use_of(settings: Settings, sensor: str) -> Use | None:
    """Return what the last long night took of a sensor's battery.

    Parameters
    ----------
    settings : Settings
        Where nights are kept.
    sensor : str
        The sensor.

    Returns
    -------
    Use or None
        None if no night tells, or the battery was charged in it.
    """
    path = journal_path(settings)
    if not path.is_file():
        return None
    with Journal(path) as journal:
        for folder in itertools.islice(all_nights(settings), _NIGHTS):
            info = folder.read_info()
            entries = journal.entries(TopicKind.HEALTH, info.person, info.night, "")
            use = _use(entry for entry in entries if entry.body["sensor"] == sensor)
            if use is not None:
                return use
    return None


def _use(entries: Iterable[Entry]) -> Use | None:
    levels = [entry.body for entry in entries if entry.body["kind"] == StatusKind.BATTERY]
    for measure in _EMPTY:
        known = [(body["time_ns"], _number(body["values"], measure)) for body in levels]
        told = np.array([point for point in known if point[1] is not None], np.float64)
        if len(told) < 2:  # noqa: PLR2004 - a slope takes two points
            continue
        hours = (told[:, 0] - told[:, 0].min()) / NS_PER_S / S_PER_H
        if hours.max() >= _LEAST_H:
            per_h = -float(np.polyfit(hours, told[:, 1], 1)[0])
            return Use(measure, per_h) if per_h > 0 else None
    return None


def _number(values: object, key: str) -> float | None:
    number = values.get(key) if isinstance(values, dict) else None
    return float(number) if isinstance(number, int | float) else None


def judge_battery(statuses: Sequence[Status], hours: float, use: Use | None = None) -> Finding:
    """Judge what a sensor says of its battery.

    Parameters
    ----------
    statuses : sequence of Status
        What it said; the last level counts.
    hours : float
        Length of the night to come, h.
    use : Use, optional
        What a night takes; half a charge is asked for where it is not known.
    """
    last: dict[str, float] = {}
    for status in statuses:
        if status.kind is StatusKind.BATTERY:
            last |= status.values
    if use is not None and use.measure in last:
        return _by_use(last, use, hours)
    measure = next((key for key in _EMPTY if key in last), None)
    if measure is None:
        return Finding("battery", Verdict.UNKNOWN, "the sensor does not say", "charge it every evening")
    level, seen = last[measure], _shown(measure, last[measure])
    ahead = f"{hours:g} h lie ahead, use not known yet"
    if level >= _HALF[measure]:
        return Finding("battery", Verdict.OK, f"{seen}, half full or more; {ahead}", "", last)
    if level >= _LOW[measure]:
        return Finding("battery", Verdict.WARNING, f"{seen}, less than half; {ahead}", _CHARGE, last)
    return Finding("battery", Verdict.WRONG, f"{seen}, nearly empty; {ahead}", _CHARGE, last)


def _by_use(last: dict[str, float], use: Use, hours: float) -> Finding:
    left_h = max((last[use.measure] - _EMPTY[use.measure]) / use.per_h, 0.0)
    shown = _shown(use.measure, last[use.measure])
    seen = f"{shown}, lasts about {left_h:.0f} h as in the last night; {hours:g} h lie ahead"
    values = {**last, "left_h": round(left_h, 1)}
    if left_h >= _RESERVE * hours:
        return Finding("battery", Verdict.OK, seen, "", values)
    verdict = Verdict.WARNING if left_h >= hours else Verdict.WRONG
    return Finding("battery", verdict, seen, _CHARGE, values)


def _shown(measure: str, level: float) -> str:
    return f"{level:.0f} %" if measure == "battery_pct" else f"{level / 1000:.2f} V"

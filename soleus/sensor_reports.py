"""How each sensor of a night did: by minute from the journal, in sum from the certificate."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import nlargest
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboards.sensor_report import MissingSpan, SensorReport
from detectors.channels import worn_name
from detectors.signal import NS_PER_S
from ingest.decoders.base import StatusKind
from ingest.night.minutes import MINUTE_NS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from dashboards.book import SensorView
    from detectors.events import Event
    from ingest.night.entries import Entry
    from ingest.night.folder import NightSensor

MOST_MISSING = 2000
"""Stretches that are listed of a sensor, the longest: a page draws no more."""
_SAID = ("battery_pct", "linked_share", "rssi_dbm", "longest_silence_s")
_LOST = "lost_share"
NOT_SAID = ""
"""The cause of what is missing while the night runs: the certificate settles it."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a night says about its sensors.

    Parameters
    ----------
    start_ns : int
        UTC of its start, ns.
    health : sequence of Entry
        What the sensors said about themselves.
    gaps : sequence of Event
        The ``signal_gap`` events, which tell what is missing where there is no certificate.
    certificate : mapping
        The completeness certificate; empty before the final word.
    worn : tuple of str
        Names of all sensors of the night.
    """

    start_ns: int
    health: Sequence[Entry]
    gaps: Sequence[Event]
    certificate: Mapping[str, Any]
    worn: tuple[str, ...] = ()


def sensor_report(view: SensorView, worn: NightSensor, told: Told) -> SensorReport:
    """Return how one sensor did.

    Parameters
    ----------
    view : SensorView
        Name, leg and site.
    worn : NightSensor
        What it is.
    told : Told
        What the night says.

    Returns
    -------
    SensorReport
        Its minutes are those that the journal still keeps; ``lost_share`` is what came less than the nominal rate asks
        for. What is missing is that of its least complete stream, the 2000 longest stretches.
    """
    rows = [
        entry.body
        for entry in told.health
        if (entry.body["sensor"], entry.body["kind"]) == (worn.name, StatusKind.MINUTE)
    ]
    start_ns, minutes = _minutes(rows) if rows else (told.start_ns, {})
    stated = next((one for one in told.certificate.get("sensors", ()) if one["sensor"] == worn.name), None)
    if stated is None:
        account = _so_far(rows)
        missing = [MissingSpan(gap.onset_ns, gap.end_ns, NOT_SAID) for gap in told.gaps if _is_of(gap, worn.name, told)]
    else:
        account, missing = _account(stated), _all_missing(stated, told.certificate)
    return SensorReport(view, worn.device, start_ns, minutes, account, _longest(missing))


def _minutes(rows: Sequence[Mapping[str, Any]]) -> tuple[int, dict[str, NDArray[np.float32]]]:
    """Return the UTC of the first minute, ns, and what was said by minute; NaN where nothing was."""
    start_ns = min(row["time_ns"] for row in rows)
    n_minutes = max(row["time_ns"] - start_ns for row in rows) // MINUTE_NS + 1
    columns = {name: np.full(n_minutes, np.nan, dtype=np.float32) for name in (*_SAID, _LOST)}
    for row in rows:
        minute, values = (row["time_ns"] - start_ns) // MINUTE_NS, row["values"]
        for name in _SAID:
            if name in values:
                columns[name][minute] = values[name]
        if values.get("n_expected"):
            columns[_LOST][minute] = max(0.0, 1 - values["n_received"] / values["n_expected"])
    return start_ns, {name: values for name, values in columns.items() if not np.isnan(values).all()}


def _so_far(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return the sums of the minutes; what counts as resent, or how the clock runs, is known at the end."""
    if not rows:
        return {}
    n_expected, n_received = (
        sum(row["values"].get(name, 0.0) for row in rows) for name in ("n_expected", "n_received")
    )
    return {"n_expected": n_expected, "n_received": n_received, "n_lost": max(0.0, n_expected - n_received)}


def _account(stated: Mapping[str, Any]) -> dict[str, float]:
    streams = stated["streams"]
    links_lost = float(len(stated["link_losses"]))
    if not streams:
        # It was never heard: nobody knows at which rate it would have measured.
        return {"links_lost": links_lost}
    account = {
        "n_expected": sum(stream["expected"] for stream in streams),
        "n_received": sum(stream["received"] for stream in streams),
        "n_resent": sum(stream["recovered_at_once"] + stream["recovered_late"] for stream in streams),
        "n_lost": sum(stream["missing"] for stream in streams),
    }
    clock = _clock(streams)
    known = {} if clock is None else {"clock_slope_ppm": clock}
    return {**{name: float(value) for name, value in account.items()}, "links_lost": links_lost, **known}


def _clock(streams: Iterable[Mapping[str, Any]]) -> float | None:
    """Return how a sensor's clock runs against this computer's, ppm, by the longest segment whose time was fitted."""
    fitted = [
        (segment["end_ns"] - segment["start_ns"], float(segment["clock"]["slope_ppm"]))
        for stream in streams
        for segment in stream["segments"]
        if segment.get("clock", {}).get("n_minima")
    ]
    return max(fitted)[1] if fitted else None


def _all_missing(stated: Mapping[str, Any], certificate: Mapping[str, Any]) -> list[MissingSpan]:
    worst = min(stated["streams"], key=_share, default=None)
    if worst is None:
        return [MissingSpan(certificate["start_ns"], certificate["end_ns"], cause) for cause in stated["missing_s"]]
    return [_missing(gap) for gap in worst["gaps"]]


def _missing(gap: Mapping[str, Any]) -> MissingSpan:
    end_ns = gap["start_ns"] + round(gap["length_s"] * NS_PER_S)
    return MissingSpan(gap["start_ns"], end_ns, gap["cause"])


def _longest(missing: Iterable[MissingSpan]) -> tuple[MissingSpan, ...]:
    kept = nlargest(MOST_MISSING, missing, key=lambda span: span.end_ns - span.onset_ns)
    return tuple(sorted(kept, key=lambda span: span.onset_ns))


def _share(stream: Mapping[str, Any]) -> float:
    expected = stream["expected"]
    return float(stream["received"] / expected) if expected else 0.0


def _is_of(gap: Event, sensor: str, told: Told) -> bool:
    return worn_name(gap.sensor, told.worn or (sensor,)) == sensor

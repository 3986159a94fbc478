"""The completeness certificate of a night: what should have come, what came, and why the rest did not.

**Expected** is what each sensor counted from its first to its last sample. Where nobody counted (from the start of the
night to the first sample, between two segments, and from the last sample to the end of the night unless the sensor was
stopped then) it is that time at the nominal rate. What was received and what is missing are counted on their own, and
``unexplained`` is what they leave over: 0.

The certificate holds the SHA-256 of every other file of the night, so that a night that was changed afterwards shows.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from heapq import nlargest
from itertools import combinations
from typing import TYPE_CHECKING, Any

from detectors.signal import NS_PER_S, S_PER_H
from ingest.night.losses import Cause
from ingest.night.verdict import night_verdict, sensor_verdict, share, verdict
from ingest.stream_key import stream_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from detectors.signal import Stream
    from ingest.envelope import ClockQuality
    from ingest.night.folder import NightInfo, NightSensor
    from ingest.night.ledger import NightLedger
    from ingest.night.losses import Loss
    from ingest.night.sensor_ledger import LinkLoss, SensorLedger
    from ingest.night.stream_ledger import StreamCount
    from ingest.stream_key import StreamKey

CERTIFICATE_FORMAT = 1
FILES = ("packets.log", "night.json", "events.json", "epochs.json", "summary.json", "config.json")
"""What the certificate vouches for."""
MOST_LISTED = 20_000
"""Gaps of a stream that are listed one by one, the longest; a night with more has lost every twentieth packet."""


@dataclass(frozen=True, slots=True)
class Account:
    """What the certificate is made from.

    Parameters
    ----------
    ledger : NightLedger
        The account that the events of the night rest on.
    clocks : mapping of Stream to ClockQuality
        How well the time of each segment is known.
    recovered : mapping of StreamKey to int
        Samples that a sensor sent again and that came in time to be used at once.
    first : NightLedger, optional
        The account of the first reading, if late samples made a second one necessary.
    version : str
        Version of the program that accounts.
    """

    ledger: NightLedger
    clocks: Mapping[Stream, ClockQuality] = field(default_factory=dict)
    recovered: Mapping[StreamKey, int] = field(default_factory=dict)
    first: NightLedger | None = None
    version: str = ""


def certificate(info: NightInfo, account: Account) -> dict[str, Any]:
    """Return the certificate of a night, without the files.

    Parameters
    ----------
    info : NightInfo
        Whose night it is and what was worn.
    account : Account
        What came and what did not.

    Returns
    -------
    dict
        As ``certificate.json`` keeps it; ``docs/night-folder.md`` describes it.
    """
    ledger = account.ledger
    start_ns, end_ns = ledger.span_ns
    counts = ledger.counts()
    early = (
        {} if account.first is None else {stream_key(count.stream): count.received for count in account.first.counts()}
    )
    worn = {sensor.name: sensor for sensor in info.sensors}
    sensors = []
    for name, sensor in ledger.sensors.items():
        mine = [count for count in counts if count.stream.sensor == name]
        streams = [_stream(count, account, early) for count in mine]
        sensors.append(
            {
                **_worn(name, worn.get(name)),
                "verdict": sensor_verdict(mine),
                **_time(mine, sensor, (end_ns - start_ns) / NS_PER_S),
                **_told(sensor),
                "streams": streams,
            }
        )
    return {
        "format": CERTIFICATE_FORMAT,
        "version": account.version,
        "night": info.night,
        "person": info.person,
        "speed": info.speed,
        "start_ns": start_ns,
        "end_ns": end_ns,
        "utc_offset_s": info.utc_offset_s,
        "ended_on_purpose": ledger.ended,
        "verdict": night_verdict(tuple(ledger.sensors), counts),
        "sensors": sensors,
        "recovery_steps": dict(sorted(ledger.steps.items())),
        "drift": _drifts(account.clocks),
        "pauses": [{"start_ns": p.start_ns, "end_ns": p.end_ns, "cause": str(p.cause)} for p in ledger.pauses],
        "clock_jumps": [{"time_ns": jump.t_ns, "by_s": jump.by_ns / NS_PER_S} for jump in ledger.jumps],
        "second_reading": account.first is not None,
    }


def file_hashes(folder: Path) -> dict[str, dict[str, Any]]:
    """Return SHA-256 and size of the files of a night that are there."""
    found = {}
    for name in FILES:
        path = folder / name
        if path.is_file():
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            found[name] = {"sha256": digest, "bytes": path.stat().st_size}
    return found


def changed_files(folder: Path, stored: Mapping[str, Any]) -> list[str]:
    """Compare a night's files with its certificate.

    Parameters
    ----------
    folder : Path
        The night.
    stored : mapping
        Its certificate.

    Returns
    -------
    list of str
        One line for each file that is missing or another one.
    """
    now = file_hashes(folder)
    lines = []
    for name, was in stored["files"].items():
        if name not in now:
            lines.append(f"{name}: is missing, expected {was['bytes']} bytes")
        elif now[name]["sha256"] != was["sha256"]:
            lines.append(f"{name}: SHA-256 is {now[name]['sha256']}, expected {was['sha256']}")
    return lines


def _worn(name: str, sensor: NightSensor | None) -> dict[str, Any]:
    if sensor is None:
        return {"sensor": name}
    return {"sensor": name, "device": sensor.device, "leg": str(sensor.leg), "site": sensor.site}


def _time(counts: Sequence[StreamCount], sensor: SensorLedger, night_s: float) -> dict[str, Any]:
    """Return how long a sensor should have delivered, and what of it is missing of its least complete stream, and why.

    A sensor that was never heard has no stream and no rate, and the whole night is missing.
    """
    if not counts:
        cause = Cause.SILENCE if sensor.was_linked else Cause.START
        missing_s = {str(cause): round(night_s, 3)}
        return {"expected_s": round(night_s, 3), "missing_s": missing_s}
    worst = min(counts, key=share)
    by_cause = _by_cause(worst.losses)
    missing_s = {cause: round(lost["n_missing"] / worst.rate_hz, 3) for cause, lost in by_cause.items()}
    return {"expected_s": round(worst.expected / worst.rate_hz, 3), "missing_s": missing_s}


def _told(sensor: SensorLedger) -> dict[str, Any]:
    """Return everything about a sensor that is no sample."""
    return {
        "packets": {
            "notifications": sensor.n_notifications,
            "bytes": sensor.n_bytes,
            **{str(kind): n for kind, n in sorted(sensor.counts.items())},
        },
        "link_losses": [_link_loss(loss) for loss in sensor.true_losses],
        "recovery_steps": dict(sorted(sensor.steps.items())),
        "battery": {
            "start": {what: readings[0].value for what, readings in sorted(sensor.batteries.items())},
            "end": {what: readings[-1].value for what, readings in sorted(sensor.batteries.items())},
        },
    }


def _link_loss(loss: LinkLoss) -> dict[str, Any]:
    return {"time_ns": loss.down_ns, "reason": loss.reason, "links": loss.n_links, "away_s": loss.away_s}


def _stream(count: StreamCount, account: Account, early: Mapping[StreamKey, int]) -> dict[str, Any]:
    stream, key = count.stream, stream_key(count.stream)
    return {
        "quantity": str(stream.quantity),
        "unit": str(stream.unit),
        "axes": list(stream.axes),
        "fs_hz": stream.fs_hz,
        "expected": count.expected,
        "received": count.received,
        "missing": count.missing,
        "unexplained": count.unexplained,
        "recovered_at_once": account.recovered.get(key, 0),
        "recovered_late": max(0, count.received - early.get(key, count.received)),
        "verdict": verdict(count),
        "by_cause": _by_cause(count.losses),
        "by_hour": [
            {"hour": hour, "expected": n.received + n.missing, "received": n.received, "missing": n.missing}
            for hour, n in count.hours.items()
        ],
        **_gaps(count.losses),
        "segments": [
            {
                "segment": segment.number,
                "first_sample": segment.first,
                "n_samples": segment.stop - segment.first,
                "start_ns": segment.start_ns,
                "end_ns": segment.end_ns,
                **_clock(account.clocks, stream, segment.number),
            }
            for segment in count.segments
        ],
    }


def _gaps(losses: Sequence[Loss]) -> dict[str, Any]:
    """Return the list of gaps by start, and how many it leaves out."""
    listed = sorted(nlargest(MOST_LISTED, losses, key=lambda loss: loss.length_ns))
    left_out = len(losses) - len(listed)
    n_missing = sum(loss.n_missing for loss in losses) - sum(loss.n_missing for loss in listed)
    return {
        "gaps": [_loss(loss) for loss in listed],
        "shorter_gaps": {"gaps": left_out, "n_missing": n_missing},
    }


def _loss(loss: Loss) -> dict[str, Any]:
    return {
        "start_ns": loss.start_ns,
        "length_s": round(loss.length_ns / NS_PER_S, 3),
        "n_missing": loss.n_missing,
        "cause": str(loss.cause),
        "counted": loss.counted,
    }


def _by_cause(losses: Iterable[Loss]) -> dict[str, dict[str, Any]]:
    found: dict[Cause, list[Loss]] = {}
    for loss in losses:
        found.setdefault(loss.cause, []).append(loss)
    return {
        str(cause): {
            "gaps": len(found[cause]),
            "n_missing": sum(loss.n_missing for loss in found[cause]),
            "longest_s": round(max(loss.length_ns for loss in found[cause]) / NS_PER_S, 3),
        }
        for cause in Cause
        if cause in found
    }


def _clock(clocks: Mapping[Stream, ClockQuality], stream: Stream, segment: int) -> dict[str, Any]:
    for known, quality in clocks.items():
        if stream_key(known) == stream_key(stream) and known.segment == segment:
            return {"clock": quality._asdict()}
    return {}


def _drifts(clocks: Mapping[Stream, ClockQuality]) -> list[dict[str, Any]]:
    """Return how two sensors run against each other, by the last segment of each of their streams."""
    last: dict[StreamKey, tuple[Stream, ClockQuality]] = {}
    for stream, quality in clocks.items():
        if quality.n_minima:
            last[stream_key(stream)] = stream, quality
    return [
        {
            "quantity": str(one.quantity),
            "sensors": [one.sensor, other.sensor],
            "drift_ppm": a.slope_ppm - b.slope_ppm,
            "drift_ms_per_h": (a.slope_ppm - b.slope_ppm) * S_PER_H / 1e3,
        }
        for (one, a), (other, b) in combinations(last.values(), 2)
        if one.quantity is other.quantity and one.sensor != other.sensor
    ]

"""The completeness certificate of a night as a page for a person."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from rich.table import Table

from detectors.signal import NS_PER_S
from ingest.night.losses import Cause
from ingest.night.verdict import duration_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.console import Console

MOST_GAPS = 12
"""The longest gaps of a stream that are printed; the file holds all."""
CAUSES = {
    Cause.AIR: "lost on the air",
    Cause.MALFORMED: "could not be read",
    Cause.DEVICE: "lost in the sensor",
    Cause.RECONNECT: "link lost",
    Cause.SILENCE: "sensor silent",
    Cause.BATTERY: "battery empty",
    Cause.SUSPEND: "computer stood still",
    Cause.COLLECTOR: "not recorded",
    Cause.START: "before it was first heard",
}


def print_certificate(stated: Mapping[str, Any], console: Console) -> None:
    """Print a certificate.

    Parameters
    ----------
    stated : mapping
        As ``certificate.json`` holds it.
    console : Console
        Where to.
    """
    console.print(f"[bold]Completeness[/bold]  {stated['verdict']}")
    for table in (_streams(stated), _gaps(stated), _sensors(stated)):
        if table.row_count:
            console.print(table)
    for line in _notes(stated):
        console.print(line)


def _streams(stated: Mapping[str, Any]) -> Table:
    table = Table("sensor", "stream", "expected", "received", "missing", "sent again", "completeness", box=None)
    for sensor in stated["sensors"]:
        for stream in sensor["streams"]:
            again = stream["recovered_at_once"] + stream["recovered_late"]
            counts = (stream["expected"], stream["received"], stream["missing"], again)
            table.add_row(sensor["sensor"], stream["quantity"], *map(str, counts), stream["verdict"])
        if not sensor["streams"]:
            table.add_row(sensor["sensor"], "", "", "", "", "", sensor["verdict"])
    return table


def _gaps(stated: Mapping[str, Any]) -> Table:
    table = Table("sensor", "stream", "time", "gap", "samples", "cause", box=None)
    for sensor in stated["sensors"]:
        for stream in sensor["streams"]:
            gaps = sorted(stream["gaps"], key=lambda gap: -float(gap["length_s"]))
            for gap in sorted(gaps[:MOST_GAPS], key=lambda gap: int(gap["start_ns"])):
                when, length = _clock_time(stated, gap["start_ns"]), duration_text(gap["length_s"])
                why = CAUSES[Cause(gap["cause"])]
                table.add_row(sensor["sensor"], stream["quantity"], when, length, str(gap["n_missing"]), why)
            n_more = len(gaps) + stream["shorter_gaps"]["gaps"] - MOST_GAPS
            if n_more > 0:
                table.add_row(sensor["sensor"], stream["quantity"], "", f"and {n_more} shorter ones")
    return table


def _sensors(stated: Mapping[str, Any]) -> Table:
    table = Table("sensor", "links lost", "longest away", "malformed", "twice", "battery", "recovery steps", box=None)
    for sensor in stated["sensors"]:
        away = [loss["away_s"] for loss in sensor["link_losses"]]
        longest = "did not come back" if None in away else duration_text(max(away)) if away else ""
        packets = sensor["packets"]
        wrong = (packets.get("malformed", 0), packets.get("duplicate", 0))
        steps = ", ".join(f"{n} x {step}" for step, n in sensor["recovery_steps"].items())
        table.add_row(sensor["sensor"], str(len(away)), longest, *map(str, wrong), _battery(sensor), steps)
    return table


def _battery(sensor: Mapping[str, Any]) -> str:
    units = {"battery_pct": "%", "battery_mv": "mV"}
    said = [
        ", ".join(f"{battery[key]:.0f} {unit}" for key, unit in units.items() if key in battery)
        for battery in (sensor["battery"]["start"], sensor["battery"]["end"])
    ]
    return " to ".join(dict.fromkeys(said))


def _notes(stated: Mapping[str, Any]) -> Iterator[str]:
    if stated["recovery_steps"]:
        yield "This computer: " + ", ".join(f"{n} x {step}" for step, n in stated["recovery_steps"].items())
    for pause in stated["pauses"]:
        length = duration_text((pause["end_ns"] - pause["start_ns"]) / NS_PER_S)
        yield f"{_clock_time(stated, pause['start_ns'])}: {CAUSES[Cause(pause['cause'])]} for {length}."
    for jump in stated["clock_jumps"]:
        yield f"{_clock_time(stated, jump['time_ns'])}: the wall clock moved by {jump['by_s']:+.1f} s; samples did not."
    for drift in stated["drift"]:
        one, other = drift["sensors"]
        yield f"{one} runs {drift['drift_ppm']:+.1f} ppm against {other} ({drift['quantity']}); times are corrected."
    if stated["second_reading"]:
        yield "Samples came late: the night was read a second time, which used them."
    if not stated["ended_on_purpose"]:
        yield "The night was cut off; what was logged until then is here."


def _clock_time(stated: Mapping[str, Any], t_ns: int) -> str:
    """Return local time as the clock on the wall had it when the night began."""
    local = timezone(timedelta(seconds=stated["utc_offset_s"]))
    return datetime.fromtimestamp(t_ns / NS_PER_S, local).strftime("%H:%M:%S")

"""Results as JSON, CSV, TSV and tables."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from detectors.events import EventKind
from detectors.signal import NS_PER_S
from ingest.files.events_tsv import LEGS
from soleus.errors import ConfigError
from soleus.night_table import summary_notes, summary_table
from soleus.result import dumps

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from detectors.recording import Recording
    from soleus.result import Difference

COLUMNS = ("file", "kind", "leg", "sensor", "onset_s", "end_s", "quality")
# What a person reads; the names in files stay as they are.
WORDS = {EventKind.CRAMP: "cramp-like contraction", EventKind.LEG_MOVEMENT: "leg movement"}
NOTE = (
    "Events are found by software and can be wrong. This does not diagnose any condition and does not measure pain, "
    "breathing or sleep."
)
PLAIN_WIDTH = 160
# A cramp-like contraction of this tier is stored and not shown.
HIDDEN_TIER = 0


def as_json(answer: Mapping[str, Any], change: Difference | None = None) -> str:
    """Return a result as one line of JSON.

    Parameters
    ----------
    answer : mapping
        From :func:`soleus.result.result`.
    change : Difference, optional
        Adds the key ``diff``.

    Returns
    -------
    str
        One line.
    """
    if change is None:
        return dumps(answer)
    moved = [{"from": old, "to": new} for old, new in change.moved]
    diff = {"kept": change.kept, "added": change.added, "lost": change.lost, "moved": moved}
    return dumps({**answer, "diff": diff})


def as_csv(answers: Iterable[Mapping[str, Any]]) -> str:
    """Return every event of several results as CSV, one column per measure.

    Parameters
    ----------
    answers : iterable of mapping
        Results.

    Returns
    -------
    str
        A header and one line per event.
    """
    rows = [
        {"file": answer["recording"]["file"], **event, **event["measures"]}
        for answer in answers
        for event in answer["events"]
    ]
    measures = sorted({name for row in rows for name in row["measures"]})
    out = io.StringIO()
    writer = csv.DictWriter(out, [*COLUMNS, *measures], extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def as_tsv(answer: Mapping[str, Any], recording: Recording) -> str:
    """Return leg movements and sleep stages as the list that ``soleus rules`` reads.

    Parameters
    ----------
    answer : mapping
        From :func:`soleus.result.result`.
    recording : Recording
        What was scored; gives the stages, if a person scored them.

    Returns
    -------
    str
        Columns onset, duration and trial_type, separated by tabs.

    Raises
    ------
    ConfigError
        If the leg of a movement is not known.
    """
    movements = [event for event in answer["events"] if event["kind"] == EventKind.LEG_MOVEMENT]
    for event in movements:
        if event["leg"] not in LEGS.values():
            msg = (
                f"{recording.name}: {event['sensor']} is worn on a leg that is {event['leg']}, expected left or right: "
                "say which with --channel LABEL=CHANNEL"
            )
            raise ConfigError(msg)
    rows = [(event["onset_s"], event["end_s"], f"LM {event['leg']}") for event in movements]
    rows += [
        (
            (span.onset_ns - recording.start_ns) / NS_PER_S,
            (span.end_ns - recording.start_ns) / NS_PER_S,
            f"Sleep stage {span.stage}",
        )
        for span in recording.stages
    ]
    lines = [f"{onset_s!r}\t{round(end_s - onset_s, 9)!r}\t{what}" for onset_s, end_s, what in sorted(rows)]
    return "\n".join(["onset\tduration\ttrial_type", *lines]) + "\n"


def print_tables(answer: Mapping[str, Any], change: Difference | None = None) -> None:
    """Print a result for a person.

    Parameters
    ----------
    answer : mapping
        From :func:`soleus.result.result`.
    change : Difference, optional
        Printed instead of the list of events.
    """
    console = Console(highlight=False)
    console_width(console)
    recording = answer["recording"]
    hours = recording["duration_s"] / 3600.0
    console.print(f"\n{recording['file']}: {hours:.2f} h from {recording['start']}", markup=False, style="bold")
    for stream in recording["streams"]:
        what = f"{stream['leg']} {stream['site']}, {stream['quantity']} in {stream['unit']} at {stream['fs_hz']:g} Hz"
        console.print(f"  {stream['sensor']}: {what}", markup=False)
    if change is None:
        console.print(_event_table(answer["events"]))
    else:
        console.print(_change_table(change))
        summary = f"{change.kept} kept, {len(change.added)} added, {len(change.lost)} lost, {len(change.moved)} moved"
        console.print(summary)
    console.print(summary_table(answer["summary"]))
    for note in summary_notes(answer["summary"]):
        console.print(note, style="dim")
    console.print(NOTE, style="dim")


def console_width(console: Console) -> None:
    """Make lines whole where the output is piped on."""
    if not console.is_terminal:
        console.width = PLAIN_WIDTH


def _event_table(events: Sequence[Mapping[str, Any]]) -> Table:
    table = Table("onset", "duration", "kind", "leg", "sensor", "quality", "measures", box=None)
    for event in events:
        if event["kind"] == EventKind.CRAMP and event["measures"].get("tier") == HIDDEN_TIER:
            continue
        measures = "  ".join(f"{name} {value:.4g}" for name, value in event["measures"].items())
        table.add_row(*_cells(event), event["quality"], measures)
    return table


def _change_table(change: Difference) -> Table:
    table = Table("", "onset", "duration", "kind", "leg", "sensor", "before", box=None)
    rows = [("added", event, "") for event in change.added] + [("lost", event, "") for event in change.lost]
    rows += [("moved", new, f"{clock(old['onset_s'])} {_length(old)}") for old, new in change.moved]
    for what, event, before in sorted(rows, key=lambda row: row[1]["onset_s"]):
        table.add_row(what, *_cells(event), before)
    return table


def _cells(event: Mapping[str, Any]) -> tuple[str, ...]:
    return clock(event["onset_s"]), _length(event), kind_words(event["kind"]), event["leg"], event["sensor"]


def kind_words(kind: str) -> str:
    """Return what a person reads for a kind of event."""
    return WORDS.get(EventKind(kind), kind.replace("_", " "))


def _length(event: Mapping[str, Any]) -> str:
    return f"{event['end_s'] - event['onset_s']:.2f} s"


def clock(seconds: float) -> str:
    """Return seconds from the start as h:mm:ss.cc."""
    hundredths = round(seconds * 100)
    minutes, rest = divmod(hundredths, 6000)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest / 100:05.2f}"

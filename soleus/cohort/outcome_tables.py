"""What became of a recording as rows of tables: its events, its numbers, or why it failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from detectors.signal import NS_PER_S
from ingest.files.sheet import CellType, Sheet, SheetColumn
from ingest.measures import EVENT_MEASURES, NIGHT_MEASURES
from ingest.schema import PER_SENSOR
from soleus.result import dumps
from soleus.sheets.event_words import EVENT_WORDS
from soleus.sheets.night_words import NUMBER_WORDS, TEXT_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ingest.files.sheet import Cell
    from soleus.cohort.order import Outcome

EVENTS: Final = "events"
SUMMARIES: Final = "summaries"
FAILURES: Final = "failures"
# A flag in the numbers of a night; the others are numbers.
FLAGS = frozenset({"one_leg", "truncated"})
# Said of events of a night with a journal only, or by the columns of the times.
NOT_MEASURED = frozenset({"confirmed", "duration_s"})

RECORDING = SheetColumn("recording", CellType.TEXT, "name of the recording's files in this data set")
FILE = SheetColumn("file", CellType.TEXT, "the recording as it was given")
_HASHES = (
    SheetColumn("data_sha256", CellType.TEXT, "SHA-256 of the recording"),
    SheetColumn(
        "beside_sha256", CellType.TEXT, "SHA-256 of what stands beside it and says more; empty if nothing does"
    ),
    SheetColumn("scoring_sha256", CellType.TEXT, "SHA-256 of criteria, versions and how the recording was read"),
    SheetColumn("version", CellType.TEXT, "version of Soleus"),
)
_EVENT = (
    RECORDING,
    FILE,
    SheetColumn("kind", CellType.TEXT, "class of the event; a cramp is a cramp-like contraction"),
    SheetColumn("leg", CellType.TEXT, "left, right, both or unknown"),
    SheetColumn("sensor", CellType.TEXT, "sensor, and its channel where it has several"),
    SheetColumn("onset_s", CellType.NUMBER, "begin, from the start of the recording"),
    SheetColumn("end_s", CellType.NUMBER, "end, from the start of the recording"),
    SheetColumn("duration_s", CellType.NUMBER, "length by the count of samples, where there is one"),
    SheetColumn("onset_ns", CellType.WHOLE, "begin, ns since 1970 in UTC"),
    SheetColumn("end_ns", CellType.WHOLE, "end, ns since 1970 in UTC"),
    SheetColumn("quality", CellType.TEXT, "good, or low where the signal under it is in doubt"),
)
_SUMMARY = (
    RECORDING,
    FILE,
    *_HASHES,
    SheetColumn("start", CellType.TIME, "start of the recording"),
    SheetColumn("start_ns", CellType.WHOLE, "start of the recording, ns since 1970 in UTC"),
    SheetColumn("duration_s", CellType.NUMBER, "length of the longest stream"),
    SheetColumn("n_events", CellType.WHOLE, "how many events stand in events"),
    SheetColumn("criteria_name", CellType.TEXT, "name of the set of criteria"),
    SheetColumn("criteria_json", CellType.TEXT, "every threshold"),
    SheetColumn("streams_json", CellType.TEXT, "what was recorded"),
    SheetColumn("summary_json", CellType.TEXT, "all numbers, also by sensor and hour, and why one is not known"),
)
_FAILURE = (RECORDING, FILE, *_HASHES, SheetColumn("reason", CellType.TEXT, "why it was not scored"))


def event_sheet(recording: str, outcome: Outcome) -> Sheet:
    """Return the events of a recording that was scored, one per row.

    Parameters
    ----------
    recording : str
        The recording's name in the data set.
    outcome : Outcome
        What became of it.

    Returns
    -------
    Sheet
        The same columns whatever was found, but for measures of detectors that are not part of the program.
    """
    rows = [
        {
            "recording": recording,
            "file": outcome.name,
            **{column.name: event[column.name] for column in _EVENT if column.name in event},
            "duration_s": event["measures"].get("duration_s", event["end_s"] - event["onset_s"]),
            "onset_ns": _at_ns(outcome.start_ns, event["onset_s"]),
            "end_ns": _at_ns(outcome.start_ns, event["end_s"]),
            **{name: float(value) for name, value in event["measures"].items() if name not in NOT_MEASURED},
        }
        for event in _answer(outcome)["events"]
    ]
    return Sheet(EVENTS, "An event, [onset, end).", (*_EVENT, *_measures(rows)), tuple(rows))


def summary_sheet(recording: str, outcome: Outcome, scoring_sha256: str) -> Sheet:
    """Return the numbers of a recording that was scored, as one row.

    Parameters
    ----------
    recording : str
        The recording's name in the data set.
    outcome : Outcome
        What became of it.
    scoring_sha256 : str
        From :meth:`soleus.cohort.order.Manner.scoring_sha256`.

    Returns
    -------
    Sheet
        One row.
    """
    answer = _answer(outcome)
    numbers = answer["summary"]
    row: dict[str, Cell] = {
        **_whose(recording, outcome, scoring_sha256, answer["version"]),
        "start": answer["recording"]["start"],
        "start_ns": outcome.start_ns,
        "duration_s": answer["recording"]["duration_s"],
        "n_events": len(answer["events"]),
        "criteria_name": answer["criteria"]["name"],
        "criteria_json": dumps(answer["criteria"]),
        "streams_json": dumps(answer["recording"]["streams"]),
        "summary_json": dumps(numbers),
    }
    told = tuple(_number_columns())
    for column in told:
        value = numbers.get(column.name)
        if value is not None:
            row[column.name] = float(value) if column.cell_type is CellType.NUMBER else value
    return Sheet(SUMMARIES, "The numbers of a recording.", (*_SUMMARY, *told), (row,))


def failure_sheet(recording: str, outcome: Outcome, scoring_sha256: str, version: str) -> Sheet:
    """Return why a recording was not scored, as one row.

    Parameters
    ----------
    recording : str
        The recording's name in the data set.
    outcome : Outcome
        What became of it.
    scoring_sha256 : str
        From :meth:`soleus.cohort.order.Manner.scoring_sha256`.
    version : str
        Version of the program.

    Returns
    -------
    Sheet
        One row.
    """
    row = {**_whose(recording, outcome, scoring_sha256, version), "reason": outcome.reason}
    return Sheet(FAILURES, "A recording that was not scored.", _FAILURE, (row,))


def _answer(outcome: Outcome) -> Mapping[str, Any]:
    if outcome.answer is None:
        raise ValueError(f"{outcome.name} is {outcome.state}, expected one that was scored")
    return outcome.answer


def _whose(recording: str, outcome: Outcome, scoring_sha256: str, version: str) -> dict[str, Cell]:
    data = outcome.data
    return {
        "recording": recording,
        "file": outcome.name,
        "data_sha256": None if data is None else data.data_sha256,
        "beside_sha256": None if data is None else data.beside_sha256,
        "scoring_sha256": scoring_sha256,
        "version": version,
    }


def _at_ns(start_ns: int, since_s: float) -> int:
    return start_ns + round(since_s * NS_PER_S)


def _measures(rows: Iterable[Mapping[str, object]]) -> Iterator[SheetColumn]:
    """Return a column for each measure; those of other detectors come last."""
    fixed = {column.name for column in _EVENT}
    names = {name: None for name in EVENT_MEASURES.split() if name not in NOT_MEASURED}
    names |= {name: None for row in rows for name in row if name not in fixed}
    for name in names:
        yield SheetColumn(name, CellType.NUMBER, EVENT_WORDS.get(name, "a measure of its detector"))


def _number_columns() -> Iterator[SheetColumn]:
    for name, words in TEXT_WORDS.items():
        yield SheetColumn(name, CellType.TEXT, words)
    for name in NIGHT_MEASURES.split():
        if name not in PER_SENSOR:
            yield SheetColumn(name, CellType.FLAG if name in FLAGS else CellType.NUMBER, NUMBER_WORDS[name])

"""Nights as tables: every event, the numbers of each night, of its sensors and of its hours, and why one is unknown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from ingest.files.sheet import CellType, Sheet, SheetColumn
from ingest.measures import EVENT_MEASURES, NIGHT_MEASURES
from ingest.schema import PER_SENSOR
from soleus.sheets.event_words import EVENT_WORDS
from soleus.sheets.night_words import NUMBER_WORDS, TEXT_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from detectors.events import Event
    from ingest.files.sheet import Cell
    from ingest.night.folder import NightInfo

    Row = dict[str, Cell]

NS_PER_MS = 1_000_000
WHOSE = (
    SheetColumn("site", CellType.TEXT, "home, ward or study, as configured"),
    SheetColumn("person", CellType.TEXT, "whose night it is, as configured; never a name"),
    SheetColumn("night", CellType.TEXT, "name of the night, which begins with its date"),
    SheetColumn("scoring", CellType.TEXT, "name of the scoring"),
)
SENSOR = SheetColumn("sensor", CellType.TEXT, "sensor, and its channel where it has several")
FLAGS = frozenset({"one_leg", "truncated"})
SAID_ELSEWHERE = frozenset({"duration_s"})


@dataclass(frozen=True, slots=True)
class ScoredNight:
    """A finished night, as tables need it.

    Parameters
    ----------
    info : NightInfo
        Whose night it is.
    events : sequence of Event
        What was found, by onset; measure ``confirmed`` is the wearer's own word.
    stored : mapping
        What ``summary.json`` holds.
    """

    info: NightInfo
    events: Sequence[Event]
    stored: Mapping[str, Any]

    @property
    def numbers(self) -> Mapping[str, Any]:
        """The numbers of the night, as in the JSON of ``soleus score``."""
        numbers: Mapping[str, Any] = self.stored["summary"]
        return numbers


def sheets_of(nights: Iterable[ScoredNight]) -> tuple[Sheet, ...]:
    """Return nights as tables.

    Parameters
    ----------
    nights : iterable of ScoredNight
        The nights, in the order of the rows.

    Returns
    -------
    tuple of Sheet
        ``events``, ``nights``, ``sensors``, ``hours`` and ``unknown``; the same columns whatever was found.
    """
    known = list(nights)
    rows = [{**_whose(one.info), **row} for one in known for row in _events(one)]
    return (
        Sheet("events", "An event of a night, [onset, end).", _event_columns(rows), tuple(rows)),
        Sheet("nights", "The numbers of a night.", _night_columns(), tuple(map(_night, known))),
        _sheet("sensors", "A sensor's quantity during a night.", _SENSOR_COLUMNS, known, _sensors),
        _sheet("hours", "An hour of a night, counted from its start.", _HOUR_COLUMNS, known, _hours),
        _sheet("unknown", "A number of a night that is not known, and why.", _UNKNOWN_COLUMNS, known, _unknown),
    )


def local_text(time_ns: int, offset_s: int) -> str:
    """Return a moment (UTC, ns) as ISO 8601 to the millisecond in a time that is `offset_s` ahead of UTC.

    Examples
    --------
    >>> local_text(1_790_022_600_003_000_000, 7200)
    '2026-09-21T22:30:00.003+02:00'
    """
    zone = timezone(timedelta(seconds=offset_s))
    # In whole numbers: a float of this size holds no single nanoseconds.
    exact = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=(time_ns + NS_PER_MS // 2) // NS_PER_MS)
    return exact.astimezone(zone).isoformat(timespec="milliseconds")


def _time_columns(*names: str) -> tuple[SheetColumn, ...]:
    return tuple(
        column
        for name in names
        for column in (
            SheetColumn(f"{name}_ns", CellType.WHOLE, f"{name}, ns since 1970 in UTC"),
            SheetColumn(
                f"{name}_local", CellType.TIME, f"{name} in the night's local time, ISO 8601, to the millisecond"
            ),
        )
    )


def _times(info: NightInfo, **times_ns: int) -> Row:
    row: Row = {}
    for name, time_ns in times_ns.items():
        row |= {f"{name}_ns": time_ns, f"{name}_local": local_text(time_ns, info.utc_offset_s)}
    return row


def _whose(info: NightInfo) -> Row:
    return {"site": info.site, "person": info.person, "night": info.night, "scoring": info.scoring}


def _event_columns(rows: Iterable[Mapping[str, Cell]]) -> tuple[SheetColumn, ...]:
    fixed = (
        *WHOSE,
        SheetColumn("kind", CellType.TEXT, "class of the event; a cramp is a cramp-like contraction"),
        SheetColumn("leg", CellType.TEXT, "left, right, both or unknown"),
        SENSOR,
        *_time_columns("onset", "end"),
        SheetColumn("duration_s", CellType.NUMBER, "length by the count of samples, where there is one"),
        SheetColumn("quality", CellType.TEXT, "good, or low where the signal under it is in doubt"),
        SheetColumn("revision", CellType.WHOLE, "how often a later fact changed it"),
    )
    names = {column.name for column in fixed}
    measured = {name: None for name in EVENT_MEASURES.split() if name not in SAID_ELSEWHERE}
    # A detector may measure something new: it is told last.
    measured |= {name: None for row in rows for name in row if name not in names}
    told = [
        SheetColumn(name, CellType.NUMBER, EVENT_WORDS.get(name, "a measure of this detector")) for name in measured
    ]
    return (*fixed, *told)


def _events(night: ScoredNight) -> Iterator[Row]:
    for event in night.events:
        measures = {name: value for name, value in event.measures.items() if name not in SAID_ELSEWHERE}
        yield {
            "kind": event.kind.value,
            "leg": event.leg.value,
            "sensor": event.sensor,
            **_times(night.info, onset=event.onset_ns, end=event.end_ns),
            "duration_s": event.measures.get("duration_s", event.duration_s),
            "quality": event.quality.value,
            "revision": event.revision,
            **measures,
        }


def _night_columns() -> tuple[SheetColumn, ...]:
    numbers = [name for name in NIGHT_MEASURES.split() if name not in PER_SENSOR]
    return (
        *WHOSE,
        *_time_columns("start", "end"),
        SheetColumn("utc_offset_s", CellType.WHOLE, "local time less UTC at the start"),
        SheetColumn("final", CellType.FLAG, "whether the night was over when it was scored"),
        *(SheetColumn(name, CellType.TEXT, words) for name, words in TEXT_WORDS.items()),
        *(
            SheetColumn(name, CellType.FLAG if name in FLAGS else CellType.NUMBER, NUMBER_WORDS[name])
            for name in numbers
        ),
    )


def _night(night: ScoredNight) -> Row:
    row = {**_whose(night.info), **_times(night.info, start=night.stored["start_ns"], end=night.stored["end_ns"])}
    row |= {"utc_offset_s": night.info.utc_offset_s, "final": bool(night.stored.get("final"))}
    for column in _night_columns():
        value = night.numbers.get(column.name)
        if column.name not in row and value is not None:
            row[column.name] = float(value) if column.cell_type is CellType.NUMBER else value
    return row


_SENSOR_COLUMNS = (
    SENSOR,
    SheetColumn("quantity", CellType.TEXT, "emg or acceleration"),
    SheetColumn("valid_h", CellType.NUMBER, "time with a signal that can be scored"),
    SheetColumn("good_h", CellType.NUMBER, "time with a good signal"),
    SheetColumn("grade", CellType.TEXT, "A (best) to C"),
)
_HOUR_COLUMNS = (
    SheetColumn("hour", CellType.WHOLE, "number of the hour, from 0"),
    SheetColumn("valid_h", CellType.NUMBER, "time with a signal that can be scored"),
    SheetColumn("lm", CellType.NUMBER, NUMBER_WORDS["lm"]),
    SheetColumn("plms_wasm", CellType.NUMBER, NUMBER_WORDS["plm_wasm"]),
    SheetColumn("plms_wasm_per_h", CellType.NUMBER, NUMBER_WORDS["plms_wasm_per_h"]),
    SheetColumn("cramps", CellType.NUMBER, NUMBER_WORDS["cramp_events"]),
    SheetColumn("reason", CellType.TEXT, "why there is no number per hour"),
)
_UNKNOWN_COLUMNS = (
    SheetColumn("number", CellType.TEXT, "name of the number, as in nights"),
    SheetColumn("reason", CellType.TEXT, "why it is not known"),
)


def _sheet(
    name: str, words: str, columns: tuple[SheetColumn, ...], nights: Sequence[ScoredNight], rows_of: Any
) -> Sheet:
    rows = tuple({**_whose(one.info), **row} for one in nights for row in rows_of(one))
    return Sheet(name, words, (*WHOSE, *columns), rows)


def _sensors(night: ScoredNight) -> Iterator[Row]:
    parts = {name: night.numbers.get(name) or {} for name in ("valid_h", "good_h", "grade")}
    for key in sorted(set().union(*parts.values())):
        sensor, _, quantity = key.rpartition("/")
        yield {"sensor": sensor, "quantity": quantity, **{name: part.get(key) for name, part in parts.items()}}


def _hours(night: ScoredNight) -> Iterator[Row]:
    names = {column.name: column.cell_type for column in _HOUR_COLUMNS}
    for hour in night.numbers.get("by_hour") or ():
        yield {
            name: float(hour[name]) if cell_type is CellType.NUMBER else hour[name]
            for name, cell_type in names.items()
            if hour.get(name) is not None
        }


def _unknown(night: ScoredNight) -> Iterator[Row]:
    for name, reason in sorted((night.numbers.get("reasons") or {}).items()):
        yield {"number": name, "reason": reason}

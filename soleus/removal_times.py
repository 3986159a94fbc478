"""When the points of a night are, and what of a removal is still to be done once its folder and rows are gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ingest.errors import DecodeError, StoreRejected
from ingest.influx_person import Span
from ingest.night.entries import TopicKind
from ingest.night.json_file import read_json, write_json
from ingest.schema import (
    DELIVERY,
    DIARY,
    LEG_EPOCH,
    LEG_EVENT,
    NIGHT,
    NIGHT_HOUR,
    NIGHT_INTERVAL,
    SENSOR_HEALTH,
    SLEEP_EPOCH,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from ingest.influx_person import PersonPoints
    from ingest.night.folder import NightFolder
    from ingest.schema import Measurement

# Nothing else of a person lies in the time of one of the nights.
_OF_THE_NIGHT: tuple[Measurement, ...] = (
    *(LEG_EVENT, LEG_EPOCH, SENSOR_HEALTH, DELIVERY),
    *(NIGHT_HOUR, NIGHT_INTERVAL, SLEEP_EPOCH, NIGHT),
)
# What is written down for a night may lie hours beside it, in the time of another.
_WRITTEN = frozenset({TopicKind.DIARY, TopicKind.MARKER})
# What docs/influxdb.md makes of the epochs: a point is at the start of its ten minutes, maybe before the night.
_THINNED = "leg_epoch_10min"
_WINDOW_NS = 600 * 1_000_000_000
_TIMES = ("onset_ns", "start_ns", "time_ns")


def spans_of(rows: Iterable[Mapping[str, Any]], lasted_ns: tuple[int, int] | None) -> tuple[Span, ...]:
    """Return where the points of a night are.

    Parameters
    ----------
    rows : iterable of mapping
        What the journal keeps of the night; without any, the diary is taken to lie in the time of the night.
    lasted_ns : tuple of int or None
        Start and end of the night as its folder says, UTC ns.

    Examples
    --------
    >>> rows = [{"topic": "event", "body": {"onset_ns": 20}}, {"topic": "diary", "body": {"time_ns": 3}}]
    >>> [tuple(span) for span in spans_of(rows, (10, 15))][-2:]
    [('night', 10, 21), ('diary', 3, 4)]
    >>> [tuple(span) for span in spans_of([], (10, 15))][-1]
    ('diary', 10, 16)
    >>> moved = {"topic": "diary", "body": {"time_ns": 3, "history": [{"time_ns": 7}]}}
    >>> [tuple(span) for span in spans_of([moved], None)]
    [('diary', 3, 4), ('diary', 7, 8)]
    """
    times: set[int] = set() if lasted_ns is None else set(lasted_ns)
    written: set[int] = set()
    measurements = (*_OF_THE_NIGHT, DIARY)
    for row in rows:
        # The journal is there, and knows the times of what was written down.
        measurements = _OF_THE_NIGHT
        body = row.get("body") or {}
        at_ns = next((body[name] for name in _TIMES if isinstance(body.get(name), int)), None)
        if at_ns is not None:
            (written if row.get("topic") in _WRITTEN else times).add(at_ns)
        # Where an entry of the diary was before it was changed, there is a point that was taken back.
        written |= {state["time_ns"] for state in body.get("history") or ()}
    whole = [Span(one.name, min(times), max(times) + 1) for one in measurements] if times else []
    return (*whole, *(Span(DIARY.name, at_ns, at_ns + 1) for at_ns in sorted(written)))


def of_others(spans: Iterable[Span], names: Iterable[str]) -> tuple[Span, ...]:
    """Return where the points of a night are that Soleus did not write.

    Parameters
    ----------
    spans : iterable of Span
        Where its own are.
    names : iterable of str
        Measurements that the database has; that of the thinned out epochs is always among those returned.

    Examples
    --------
    >>> minute = 60_000_000_000
    >>> spans = (Span("night", 25 * minute, 31 * minute), Span("diary", 3, 4))
    >>> [(name, start // minute, stop // minute) for name, start, stop in of_others(spans, ("night", "pulse"))]
    [('leg_epoch_10min', 20, 31), ('pulse', 20, 31)]
    >>> of_others(spans[1:], ("pulse",))
    ()
    """
    own = {one.name for one in (*_OF_THE_NIGHT, DIARY)}
    within = [span for span in spans if span.measurement != DIARY.name]
    if not within:
        return ()
    start_ns = min(span.start_ns for span in within) // _WINDOW_NS * _WINDOW_NS
    stop_ns = max(span.stop_ns for span in within)
    return tuple(Span(name, start_ns, stop_ns) for name in sorted({_THINNED, *names} - own))


def remove_points(points: PersonPoints, spans: tuple[Span, ...] | None) -> str:
    """Remove a person's points, or those of a night whoever wrote them, and return what to add about others' points.

    Raises
    ------
    StoreRejected
        If points cannot be removed.
    """
    points.remove(spans)
    if spans is None:
        return ""
    unseen, names = "", []
    try:
        names = [table.name for table in points.tables()]
    except StoreRejected as error:
        # The writer's token may remove and not read: that is no fault, and no proof that nobody else wrote.
        unseen = f" (only those that Soleus wrote or {_THINNED} holds; others were not looked for: {error})"
    points.remove(of_others(spans, names))
    return unseen


def lasted(folder: NightFolder) -> tuple[int, int]:
    """Return start and end of a night as its folder says, UTC ns; a summary that is damaged says no end."""
    start_ns = folder.read_info().start_ns
    try:
        end_ns = (folder.read_summary() or {}).get("end_ns")
    except DecodeError:
        end_ns = None
    return start_ns, max(start_ns, end_ns) if isinstance(end_ns, int) else start_ns


def overlap(spans: Iterable[Span], other_ns: tuple[int, int]) -> bool:
    """Return whether another night has points in these spans; notes of the diary are told apart by their times."""
    return any(
        span.start_ns <= other_ns[1] and other_ns[0] < span.stop_ns for span in spans if span.measurement != DIARY.name
    )


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What a removal could not reach yet.

    Parameters
    ----------
    person : str
        Whose.
    night : str or None
        Of this night only.
    sites : tuple of str
        Under which sites.
    spans : tuple of Span or None
        Where the points are; None for all.
    """

    person: str
    night: str | None
    sites: tuple[str, ...]
    spans: tuple[Span, ...] | None


class UnfinishedFile:
    """A file of removals that are not finished; it is gone when there are none.

    Parameters
    ----------
    path : Path
        The file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def find(self, person: str, night: str | None) -> Unfinished | None:
        """Return what was not finished of a person or a night.

        Raises
        ------
        DecodeError
            If the file cannot be read.
        """
        return next((one for one in self._read() if (one.person, one.night) == (person, night)), None)

    def put(self, one: Unfinished) -> None:
        """Keep what is to be done."""
        self._write([*self._others(one.person, one.night), one])

    def done(self, person: str, night: str | None) -> None:
        """Forget what is done; of a person that is every night as well."""
        self._write(self._others(person, night))

    def _others(self, person: str, night: str | None) -> list[Unfinished]:
        return [one for one in self._read() if one.person != person or night not in {None, one.night}]

    def _read(self) -> list[Unfinished]:
        return [
            Unfinished(
                stored["person"],
                stored["night"],
                tuple(stored["sites"]),
                None if stored["spans"] is None else tuple(Span(*span) for span in stored["spans"]),
            )
            for stored in read_json(self._path) or []
        ]

    def _write(self, unfinished: list[Unfinished]) -> None:
        if unfinished:
            write_json(self._path, [_plain(one) for one in unfinished])
        else:
            self._path.unlink(missing_ok=True)


def _plain(one: Unfinished) -> dict[str, object]:
    spans = None if one.spans is None else [list(span) for span in one.spans]
    return {"person": one.person, "night": one.night, "sites": list(one.sites), "spans": spans}

"""From a delivered entry to its points in InfluxDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.signal import NS_PER_S, Quantity
from ingest.body_fields import mapping_in, number_in, text_in, whole_in
from ingest.decoders.base import StatusKind
from ingest.diary_kinds import WORDS
from ingest.interval_points import interval_points
from ingest.night.entries import TopicKind
from ingest.night_points import hour_points, sleep_points
from ingest.schema import (
    DELIVERY,
    DIARY,
    LEG_EPOCH,
    LEG_EVENT,
    NIGHT,
    PER_SENSOR,
    SENSOR_HEALTH,
    FieldType,
    Point,
    unknown,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ingest.schema import Measurement, Value
    from ingest.wire import Delivered

_NS_PER_MS = 1_000_000
_SCORED_WITH = ("criteria", "version")
_MS_PER_H = 3_600_000
# What is written down for longer than ten years is a mistake.
_LONGEST_H = 10 * 366 * 24


def points_of(delivered: Delivered) -> list[Point]:
    """Return the points that an entry becomes; several for a night with several sensors.

    Parameters
    ----------
    delivered : Delivered
        What arrived.

    Raises
    ------
    DecodeError
        If something is missing or of another type. What is there beyond the schema becomes a float field where it is a
        number, and is left out where it is not.
    """
    return _MADE_BY[delivered.entry.topic_kind](delivered)


def _event(delivered: Delivered) -> list[Point]:
    body = delivered.entry.body
    fixed: dict[str, Value] = {
        "duration_s": number_in(body, "duration_s"),
        "end_ms": whole_in(body, "end_ns") // _NS_PER_MS,
        "quality": text_in(body, "quality"),
    }
    fields = {**_floats(body, "measures"), **fixed}
    return [_point(delivered, LEG_EVENT, fields, "onset_ns", "kind", "sensor", "leg")]


def _epoch(delivered: Delivered) -> list[Point]:
    body = delivered.entry.body
    fields = {**_floats(body, "measures"), "duration_s": number_in(body, "duration_s")}
    point = _point(delivered, LEG_EPOCH, fields, "start_ns", "sensor", "leg")
    return [Point(LEG_EPOCH, {**point.tags, "kind": text_in(body, "quantity")}, point.fields, point.time_ns)]


def _health(delivered: Delivered) -> list[Point]:
    body = delivered.entry.body
    fields, detail = _floats(body, "values"), text_in(body, "detail")
    if body.get("kind") == StatusKind.OUTBOX:
        point = _point(delivered, DELIVERY, fields, "time_ns", "kind")
        return [Point(DELIVERY, {**point.tags, "name": delivered.collector}, point.fields, point.time_ns)]
    return [_point(delivered, SENSOR_HEALTH, {**fields, "detail": detail}, "time_ns", "kind", "sensor")]


def _marker(delivered: Delivered) -> list[Point]:
    point = _point(delivered, DIARY, {"text": text_in(delivered.entry.body, "label")}, "time_ns", "sensor")
    return [Point(point.measurement, {**point.tags, "kind": "marker"}, point.fields, point.time_ns)]


def _diary(delivered: Delivered) -> list[Point]:
    """Return the point of an entry, and those that it was before, taken back."""
    body = delivered.entry.body
    told = body.get("history")
    history = [state for state in told if isinstance(state, dict)] if isinstance(told, list) else []
    said = {name for state in history for name in _words(state)}
    now = _entry_point(delivered, body, said)
    gone = {_at(point): point for state in history for point in [_gone(delivered, state, said)]}
    return [now, *(point for at, point in gone.items() if at != _at(now))]


def _at(point: Point) -> tuple[int, str]:
    return point.time_ns, point.tags["kind"]


def _entry_point(delivered: Delivered, body: Mapping[str, object], said: Iterable[str]) -> Point:
    # An empty word takes the place of one that was there: a database would keep it.
    words: dict[str, Value] = {**dict.fromkeys(said, ""), **_words(body)}
    fields: dict[str, Value] = {**_floats(body, "values"), **words, "text": _line(body)}
    length_h = fields.get("duration_h")
    if isinstance(length_h, float):
        # Also of no length: a database would keep the end that was corrected.
        lasting_h = length_h if 0 < length_h <= _LONGEST_H else 0.0
        fields["end_ms"] = whole_in(body, "time_ns") // _NS_PER_MS + round(lasting_h * _MS_PER_H)
    return _point(delivered, DIARY, fields, "time_ns", "kind", body=body)


def _gone(delivered: Delivered, state: Mapping[str, object], said: Iterable[str]) -> Point:
    """Return the point that an entry was, taken back and without what somebody said."""
    point = _entry_point(delivered, {**state, "text": "", "values": {}, "words": {}}, said)
    return Point(point.measurement, point.tags, {**point.fields, "valid": 0}, point.time_ns)


def _line(body: Mapping[str, object]) -> str:
    """Return what a chart says beside an entry: its text, else what it is of."""
    said = _words(body)
    return text_in(body, "text") or ", ".join(str(said[name]) for name in ("name", "phase") if said.get(name))


def _words(body: Mapping[str, object]) -> dict[str, Value]:
    """Return the words that the database has a column for."""
    words = body.get("words")
    known = words.items() if isinstance(words, dict) else ()
    return {name: word for name, word in known if name in WORDS and isinstance(word, str)}


def _night(delivered: Delivered) -> list[Point]:
    """Return the point of the night, one for each sensor and kind, those of hours and intervals, and sleep and wake.

    Reasons stay in the folder.
    """
    body = delivered.entry.body
    summary = mapping_in(body, "summary")
    duration_s = (whole_in(body, "end_ns") - whole_in(body, "start_ns")) / NS_PER_S
    whole: dict[str, Value] = {}
    by_label: dict[str, dict[str, Value]] = {}
    for name, value in summary.items():
        if name not in PER_SENSOR:
            whole.update(_kept(name, value))
            continue
        for label, one in mapping_in(summary, name).items():
            by_label.setdefault(label, {}).update(_kept(name, one))
    told = body.get("unknown")
    whole |= {"duration_s": duration_s, "unknown": told if isinstance(told, str) else unknown(summary)}
    whole |= {name: value for name in _SCORED_WITH if isinstance(value := body.get(name), str)}
    night = _point(delivered, NIGHT, whole, "start_ns")
    sensors = [
        Point(NIGHT, {**night.tags, **_sensor(label)}, {**fields, **_revised(delivered)}, night.time_ns)
        for label, fields in by_label.items()
    ]
    offset_s = body.get("utc_offset_s")
    hours = hour_points(night, summary, offset_s if isinstance(offset_s, int) else None)
    intervals = interval_points(night, summary)
    return [night, *sensors, *hours, *intervals, *sleep_points(night, whole_in(body, "end_ns"), body.get("sleep"))]


def _sensor(label: str) -> dict[str, str]:
    """Return the tags of a summary's label: ``left-shin/emg`` where a sensor measures several, else ``left-shin``."""
    sensor, slash, kind = label.rpartition("/")
    return {"sensor": sensor, "kind": kind} if slash and kind in frozenset(Quantity) else {"sensor": label}


def _kept(name: str, value: object) -> dict[str, Value]:
    """Return a summary's number as a float, and a word where the schema has one."""
    wanted = NIGHT.fields.get(name, FieldType.FLOAT)
    if wanted is FieldType.STRING:
        return {name: value} if isinstance(value, str) else {}
    return {name: float(value)} if isinstance(value, int | float) else {}


def _point(
    delivered: Delivered,
    measurement: Measurement,
    fields: Mapping[str, Value],
    time: str,
    *tags: str,
    body: Mapping[str, object] | None = None,
) -> Point:
    entry, said = delivered.entry, delivered.entry.body if body is None else body
    whose = {"site": delivered.site, "person": entry.person}
    if "scoring" in measurement.tags:
        whose["scoring"] = entry.scoring
    told = {tag: text_in(said, tag) for tag in tags}
    return Point(measurement, {**whose, **told}, {**fields, **_revised(delivered)}, whole_in(said, time))


def _revised(delivered: Delivered) -> dict[str, Value]:
    return {"revision": delivered.entry.revision, "valid": int(delivered.entry.valid)}


def _floats(body: Mapping[str, object], name: str) -> dict[str, Value]:
    return {key: float(value) for key, value in mapping_in(body, name).items() if isinstance(value, int | float)}


_MADE_BY: Mapping[TopicKind, Callable[[Delivered], list[Point]]] = {
    TopicKind.EVENT: _event,
    TopicKind.EPOCH: _epoch,
    TopicKind.HEALTH: _health,
    TopicKind.NIGHT: _night,
    TopicKind.MARKER: _marker,
    TopicKind.DIARY: _diary,
}

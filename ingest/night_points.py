"""Points of a night beside its numbers: hour by hour, and asleep or awake every 30 s.

Each place in time and tags is written with every revision but the first, as not valid where there is nothing to say: a
database keeps the points of an earlier revision that a later one does not overwrite.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from detectors.signal import NS_PER_S
from ingest.body_fields import whole_in
from ingest.errors import DecodeError
from ingest.schema import NIGHT_HOUR, SLEEP_EPOCH, Point
from ingest.unquoted import unquoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ingest.schema import Value

HOURS: Final = 24
EPOCH_NS: Final = 30 * NS_PER_S
LONGEST_NS: Final = 24 * 3600 * NS_PER_S
"""Of a night that lasts longer, the rest has no points of sleep."""
NOT_KNOWN: Final = "not known"
STATES: Final = ("asleep", "awake", "in doubt")
SINCE_ONSET, SINCE_START, SINCE_MIDNIGHT = "sleep_onset", "start", "midnight"
ESTIMATE, STAGES = "estimate", "stages"
UNKNOWN: Final = -1.0
"""In place of a number of an hour: a database would keep that of an earlier revision where a point leaves it out."""
_S_PER_H: Final = 3600
_COUNTED = ("valid_h", "lm", "plms_wasm", "plms_wasm_per_h")


def hour_points(night: Point, summary: Mapping[str, object], utc_offset_s: int | None) -> Iterator[Point]:
    """Yield what a night's summary says hour by hour, since sleep began and by the clock of its place.

    Parameters
    ----------
    night : Point
        The point of the whole night.
    summary : mapping
        Its numbers; ``by_hour``, ``by_hour_est`` and ``cramps`` are used.
    utc_offset_s : int or None
        Local time less UTC, s; without it nothing is known of clock hours.

    Raises
    ------
    DecodeError
        If there are lists that are none, or of something else.
    """
    if "by_hour" not in summary:
        return
    basis = night.fields.get("sleep_basis")
    origin = SINCE_ONSET if basis in {ESTIMATE, STAGES} else SINCE_START
    # Where sleep was estimated, `by_hour` counts from the start and `by_hour_est` from its onset.
    hours = _objects(summary, "by_hour_est" if basis == ESTIMATE else "by_hour")
    has_cramps = "cramp_events" in night.fields
    counted = {whole_in(one, "hour"): _of_hour(one, has_cramps=has_cramps) for one in hours}
    by_clock = _by_clock(night, summary, utc_offset_s) if has_cramps and utc_offset_s is not None else {}
    for since in (SINCE_ONSET, SINCE_START, SINCE_MIDNIGHT):
        told = by_clock if since == SINCE_MIDNIGHT else counted if since == origin else {}
        # No database has anything to take back before the first revision: a night is a third of the points then.
        for hour in range(HOURS) if night.fields["revision"] else sorted(told.keys() & set(range(HOURS))):
            tags = {**night.tags, "since": since, "hour": f"{hour:02d}"}
            yield Point(NIGHT_HOUR, tags, {**told.get(hour, {}), **_revised(night, known=hour in told)}, night.time_ns)


def sleep_points(night: Point, end_ns: int, spans: object) -> Iterator[Point]:
    """Yield whether the person was asleep, every 30 s from the start of the night on.

    Parameters
    ----------
    night : Point
        The point of the whole night.
    end_ns : int
        End of the night, UTC ns.
    spans : object
        Lists of onset, end (UTC, ns) and one of `STATES`; None where the sender says nothing of sleep.

    Raises
    ------
    DecodeError
        If it is something else.
    """
    if spans is None:
        return
    stretches = sorted(map(_stretch, _list(spans, "sleep")))
    basis = night.fields.get("sleep_basis", "")
    position = 0
    for start_ns in range(night.time_ns, min(end_ns, night.time_ns + LONGEST_NS), EPOCH_NS):
        middle_ns = start_ns + EPOCH_NS // 2
        while position < len(stretches) and stretches[position][1] <= middle_ns:
            position += 1
        inside = position < len(stretches) and stretches[position][0] <= middle_ns
        state = stretches[position][2] if inside else NOT_KNOWN
        fields: dict[str, Value] = {"state": state, "basis": basis, **_revised(night)}
        yield Point(SLEEP_EPOCH, night.tags, fields, start_ns)


def _of_hour(hour: Mapping[str, object], *, has_cramps: bool) -> dict[str, Value]:
    """Return what was counted in an hour; `UNKNOWN` where there was too little signal for it."""
    counted: dict[str, Value] = {name: _number(hour.get(name)) for name in _COUNTED}
    valid_h = counted["valid_h"]
    has_signal = has_cramps and isinstance(valid_h, float) and valid_h > 0
    return {**counted, "cramps": _number(hour.get("cramps")) if has_signal else UNKNOWN}


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else UNKNOWN


def _by_clock(night: Point, summary: Mapping[str, object], utc_offset_s: int) -> dict[int, dict[str, Value]]:
    """Return how many cramp-like events began in each hour of the clock that the night touches."""
    length_s = night.fields["duration_s"]
    local_s = night.time_ns / NS_PER_S + utc_offset_s
    touched = range(int(local_s // _S_PER_H), int((local_s + float(length_s)) // _S_PER_H) + 1)
    n_of = dict.fromkeys((hour % HOURS for hour in touched[:HOURS]), 0)
    for cramp in _objects(summary, "cramps"):
        onset_s = cramp.get("onset_s")
        if not isinstance(onset_s, int | float):
            msg = f"onset_s of a cramp-like event is {unquoted(onset_s)}, expected a number"
            raise DecodeError(msg)
        hour = int((local_s + onset_s) // _S_PER_H) % HOURS
        n_of[hour] = n_of.get(hour, 0) + 1
    return {hour: {"cramps": float(n)} for hour, n in n_of.items()}


def _revised(night: Point, *, known: bool = True) -> dict[str, Value]:
    return {"revision": night.fields["revision"], "valid": night.fields["valid"] if known else 0}


def _stretch(item: object) -> tuple[int, int, str]:
    match item:
        case [int(onset_ns), int(end_ns), str(state)] if state in STATES:
            return onset_ns, end_ns, state
        case _:
            msg = f"a stretch of sleep is {unquoted(item)}, expected onset and end in ns and one of {', '.join(STATES)}"
            raise DecodeError(msg)


def _objects(summary: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    """Return a list of objects of a summary; empty where it is not there, or null."""
    value = summary.get(name)
    if value is None:
        return []
    items = _list(value, name)
    wrong = next((item for item in items if not isinstance(item, dict)), None)
    if wrong is not None:
        msg = f"{name} holds {unquoted(wrong)}, expected objects"
        raise DecodeError(msg)
    return [item for item in items if isinstance(item, dict)]


def _list(value: object, name: str) -> Sequence[object]:
    if not isinstance(value, list):
        msg = f"{name} is {unquoted(value)}, expected a list"
        raise DecodeError(msg)
    return value

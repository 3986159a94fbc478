"""Between entries and the rows of a journal file, and how a finished scoring differs from what is kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ingest.errors import DecodeError
from ingest.night.entries import CONFIRMED, NO_LONGER, Entry, TopicKind, Waiting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Row = tuple[str, str, str, str, str, int, int, str, int | None]

# In the order of :func:`row_of`.
COLUMNS = "topic, person, night, scoring, key, revision, valid, body"
# In the order of :func:`entry_of`: an entry with what the person says of it, and as the scoring alone says it.
JUDGED = f"{COLUMNS}, confirmed"
# In the order of :func:`waiting_of`.
WAITING = f"position, attempt, published_revision = revision, {JUDGED}, gone"
SCORED_ALONE = "topic, person, night, scoring, key, revision - judgements, valid, body, NULL"
# The column `confirmed` once the person took the word back.
TAKEN_BACK = -1


def differences(kept: Mapping[str, Entry], final: Mapping[str, Entry]) -> Iterator[Entry]:
    """Yield what makes `kept` say what `final` says: new facts, next revisions, and facts that are taken back."""
    for key, entry in final.items():
        old = kept.get(key)
        if old is None:
            yield entry
        elif not old.valid or _text(old.body) != _text(entry.body):
            yield _next(entry, old.revision, valid=True)
    for key, old in kept.items():
        if old.valid and key not in final:
            yield _next(old, old.revision, valid=False)


def _next(entry: Entry, revision: int, *, valid: bool) -> Entry:
    return Entry(entry.topic_kind, entry.person, entry.night, entry.scoring, entry.key, revision + 1, valid, entry.body)


def onset_ns(entry: Entry) -> int:
    """Return when an event began, UTC ns; DecodeError if that is no number."""
    began_ns = entry.body["onset_ns"]
    if not isinstance(began_ns, int):
        msg = f"an event's onset_ns is {began_ns!r}, expected a whole number of nanoseconds"
        raise DecodeError(msg)
    return began_ns


def _text(body: Mapping[str, object]) -> str:
    return json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False)


def row_of(entry: Entry) -> tuple[object, ...]:
    """Return an entry as `COLUMNS` keep it."""
    whose = (str(entry.topic_kind), entry.person, entry.night, entry.scoring)
    return (*whose, entry.key, entry.revision, int(entry.valid), _text(entry.body))


def entry_of(row: Row) -> Entry:
    """Return the entry that `JUDGED` or `SCORED_ALONE` read."""
    *_, confirmed = row
    return _entry(row, {} if confirmed in {None, TAKEN_BACK} else {CONFIRMED: float(confirmed)})


def waiting_of(row: tuple[Any, ...]) -> Waiting:
    """Return the entry that `WAITING` reads, as a database must hear it: with what is no longer said of it."""
    position, attempt, published, *judged, confirmed, gone = row
    more = dict.fromkeys(json.loads(gone), NO_LONGER)
    if confirmed is not None:
        more[CONFIRMED] = NO_LONGER if confirmed == TAKEN_BACK else float(confirmed)
    return Waiting(position, attempt, bool(published), _entry((*judged, confirmed), more))


def _entry(row: tuple[Any, ...], more_measures: Mapping[str, float]) -> Entry:
    topic, person, night, scoring, key, revision, valid, text, _ = row
    body = json.loads(text)
    if more_measures:
        body["measures"] = {**body.get("measures", {}), **more_measures}
    return Entry(TopicKind(topic), person, night, scoring, key, revision, bool(valid), body)

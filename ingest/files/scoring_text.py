"""Lists of scored events as text with a head, as DOMINO exports and RBDtector reads them, and bare hypnograms."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from ingest.errors import DecodeError
from ingest.files.scored_rows import EPOCH_NS, Row, put_together
from ingest.files.scoring_clock import Elapsed, date_time, has_twelve_hours, of_day_ns, offset_of
from ingest.files.scoring_words import Scored, meaning_of
from ingest.files.wall_clock import local_start

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ingest.files.events_tsv import ScoredEvents

START: Final = "start time"
SIGNAL: Final = "signal id"
_HEAD: Final = re.compile(r"([A-Za-z][\w ]{0,30}):(?!\d\d)\s*(.*)")
_AFTER_TWELVE: Final = re.compile(r"1[3-9]|2\d")
_DATED: Final = re.compile(r"^\d{1,2}[./]\d{1,2}[./]\d{4} +")
_ANY_DAY: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - only its time of the day is looked at
_DISCRETE: Final = "discret"
_TITLES: Final = frozenset({"stage", "stages", "sleep stage", "sleep stages", "hypnogram"})


class _Line(NamedTuple):
    """A line: time of the day, perhaps another one for its end, a name."""

    number: int
    onset: str
    end: str
    name: str


def has_head(lines: Sequence[str]) -> bool:
    """Return whether a text is such a list: the head says when it begins, or of which signal it is."""
    return any(found is not None and found[1].lower() in {START, SIGNAL} for found in map(_HEAD.fullmatch, lines))


def read_headed(path: Path, lines: Sequence[str], start_ns: int | None, time_zone: str | None) -> ScoredEvents:
    """Read a list with a head (``Signal ID``, ``Start Time``, ``Signal Type``, ...).

    Parameters
    ----------
    path : Path
        The list, for messages.
    lines : sequence of str
        Its lines.
    start_ns : int or None
        When the recording began, UTC ns.
    time_zone : str or None
        Where it was recorded.

    Returns
    -------
    ScoredEvents
        Events are ``01:01:00,750-01:01:12,250; 12;PLM Arousal (EEG)``; the stages of a profile are
        ``01:00:30,000; N2`` and last until the next, and the last line is its end. Newer versions write a date before
        each time.

    Raises
    ------
    DecodeError
        If a line is none of that.
    """
    head, first = _head(lines)
    listed = [_line(text, number, path) for number, text in enumerate(lines[first:], start=first + 1) if text.strip()]
    if not listed:
        return put_together([], path)
    near = None if start_ns is None else local_start(start_ns, time_zone)
    told = head.get(START, "")
    begin = _begin(told, listed[0], path, near)
    # Of a clock of twelve hours the head says which half, and the lines do not; many write all 24 hours there.
    is_half_day = has_twelve_hours(told) and not any(_AFTER_TWELVE.match(line.onset) for line in listed)
    offset_ns = offset_of(begin, start_ns, time_zone, str(path)) if told else 0
    elapsed = Elapsed(begin, offset_ns, is_half_day=is_half_day)
    is_profile = head.get("signal type", "").lower().startswith(_DISCRETE)
    rows = [_row(line, elapsed, path, is_stage=is_profile) for line in listed]
    return put_together(rows[:-1] if is_profile else rows, path)


def _begin(told: str, first: _Line, path: Path, near: datetime | None) -> datetime:
    """Return when a list begins: as its head says, or else as the recording does, or its first line."""
    if told:
        return date_time(told, f"{path}: {START}", near)
    if near is not None:
        return near
    return _ANY_DAY + timedelta(microseconds=of_day_ns(first.onset, f"{path}:{first.number}") // 1000)


def read_hypnogram(path: Path, lines: Sequence[str]) -> ScoredEvents:
    """Read a list of stages, one for each 30 s, a line each; there must be nothing else in it.

    Parameters
    ----------
    path : Path
        The list, for messages.
    lines : sequence of str
        Its lines, with or without a header.

    Returns
    -------
    ScoredEvents
        The stages; what is not scored has none.

    Raises
    ------
    DecodeError
        If a line is no stage.
    """
    told = [(number, text.strip()) for number, text in enumerate(lines, start=1) if text.strip()]
    meanings = [meaning_of(text, is_stage=True) for _, text in told]
    if told and (meanings[0] is None or told[0][1].lower() in _TITLES):
        told, meanings = told[1:], meanings[1:]
    rows = []
    for epoch, ((number, text), meaning) in enumerate(zip(told, meanings, strict=True)):
        if meaning is None or meaning.what not in {Scored.STAGE, Scored.UNSCORED}:
            raise DecodeError(f"{path}:{number}: got {text[:40]!r}, expected a sleep stage for each 30 s")
        rows.append(Row(epoch * EPOCH_NS, EPOCH_NS, text, meaning))
    if not rows:
        raise DecodeError(f"{path}: no sleep stage, expected one for each 30 s")
    return put_together(rows, path)


def _head(lines: Sequence[str]) -> tuple[Mapping[str, str], int]:
    """Return what the head says, and the number of its lines."""
    head: dict[str, str] = {}
    for number, text in enumerate(lines):
        found = _HEAD.fullmatch(text.strip())
        if found is None and text.strip():
            return head, number
        if found is not None:
            head[found[1].lower()] = found[2].strip()
    return head, len(lines)


def _line(text: str, number: int, path: Path) -> _Line:
    times, separator, rest = text.partition(";")
    if not separator:
        raise DecodeError(
            f"{path}:{number}: got {text.strip()[:40]!r}, expected 'time; event' or 'time-time; s; event'"
        )
    # A date adds nothing to lines that follow each other.
    onset, end = (_DATED.sub("", part.strip()) for part in times.partition("-")[::2])
    # Between the times and the name some write how many seconds it lasts, whole ones.
    return _Line(number, onset, end, rest.rpartition(";")[2].strip())


def _row(line: _Line, elapsed: Elapsed, path: Path, *, is_stage: bool) -> Row:
    place = f"{path}:{line.number}"
    onset_ns = elapsed.since(of_day_ns(line.onset, place))
    length = elapsed.after(onset_ns, of_day_ns(line.end, place)) if line.end else None
    return Row(onset_ns, length, line.name, meaning_of(line.name, is_stage=is_stage))

"""Rows of a list of scored events, put together to what was scored."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, NamedTuple

from detectors.annotations import Annotations, Span
from detectors.events import StageSpan
from detectors.rules.combined import LegMovement
from detectors.signal import NS_PER_S, Leg
from ingest.errors import DecodeError
from ingest.files.events_tsv import FARTHEST_S, OtherEvent, ScoredEvents
from ingest.files.scoring_words import Meaning, Scored

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

EPOCH_NS = 30 * NS_PER_S
"""A stage of which nobody says how long it lasts, where no other follows."""
# Programs write onset and duration rounded, so that stages that follow each other overlap by as much.
_ROUNDED_NS = NS_PER_S
_MOST_NAMED = 5


class Row(NamedTuple):
    """One row.

    Parameters
    ----------
    onset_ns : int
        From the start of the recording, ns.
    length_ns : int or None
        None where the list does not say it: a stage lasts until the next one, anything else no time.
    name : str
        As written.
    meaning : Meaning or None
        What it is; None is counted as left out.
    """

    onset_ns: int
    length_ns: int | None
    name: str
    meaning: Meaning | None


def put_together(rows: Iterable[Row], path: Path) -> ScoredEvents:
    """Return what was scored.

    Parameters
    ----------
    rows : iterable of Row
        In any order.
    path : Path
        The list, for messages; movements are named after it.

    Returns
    -------
    ScoredEvents
        By onset, with the names that were not understood.

    Raises
    ------
    DecodeError
        If there is a row and none of them means anything, or stages overlap.
    """
    listed = sorted(rows, key=lambda row: (row.onset_ns, row.length_ns or 0))
    left_out = Counter(row.name for row in listed if row.meaning is None)
    if left_out and left_out.total() == len(listed):
        names = ", ".join(repr(name[:40]) for name, _ in left_out.most_common(_MOST_NAMED))
        raise DecodeError(
            f"{path}: got {len(listed)} rows of {names}, expected sleep stages, leg movements, apnoeas or arousals"
        )
    known = [(row, row.meaning) for row in listed if row.meaning is not None]
    movements = [
        LegMovement(row.onset_ns, _end_ns(row), leg, path.stem)
        for row, meaning in known
        if meaning.what is Scored.MOVEMENT
        for leg in meaning.legs
    ]
    try:
        annotations = Annotations(
            tuple(_stages([row for row, meaning in known if meaning.what in {Scored.STAGE, Scored.UNSCORED}])),
            tuple(Span(row.onset_ns, _end_ns(row)) for row, meaning in known if meaning.what is Scored.RESPIRATORY),
            tuple(Span(row.onset_ns, _end_ns(row)) for row, meaning in known if meaning.what is Scored.AROUSAL),
        )
    except ValueError as error:
        raise DecodeError(f"{path}: {error}") from error
    others = tuple(_other(row, meaning) for row, meaning in known if meaning.kind is not None)
    return ScoredEvents(tuple(movements), annotations, others, tuple(sorted(left_out.items())))


def seconds_ns(text: str, column: str, place: str) -> int:
    """Return decimal seconds as whole ns; decimal all the way, so that 0.1 s is 0.1 s.

    Parameters
    ----------
    text : str
        The number; a comma may stand for the point.
    column, place : str
        What it is and where, for the message.

    Returns
    -------
    int
        ns.

    Raises
    ------
    DecodeError
        If it is no number that a list of one night can mean.

    Examples
    --------
    >>> seconds_ns("0,1", "onset", "list.csv:2")
    100000000
    """
    try:
        seconds = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        seconds = Decimal("nan")
    if not (seconds.is_finite() and -FARTHEST_S <= seconds <= FARTHEST_S):
        raise DecodeError(f"{place}: {column} is {text[:40]!r}, expected a number of seconds")
    return int((seconds * NS_PER_S).to_integral_value())


def length_ns(text: str, column: str, place: str) -> int | None:
    """Return a duration as whole ns, or None where there is none; see :func:`seconds_ns`."""
    if text.strip().lower() in {"", "n/a", "na", "nan"}:
        return None
    length = seconds_ns(text, column, place)
    if length < 0:
        raise DecodeError(f"{place}: {column} is {text.strip()[:40]}, expected 0 s or more")
    return length


def _end_ns(row: Row) -> int:
    return row.onset_ns + (row.length_ns or 0)


def _other(row: Row, meaning: Meaning) -> OtherEvent:
    if meaning.kind is None:
        msg = f"{row.name} has no kind"
        raise ValueError(msg)
    legs = meaning.legs
    leg = legs[0] if len(legs) == 1 else Leg.BOTH if legs else Leg.UNKNOWN
    return OtherEvent(meaning.kind, row.onset_ns, _end_ns(row), leg)


def _stages(rows: Sequence[Row]) -> Iterable[StageSpan]:
    """Yield the stages; one without a length ends where the next begins."""
    for number, row in enumerate(rows):
        following_ns = rows[number + 1].onset_ns if number + 1 < len(rows) else None
        if row.length_ns is None:
            end_ns = row.onset_ns + EPOCH_NS if following_ns is None else following_ns
        else:
            end_ns = _end_ns(row)
        if following_ns is not None and row.onset_ns <= following_ns < end_ns <= following_ns + _ROUNDED_NS:
            end_ns = following_ns
        if row.meaning is not None and row.meaning.stage is not None and end_ns > row.onset_ns:
            yield StageSpan(row.onset_ns, end_ns, row.meaning.stage)

"""A scored night as a tab-separated list of events, the input of ``soleus rules``."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from detectors.annotations import Annotations, Span
from detectors.events import Stage, StageSpan
from detectors.rules.combined import LegMovement
from detectors.signal import NS_PER_S, Leg
from ingest.errors import DecodeError

if TYPE_CHECKING:
    from pathlib import Path

    from detectors.events import EventKind

COLUMNS = ("onset", "duration", "trial_type")
LEGS = {f"LM {leg}": leg for leg in (Leg.LEFT, Leg.RIGHT)}
STAGES = {f"Sleep stage {stage}": stage for stage in Stage}
RESPIRATORY = frozenset({"Apnea", "Hypopnea"})
AROUSAL = "Arousal"
# Seconds since 1970 still fit, and nothing that a list of one night can mean lies beyond.
FARTHEST_S = Decimal(10) ** 10


@dataclass(frozen=True, slots=True)
class OtherEvent:
    """An event that is no leg movement.

    Parameters
    ----------
    kind : EventKind
        What it is.
    onset_ns, end_ns : int
        ``[onset, end)``, ns.
    leg : Leg
        The leg, both, or unknown.
    """

    kind: EventKind
    onset_ns: int
    end_ns: int
    leg: Leg


@dataclass(frozen=True, slots=True)
class ScoredEvents:
    """What a list of events says, in order of time; time zero of the list is 0 ns.

    Parameters
    ----------
    movements : tuple of LegMovement
        Leg movements of both legs.
    annotations : Annotations
        Sleep stages, respiratory events and arousals.
    others : tuple of OtherEvent
        Events of other kinds that Soleus has a name for.
    left_out : tuple of (str, int)
        Names in the list that mean nothing that is read, and how often each stands there.
    """

    movements: tuple[LegMovement, ...]
    annotations: Annotations
    others: tuple[OtherEvent, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class _Row:
    onset_ns: int
    end_ns: int
    trial_type: str


def read_events(path: Path) -> ScoredEvents:
    """Read a list of scored events.

    Parameters
    ----------
    path : Path
        Tab-separated text with a header; ``onset`` and ``duration`` in seconds, ``trial_type`` one
        of ``LM left``, ``LM right``, ``Sleep stage W`` (``N1``, ``N2``, ``N3``, ``R``), ``Apnea``,
        ``Hypopnea``, ``Arousal``. Further columns are ignored, and so is the order of the rows.

    Returns
    -------
    ScoredEvents
        The events; times keep every digit of the file down to 1 ns.

    Raises
    ------
    DecodeError
        If the file is not such a list; names the file and the line.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        msg = f"{path}: byte {error.start} is not UTF-8, expected tab-separated text"
        raise DecodeError(msg) from error
    header = [name.strip() for name in lines[0].split("\t")]
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        got = " ".join(header).strip() or "an empty line"
        msg = f"{path}:1: got {got[:60]!r}, expected tab-separated columns onset, duration, trial_type"
        raise DecodeError(msg)
    where = [header.index(name) for name in COLUMNS]
    rows = [
        _row(line.split("\t"), where, f"{path}:{number}")
        for number, line in enumerate(lines[1:], start=2)
        if line.strip()
    ]
    return _sorted_out(sorted(rows, key=lambda row: row.onset_ns), path)


def _row(cells: list[str], where: list[int], place: str) -> _Row:
    if len(cells) <= max(where):
        msg = f"{place}: got {len(cells)} tab-separated columns, expected at least {max(where) + 1}"
        raise DecodeError(msg)
    onset, duration, trial_type = (cells[index].strip() for index in where)
    onset_ns = _nanoseconds(onset, "onset", place)
    duration_ns = _nanoseconds(duration, "duration", place)
    if duration_ns < 0:
        msg = f"{place}: duration is {duration}, expected 0 s or more"
        raise DecodeError(msg)
    known = (*LEGS, *STAGES, *sorted(RESPIRATORY), AROUSAL)
    if trial_type not in known:
        msg = f"{place}: trial_type is {trial_type!r}, expected one of {', '.join(known)}"
        raise DecodeError(msg)
    return _Row(onset_ns, onset_ns + duration_ns, trial_type)


def _nanoseconds(text: str, column: str, place: str) -> int:
    """Return seconds as whole ns; decimal all the way, so that 0.1 s is 0.1 s."""
    try:
        seconds = Decimal(text)
    except InvalidOperation:
        seconds = Decimal("nan")
    if not (seconds.is_finite() and -FARTHEST_S <= seconds <= FARTHEST_S):
        msg = f"{place}: {column} is {text!r}, expected a number of seconds"
        raise DecodeError(msg)
    return int((seconds * NS_PER_S).to_integral_value())


def _sorted_out(rows: list[_Row], path: Path) -> ScoredEvents:
    movements = [LegMovement(r.onset_ns, r.end_ns, LEGS[r.trial_type], path.stem) for r in rows if r.trial_type in LEGS]
    stages = [StageSpan(r.onset_ns, r.end_ns, STAGES[r.trial_type]) for r in rows if r.trial_type in STAGES]
    breaths = [Span(r.onset_ns, r.end_ns) for r in rows if r.trial_type in RESPIRATORY]
    arousals = [Span(r.onset_ns, r.end_ns) for r in rows if r.trial_type == AROUSAL]
    try:
        annotations = Annotations(tuple(stages), tuple(breaths), tuple(arousals))
    except ValueError as error:
        msg = f"{path}: {error}"
        raise DecodeError(msg) from error
    return ScoredEvents(tuple(movements), annotations)

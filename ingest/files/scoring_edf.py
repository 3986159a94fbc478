"""What was scored in the annotations of an EDF+ or BDF+ file, with its signals or alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from detectors.signal import NS_PER_S
from ingest.errors import DecodeError
from ingest.files.edf_annotations import LABELS, begin_ns, entries, stored_pieces
from ingest.files.edf_header import read_header
from ingest.files.edf_layout import read_layout
from ingest.files.edf_records import Records
from ingest.files.scored_rows import Row, put_together
from ingest.files.scoring_clock import offset_of
from ingest.files.scoring_words import meaning_of

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.files.edf_header import Header
    from ingest.files.events_tsv import ScoredEvents


def read_scored_edf(path: Path, start_ns: int | None, time_zone: str | None) -> ScoredEvents:
    """Read the annotations of a file.

    Parameters
    ----------
    path : Path
        The recording itself, or a file of annotations alone; that may be interrupted (EDF+D).
    start_ns : int or None
        When the recording began, UTC ns; where the file is not the recording, its own start is held against it.
    time_zone : str or None
        Where it was recorded.

    Returns
    -------
    ScoredEvents
        What was scored; names that mean nothing that is read are counted.

    Raises
    ------
    DecodeError
        If it is no such file, or has no annotations.
    """
    header = read_header(path, with_signals=False)
    channels = [one for one in header.channels if one.label in LABELS]
    if not channels:
        raise DecodeError(f"{path}: no annotations, expected an EDF+ file that has some")
    rows: list[Row] = []
    first_ns = 0
    for number, channel in enumerate(channels):
        for piece, stored in enumerate(stored_pieces(path, header, channel)):
            if number == piece == 0:
                first_ns = begin_ns(stored)
            told = (entry for entry in entries(stored) if entry[2])
            rows += [Row(onset_ns, length_ns, text, meaning_of(text)) for onset_ns, length_ns, text in told]
    # Of the recording itself the first sample is at its start; a whole second is all that a header says.
    shift_ns = -first_ns if start_ns is None else offset_of(_begin(path, header), start_ns, time_zone, str(path))
    return put_together([row._replace(onset_ns=row.onset_ns + shift_ns) for row in rows], path)


def _begin(path: Path, header: Header) -> datetime:
    """Return the start that annotations count from: as the header says it, or as an exported night knows it in UTC."""
    exported = read_layout(path, header, Records(path, header))
    if exported is None:
        return header.start.replace(tzinfo=None)
    return datetime.fromtimestamp(exported.start_ns // NS_PER_S, UTC)

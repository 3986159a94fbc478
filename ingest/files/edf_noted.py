"""EDF+ files that we write with annotations alone, as a scorer hands them on (EDF+ specification 2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ingest.files.edf_notes import LEAST_BYTES, record_time, written
from ingest.files.edf_numbers import EDF_BYTES
from ingest.files.edf_writing import edf_header, with_records

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from ingest.files.edf_notes import Note

# Programs refuse data records of more than 61440 bytes, the most that the specification advises.
_MOST_BYTES: Final = 32768


def annotations_alone(notes: Sequence[Note], start: datetime, *, equipment: str) -> bytes:
    """Return annotations of a recording as a file of their own.

    Parameters
    ----------
    notes : sequence of Note
        The annotations, from the start of the recording.
    start : datetime
        When the recording began, to the microsecond; written as it is, because EDF knows no time zone.
    equipment : str
        What wrote the annotations, without blanks.

    Returns
    -------
    bytes
        The file.

    Notes
    -----
    A header says whole seconds: what is beyond them stands in the time of the first data record, as it does in a
    recording. Data records without signals last 0 s, so that all of them begin with the recording.
    """
    whole = start.replace(microsecond=0)
    begin_s = (start - whole).total_seconds()
    pages = list(_pages([note._replace(onset_s=begin_s + note.onset_s) for note in sorted(notes)], begin_s))
    n_bytes: int = max(LEAST_BYTES, *map(len, pages))
    n_bytes += n_bytes % EDF_BYTES
    header = edf_header([], whole, record_s=0, note_bytes=n_bytes, told=[equipment])
    return with_records(header, len(pages)) + b"".join(page.ljust(n_bytes, b"\0") for page in pages)


def _pages(notes: Sequence[Note], begin_s: float) -> Iterator[bytes]:
    """Yield the annotations of each data record."""
    page = record_time(begin_s)
    for note in notes:
        entry = written(note)
        if len(page) + len(entry) > _MOST_BYTES:
            yield page
            page = record_time(begin_s)
        page += entry
    yield page

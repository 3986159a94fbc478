"""Annotations of an EDF+ file: which bytes stand in which data record (EDF+ specification 2.2)."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

MS_PER_S = 1000
LEAST_BYTES = 64
ROOM = 2
"""The records have room for this many times what is written, so that annotations stay near their time."""


class Note(NamedTuple):
    """An annotation.

    Parameters
    ----------
    onset_s, duration_s : float
        When, from the start of the file, and how long; 0 for a moment.
    text : str
        What; control characters are left out.
    """

    onset_s: float
    duration_s: float
    text: str


class NotePages:
    r"""The annotations of a file, record by record.

    Parameters
    ----------
    notes : iterable of Note
        All of them.
    n_records : int
        Data records of the file.
    record_ms : int
        Length of each.
    sample_bytes : int
        Length of a stored number of the file.

    Examples
    --------
    >>> pages = NotePages([Note(1.5, 2.0, "Signal gap")], n_records=3, record_ms=1000)
    >>> pages.record(1)[:24]
    b'+1\x14\x14\x00+1.5\x152\x14Signal gap\x14\x00'
    >>> len(pages.record(0)) == pages.n_bytes
    True
    """

    def __init__(self, notes: Iterable[Note], *, n_records: int, record_ms: int, sample_bytes: int = 2) -> None:
        self._record_ms = record_ms
        entries = [(note.onset_s, written(note)) for note in sorted(notes)]
        keeping = len(self._time(n_records))
        longest = max((len(entry) for _, entry in entries), default=0)
        share = ROOM * sum(len(entry) for _, entry in entries) // n_records
        n_bytes: int = max(LEAST_BYTES, keeping + max(longest, share))
        self.n_bytes = -(-n_bytes // sample_bytes) * sample_bytes
        """Length of each record's annotations, which stand in place of whole samples."""
        self._entries: dict[int, bytes] = {}
        for onset_s, entry in entries:
            wanted = min(max(int(onset_s * MS_PER_S / record_ms), 0), n_records - 1)
            number = self._with_room(wanted, n_records, len(entry) + keeping)
            self._entries[number] = self._entries.get(number, b"") + entry

    def record(self, number: int) -> bytes:
        """Return the annotations of one data record, which begin with its own time."""
        return (self._time(number) + self._entries.get(number, b"")).ljust(self.n_bytes, b"\0")

    def _with_room(self, wanted: int, n_records: int, length: int) -> int:
        """Return the record nearest behind the wanted one, or else before it, that has room."""
        for number in chain(range(wanted, n_records), range(wanted - 1, -1, -1)):
            if len(self._entries.get(number, b"")) + length <= self.n_bytes:
                return number
        return wanted  # cannot be: together they have room for twice as much

    def _time(self, number: int) -> bytes:
        return record_time(number * self._record_ms / MS_PER_S)


def record_time(begin_s: float) -> bytes:
    """Return what the annotations of a data record begin with: when it does, from the start in the header, s."""
    return b"+" + _seconds(begin_s) + b"\x14\x14\0"


def written(note: Note) -> bytes:
    """Return an annotation as it stands in a data record."""
    text = "".join(character for character in note.text if character.isprintable())
    lasting = b"\x15" + _seconds(note.duration_s) if note.duration_s else b""
    return b"+" + _seconds(note.onset_s) + lasting + b"\x14" + text.encode() + b"\x14\0"


def _seconds(value: float) -> bytes:
    """Write seconds to the microsecond, without zeros at the end."""
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return text.encode()

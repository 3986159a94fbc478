"""When the data begin, and the sleep stages, out of the annotations of an EDF+ file."""

from __future__ import annotations

import os
import re
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from detectors.events import Stage, StageSpan
from detectors.signal import NS_PER_S
from ingest.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ingest.files.edf_header import ChannelHeader, Header

LABELS = ("EDF Annotations", "BDF Annotations")
# Onset, perhaps a duration, texts (EDF+ specification 2.2.2). Nine digits of seconds are 31 years.
_ENTRY = re.compile(rb"([+-]\d{1,9}(?:\.\d{1,12})?)(?:\x15(\d{1,9}(?:\.\d{1,12})?))?\x14([^\0]{0,1000})\x14\0")
_STAGE = re.compile(rb"sleep stage ([^\x14 ]+)", re.IGNORECASE)
# Rechtschaffen and Kales counted four stages; AASM joined the last two.
_STAGES = {str(stage): stage for stage in Stage} | {
    "1": Stage.N1,
    "2": Stage.N2,
    "3": Stage.N3,
    "4": Stage.N3,
    "N4": Stage.N3,
}
PIECE_BYTES = 1 << 20
# A stage without a duration lasts until the next one begins; the last of the file, one epoch.
EPOCH_NS = 30 * NS_PER_S


class Annotated(NamedTuple):
    """What the annotations say.

    Parameters
    ----------
    begin_ns : int
        How long after the start in the header the first data record begins, ns.
    stages : tuple of StageSpan
        Sleep stages by onset, without overlap; ns from the start in the header.
    """

    begin_ns: int
    stages: tuple[StageSpan, ...]


class _Scored(NamedTuple):
    onset_ns: int
    length_ns: int | None
    stage: Stage | None


def read_annotations(path: Path, header: Header) -> Annotated:
    """Read the annotations.

    Parameters
    ----------
    path : Path
        The file.
    header : Header
        Its header.

    Returns
    -------
    Annotated
        Annotations are free text, so what is not understood is left out.

    Raises
    ------
    DecodeError
        If the records do not follow each other in time.
    """
    begin_ns = 0
    scored: list[_Scored] = []
    for number, channel in enumerate(one for one in header.channels if one.label in LABELS):
        if number == 0:
            begin_ns = _begin_ns(path, header, channel)
        for stored in stored_pieces(path, header, channel):
            scored += _scored(stored)
    return Annotated(begin_ns, _spans(sorted(scored, key=lambda one: one.onset_ns)))


def _begin_ns(path: Path, header: Header, channel: ChannelHeader) -> int:
    """Return when the data begin; the first entry of each record says when the record does."""
    last_record = header.n_records - 1
    first, last = (_ENTRY.match(_stored(path, header, channel, (one, one + 1))) for one in (0, last_record))
    if first is None:
        return 0
    expected_s = last_record * header.record_s
    if last is not None:
        took_s = (_nanoseconds(last[1]) - _nanoseconds(first[1])) / NS_PER_S
        if abs(took_s - expected_s) > header.record_s / 2:
            msg = (
                f"{path}: the last data record begins {took_s:g} s after the first, expected {expected_s:g} s: "
                "time is missing although the file says that it is continuous"
            )
            raise DecodeError(msg)
    return _nanoseconds(first[1])


def stored_bytes(path: Path, header: Header, channel: ChannelHeader) -> bytes:
    """Return the bytes of one channel, record after record; nothing else of the file is read."""
    return _stored(path, header, channel, (0, header.n_records))


def stored_pieces(path: Path, header: Header, channel: ChannelHeader) -> Iterator[bytes]:
    """Yield the same piece by piece: no annotation goes on from one record to the next (EDF+ specification 2.2.2)."""
    n_records = max(1, PIECE_BYTES // max(1, header.sample_bytes * channel.n_per_record))
    for begin in range(0, header.n_records, n_records):
        yield _stored(path, header, channel, (begin, min(begin + n_records, header.n_records)))


def _stored(path: Path, header: Header, channel: ChannelHeader, records: tuple[int, int]) -> bytes:
    length, step = header.sample_bytes * channel.n_per_record, header.sample_bytes * header.n_per_record
    first = header.n_bytes + header.sample_bytes * channel.first
    with path.open("rb", buffering=0) as file:
        return b"".join(os.pread(file.fileno(), length, first + step * record) for record in range(*records))


def begin_ns(stored: bytes) -> int:
    """Return how long after the start in the header the data begin, ns, by the annotations of the first record."""
    first = _ENTRY.match(stored)
    return 0 if first is None else _nanoseconds(first[1])


def entries(stored: bytes) -> Iterator[tuple[int, int | None, str]]:
    """Yield onset and duration (ns from the start in the header; None where there is none) and text of annotations."""
    for onset, duration, texts in _ENTRY.findall(stored):
        for text in texts.split(b"\x14"):
            length_ns = _nanoseconds(duration) if duration else 0
            yield _nanoseconds(onset), length_ns or None, text.decode("utf-8", "replace").strip()


def _scored(stored: bytes) -> Iterator[_Scored]:
    if _STAGE.search(stored) is None:
        return
    for onset, duration, texts in _ENTRY.findall(stored):
        for text in texts.split(b"\x14"):
            named = _STAGE.fullmatch(text)
            if named:
                length_ns = _nanoseconds(duration) if duration else 0
                stage = _STAGES.get(named[1].decode("ascii", "replace").upper())
                yield _Scored(_nanoseconds(onset), length_ns or None, stage)


def _spans(scored: Sequence[_Scored]) -> tuple[StageSpan, ...]:
    """Return the known stages, each ending at the latest where the next begins."""
    spans = []
    for position, one in enumerate(scored):
        ends_ns = [following.onset_ns for following in scored[position + 1 : position + 2]]
        if one.length_ns is not None:
            ends_ns.append(one.onset_ns + one.length_ns)
        end_ns = min(ends_ns, default=one.onset_ns + EPOCH_NS)
        if one.stage is not None and end_ns > one.onset_ns:
            spans.append(StageSpan(one.onset_ns, end_ns, one.stage))
    return tuple(spans)


def _nanoseconds(seconds: bytes) -> int:
    """Return decimal seconds as whole ns; decimal all the way, so that 0.1 s is 0.1 s."""
    return int((Decimal(seconds.decode("ascii")) * NS_PER_S).to_integral_value())

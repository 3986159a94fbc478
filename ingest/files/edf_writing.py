"""EDF+ files that we write: simulated nights, and the header of every file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import edfio
import numpy as np

from ingest.files.edf_header import N_RECORDS_AT, N_RECORDS_BYTES
from ingest.files.edf_night import written_channels
from ingest.files.edf_numbers import BDF_BYTES, EDF_BYTES, STORED_RANGE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from detectors.simulate import SimulatedNight
    from ingest.files.edf_night import Written

    _Kind = tuple[Any, Any]

# Every simulated night begins here, so that the same seed gives the same bytes.
STARTS = datetime(2026, 1, 1, 22, 30, tzinfo=UTC)
PIECE_S = 60
# The time of the first record, and what stands around the text of its first annotation.
_SHORTEST_NOTES = len(b"+0\x14\x14\0" + b"+0\x14" + b"\x14\0")


class Described(NamedTuple):
    """A channel as the header of a file that is written describes it.

    Parameters
    ----------
    label, unit : str
        As they stand there.
    n_per_record : int
        Samples in each data record.
    physical_range : tuple of float
        What the smallest and the largest stored number mean, in `unit`.
    stored_range : tuple of int
        Those numbers.
    """

    label: str
    unit: str
    n_per_record: int
    physical_range: tuple[float, float]
    stored_range: tuple[int, int] = STORED_RANGE[EDF_BYTES]


def write_edf(
    path: Path, night: SimulatedNight, *, start: datetime = STARTS, progress: Callable[[float], None] | None = None
) -> None:
    """Write a simulated night as EDF+, one minute after the other.

    Parameters
    ----------
    path : Path
        The file; an existing one is replaced.
    night : SimulatedNight
        The night; a started second at its end is left out.
    start : datetime
        When it begins, whole seconds; written as it is, because EDF knows no time zone.
    progress : callable, optional
        Is told the share that is written, 0 to 1.

    Raises
    ------
    ValueError
        If it is shorter than a second, or has a rate or a muscle that the file cannot tell.

    Notes
    -----
    EMG is stored in steps of 0.1 µV up to ±3.2 mV and acceleration in steps of 0.25 mg up to ±8 g; what
    goes beyond stops there, as in a recorder.
    """
    columns = written_channels(night)
    seconds = int(night.duration_s)
    if seconds < 1:
        msg = f"the night lasts {night.duration_s:g} s, expected 1 s or more"
        raise ValueError(msg)
    head, first_note = _first_second(columns, start)
    width = len(first_note)
    with path.open("wb") as file:
        file.write(with_records(head, seconds))
        for begin in range(0, seconds, PIECE_S):
            end = min(begin + PIECE_S, seconds)
            notes = [b"+%d\x14\x14" % second for second in range(begin, end)]
            notes[0] = notes[0] if begin else first_note
            stored = [column.stored(begin, end).astype("<i2") for column in columns]
            noted = np.frombuffer(b"".join(note.ljust(width, b"\0") for note in notes), dtype="<i2")
            file.write(np.hstack([*stored, noted.reshape(end - begin, -1)]).tobytes())
            if progress is not None:
                progress(end / seconds)


def _first_second(columns: Sequence[Written], start: datetime) -> tuple[bytes, bytes]:
    """Return the header, and the annotations of the first record, as edfio writes them for a night of a second."""
    described = [Described(column.label, column.unit, column.n_per_s, column.physical_range) for column in columns]
    recording = edfio.Recording(startdate=start.date(), equipment_code="soleus_simulate")
    return _first_record(described, start, recording, "Simulated night starts")


def edf_header(
    channels: Sequence[Described],
    start: datetime,
    *,
    record_s: float,
    note_bytes: int,
    told: Sequence[str],
    sample_bytes: int = EDF_BYTES,
) -> bytes:
    """Return the header of an EDF+ or BDF+ file whose data records follow, and are 0 so far.

    Parameters
    ----------
    channels : sequence of Described
        The channels; one of annotations follows them.
    start : datetime
        When it begins, whole seconds; written as it is, because EDF knows no time zone.
    record_s : float
        Length of a data record, s; of a file without channels it is 0 whatever is given.
    note_bytes : int
        Length of the annotations in each data record, whole samples.
    told : sequence of str
        What else the header tells of the recording: the equipment, then anything.
    sample_bytes : int
        Length of a stored number: 2 for EDF+, 3 for BDF+.

    Returns
    -------
    bytes
        The header; :func:`with_records` says how many records there are.
    """
    recording = edfio.Recording(startdate=start.date(), equipment_code=told[0], additional=told[1:])
    text = "x" * (note_bytes - _SHORTEST_NOTES)
    kind = (edfio.Bdf, edfio.BdfSignal) if sample_bytes == BDF_BYTES else (edfio.Edf, edfio.EdfSignal)
    record = _record(channels, start, recording, text, record_s, kind)
    return record.to_bytes()[: record.bytes_in_header_record]


def with_records(header: bytes, n_records: int) -> bytes:
    """Return a header that says how many data records follow."""
    return (
        header[:N_RECORDS_AT]
        + str(n_records).encode().ljust(N_RECORDS_BYTES)
        + header[N_RECORDS_AT + N_RECORDS_BYTES :]
    )


def _first_record(
    channels: Sequence[Described], start: datetime, recording: edfio.Recording, note: str
) -> tuple[bytes, bytes]:
    """Return the header, and the annotations of the first record, as edfio writes them for one data record."""
    record = _record(channels, start, recording, note)
    written, n_samples = record.to_bytes(), sum(channel.n_per_record for channel in channels)
    n_bytes = record.bytes_in_header_record
    return written[:n_bytes], written[n_bytes + EDF_BYTES * n_samples :]


def _record(
    channels: Sequence[Described],
    start: datetime,
    recording: edfio.Recording,
    note: str,
    record_s: float = 1.0,
    kind: _Kind = (edfio.Edf, edfio.EdfSignal),
) -> edfio.Edf | edfio.Bdf:
    """Return a file of one data record, all zeros, with one annotation."""
    whole, one = kind
    signals = [
        one.from_digital(
            np.zeros(channel.n_per_record, dtype=np.int32 if one is edfio.BdfSignal else np.int16),
            channel.n_per_record / record_s,
            label=channel.label,
            physical_dimension=channel.unit,
            physical_range=channel.physical_range,
            digital_range=channel.stored_range,
        )
        for channel in channels
    ]
    record: edfio.Edf | edfio.Bdf = whole(
        signals,
        recording=recording,
        starttime=start.time().replace(microsecond=0),
        # Of a file without signals it finds out by itself that its data records last no time.
        data_record_duration=record_s if signals else None,
        annotations=[edfio.EdfAnnotation(0, None, note)],
    )
    return record

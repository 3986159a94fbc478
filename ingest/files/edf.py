"""Recordings in EDF and EDF+ files: the channels of legs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.events import StageSpan
from detectors.recording import Recording, steady_clock
from ingest.errors import DecodeError
from ingest.files.edf_annotations import LABELS, read_annotations
from ingest.files.edf_channels import factor_to_unit
from ingest.files.edf_header import read_header
from ingest.files.edf_layout import read_layout
from ingest.files.edf_records import Column, EdfSource, Records
from ingest.files.leg_streams import LegStream, leg_channels, leg_streams
from ingest.files.wall_clock import utc_ns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ingest.files.edf_annotations import Annotated
    from ingest.files.edf_header import ChannelHeader, Header


class _File(NamedTuple):
    """An opened file and when its first sample was taken."""

    path: Path
    header: Header
    records: Records
    start_ns: int


def read_edf(path: Path, *, channels: Mapping[str, str] | None = None, time_zone: str | None = None) -> Recording:
    """Open an EDF or EDF+ file; samples are read when they are asked for.

    Parameters
    ----------
    path : Path
        The file.
    channels : mapping of str to str, optional
        What a label of the file means, in words that are understood (``{"DC7": "EMG TA-L"}``); ``-`` leaves
        the channel out.
    time_zone : str, optional
        Where it was recorded (``Europe/Berlin``, ``+02:00``).

    Returns
    -------
    Recording
        EMG in µV and acceleration in g of both legs, tibialis anterior first, with the sleep stages of
        the annotations (``Sleep stage W``, ``N1``, ``N2``, ``N3``, ``R``).

    Raises
    ------
    DecodeError
        If it is no such file, is cut off or interrupted, has no leg channel, or begins at a time that the clocks of
        `time_zone` showed twice or never.

    Notes
    -----
    EDF knows no time zone: the start is taken as UTC as it is written where none is given. A leg with one
    EMG channel has one sensor, ``left``; with several they are ``left.ta``, ``left.gm`` by muscle. The
    accelerometer of the leg is ``left`` too.

    A night that was exported has a timing channel: it is read as it was measured, with the names of its sensors, unless
    `channels` says otherwise or the file was changed since.
    """
    header = read_header(path)
    annotated = read_annotations(path, header)
    records = Records(path, header)
    exported = None if channels else read_layout(path, header, records)
    if exported is not None:
        stages = _stages(annotated, exported.start_ns)
        return Recording(path.name, exported.start_ns, exported.sources, stages, exported.layout)
    header_ns = utc_ns(header.start.replace(tzinfo=None), time_zone, str(path))
    file = _File(path, header, records, header_ns + annotated.begin_ns)
    measured = [(one.label, one) for one in header.channels if one.label not in LABELS]
    found = leg_channels(measured, channels or {}, str(path), "say which is one with --channel 'LABEL=EMG TA-L'")
    streams = [_source(file, one) for one in leg_streams(found, str(path))]
    return Recording(path.name, file.start_ns, tuple(streams), _stages(annotated, header_ns))


def _stages(annotated: Annotated, start_ns: int) -> tuple[StageSpan, ...]:
    return tuple(StageSpan(start_ns + one.onset_ns, start_ns + one.end_ns, one.stage) for one in annotated.stages)


def _rate_hz(file: _File, columns: Sequence[ChannelHeader]) -> float:
    lengths = {one.n_per_record for one in columns}
    if len(lengths) > 1 or 0 in lengths:
        got = ", ".join(f"{one.n_per_record} of {one.label!r}" for one in columns)
        raise DecodeError(f"{file.path}: a data record has {got} samples, expected equally many and more than 0")
    return lengths.pop() / file.header.record_s


def _source(file: _File, found: LegStream[ChannelHeader]) -> EdfSource:
    axes = [one.place for one in found.channels]
    stream = found.stream(_rate_hz(file, axes))
    columns = []
    for one in axes:
        place = f"{file.path}: channel {one.label!r}"
        factor = factor_to_unit(stream.quantity, one.unit, place)
        gain, offset = one.calibration(place)
        columns.append(Column(one.first, np.float32(gain * factor), np.float32(offset * factor)))
    width = axes[0].n_per_record
    clock = steady_clock(file.start_ns, stream.fs_hz)
    return EdfSource(stream, clock, file.header.n_records * width, width, tuple(columns), file.records)

"""A recording of any kind that is understood, opened by what is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ingest.errors import DecodeError
from ingest.files.edf import read_edf
from ingest.files.edf_header import BDF_VERSION, EDF_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from detectors.recording import Recording

RECORDING_SUFFIXES = frozenset({".edf", ".bdf", ".rec", ".cwa", ".gt3x", ".bin", ".parquet"})
"""What a folder is searched for; a table of numbers as text is a recording only where a layout stands beside it."""
KINDS = "EDF, EDF+, BDF, Axivity .cwa, ActiGraph .gt3x, GENEActiv .bin, Parquet, CSV with a layout, or a BIDS data set"
_PEEK_BYTES = 64


class _Asked(NamedTuple):
    """A file and what is said of it."""

    path: Path
    channels: Mapping[str, str] | None
    layout: Path | None
    time_zone: str | None


def open_recording(
    path: Path,
    *,
    channels: Mapping[str, str] | None = None,
    layout: Path | None = None,
    time_zone: str | None = None,
) -> Recording:
    """Open a recording; samples are read when they are asked for.

    Parameters
    ----------
    path : Path
        EDF, EDF+, BDF, Axivity ``.cwa``, ActiGraph ``.gt3x``, GENEActiv ``.bin``, Parquet, CSV, or the folder of a BIDS
        data set with one recording. What the file begins with decides, then its suffix.
    channels : mapping of str to str, optional
        What a label of the file means (``{"DC7": "EMG TA-L"}``); ``-`` leaves the channel out.
    layout : Path, optional
        What the columns of a table are, see :mod:`ingest.files.table_layout`; the one beside the file if not given.
    time_zone : str, optional
        Where it was recorded (``Europe/Berlin``, ``+02:00``), for files that say their start without an offset; they
        are taken as UTC as it is written if not given.

    Returns
    -------
    Recording
        Leg EMG in µV and acceleration in g.

    Raises
    ------
    DecodeError
        If it is no such file or is damaged; one line that says what, got, expected and where.
    OSError
        If it cannot be read at all.
    """
    asked = _Asked(path, channels, layout, time_zone)
    with path.open("rb") as file:
        begin = file.read(_PEEK_BYTES)
    return _opener(path, begin)(asked)


def _opener(path: Path, begin: bytes) -> Callable[[_Asked], Recording]:
    """Return what reads a file that begins so."""
    if begin[: len(EDF_VERSION)] in {EDF_VERSION, BDF_VERSION} or path.suffix.lower() in {".edf", ".bdf", ".rec"}:
        return _edf
    shown = begin[:16].decode("ascii", "backslashreplace")
    raise DecodeError(f"{path}: begins with {shown!r}, expected {KINDS}")


def _edf(asked: _Asked) -> Recording:
    return read_edf(asked.path, channels=asked.channels, time_zone=asked.time_zone)

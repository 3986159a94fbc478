"""A recording of any kind that is understood, opened by what is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ingest.errors import DecodeError
from ingest.files.edf import read_edf
from ingest.files.edf_header import BDF_VERSION, EDF_VERSION
from ingest.files.table_layout import layout_beside

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from detectors.recording import Recording

RECORDING_SUFFIXES = frozenset({".edf", ".bdf", ".rec", ".cwa", ".gt3x", ".bin", ".parquet"})
"""What a folder is searched for; a table of numbers as text is a recording only where a layout stands beside it."""
TABLE_SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".parquet"})
KINDS = "EDF, EDF+, BDF, Axivity .cwa, ActiGraph .gt3x, GENEActiv .bin, Parquet, CSV with a layout, or a BIDS data set"
_PEEK_BYTES = 64


class _Asked(NamedTuple):
    """A file and what is said of it."""

    path: Path
    channels: Mapping[str, str] | None
    layout: Path | None
    time_zone: str | None
    salvage: bool


def open_recording(
    path: Path,
    *,
    channels: Mapping[str, str] | None = None,
    layout: Path | None = None,
    time_zone: str | None = None,
    salvage: bool = False,
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
    salvage : bool
        Read what is whole of a damaged Axivity or GENEActiv file; the log says what was left out. Files of other kinds
        are refused all the same.

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
    if path.is_dir():
        path = _in_data_set(path)
    asked = _Asked(path, channels, layout, time_zone, salvage)
    with path.open("rb") as file:
        begin = file.read(_PEEK_BYTES)
    return _opener(path, begin)(asked)


def is_recording(path: Path) -> bool:
    """Return whether a file of a folder is to be opened as a recording, by its name and what stands beside it.

    Parameters
    ----------
    path : Path
        The file; it is not opened.

    Returns
    -------
    bool
        A table is one only where a layout stands beside it: others are lists of events, and results.
    """
    suffix = path.suffix.lower()
    return layout_beside(path) is not None if suffix in TABLE_SUFFIXES else suffix in RECORDING_SUFFIXES


def _opener(path: Path, begin: bytes) -> Callable[[_Asked], Recording]:
    """Return what reads a file that begins so."""
    by_content = next((opener for mark, opener in _MARKS.items() if begin.startswith(mark)), None)
    opener = by_content or _SUFFIXES.get(path.suffix.lower())
    if opener is not None:
        return opener
    shown = begin[:16].decode("ascii", "backslashreplace")
    raise DecodeError(f"{path}: begins with {shown!r}, expected {KINDS}")


def _in_data_set(folder: Path) -> Path:
    from ingest.files.bids_recording import only_recording  # noqa: PLC0415 - few recordings are in a data set

    return only_recording(folder)


def _edf(asked: _Asked) -> Recording:
    if asked.path.name.startswith("sub-"):
        from ingest.files.bids_recording import is_bids, read_bids  # noqa: PLC0415 - as above

        if is_bids(asked.path):
            return read_bids(asked.path, channels=asked.channels, time_zone=asked.time_zone)
    return read_edf(asked.path, channels=asked.channels, time_zone=asked.time_zone)


def _parquet(asked: _Asked) -> Recording:
    return _table(asked, is_parquet=True)


def _csv(asked: _Asked) -> Recording:
    return _table(asked, is_parquet=False)


def _table(asked: _Asked, *, is_parquet: bool) -> Recording:
    # Loaded here, as the readers of devices are: most recordings are EDF, and a command is to start at once.
    from ingest.files.tables import read_table  # noqa: PLC0415 - see above

    return read_table(
        asked.path, layout=asked.layout, channels=asked.channels, time_zone=asked.time_zone, is_parquet=is_parquet
    )


def _axivity(asked: _Asked) -> Recording:
    from ingest.files.axivity import read_axivity  # noqa: PLC0415 - as above

    return read_axivity(asked.path, channels=asked.channels, time_zone=asked.time_zone, salvage=asked.salvage)


def _actigraph(asked: _Asked) -> Recording:
    from ingest.files.actigraph import read_actigraph  # noqa: PLC0415 - as above

    return read_actigraph(asked.path, channels=asked.channels, time_zone=asked.time_zone)


def _geneactiv(asked: _Asked) -> Recording:
    from ingest.files.geneactiv import read_geneactiv  # noqa: PLC0415 - as above

    return read_geneactiv(asked.path, channels=asked.channels, time_zone=asked.time_zone, salvage=asked.salvage)


# What a file begins with says more than its name.
_MARKS: Final[Mapping[bytes, Callable[[_Asked], Recording]]] = {
    EDF_VERSION: _edf,
    BDF_VERSION: _edf,
    b"PAR1": _parquet,
    b"MD\xfc\x03": _axivity,
    b"PK\x03\x04": _actigraph,
    b"Device Identity": _geneactiv,
    b"GENEA/": _geneactiv,
}
_SUFFIXES: Final[Mapping[str, Callable[[_Asked], Recording]]] = {
    **dict.fromkeys((".edf", ".bdf", ".rec"), _edf),
    ".parquet": _parquet,
    ".cwa": _axivity,
    ".gt3x": _actigraph,
    ".bin": _geneactiv,
    **dict.fromkeys((".csv", ".tsv", ".txt"), _csv),
}

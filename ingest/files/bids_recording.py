"""Recordings in BIDS data sets: which files they are, and what the tables beside them say of their channels."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from ingest.errors import DecodeError
from ingest.files.edf import read_edf
from ingest.files.edf_channels import AXES, LEFT_OUT, channel_of
from ingest.files.edf_header import read_header
from ingest.files.edf_timing import LABEL
from ingest.files.scorings import read_scoring

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from detectors.recording import Recording

MODALITIES: Final = ("emg", "eeg")
"""Leg muscles are recorded by themselves, or with a polysomnography."""
SUFFIXES: Final = (".edf", ".bdf")
_DESCRIPTION: Final = "dataset_description.json"
_NOT_KNOWN: Final = "n/a"
_BAD: Final = "bad"
_MOST_SHOWN: Final = 3
_FARTHEST: Final = timedelta(hours=14)
_QUARTER: Final = timedelta(minutes=15)


def bids_recordings(folder: Path) -> list[Path]:
    """Return the recordings of a data set, or of a part of one.

    Parameters
    ----------
    folder : Path
        The data set, or the folder of a subject or a session.

    Returns
    -------
    list of Path
        By name; what is in ``derivatives``, ``sourcedata`` and hidden folders is none.
    """
    return sorted(
        path
        for path in folder.rglob("sub-*")
        if is_bids(path)
        and path.is_file()
        and not any(part in {"derivatives", "sourcedata", "code"} or part.startswith(".")
                    for part in path.relative_to(folder).parts)
    )  # fmt: skip


def is_bids(path: Path) -> bool:
    """Return whether a file is named as a recording of a data set is: ``sub-1_task-sleep_emg.edf``."""
    kind = path.stem.rpartition("_")[2]
    return path.name.startswith("sub-") and kind in MODALITIES and path.suffix.lower() in SUFFIXES


def only_recording(folder: Path) -> Path:
    """Return the recording of a data set that has one.

    Parameters
    ----------
    folder : Path
        The data set, or a part of one.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    DecodeError
        If it has none or several.
    """
    found = bids_recordings(folder)
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(path.relative_to(folder).as_posix() for path in found[:_MOST_SHOWN])
        raise DecodeError(f"{folder}: a data set of {len(found)} recordings ({names}, ...), expected one of its files")
    what = "a data set without EMG or EEG in EDF or BDF" if (folder / _DESCRIPTION).is_file() else "no BIDS data set"
    raise DecodeError(f"{folder}: is a folder, and {what}; expected a recording")


def read_bids(path: Path, *, channels: Mapping[str, str] | None = None, time_zone: str | None = None) -> Recording:
    """Open a recording of a data set with what stands beside it.

    Parameters
    ----------
    path : Path
        The recording.
    channels : mapping of str to str, optional
        What a label of the file means, before what the data set says.
    time_zone : str, optional
        Where it was recorded, if the data set does not say when it began in UTC.

    Returns
    -------
    Recording
        A channel whose label is not understood is what ``channels.tsv`` says (``target_muscle`` with ``leg``,
        ``side`` or ``hemisphere``); one that is ``bad`` there is left out. Sleep stages come from ``events.tsv``
        where the recording has none.

    Raises
    ------
    DecodeError
        If the recording, or a table beside it, cannot be read.
    """
    stem = path.name.removesuffix(path.suffix).rpartition("_")[0]
    rows = _rows(path.with_name(f"{stem}_channels.tsv"))
    told = dict(_meanings(rows)) | dict(channels or {})
    recording = read_edf(path, channels=told or None, time_zone=_offset(path) or time_zone)
    events = path.with_name(f"{stem}_events.tsv")
    if recording.stages or not events.is_file():
        return recording
    try:
        listed = read_scoring(events).annotations.stages
    except DecodeError:
        # Events of a data set are what its experiment was about: that none of them is sleep is no fault.
        return recording
    start_ns = recording.start_ns
    shifted = (one._replace(onset_ns=start_ns + one.onset_ns, end_ns=start_ns + one.end_ns) for one in listed)
    return replace(recording, stages=tuple(shifted))


def _meanings(rows: list[dict[str, str]]) -> list[tuple[str, str]]:
    """Return what channels mean whose labels do not say it, and which are bad."""
    if any(row.get("name") == LABEL for row in rows):
        # Soleus has exported it: the labels say it all, and its timing channel more.
        return []
    found = []
    for row in rows:
        label = row.get("name", "")
        if row.get("status", "").lower() == _BAD and channel_of(label) is not None:
            found.append((label, LEFT_OUT))
        elif row.get("status", "").lower() != _BAD and channel_of(label) is None:
            meaning = next((one for one in _said(row) if channel_of(one) is not None), None)
            if meaning is not None:
                found.append((label, meaning))
    return found


def _said(row: Mapping[str, str]) -> list[str]:
    """Return what a row may mean, in the words of labels."""
    kind = row.get("type", "").upper()
    side = next((row[name] for name in ("leg", "side", "hemisphere", "body_side") if row.get(name)), "")
    if kind == "EMG":
        muscle = row.get("target_muscle", "")
        return [muscle, f"{muscle} {side}", row.get("description", "")]
    if kind in {"ACC", "ACCEL"}:
        axis = row.get("component", "") or row.get("name", "")[-1:]
        return [f"ACC {side} {axis}"] if axis.lower() in AXES else []
    return []


def _offset(path: Path) -> str | None:
    """Return the offset from UTC of the clock that a header was written by, where ``scans.tsv`` says it."""
    session = path.parent.parent
    stem = "_".join(part for part in path.name.split("_") if part.startswith(("sub-", "ses-")))
    name = path.relative_to(session).as_posix()
    acquired = next(
        (row.get("acq_time", "") for row in _rows(session / f"{stem}_scans.tsv") if row.get("filename") == name), ""
    )
    if not acquired.endswith("Z"):
        return None
    try:
        ahead = read_header(path).start - datetime.fromisoformat(acquired).astimezone(UTC)
    except ValueError as error:
        raise DecodeError(
            f"{session / stem}_scans.tsv: acq_time is {acquired[:40]!r}, expected a date and a time"
        ) from error
    quarters = round(ahead / _QUARTER)
    if abs(ahead) > _FARTHEST or abs(ahead - quarters * _QUARTER) > timedelta(seconds=1):
        # The dates of one of them were shifted to protect a person.
        return None
    hours, minutes = divmod(abs(quarters) * 15, 60)
    return f"{'-' if quarters < 0 else '+'}{hours:02d}:{minutes:02d}"


def _rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table beside a recording; none if there is no table, and no cell for what is not known."""
    if not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            listed = list(csv.DictReader(file, delimiter="\t"))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DecodeError(f"{path}: is no table of tabs ({error}), expected one of BIDS") from error
    return [
        {name: cell.strip() for name, cell in row.items() if isinstance(cell, str) and cell.strip() != _NOT_KNOWN}
        for row in listed
    ]

"""Where a recording and a list of marks come from; both can be sent to another process, which reads them there."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from dashboards.labelling import NOTHING
from detectors.criteria import named
from detectors.evaluate.marks import Mark, MarkedNight
from detectors.events import EventKind
from detectors.signal import S_PER_H
from ingest.files.scorings import read_scoring
from soleus.cohort.fulfilling import opened
from soleus.cohort.order import Manner
from soleus.evaluation.cases import RESULT_SUFFIXES
from soleus.evaluation.lists import is_truth, marked_result, marked_scoring, read_truth
from soleus.evaluation.results import read_result
from soleus.reading import AS_THEY_ARE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dashboards.labelling import Label
    from detectors.recording import Recording
    from soleus.reading import Reading

# That a recording can be read, and is of a leg, does not depend on thresholds.
_ANY_SET: Final = "wasm-2016"
# A header, and what follows it: some seconds of samples.
_PIECE_BYTES: Final = 1 << 16
Stamp = tuple[int, ...]
"""What changes when a file does."""


class Source(Protocol):
    """A recording to be opened; what is equal to it is the same recording, unchanged."""

    @property
    def key(self) -> str:
        """Its name in addresses."""
        ...

    def open(self, room: Path | None) -> Recording:
        """Return the recording; what has to be written for it goes into files without a name in `room`."""
        ...


class Reference(Protocol):
    """A list of marks to be read; what is equal to it is the same list, unchanged."""

    def read(self, recording: Recording) -> MarkedNight:
        """Return the list, counted from the start of its recording."""
        ...


@dataclass(frozen=True, slots=True)
class FileSource:
    """A recording of a file.

    Parameters
    ----------
    key : str
        Its name in addresses.
    path : Path
        The file.
    stamp : tuple of int
        From :func:`stamp_of`, of all that it is read with.
    reading : Reading
        How it is read.
    """

    key: str
    path: Path
    stamp: Stamp
    reading: Reading = AS_THEY_ARE

    def open(self, room: Path | None) -> Recording:  # noqa: ARG002 - what is in a file needs no more of it
        """Return the recording; samples are read when they are asked for."""
        how = self.reading
        manner = Manner(named(_ANY_SET), dict(how.channels), how.layout, how.time_zone, salvage=how.salvage)
        return opened(self.path, str(self.path), manner)


@dataclass(frozen=True, slots=True)
class FileReference:
    """A list of a file: of a person, a result of ``soleus score``, or the truth of a simulated night.

    Parameters
    ----------
    path : Path
        The file.
    stamp : tuple of int
        From :func:`stamp_of`.
    time_zone : str, optional
        Where the recording was made, for lists that say times of the day.
    """

    path: Path
    stamp: Stamp
    time_zone: str | None = None

    def read(self, recording: Recording) -> MarkedNight:
        """Return the list.

        Raises
        ------
        ConfigError, IngestError, OSError
            If it cannot be read.
        """
        if self.path.suffix.lower() in RESULT_SUFFIXES:
            return marked_result(read_result(self.path))
        if self.path.suffix.lower() == ".tsv" and is_truth(self.path):
            return read_truth(self.path)
        return marked_scoring(read_scoring(self.path, start_ns=recording.start_ns, time_zone=self.time_zone))


@dataclass(frozen=True, slots=True)
class LabelReference:
    """What a rater marked on the page *Label*.

    Parameters
    ----------
    labels : tuple of Label
        All of them.
    """

    labels: tuple[Label, ...]

    def read(self, recording: Recording) -> MarkedNight:
        """Return the list; that there is nothing somewhere is no mark."""
        return marked_labels(self.labels, hours=recording.duration_s / S_PER_H)


def marked_labels(labels: Sequence[Label], *, hours: float) -> MarkedNight:
    """Return the labels of a rater as a list that can be compared.

    Parameters
    ----------
    labels : sequence of Label
        All that he marked in a recording.
    hours : float
        Its length, h.

    Returns
    -------
    MarkedNight
        It looks for leg movements and for whatever else stands in it.
    """
    marks = tuple(Mark(one.kind, one.leg, one.onset_s, one.end_s) for one in labels if one.kind != NOTHING)
    looked_for = frozenset({EventKind.LEG_MOVEMENT.value, *(mark.kind for mark in marks)})
    return MarkedNight(marks, hours, looked_for=looked_for)


def content_of(path: Path) -> str:
    """Return what tells a file from another one of the same name and length, without reading all of it.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    str
        SHA-256 of what it holds in its beginning, its middle and its end; empty of a folder.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    if path.is_dir():
        return ""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        n_bytes = file.seek(0, os.SEEK_END)
        for at in (0, n_bytes // 2, max(0, n_bytes - _PIECE_BYTES)):
            file.seek(at)
            digest.update(file.read(_PIECE_BYTES))
    return digest.hexdigest()


def stamp_of(path: Path) -> Stamp:
    """Return what changes when a file, or what lies directly in a folder, does; nothing of one that is not there."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns

"""Which recordings there are to try thresholds on, and who marked events in them: files and stored nights."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Final

from dashboards.bench_values import BenchRecording
from dashboards.labelling import Label
from ingest.errors import IngestError
from soleus.cohort.data_hash import beside_sha256_of
from soleus.errors import ConfigError
from soleus.evaluation.cases import TRUTH_NAME, recordings_of
from soleus.labels.ledger import Placed
from soleus.reading import AS_THEY_ARE
from soleus.studio.night_source import night_source, night_stamp, recorded_night
from soleus.studio.sources import FileReference, FileSource, Stamp, content_of, stamp_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from detectors.evaluate.marks import MarkedNight
    from detectors.recording import Recording
    from ingest.night.folder import NightFolder
    from soleus.evaluation.cases import Case
    from soleus.reading import Reading
    from soleus.shelf import Shelf
    from soleus.studio.sources import Source

FAILURES: Final = (ConfigError, IngestError, OSError, ValueError)
"""What a recording, or a list, that cannot be read raises."""
# Anything else would have to be written in another way in an address.
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class _File:
    """A file that was read, or why it was not."""

    stamp: Stamp
    recording: Recording | None
    problem: str = ""
    content: str = ""


class Catalogue:
    """The recordings that a studio is about.

    Parameters
    ----------
    shelf : Shelf
        The stored nights.
    found : sequence of Path
        Recordings, folders of them, and folders of ``soleus simulate``.
    references : sequence of Path
        Lists or folders of lists, one per scorer.
    reading : Reading
        How files are read.

    Raises
    ------
    ConfigError
        If a folder holds no recording, nothing goes together with the lists, or something is said of no files.

    Notes
    -----
    What cannot be read has a line that says why, and stops nothing else. Several threads may ask.
    """

    def __init__(
        self,
        shelf: Shelf,
        found: Sequence[Path] = (),
        references: Sequence[Path] = (),
        reading: Reading = AS_THEY_ARE,
    ) -> None:
        if references and not found:
            msg = f"--reference {references[0]}: got no --recordings, expected the recordings that it was scored in"
            raise ConfigError(msg)
        if reading.options and not found:
            msg = f"{', '.join(reading.options)}: got no --recordings, expected those that are to be read so"
            raise ConfigError(msg)
        self._shelf, self._reading = shelf, reading
        nights = {folder.path.name for folder in shelf.folders()}
        self._cases = dict(_keyed(recordings_of(found, references, with_tables=reading.layout is not None), nights))
        self._files: dict[str, _File] = {}
        self._lock = Lock()

    def recordings(self) -> list[BenchRecording]:
        """Return every recording with the scorers of its lists, stored nights first, newest first."""
        nights = [recorded_night(self._shelf, folder) for folder in self._shelf.folders()]
        named = {night.key for night in nights}
        return [*nights, *(self._of_file(key, case) for key, case in self._cases.items() if key not in named)]

    def recording(self, key: str) -> BenchRecording:
        """Return one recording; KeyError if there is none of this name."""
        if key in self._cases:
            return self._of_file(key, self._cases[key])
        return recorded_night(self._shelf, self._shelf.folder(key))

    def source(self, key: str) -> Source:
        """Return where a recording comes from; KeyError if there is none of this name, else as :meth:`source_of`."""
        return self.source_of(self.recording(key))

    def source_of(self, about: BenchRecording) -> Source:
        """Return where a recording comes from, as it is now.

        Raises
        ------
        ConfigError
            If it cannot be scored.
        """
        if about.problem:
            raise ConfigError(about.problem)
        if not about.is_night:
            return self._file_source(about.key)
        folder = self._shelf.folder(about.key)
        return night_source(folder, about.start_ns, night_stamp(folder))

    def reference(self, key: str, scorer: str) -> FileReference | None:
        """Return the list of a scorer of files; None if he has none of this recording."""
        case = self._cases.get(key)
        path = None if case is None else case.references.get(scorer)
        return None if path is None else FileReference(path, stamp_of(path), self._reading.time_zone)

    def file_of(self, key: str) -> Path:
        """Return the file of a recording, of a stored night its packet log; KeyError if there is none of this name."""
        return self._path(key) if key in self._cases else self._shelf.folder(key).packets

    def beside(self, key: str) -> str:
        """Return the SHA-256 of what stands beside a file and says more of it; empty if nothing does, or of a night."""
        path = self._path(key) if key in self._cases else None
        return "" if path is None or not path.is_file() else beside_sha256_of(path)

    def read_as(self, keys: Iterable[str]) -> Mapping[str, object]:
        """Return what was said of how recordings are read, as plain values; nothing where all are stored nights.

        Raises
        ------
        ValueError
            If the layout that was given cannot be read any more.
        """
        try:
            return self._reading.told if any(key in self._cases for key in keys) else {}
        except OSError as error:
            msg = f"--layout {self._reading.layout}: {error.strerror}"
            raise ValueError(msg) from error

    def folder(self, key: str) -> NightFolder:
        """Return the folder of a stored night; KeyError if there is none of this name."""
        return self._shelf.folder(key)

    def opened(self, key: str) -> Recording:
        """Return the recording of a file.

        Raises
        ------
        KeyError
            If there is no such file.
        ConfigError
            If it cannot be read.
        """
        found = self._read(key)
        if found.recording is None:
            raise ConfigError(found.problem)
        return found.recording

    def about(self, key: str) -> Placed:
        """Return when a recording began, how long it is and whose night; KeyError if there is none of this name."""
        known = self.recording(key)
        if known.is_night:
            # A night that was begun at another moment is another one; when its first sample was, turns out later.
            person, content = known.subject, str(self._shelf.info(self._shelf.folder(key)).start_ns)
        else:
            person, content = "", self._read(key).content
        return Placed(known.start_ns, known.duration_s, known.utc_offset_s, person, content)

    def scorings(self, key: str) -> Mapping[str, Sequence[Label]]:
        """Return what scorers of files marked in a recording, by name; lists that cannot be read are left out."""
        case = self._cases.get(key)
        if case is None:
            self._shelf.folder(key)
            return {}
        recording = self._read(key).recording
        lists = {name: FileReference(path, (), self._reading.time_zone) for name, path in case.references.items()}
        return {} if recording is None else dict(_labels(lists, recording))

    def _path(self, key: str) -> Path:
        path = self._cases[key].found
        if path is None:
            raise KeyError(key)
        return path

    def _of_file(self, key: str, case: Case) -> BenchRecording:
        found, scorers = self._read(key), tuple(case.references)
        about = BenchRecording(
            key,
            case.recording,
            case.subject,
            0,
            simulated=TRUTH_NAME in scorers,
            scorers=scorers,
            problem=found.problem,
        )
        recording = found.recording
        if recording is None:
            return about
        start_ns = recording.start_ns
        offset_s = self._reading.utc_offset_s(start_ns)
        return replace(about, start_ns=start_ns, utc_offset_s=offset_s, duration_s=recording.duration_s)

    def _read(self, key: str) -> _File:
        source = self._file_source(key)
        with self._lock:
            known = self._files.get(key)
            if known is None or known.stamp != source.stamp:
                known = self._files[key] = _opened(source, self._cases[key])
            return known

    def _file_source(self, key: str) -> FileSource:
        path = self._path(key)
        layout = self._reading.layout_of(path)
        stamp = stamp_of(path) if layout is None else (*stamp_of(path), *stamp_of(layout))
        return FileSource(key, path, stamp, self._reading)


def _opened(source: FileSource, case: Case) -> _File:
    if case.result is not None:
        return _File(source.stamp, None, f"{source.path}: is a result, expected a recording")
    try:
        return _File(source.stamp, source.open(None), content=content_of(source.path))
    except FAILURES as error:
        return _File(source.stamp, None, line_of(error, str(source.path)))


def line_of(error: Exception, name: str) -> str:
    """Return an error as one line that says where it happened."""
    told = (
        f"{error.filename or name}: {error.strerror}" if isinstance(error, OSError) and error.strerror else str(error)
    )
    told = " ".join(told.split())
    return told if name in told else f"{name}: {told}"


def _keyed(cases: Sequence[Case], nights: Collection[str]) -> Iterator[tuple[str, Case]]:
    """Yield cases with names that are safe in addresses and are no night's, nor equal but for the size of letters."""
    taken = {night.casefold() for night in nights}
    for case in cases:
        if case.found is None:
            continue
        stem = _UNSAFE.sub("-", case.recording).strip("-.") or "recording"
        key, number = stem, 1
        while key.casefold() in taken:
            number += 1
            key = f"{stem}-{number}"
        taken.add(key.casefold())
        yield key, case


def _labels(lists: Mapping[str, FileReference], recording: Recording) -> Iterator[tuple[str, Sequence[Label]]]:
    for name, one in lists.items():
        try:
            yield name, _marks(name, one.read(recording))
        except FAILURES:
            continue


def _marks(name: str, listed: MarkedNight) -> list[Label]:
    marks = sorted(listed.marks, key=lambda mark: (mark.onset_s, mark.end_s))
    return [
        Label(f"{name}-{number}", mark.kind, mark.leg, mark.onset_s, mark.end_s) for number, mark in enumerate(marks)
    ]

"""From files to nights: recordings with the lists that they are judged by, paired as `soleus evaluate` does."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.files.opening import open_recording
from ingest.files.scorings import read_scoring
from soleus.errors import ConfigError
from soleus.evaluation.cases import cases_of, read_pairs
from soleus.evaluation.lists import is_truth, marked_scoring, read_truth
from soleus.tune.nights import Case, NightSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from soleus.evaluation.cases import Case as Pair

READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Reading:
    """How recordings are read.

    Parameters
    ----------
    channels : tuple of (str, str)
        What a label of a file means.
    layout : Path, optional
        What the columns of a table are.
    time_zone : str, optional
        Where it was recorded, for files that say their start without an offset.
    """

    channels: tuple[tuple[str, str], ...] = ()
    layout: Path | None = None
    time_zone: str | None = None


@dataclass(frozen=True, slots=True)
class FromFiles:
    """Opens a recording and its reference; can be sent to another process."""

    recording: Path
    reference: Path
    reading: Reading

    def __call__(self) -> Case:
        """Return both."""
        how = self.reading
        recording = open_recording(
            self.recording, channels=dict(how.channels), layout=how.layout, time_zone=how.time_zone
        )
        if is_truth(self.reference):
            return Case(recording, read_truth(self.reference))
        listed = read_scoring(self.reference, start_ns=recording.start_ns, time_zone=how.time_zone)
        return Case(recording, marked_scoring(listed))


def paired(
    found: Sequence[Path], references: Sequence[Path], pairs: Path | None, scorer: str | None
) -> list[tuple[Pair, Path]]:
    """Pair recordings with the list of one scorer.

    Parameters
    ----------
    found : sequence of Path
        Recordings or folders of them.
    references : sequence of Path
        Lists or folders of lists, one per scorer; empty where simulated nights bring their truth along.
    pairs : Path, optional
        A table of what goes together instead of both, see `soleus.evaluation.cases.read_pairs`.
    scorer : str, optional
        Whose list counts, where there are several.

    Returns
    -------
    list of (Case, Path)
        Each recording and its list.

    Raises
    ------
    ConfigError
        If a recording has no list, or there is more than one and nobody said whose.
    """
    if (pairs is None) == (not found):
        msg = "expected either recordings and --reference, or --pairs"
        raise ConfigError(msg)
    cases = read_pairs(pairs) if pairs is not None else cases_of(found, references)
    names = [one.recording for one in cases]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        msg = f"{twice[0]}: comes {names.count(twice[0])} times, expected every recording once"
        raise ConfigError(msg)
    return [(one, _reference(one, scorer)) for one in cases]


def sources(pairs: Sequence[tuple[Pair, Path]], reading: Reading, after_each: Callable[[], None]) -> list[NightSource]:
    """Return nights with a digest of all that they consist of.

    Parameters
    ----------
    pairs : sequence of (Case, Path)
        From :func:`paired`.
    reading : Reading
        How recordings are read.
    after_each : callable
        Is called after each night.

    Returns
    -------
    list of NightSource
        The nights.
    """
    found = []
    for case, reference in pairs:
        recording = case.found
        if recording is not None:
            opened = FromFiles(recording, reference, reading)
            found.append(NightSource(case.recording, case.subject, opened, _digest(recording), _digest(reference)))
        after_each()
    return found


def _reference(case: Pair, scorer: str | None) -> Path:
    if case.error or case.found is None or case.result is not None:
        msg = f"{case.recording}: {case.error or 'expected a recording: what is found in it changes with every try'}"
        raise ConfigError(msg)
    if scorer is None and len(case.references) == 1:
        return next(iter(case.references.values()))
    if scorer is None or scorer not in case.references:
        got = f"no list of {scorer}" if scorer else f"{len(case.references)} lists"
        msg = f"{case.recording}: got {got}, expected --scorer to be one of {', '.join(sorted(case.references))}"
        raise ConfigError(msg)
    return case.references[scorer]


def _digest(path: Path) -> str:
    """Return the SHA-256 of a file, or of all files of a folder."""
    digest = hashlib.sha256()
    for file in sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]:
        if path.is_dir():
            digest.update(file.relative_to(path).as_posix().encode())
        for piece in _pieces(file):
            digest.update(piece)
    return digest.hexdigest()


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(READ_BYTES):
            yield piece

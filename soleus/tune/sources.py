"""From files to nights: recordings with the lists that they are judged by, paired as `soleus evaluate` does."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.files.opening import open_recording
from ingest.files.scorings import read_scoring
from soleus.cohort.data_hash import hash_of, sha256_of
from soleus.errors import ConfigError
from soleus.evaluation.cases import cases_of, read_pairs
from soleus.evaluation.lists import is_truth, marked_scoring, read_truth
from soleus.scorable import expect_of_a_leg
from soleus.tune.nights import Case, NightSource

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from detectors.evaluate.marks import MarkedNight
    from soleus.evaluation.cases import Case as Pair
    from soleus.reading import Reading

Takes = tuple[tuple[str, str], ...]
"""Kinds of what is found that are taken for another kind, with that one."""


@dataclass(frozen=True, slots=True)
class FromFiles:
    """Opens a recording and its reference; can be sent to another process."""

    recording: Path
    reference: Path
    reading: Reading
    takes: Takes = ()

    def __call__(self) -> Case:
        """Return both."""
        how = self.reading
        recording = open_recording(
            self.recording,
            channels=dict(how.channels),
            layout=how.layout,
            time_zone=how.time_zone,
            salvage=how.salvage,
        )
        expect_of_a_leg(recording)
        return Case(recording, self._truth(recording.start_ns), self.takes)

    def _truth(self, start_ns: int) -> MarkedNight:
        path = self.reference
        if path.suffix.lower() == ".tsv" and is_truth(path):
            return read_truth(path)
        return marked_scoring(read_scoring(path, start_ns=start_ns, time_zone=self.reading.time_zone))


def paired(
    found: Sequence[Path],
    references: Sequence[Path],
    pairs: Path | None,
    scorer: str | None,
    *,
    with_tables: bool = False,
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
    with_tables : bool
        Whether a table in a folder is a recording also where no layout stands beside it.

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
    cases = read_pairs(pairs) if pairs is not None else cases_of(found, references, with_tables=with_tables)
    names = [one.recording for one in cases]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        times = f"{twice[0]}: comes {names.count(twice[0])} times"
        msg = f"{times}, expected every recording once (--pairs: `recording` names it)"
        raise ConfigError(msg)
    return [(one, _reference(one, scorer)) for one in cases]


def sources(
    pairs: Sequence[tuple[Pair, Path]], reading: Reading, takes: Takes, after_each: Callable[[], None]
) -> list[NightSource]:
    """Return nights with a digest of all that they consist of.

    Parameters
    ----------
    pairs : sequence of (Case, Path)
        From :func:`paired`.
    reading : Reading
        How recordings are read.
    takes : tuple of (str, str)
        Kinds of what is found that are taken for another kind.
    after_each : callable
        Is called after each night.

    Returns
    -------
    list of NightSource
        The nights.

    Raises
    ------
    ConfigError
        If two are the same recording: what was chosen on one would be judged on it again.
    """
    found: list[NightSource] = []
    whose: dict[str, str] = {}
    for case, reference in pairs:
        recording = case.found
        if recording is not None:
            opened = FromFiles(recording, reference, reading, takes)
            beside = "" if recording.is_dir() else hash_of(recording).beside_sha256
            digests = (_digest(recording), _digest(reference), beside)
            same = whose.setdefault(digests[0], case.recording)
            if same != case.recording:
                msg = f"{case.recording}: is the same recording as {same}, expected every recording once"
                raise ConfigError(msg)
            found.append(NightSource(case.recording, case.subject, opened, *digests))
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
    """Return the SHA-256 of a file, or of the names and hashes of all files of a folder."""
    if not path.is_dir():
        return sha256_of(path)
    files = sorted(one for one in path.rglob("*") if one.is_file())
    listed = "".join(f"{file.relative_to(path).as_posix()}\0{sha256_of(file)}\0" for file in files)
    return hashlib.sha256(listed.encode()).hexdigest()

"""Which file is compared with which: by hand, by name, or as a simulated night brings its truth along."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.errors import IngestError
from soleus.cohort.search import recordings_in
from soleus.commands.simulate import RECORDING, TRUTH
from soleus.errors import ConfigError
from soleus.evaluation.results import is_dataset, read_results
from soleus.evaluation.simulated import ToldApart, told_apart

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

RESULT_SUFFIXES = frozenset({".json", ".jsonl", ".ndjson"})
SCORING_SUFFIXES = frozenset({".tsv", ".csv", ".txt", ".xml", ".edf"})
SOLEUS = "soleus"
TRUTH_NAME = "truth"
COLUMNS = ("subject", "recording", "found")
_SUBJECT = re.compile(r"(sub-[A-Za-z0-9]+)(?:_|$)")
_LAST_ENTITY = re.compile(r"_[A-Za-z0-9]+$")


@dataclass(frozen=True, slots=True)
class Case:
    """One recording: what is judged in it, and what it is judged by.

    Parameters
    ----------
    subject : str
        Whose it is.
    recording : str
        What it is called.
    found : Path, optional
        A recording to be scored, a result, or a list; None where people are compared with each other only.
    references : mapping of str to Path
        List by scorer.
    result : mapping, optional
        What was read from `found` already, where that holds several results.
    error : str
        Why nothing can be compared; empty where something can.
    """

    subject: str
    recording: str
    found: Path | None
    references: Mapping[str, Path]
    result: Mapping[str, Any] | None = None
    error: str = ""


def cases_of(found: Sequence[Path], references: Sequence[Path], *, with_tables: bool = False) -> list[Case]:
    """Pair what is judged with what it is judged by.

    Parameters
    ----------
    found : sequence of Path
        Recordings, results, lists, or folders of them; empty where references are compared with each other.
    references : sequence of Path
        Lists or folders of lists, one per scorer; empty where simulated nights bring their truth along.
    with_tables : bool
        Whether a table in a folder is a recording also where no layout stands beside it.

    Returns
    -------
    list of Case
        One per recording; a scorer is called by the name of the file or of the folder.

    Raises
    ------
    ConfigError
        If nothing goes together.
    """
    if not references:
        return [case for path in found for case in _by_truth(path, with_tables=with_tables)]
    names = _names(references)
    things = [thing for path in found for thing in _found_in(path, with_tables=with_tables)]
    if not things:
        if len(references) < len(("one", "other")):
            msg = "got one reference alone, expected a recording, a result or another reference to compare it with"
            raise ConfigError(msg)
        first = references[0]
        keys = [path.stem for path in _listed(first)] if first.is_dir() else [first.resolve().parent.name]
        things = [Case(_subject(key), key, None, {}) for key in keys]
    if len(things) > 1 and (single := next((path for path in references if not path.is_dir()), None)):
        msg = f"--reference {single}: got one list for several recordings, expected a folder of lists, or --pairs"
        raise ConfigError(msg)
    lists = {name: _listed(path) if path.is_dir() else path for name, path in names.items()}
    return [_with_references(thing, lists) for thing in things]


def recordings_of(found: Sequence[Path], references: Sequence[Path], *, with_tables: bool = False) -> list[Case]:
    """Pair recordings with the lists that there are of them, also with none.

    Parameters
    ----------
    found : sequence of Path
        Recordings, folders of them, and folders of ``soleus simulate``, which bring their truth along.
    references : sequence of Path
        Lists or folders of lists, one per scorer, of the recordings that are not simulated.
    with_tables : bool
        Whether a table in a folder is a recording also where no layout stands beside it.

    Returns
    -------
    list of Case
        One per recording, simulated nights first.

    Raises
    ------
    ConfigError
        If there are lists and nothing goes together with them, or a folder holds no recording.
    """
    nights: list[Path] = []
    others: list[Path] = []
    for path in found:
        told = told_apart(path, with_tables=with_tables) if path.is_dir() else ToldApart((), (path,))
        nights += told.nights
        others += told.others
    cases = [_simulated(night) for night in _once(nights)]
    if references and not others:
        msg = f"--reference {references[0]}: got simulated nights alone, expected a recording without a {TRUTH}"
        raise ConfigError(msg)
    if references:
        return [*cases, *cases_of(_once(others), references)]
    return [*cases, *(Case(_subject(path.stem), path.stem, path, {}) for path in _once(others))]


def read_pairs(path: Path) -> list[Case]:
    """Read a table of what goes together.

    Parameters
    ----------
    path : Path
        CSV with a header: ``subject``, ``recording`` (a name; the file's if missing), ``found`` (a recording, a result
        or a list; may be empty), and one column per scorer, named after him, with his list. Paths count from the
        folder of the table; an empty cell says that there is none.

    Returns
    -------
    list of Case
        One per row.

    Raises
    ------
    ConfigError
        If it is no such table; names the line.
    OSError
        If it cannot be read.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            table = csv.DictReader(file, strict=True)
            rows = list(table)
            columns = [name.strip() for name in table.fieldnames or () if name.strip()]
        except (csv.Error, UnicodeDecodeError) as error:
            raise ConfigError(f"{path}: cannot be read as CSV: {error}") from error
    scorers = [name for name in columns if name not in COLUMNS]
    if "subject" not in columns or not scorers or len(set(columns)) < len(columns):
        got = ", ".join(columns) or "an empty file"
        msg = f"{path}:1: got {got}, expected the columns subject, recording, found, and one per scorer, each once"
        raise ConfigError(msg)
    if not rows:
        raise ConfigError(f"{path}: got no rows, expected one per recording")
    return [_row(row, scorers, path, number) for number, row in enumerate(rows, start=2)]


def _row(row: Mapping[str | None, Any], scorers: Sequence[str], path: Path, number: int) -> Case:
    cells = {(name or "").strip(): (value or "").strip() for name, value in row.items() if isinstance(value, str)}
    if None in row or not cells.get("subject"):
        got = "more cells than columns" if None in row else "no subject"
        raise ConfigError(f"{path}:{number}: got {got}, expected a subject and a cell per column")
    found = path.parent / cells["found"] if cells.get("found") else None
    references = {name: path.parent / cells[name] for name in scorers if cells.get(name)}
    name = cells.get("recording") or (found.stem if found else next((one.stem for one in references.values()), ""))
    error = "" if references and (found or len(references) > 1) else "got fewer than two lists, expected two or more"
    return Case(cells["subject"], name, found, references, error=error)


def _names(references: Sequence[Path]) -> dict[str, Path]:
    names = {path.name if path.is_dir() else path.stem: path for path in references}
    if len(names) < len(references):
        listed = ", ".join(map(str, references))
        raise ConfigError(f"--reference: got {listed}, expected names that tell the scorers apart")
    return names


def _by_truth(path: Path, *, with_tables: bool) -> Iterator[Case]:
    """Yield the simulated nights in a folder, or the one that it is; then what nothing lies beside to judge it by."""
    try:
        nights, others = told_apart(path, with_tables=with_tables) if path.is_dir() else ToldApart((), ())
    except ConfigError:
        nights = ()
    if not nights:
        msg = f"{path}: got no --reference, expected one, or a folder of `soleus simulate` with its {TRUTH}"
        raise ConfigError(msg)
    yield from map(_simulated, nights)
    for one in others:
        error = f"got no --reference, expected one: no {TRUTH} of `soleus simulate` lies beside {one}"
        yield Case(_subject(one.stem), one.stem, one, {}, error=error)


def _simulated(night: Path) -> Case:
    name = night.resolve().name
    return Case(name, name, night / RECORDING, {TRUTH_NAME: night / TRUTH})


def _once(paths: Iterable[Path]) -> list[Path]:
    return list({path.absolute(): path for path in paths}.values())


def _found_in(path: Path, *, with_tables: bool) -> Iterator[Case]:
    """Yield what is judged: one case per recording, its references still to come."""
    if path.is_dir() and is_dataset(path):
        yield from _results_in(path)
    elif path.is_dir():
        recordings = _recordings(path, with_tables=with_tables)
        for one in recordings or _of_suffix(path, RESULT_SUFFIXES) or _of_suffix(path, SCORING_SUFFIXES):
            yield from _found_in(one, with_tables=with_tables)
    elif path.suffix.lower() in RESULT_SUFFIXES:
        yield from _results_in(path)
    else:
        yield Case(_subject(path.stem), path.stem, path, {})


def _recordings(folder: Path, *, with_tables: bool) -> tuple[Path, ...]:
    """Return the recordings in and below a folder, as ``soleus score`` finds them; none where it holds lists only."""
    try:
        return recordings_in([folder], with_tables=with_tables)
    except ConfigError:
        if _of_suffix(folder, RESULT_SUFFIXES | SCORING_SUFFIXES):
            return ()
        raise


def _results_in(path: Path) -> Iterator[Case]:
    try:
        answers = read_results(path)
    except (ConfigError, IngestError, OSError) as error:
        yield Case(_subject(path.stem), path.stem, path, {}, error=" ".join(str(error).split()))
        return
    for answer in answers:
        name = Path(str(answer["recording"].get("file") or path)).stem
        yield Case(_subject(name), name, path, {}, result=answer, error=str(answer.get("error", "")))


def _with_references(thing: Case, lists: Mapping[str, Path | list[Path]]) -> Case:
    """Return a case with the list of each scorer that is called like its recording."""
    mates = {name: one if isinstance(one, Path) else _mate(thing.recording, one) for name, one in lists.items()}
    references = {name: path for name, path in mates.items() if path is not None}
    missing = [name for name in mates if name not in references]
    error = thing.error or ("" if not missing else f"no list of {', '.join(missing)} has its name")
    return Case(thing.subject, thing.recording, thing.found, references, thing.result, error)


def _mate(key: str, files: Sequence[Path]) -> Path | None:
    """Return the list that is called like a recording: the same name, or that name and something more."""
    wanted = _bare(key)
    longer = None
    for one in files:
        stem = one.stem
        if stem == key or _bare(stem) == wanted:
            return one
        if longer is None and stem.startswith(key) and not stem[len(key) : len(key) + 1].isalnum():
            longer = one
    return longer


def _listed(folder: Path) -> list[Path]:
    """Return the lists in a folder, before the results: what stands beside a list under its name says more of it."""
    return [*_of_suffix(folder, SCORING_SUFFIXES), *_of_suffix(folder, RESULT_SUFFIXES)]


def _of_suffix(folder: Path, suffixes: frozenset[str]) -> list[Path]:
    return sorted(one for one in folder.iterdir() if one.suffix.lower() in suffixes and one.is_file())


def _bare(stem: str) -> str:
    """Return a name of BIDS without what kind of file it is (``sub-01_task-sleep_events``)."""
    return _LAST_ENTITY.sub("", stem) if _SUBJECT.match(stem) and "-" not in stem.rpartition("_")[2] else stem


def _subject(stem: str) -> str:
    """Return whose recording it is: the subject of BIDS, else the recording is a subject of its own."""
    named = _SUBJECT.match(stem)
    return named[1] if named else stem

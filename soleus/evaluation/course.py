"""Case by case: read, score, compare; what fails is told and stops nothing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from detectors.evaluate.comparison import Compared, compare
from detectors.evaluate.marks import LEGS
from detectors.pipeline import score
from ingest.errors import IngestError
from ingest.files.opening import TABLE_SUFFIXES, is_recording
from ingest.files.scorings import read_scoring
from soleus.cohort.fulfilling import opened
from soleus.errors import ConfigError
from soleus.evaluation.cases import RESULT_SUFFIXES, SOLEUS
from soleus.evaluation.lists import (
    estimated_sleep,
    is_truth,
    marked_result,
    marked_scoring,
    read_truth,
    retaken,
    stages_of,
    start_ns_of,
)
from soleus.evaluation.results import read_result
from soleus.result import result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from detectors.evaluate.comparison import Matching
    from detectors.evaluate.marks import MarkedNight
    from soleus.cohort.order import Manner
    from soleus.evaluation.cases import Case


# What is judged among the names of the scorers; no scorer is called so.
_JUDGED = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Who is judged, and by whom.

    Parameters
    ----------
    scored, reference : str
        Names of the two.
    people : bool
        Whether both are references that a person scored: what they agree on is the most that one can ask for.
    """

    scored: str
    reference: str
    people: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one recording.

    Parameters
    ----------
    subject, recording : str
        Whose it is, and what it is called.
    compared : mapping of Pair to Compared
        What was counted.
    errors : tuple of str
        What failed, each one line.
    left_out : mapping of str to (mapping of str to int)
        By scorer: names in his list that mean nothing that is read, and how often each stands there.
    """

    subject: str
    recording: str
    compared: Mapping[Pair, Compared]
    errors: tuple[str, ...] = ()
    left_out: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(slots=True)
class _Read:
    """The lists of one recording as they were read; the one that is judged apart from the references."""

    case: Case
    found: MarkedNight | None = None
    references: dict[str, MarkedNight] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    left_out: dict[str, Mapping[str, int]] = field(default_factory=dict)


def evaluate(
    cases: Sequence[Case],
    manner: Manner,
    others: Sequence[Matching],
    *,
    takes: Mapping[str, str] = MappingProxyType({}),
    with_sleep: bool = False,
    advance: Callable[[], None] = lambda: None,
) -> list[Line]:
    """Compare everything that there is to compare.

    Parameters
    ----------
    cases : sequence of Case
        The recordings.
    manner : Manner
        How recordings that were not scored yet are scored.
    others : sequence of Matching
        Ways of matching besides the own rule of each class.
    takes : mapping of str to str
        Kinds of what is judged that are taken for another kind.
    with_sleep : bool
        Whether sleep and wake are estimated and compared as well, for which a recording is scored a second time.
    advance : callable
        Is called twice for each recording: when its lists are there, and when they are compared.

    Returns
    -------
    list of Line
        One per case, in their order.
    """
    nights = []
    for case in cases:
        night = _read(case, manner, with_sleep=with_sleep)
        if night.found is not None:
            night.found = retaken(night.found, takes)
        nights.append(night)
        advance()
    kinds, judged = _kinds(nights), _judged_name(cases, manner.layout)
    lines = []
    for night in nights:
        lines.append(_line(night, kinds, judged, others))
        advance()
    return lines


def is_scored_here(case: Case, layout: Path | None) -> bool:
    """Return whether what is judged in a case is a recording that nobody has scored yet.

    Parameters
    ----------
    case : Case
        The case.
    layout : Path or None
        What the columns of a table are: where it is said, a table is a recording and no list.
    """
    return case.result is None and case.found is not None and _is_read(case.found, layout)


def _is_read(path: Path, layout: Path | None) -> bool:
    return is_recording(path) or (layout is not None and path.suffix.lower() in TABLE_SUFFIXES)


def _read(case: Case, manner: Manner, *, with_sleep: bool) -> _Read:
    """Read the lists of one recording, and score it where that is still to be done."""
    night = _Read(case, errors=[case.error] if case.error else [])
    start_ns = None
    # A recording that nobody has scored is not scored for nothing.
    if case.found is not None and case.references and not (case.result or {}).get("error"):
        try:
            night.found, start_ns = _judged(case, case.found, manner, with_sleep=with_sleep)
        except (ConfigError, IngestError, OSError, ValueError) as error:
            night.errors.append(_told(error, case.found))
    for name, path in case.references.items():
        try:
            night.references[name], night.left_out[name] = _listed(path, start_ns, manner)
        except (ConfigError, IngestError, OSError, ValueError) as error:
            night.errors.append(_told(error, path))
    return night


def _judged(case: Case, path: Path, manner: Manner, *, with_sleep: bool) -> tuple[MarkedNight, int | None]:
    """Return the list that is judged and when its recording began, if that is known."""
    if case.result is not None:
        return _result(case.result, path), start_ns_of(case.result)
    suffix = path.suffix.lower()
    if suffix in RESULT_SUFFIXES:
        answer = read_result(path)
        return _result(answer, path), start_ns_of(answer)
    if path.is_dir() or _is_read(path, manner.layout):
        recording = opened(path, str(path), manner)
        answer = result(recording, manner.criteria, score(recording, manner.criteria))
        found = marked_result(answer, stages_of(recording))
        sleep = estimated_sleep(recording, manner.criteria) if with_sleep else ()
        return replace(found, sleep=sleep), recording.start_ns
    return _listed(path, None, manner)[0], None


def _result(answer: Mapping[str, Any], path: Path) -> MarkedNight:
    if "error" in answer:
        raise ConfigError(f"{path}: was not scored: {answer['error']}")
    return marked_result(answer)


def _listed(path: Path, start_ns: int | None, manner: Manner) -> tuple[MarkedNight, Mapping[str, int]]:
    """Return a list, and the names in it that mean nothing that is read."""
    if path.suffix.lower() in RESULT_SUFFIXES:
        return _result(read_result(path), path), {}
    if path.suffix.lower() == ".tsv" and is_truth(path):
        return read_truth(path), {}
    scored = read_scoring(path, start_ns=start_ns, time_zone=manner.time_zone)
    return marked_scoring(scored), dict(scored.left_out)


def _kinds(nights: Iterable[_Read]) -> dict[str, frozenset[str]]:
    """Return what each person looks for: what is marked in one night would have been marked in another."""
    kinds: dict[str, frozenset[str]] = {}
    for night in nights:
        judged = {} if night.found is None else {_JUDGED: night.found}
        for name, listed in {**night.references, **judged}.items():
            if listed.looked_for is not None:
                kinds[name] = kinds.get(name, frozenset()) | listed.looked_for
    return kinds


def _judged_name(cases: Sequence[Case], layout: Path | None) -> str:
    """Return what the judged lists are called: those of people after their file or their folder."""
    lists = [case.found for case in cases if case.found is not None and case.result is None]
    paths = [
        path
        for path in lists
        if not (path.is_dir() or _is_read(path, layout) or path.suffix.lower() in RESULT_SUFFIXES)
    ]
    if not paths or len(paths) < len(lists):
        return SOLEUS
    return paths[0].stem if len(cases) == 1 else paths[0].resolve().parent.name


def _line(night: _Read, kinds: Mapping[str, frozenset[str]], judged: str, others: Sequence[Matching]) -> Line:
    # What cannot be read is told when the cases are paired, and once more when it is read.
    case, errors = night.case, list(dict.fromkeys(night.errors))
    references = {name: replace(one, looked_for=kinds.get(name)) for name, one in night.references.items()}
    compared = {}
    for pair, found, truth in _pairs(references, _whole_length(night, kinds), judged):
        try:
            compared[pair] = compare(found, truth, others)
        except ValueError as error:
            errors.append(f"{pair.scored} by {pair.reference}: {error}")
    if not compared and not errors:
        errors = ["got fewer than two lists, expected two or more"]
    return Line(case.subject, case.recording, compared, tuple(errors), night.left_out)


def _whole_length(night: _Read, kinds: Mapping[str, frozenset[str]]) -> MarkedNight | None:
    """Return what is judged; a person's list does not say how long the recording is, so the longest one does."""
    found = night.found
    if found is None or found.looked_for is None:
        return found
    hours = max(one.hours for one in (found, *night.references.values()))
    return replace(found, hours=hours, looked_for=kinds[_JUDGED])


def _pairs(
    references: Mapping[str, MarkedNight], found: MarkedNight | None, judged: str
) -> Iterator[tuple[Pair, MarkedNight, MarkedNight]]:
    """Yield who is judged by whom: references by each other on the legs and over the hours of what is judged."""
    if found is not None:
        yield from ((Pair(judged, name), found, one) for name, one in references.items())
    names = [name for name, one in references.items() if not one.is_simulated]
    for position, reference in enumerate(names):
        for scored in names[position + 1 :]:
            one, truth = references[scored], references[reference]
            people = one.looked_for is not None and truth.looked_for is not None
            if found is None:
                one = replace(one, hours=max(one.hours, truth.hours))
            else:
                legs = found.legs if set(found.legs) <= set(LEGS) else LEGS
                one = replace(one, hours=found.hours, valid_h=found.valid_h, legs=legs)
            yield Pair(scored, reference, people=people), one, truth


def _told(error: Exception, path: Path) -> str:
    """Return an error as one line that names the file."""
    told = (
        f"{error.filename or path}: {error.strerror}" if isinstance(error, OSError) and error.strerror else str(error)
    )
    told = " ".join(told.split())
    return told if str(path) in told else f"{path}: {told}"

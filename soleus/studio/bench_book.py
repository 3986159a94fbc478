"""Recordings, thresholds and references as the page *Bench* asks for them: out of files and of the data folder."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dashboards.bench_values import Answer, Asked, BenchNight, Flip, Setting, UnknownSettingError
from detectors.criteria import NAMES
from detectors.evaluate.classes import CLASSES
from soleus.errors import ConfigError
from soleus.studio.adding import agreement, with_reasons
from soleus.studio.catalogue import line_of
from soleus.studio.curves import curve_points
from soleus.studio.learning import answers_in, learned
from soleus.studio.question import Packed, Question
from soleus.studio.reach import reach
from soleus.studio.references import References
from soleus.studio.seeing import seen_of
from soleus.studio.settings import criteria_of, save, saved
from soleus.studio.staff import OPENING, READY, failure_of
from soleus.studio.station import Station
from soleus.studio.suggesting import suggested
from soleus.studio.telling import event_of
from soleus.studio.thresholds import thresholds
from soleus.thresholds import apply_overrides, flatten, unknown
from soleus.tune.tradeoff import BY_WORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from dashboards.bench_values import (
        BenchRecording,
        CurvePoint,
        Learned,
        Reach,
        SavedCriteria,
        Suggestion,
        Threshold,
    )
    from dashboards.labelling import LabelBook
    from dashboards.signals import ExtremesView
    from detectors.criteria import Criteria
    from soleus.labels.veil import Veil
    from soleus.studio.candidates import NightPool
    from soleus.studio.catalogue import Catalogue
    from soleus.studio.pages import EventPages
    from soleus.studio.signal_views import SignalViews
    from soleus.studio.staff import Staff
    from soleus.studio.station import Told


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked about one recording.

    Parameters
    ----------
    about : BenchRecording
        The recording.
    question : Question or None
        What is asked; None where nothing can be answered.
    problem : str
        Why not, in one line.
    opening : bool
        Whether it is being opened.
    veil : str
        Why lists of it are hidden, in one line; empty where they are not.
    hidden : bool
        Whether it is judged by nobody for that reason.
    """

    about: BenchRecording
    question: Question | None
    problem: str = ""
    opening: bool = False
    veil: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Beside:
    """What else belongs to a studio.

    Parameters
    ----------
    pages : EventPages
        The pages of events of stored nights.
    signals : SignalViews
        What draws signals.
    folder : Path
        Where criteria files are saved.
    """

    pages: EventPages
    signals: SignalViews
    folder: Path


class FolderBench:
    """A bench over files and a data folder; implements :class:`dashboards.bench.BenchBook`.

    Parameters
    ----------
    catalogue : Catalogue
        Which recordings there are.
    labels : LabelBook
        What raters marked in them; they are scorers as well.
    staff : Staff
        The processes that hold the recordings.
    beside : Beside
        What else belongs to it.

    Notes
    -----
    A recording that is asked about first is opened, which takes some seconds for a night. Answers wait a moment for it
    and then say of it that it is being opened: whoever asks again finds it ready.
    """

    def __init__(self, catalogue: Catalogue, labels: LabelBook, staff: Staff, beside: Beside) -> None:
        self._catalogue, self._labels, self._staff, self._beside = catalogue, labels, staff, beside
        self._references = References(catalogue, labels)

    def recordings(self) -> Sequence[BenchRecording]:
        """Return every recording, stored nights first, newest first."""
        return self._references.with_raters(self._catalogue.recordings())

    def recording(self, key: str) -> BenchRecording:
        """Return one recording; KeyError if there is none of this name."""
        (found,) = self._references.with_raters([self._catalogue.recording(key)])
        return found

    def criteria(self) -> Sequence[str]:
        """Return the names of all sets: published ones, then files that were saved."""
        return [*NAMES, *saved(self._beside.folder)]

    def words(self) -> Sequence[str]:
        """Return the classes of events that can be judged."""
        return tuple(dict.fromkeys((*(one.kind.value for one in CLASSES), *BY_WORD)))

    def thresholds(self, criteria: str) -> Sequence[Threshold]:
        """Return every threshold of a set; UnknownSettingError if there is none of this name."""
        return thresholds(criteria_of(Setting(criteria), self._beside.folder))

    def look(self, asked: Asked) -> Answer:
        """Return events and agreement as :meth:`settle` does, as fast as can be; numbers of nights may be left out."""
        return self._answer(asked, lambda question: self._staff.ask(Station.look, question))

    def settle(self, asked: Asked) -> Answer:
        """Return what ``soleus score --set ...`` says, with every number, and the pages of events that have one."""
        answer = self._settled(asked)
        return replace(answer, nights=tuple(map(self._with_pages, answer.nights)))

    def curve(self, asked: Asked, threshold: str, values: Sequence[float]) -> Iterator[CurvePoint]:
        """Yield the agreement at each value of one threshold; what is asked meanwhile goes first."""
        criteria = self._criteria(asked)
        if threshold not in (known := flatten(criteria)):
            raise UnknownSettingError(unknown(threshold, known))
        askings = self._askings(asked, criteria)
        asked_of = [(one.about, one.question) for one in askings if one.question is not None]
        sets = [(value, _moved(criteria, threshold, value)) for value in values]
        return curve_points(self._staff, asked_of, sets, is_judged=_is_judged(asked, askings))

    def flips(self, asked: Asked, before: Setting) -> Sequence[Flip]:
        """Return which events of the class come, go or move, by recording and onset."""
        earlier, found = criteria_of(before, self._beside.folder), []
        askings = self._askings(asked, self._criteria(asked))
        futures = [
            (one, self._staff.ask_later(Station.turns, one.question, earlier)) for one in askings if one.question
        ]
        for one, future in futures:
            if failure_of(one.about.key, future):
                continue
            page = self._beside.pages.of(one.about)
            found += [
                Flip(one.about.key, turn.way, event_of(turn.before, page), event_of(turn.after, page))
                for turn in future.result()
            ]
        return found

    def robustness(self, key: str, setting: Setting) -> Sequence[Reach]:
        """Return how far each index of a recording hangs on its thresholds; nothing of one that cannot be scored."""
        asked = Asked((key,), setting)
        (asking,) = self._askings(asked, self._criteria(asked))
        if asking.question is None:
            return ()
        future = self._staff.ask_later(Station.summary, asking.question)
        return () if failure_of(key, future) else reach(future.result())

    def save(self, name: str, asked: Asked, reason: str) -> SavedCriteria:
        """Write a criteria file with where it comes from; ValueError if the name is none or taken."""
        seen = seen_of(asked, self._catalogue, self._references, self._settled(asked).agreement)
        return save(self._beside.folder, name, seen, reason, datetime.now(UTC).astimezone().date())

    def signals(self, key: str, onset_s: float, end_s: float, n_buckets: int) -> Sequence[ExtremesView]:
        """Return ``[onset_s, end_s)`` of every stream of a recording as lowest and highest."""
        return self._beside.signals.of(self._catalogue.recording(key), onset_s, end_s, n_buckets)

    def suggestions(self, asked: Asked, rater: str, n: int) -> Sequence[Suggestion]:
        """Return what a rater should label next, the most telling first; BlindError if he scores blind."""
        answers = answers_in({key: self._labels.sheet(key, rater) for key in asked.keys}, asked.word)
        return suggested(self._pools(asked), answers, n)

    def learned(self, asked: Asked, rater: str) -> Learned:
        """Return what a rater's answers change; BlindError if he scores blind."""
        answers = answers_in({key: self._labels.sheet(key, rater) for key in asked.keys}, asked.word)
        subjects = {key: self._catalogue.recording(key).subject for key in asked.keys}
        return learned(self._pools(asked), answers, (asked.setting, self._criteria(asked)), subjects)

    def close(self) -> None:
        """End the processes."""
        self._staff.close()

    def _settled(self, asked: Asked) -> Answer:
        # Thirty full scores take seconds, and a hand that moves again is not to wait for them.
        return self._answer(asked, lambda question: self._staff.ask_later(Station.settle, question))

    def _answer(self, asked: Asked, ask: Callable[[Question], Future[Told]]) -> Answer:
        askings = self._askings(asked, self._criteria(asked))
        futures = [None if one.question is None else ask(one.question) for one in askings]
        nights, known = [], []
        for one, future in zip(askings, futures, strict=True):
            night, told = _told(one, future)
            nights.append(replace(night, veil=one.veil))
            if told is not None:
                known.append((one.about, told))
        subjects = [about.subject for about, _ in known]
        numbers = agreement([told.row for _, told in known], subjects, is_judged=_is_judged(asked, askings))
        return Answer(tuple(nights), with_reasons(numbers, [(about.name, told.no_index) for about, told in known]))

    def _askings(self, asked: Asked, criteria: Criteria) -> list[Asking]:
        """Return what is asked about each recording, of those that lie ready."""
        if asked.word not in BY_WORD:
            msg = f"class is {asked.word!r}, expected one of {', '.join(BY_WORD)}"
            raise UnknownSettingError(msg)
        packed = Packed(criteria)
        recordings = [self._catalogue.recording(key) for key in dict.fromkeys(asked.keys)]
        veils = self._references.veils([one.key for one in recordings])
        askings = [self._asking(one, asked, packed, veils[one.key]) for one in recordings]
        states = self._staff.opened([one.question.source for one in askings if one.question is not None])
        return [_in_state(one, states.get(one.about.key, READY)) for one in askings]

    def _asking(self, about: BenchRecording, asked: Asked, packed: Packed, veil: Veil) -> Asking:
        try:
            source = self._catalogue.source_of(about)
        except ConfigError as error:
            return Asking(about, None, line_of(error, about.key), veil=veil.line)
        reference = self._references.of(about.key, asked.reference, veil)
        question = Question(source, packed.criteria, asked.word, reference, packed)
        return Asking(about, question, veil=veil.line, hidden=bool(veil.line) and reference is None)

    def _pools(self, asked: Asked) -> list[NightPool]:
        askings = self._askings(asked, self._criteria(asked))
        futures = [(one, self._staff.ask_later(Station.pool, one.question)) for one in askings if one.question]
        return [future.result() for one, future in futures if not failure_of(one.about.key, future)]

    def _criteria(self, asked: Asked) -> Criteria:
        return criteria_of(asked.setting, self._beside.folder)

    def _with_pages(self, night: BenchNight) -> BenchNight:
        page = self._beside.pages.of(self._catalogue.recording(night.key))
        return replace(night, events=tuple(one._replace(page=page(one)) for one in night.events))


def _moved(criteria: Criteria, threshold: str, value: float) -> Criteria | None:
    """Return criteria with one threshold at a value; None if the others forbid it."""
    try:
        return apply_overrides(criteria, {threshold: f"{value:.12g}"})
    except ConfigError:
        return None


def _in_state(asking: Asking, state: str) -> Asking:
    if state == READY:
        return asking
    is_opening = state == OPENING
    return replace(asking, question=None, problem="" if is_opening else state, opening=is_opening)


def _is_judged(asked: Asked, askings: Sequence[Asking]) -> bool:
    """Return whether there is a reference that is not hidden of all recordings."""
    return bool(asked.reference) and not all(one.hidden for one in askings)


def _told(asking: Asking, future: Future[Told] | None) -> tuple[BenchNight, Told | None]:
    """Return a recording as the page has it, and what was told of it."""
    key = asking.about.key
    if future is None:
        return BenchNight(key, problem=asking.problem, opening=asking.opening), None
    if problem := failure_of(key, future):
        return BenchNight(key, problem=problem), None
    told = future.result()
    return BenchNight(key, told.events, told.marks, told.numbers), told

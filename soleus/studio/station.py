"""The recordings of one process, each opened once: what they are with some thresholds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from detectors.criteria import named
from detectors.events import EventKind
from detectors.rescore import Rescorer
from soleus.errors import ConfigError
from soleus.result import difference, event_rows
from soleus.scorable import expect_applicable
from soleus.studio.candidates import pool_of
from soleus.studio.judging import Judge, of_class, unjudged_row
from soleus.studio.room import NoRoomError, bytes_of
from soleus.studio.sliders import slider_of
from soleus.studio.telling import bench_events, glanced, in_class, numbers_of
from soleus.track_store import MappedTracks
from soleus.tune.nights import found_in
from soleus.tune.tradeoff import BY_WORD

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from dashboards.bench_values import BenchEvent
    from detectors.criteria import Criteria
    from detectors.evaluate.marks import Mark, MarkedNight
    from detectors.pipeline import Score
    from detectors.recording import Recording
    from soleus.studio.adding import Row
    from soleus.studio.candidates import NightPool
    from soleus.studio.question import Question
    from soleus.studio.room import Room
    from soleus.studio.sources import Reference, Source

_MOST_JUDGES: Final = 7
_FIRST_SET: Final = "wasm-2016"
_FIRST_HELD: Final = "leg_movement.onset_uv"
_N_AROUND: Final = 21
INDEX: Final = "plms_wasm_per_h"
"""Where a summary has no such number, there is no index of the recording that could be judged either."""


class Told(NamedTuple):
    """What a recording is with some thresholds.

    Parameters
    ----------
    events, marks : tuple of BenchEvent
        What was found of the class, and what the reference marked of it, by onset.
    numbers : mapping of str to float or None
        Numbers of the night; none of a look at leg movements.
    row : Row
        What it adds to the agreement.
    no_index : str
        Why the index of periodic movements is not known; empty where it is.
    """

    events: tuple[BenchEvent, ...]
    marks: tuple[BenchEvent, ...]
    numbers: Mapping[str, float | None]
    row: Row
    no_index: str = ""


class Turn(NamedTuple):
    """An event that comes, goes or moves: as rows of a result, None where there is none."""

    way: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


class _Found(NamedTuple):
    """What was found in a recording, its numbers, and why there is no index."""

    found: MarkedNight
    numbers: Mapping[str, float | None]
    no_index: str


@dataclass(slots=True)
class _Open:
    """A recording that lies ready."""

    source: Source
    recording: Recording
    rescorer: Rescorer
    judges: dict[tuple[Reference, str], Judge] = field(default_factory=dict)
    pool: tuple[tuple[Criteria, str], NightPool] | None = None


class Station:
    """The recordings of one process.

    Parameters
    ----------
    room : Room
        For files without a name.

    Notes
    -----
    A recording is opened with the first question about it, which takes as long as to score it once.
    """

    def __init__(self, room: Room) -> None:
        self._room = room
        self._open: dict[str, _Open] = {}

    def open(self, source: Source, beside: Collection[str] = ()) -> list[str]:
        """Open a recording, if it is not open as it is now.

        Parameters
        ----------
        source : Source
            The recording.
        beside : collection of str
            The keys of those that stay open.

        Returns
        -------
        list of str
            The keys of others that were closed to make room on the disk.

        Raises
        ------
        ConfigError, IngestError, OSError
            If it cannot be read or scored, or there is no room.
        """
        others = [key for key in self._open if key != source.key and key not in beside]
        closed: list[str] = []
        while True:
            try:
                self._night(source)
            except NoRoomError:
                if not others:
                    raise
                closed.append(others.pop(0))
                del self._open[closed[-1]]
            else:
                return closed

    def look(self, question: Question) -> Told:
        """Return what leg movements alone say, at a small part of the cost of a score; of another class the score."""
        night = self._night(question.source)
        if night.recording.layout is not None:
            expect_applicable(night.recording, question.criteria)
        try:
            return self._looked(night, question)
        except ValueError as error:
            # What refuses thresholds is what computes with them; to ask it beforehand takes as long as to look.
            msg = f"{night.recording.name}: {error}"
            raise ConfigError(msg) from error

    def settle(self, question: Question) -> Told:
        """Return what ``soleus score`` says."""
        night = self._ready(question)
        scored = night.rescorer.score(question.criteria)
        return self._told(night, question, _scored(night.recording, scored))

    def row(self, question: Question) -> Row:
        """Return what a recording adds to the agreement."""
        return self.look(question).row

    def turns(self, question: Question, before: Criteria) -> list[Turn]:
        """Return which events of the class come, go or move, by onset."""
        night, event_class = self._ready(question), BY_WORD[question.word]
        expect_applicable(night.recording, before)
        rows = []
        for criteria in (question.criteria, before):
            events = night.rescorer.score(criteria).events
            rows.append(event_rows(in_class(events, event_class), night.recording.start_ns))
        found = difference(*rows)
        turns = [
            *(Turn("gained", None, one) for one in found.added),
            *(Turn("lost", one, None) for one in found.lost),
            *(Turn("moved", *pair) for pair in found.moved),
        ]
        return sorted(turns, key=_onset)

    def summary(self, question: Question) -> dict[str, Any]:
        """Return all numbers of the night, how far each of them hangs on its thresholds among them."""
        return dict(self._ready(question).rescorer.score(question.criteria).summary)

    def found(self, question: Question) -> tuple[Mark, ...]:
        """Return every event of whatever class."""
        night = self._ready(question)
        return found_in(night.recording, night.rescorer.score(question.criteria)).marks

    def pool(self, question: Question) -> NightPool:
        """Return what could be asked about in a recording; the last one of each is kept."""
        night, asked = self._ready(question), (question.criteria, question.word)
        if night.pool is None or night.pool[0] != asked:
            start_ns, word = night.recording.start_ns, question.word
            night.pool = asked, pool_of(question.source.key, night.rescorer, start_ns, question.criteria, word)
        return night.pool[1]

    def _looked(self, night: _Open, question: Question) -> Told:
        swept = night.rescorer.look(question.criteria)
        is_movement = BY_WORD[question.word].kind is EventKind.LEG_MOVEMENT
        glance = swept.glance if is_movement else None
        if glance is None:
            return self._told(night, question, _scored(night.recording, swept.score, swept.numbers))
        return self._told(night, question, _Found(glanced(night.recording, glance), {}, glance.no_index))

    def _told(self, night: _Open, question: Question, what: _Found) -> Told:
        judge, rules, found = self._judge(night, question), question.criteria.wasm, what.found
        if judge is None:
            ours = [(one, "") for one in of_class(found, BY_WORD[question.word])]
            told = Told(bench_events(ours), (), what.numbers, unjudged_row(found, rules))
        else:
            judgement = judge.judged(found)
            row = judge.row(judgement, found, rules)
            told = Told(bench_events(judgement.found), bench_events(judgement.true), what.numbers, row)
        if not what.no_index:
            return told
        return told._replace(row=told.row.without_index(), no_index=what.no_index)

    def _judge(self, night: _Open, question: Question) -> Judge | None:
        if question.reference is None:
            return None
        key = question.reference, question.word
        if key not in night.judges:
            # One list changes with each mark that is made: no more than a few are kept.
            night.judges = dict(list(night.judges.items())[-_MOST_JUDGES:])
            night.judges[key] = Judge(question.reference.read(night.recording), BY_WORD[question.word])
        return night.judges[key]

    def _ready(self, question: Question) -> _Open:
        night = self._night(question.source)
        expect_applicable(night.recording, question.criteria)
        return night

    def _night(self, source: Source) -> _Open:
        held = self._open.get(source.key)
        if held is None or held.source != source:
            # What makes room goes first.
            self._open.pop(source.key, None)
            # Asked before as well: to open a stored night is to write its samples.
            self._room.expect(source.key)
            recording, criteria = source.open(self._room.folder), named(_FIRST_SET)
            expect_applicable(recording, criteria)
            self._room.expect(source.key, bytes_of(recording))
            held = _Open(source, recording, Rescorer(recording, criteria, store=MappedTracks(self._room.folder)))
            _look_around(held.rescorer, criteria)
            self._open[source.key] = held
        return held


def _look_around(rescorer: Rescorer, criteria: Criteria) -> None:
    """Look at some values of the threshold that the page takes in hand first.

    What is measured of the runs at these serves most of the values between, which are then asked for in half the time.
    """
    movement = criteria.leg_movement
    slider = slider_of(_FIRST_HELD, movement.onset_uv, movement, movement.onset_uv)
    values = [] if slider is None else np.linspace(slider.low, slider.high, _N_AROUND).tolist()
    for swept in rescorer.sweep(_FIRST_HELD, values, criteria):
        _ = swept.glance


def _scored(recording: Recording, scored: Score, names: Collection[str] = ()) -> _Found:
    summary = scored.summary
    no_index = summary["reasons"][INDEX] if summary[INDEX] is None else ""
    return _Found(found_in(recording, scored), numbers_of(summary, names), no_index)


def _onset(turn: Turn) -> float:
    row = turn.before if turn.after is None else turn.after
    return float(row["onset_s"]) if row is not None else 0.0

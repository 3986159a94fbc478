"""A recording that lies ready: what is told of it is what the command line says, for whatever thresholds."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest

from benchmarks.rescore.thresholds import at_random
from dashboards.labelling import Label
from detectors.criteria import named
from detectors.evaluate.counting import count_class
from detectors.evaluate.marks import Mark, MarkedNight
from detectors.pipeline import score
from soleus.__main__ import run
from soleus.config import choose_criteria
from soleus.errors import ConfigError
from soleus.result import dumps, result
from soleus.studio.adding import Row, agreement, totals
from soleus.studio.judging import Judge, index_of
from soleus.studio.question import Packed, Question
from soleus.studio.room import Room
from soleus.studio.sources import FileReference, FileSource, LabelReference, stamp_of
from soleus.studio.station import Station
from soleus.studio.telling import numbers_of
from soleus.tune.nights import found_in
from soleus.tune.tradeoff import BY_WORD, counted

if TYPE_CHECKING:
    from pathlib import Path

    from detectors.criteria import Criteria
    from detectors.evaluate.marks import MarkedNight as Marked
    from detectors.recording import Recording

SEED = 5
SETTINGS = 20
# An index of so short a recording would be unknown.
SHORT = ("validity.min_index_h=0.01",)
pytestmark = pytest.mark.slow


class Scene(NamedTuple):
    """A simulated recording that lies ready, and its truth."""

    folder: Path
    station: Station
    source: FileSource
    truth: FileReference
    recording: Recording

    def question(self, criteria: Criteria, word: str = "leg_movement") -> Question:
        return Question(self.source, criteria, word, self.truth)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    folder = tmp_path_factory.mktemp("simulated")
    assert run(["simulate", str(folder / "night"), "--hours", "0.06", "--seed", "3", "--regime", "hard"]) == 0
    path, truth = folder / "night" / "night.edf", folder / "night" / "truth.tsv"
    source, reference = FileSource("night", path, stamp_of(path)), FileReference(truth, stamp_of(truth))
    return Scene(folder, Station(Room(folder)), source, reference, source.open(None))


def random_settings() -> list[tuple[str, ...]]:
    """Return what follows ``--set``, for each setting."""
    random = np.random.default_rng(SEED)
    settings: list[tuple[str, ...]] = []
    while len(settings) < SETTINGS:
        _, told = at_random(named("wasm-2016"), random)
        try:
            choose_criteria("wasm-2016", None, told.split())
        except ConfigError:
            continue
        settings.append(tuple(told.split()))
    return settings


def rows(answer: dict[str, Any], word: str) -> list[tuple[float, float, str, str]]:
    """Return the events of a class in what the command line says."""
    event_class = BY_WORD[word]
    return [
        (one["onset_s"], one["end_s"], one["leg"], one["kind"])
        for one in answer["events"]
        if one["kind"] == event_class.kind and one["measures"].get("tier", 9) >= event_class.least_tier
    ]


def test_events_and_numbers_are_those_of_a_score_with_each_of_twenty_random_settings(scene: Scene) -> None:
    differing = 0
    for assignments in random_settings():
        criteria = choose_criteria("wasm-2016", None, (*SHORT, *assignments))
        try:
            scored = score(scene.recording, criteria)
        except ValueError:
            with pytest.raises(ConfigError):
                scene.station.settle(scene.question(criteria))
            continue
        answer = json.loads(dumps(result(scene.recording, criteria, scored)))
        settled, looked = (ask(scene.question(criteria)) for ask in (scene.station.settle, scene.station.look))
        assert [one[:4] for one in settled.events] == sorted(rows(answer, "leg_movement")), assignments
        assert settled.numbers == numbers_of(answer["summary"]), assignments
        # What a look tells, and it need not tell all, is the same.
        assert (looked.events, looked.marks, looked.row) == (settled.events, settled.marks, settled.row), assignments
        assert looked.numbers.items() <= settled.numbers.items(), assignments
        differing += len(settled.events) != 0
    assert differing > SETTINGS // 2


def test_the_command_line_says_the_same(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["score", str(scene.source.path), "--json", "--set", "leg_movement.onset_uv=14"]) == 0
    answer = json.loads(capsys.readouterr().out)
    settled = scene.station.settle(scene.question(choose_criteria("wasm-2016", None, ("leg_movement.onset_uv=14",))))
    assert [one[:4] for one in settled.events] == sorted(rows(answer, "leg_movement"))
    assert settled.numbers == numbers_of(answer["summary"])


@pytest.mark.parametrize("word", ["cramp", "cramp_probable", "tonic", "twitch", "shift", "awakening"])
def test_other_classes_are_told_as_well(scene: Scene, word: str) -> None:
    criteria = named("wasm-2016")
    answer = json.loads(dumps(result(scene.recording, criteria, score(scene.recording, criteria))))
    looked = scene.station.look(scene.question(criteria, word))
    assert [one[:4] for one in looked.events] == sorted(rows(answer, word))


@pytest.mark.parametrize("onset_uv", [6.0, 20.0])
def test_it_is_judged_as_a_search_for_thresholds_judges_it(scene: Scene, onset_uv: float) -> None:
    criteria = choose_criteria("wasm-2016", None, (*SHORT, f"leg_movement.onset_uv={onset_uv}"))
    truth, event_class = scene.truth.read(scene.recording), BY_WORD["leg_movement"]
    found = found_in(scene.recording, score(scene.recording, criteria))
    counts, told = counted(found, truth, event_class, criteria.wasm), scene.station.settle(scene.question(criteria))
    assert told.row[:3] == counts[:3]
    assert told.row.off_per_h == pytest.approx(counts.off_per_h)
    assert told.row.compared == counts.indexed
    states = [one.state for one in (*told.events, *told.marks)]
    assert (states.count("false"), states.count("missed")) == (counts.false, counts.missed)
    assert states.count("hit") == 2 * counts.hits
    assert index_of(found, criteria.wasm, found.annotations) == pytest.approx(told.row.index_per_h)


@pytest.mark.parametrize("word", ["leg_movement", "cramp"])
def test_a_recording_that_is_too_short_for_an_index_has_none_and_the_reason_of_the_summary(
    scene: Scene, word: str
) -> None:
    criteria = named("wasm-2016")
    reason = score(scene.recording, criteria).summary["reasons"]["plms_wasm_per_h"]
    for ask in (scene.station.look, scene.station.settle):
        told = ask(scene.question(criteria, word))
        assert told.no_index == reason == "0.1 h of valid signal, an index needs 4 h"
        numbers = {one.name: one for one in agreement([told.row], ["a"], is_judged=True)}
        assert (numbers["index_per_h"].value, numbers["index_off_per_h"].value) == (None, None)
        assert numbers["f1"].value is not None or word != "leg_movement"
        assert totals([told.row])["index_per_h"] is None


def test_a_question_is_sent_with_its_own_criteria_whatever_is_packed_with_it(scene: Scene) -> None:
    first, other = named("wasm-2016"), choose_criteria("wasm-2016", None, ("leg_movement.onset_uv=14",))
    question = replace(scene.question(first), packed=Packed(first))
    for asked in (question, replace(question, criteria=other), scene.question(other)):
        received = pickle.loads(pickle.dumps(asked))  # noqa: S301 - our own
        assert received == asked
        assert received.criteria == asked.criteria


def at(kind: str, leg: str, onset_s: float, end_s: float) -> Mark:
    return Mark(kind, leg, onset_s, end_s)


SHIFTS = [(1.0, 4.0), (100.0, 130.0), (300.0, 310.0), (305.0, 330.0)]


@pytest.mark.parametrize("word", ["leg_movement", "restlessness", "shift", "cramp", "awakening"])
def test_every_event_is_counted_once_also_where_legs_are_one_or_unknown(word: str) -> None:
    kind = BY_WORD[word].kind.value
    for legs in (("left", "right"), ("both", "left"), ("unknown", "left")):
        marks = tuple(at(kind, legs[number % 2], *span) for number, span in enumerate(SHIFTS))
        truth = MarkedNight(tuple(at(kind, legs[0], *span) for span in SHIFTS[1:]), 1.0)
        found = MarkedNight(marks, 1.0)
        told, counts = Judge(truth, BY_WORD[word]).judged(found), count_class(found, truth, BY_WORD[word])
        assert (told.hits, told.missed, told.false) == (counts.hits, counts.missed, counts.false)
        assert [mark for mark, _ in told.found] == list(marks)


def test_what_a_rater_marked_is_a_reference_and_that_there_is_nothing_is_no_mark(scene: Scene) -> None:
    criteria = named("wasm-2016")
    first = scene.station.look(scene.question(criteria)).events[0]
    labels = (
        Label("a", "leg_movement", first.leg, first.onset_s, first.end_s),
        Label("b", "nothing", "both", 0.0, 300.0),
    )
    question = Question(scene.source, criteria, "leg_movement", LabelReference(labels))
    told = scene.station.look(question)
    assert [one.state for one in told.marks] == ["hit"]
    assert told.events[0].state == "hit"
    assert {one.state for one in told.events[1:]} == {"false"}


def nights(n: int) -> tuple[Marked, Marked]:
    true = tuple(at("leg_movement", "left", 30.0 * number, 30.0 * number + 2) for number in range(n))
    return MarkedNight(true[: n - 1], 1.0), MarkedNight(true, 1.0)


def test_numbers_of_several_recordings_come_with_intervals_over_subjects() -> None:
    rules = named("wasm-2016").wasm
    rows = []
    for n in (6, 12, 20):
        found, truth = nights(n)
        judge = Judge(truth, BY_WORD["leg_movement"])
        rows.append(judge.row(judge.judged(found), found, rules))
    told = {one.name: one for one in agreement(rows, ["a", "b", "c"], is_judged=True)}
    assert told["sensitivity"].value == pytest.approx(35 / 38)
    assert told["sensitivity"].low == pytest.approx(5 / 6)
    assert told["sensitivity"].high == pytest.approx(19 / 20)
    assert told["false_per_h"].value == 0.0
    assert {name: one.value for name, one in told.items()} == totals(rows)
    # One subject says nothing about others.
    assert agreement(rows, ["a", "a", "a"], is_judged=True)[0].low is None
    assert [one.name for one in agreement(rows, ["a", "b", "c"], is_judged=False)] == ["index_per_h"]


def test_a_recording_without_a_reference_is_nobody_that_an_interval_draws() -> None:
    judged, other = Row(5, 1, 1, 1.0, 10.0, 2.0, 1.0, 1.0), Row(index_per_h=20.0, indexed=1.0)
    told = {one.name: one for one in agreement([judged, other], ["a", "b"], is_judged=True)}
    assert told["index_per_h"][1:4] == (15.0, 10.0, 20.0)
    for name in ("f1", "sensitivity", "ppv", "false_per_h", "index_off_per_h"):
        assert told[name].value is not None
        assert (told[name].low, told[name].high) == (None, None)

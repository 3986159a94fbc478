"""What Soleus found stands beside what people marked, and is what the command line finds."""

from __future__ import annotations

import json
from concurrent.futures import Future
from shutil import rmtree
from typing import TYPE_CHECKING, Any

import pytest

from dashboards.labelling import Act, ActWay, BlindError, Label
from detectors.evaluate.marks import Mark
from soleus.__main__ import run
from soleus.labels.ledger import FILE
from soleus.labels.rules import KINDS
from soleus.labels.store import LabelStore
from soleus.settings import Settings
from soleus.shelf import Shelf
from soleus.studio.catalogue import Catalogue
from soleus.studio.found_marks import FoundScorers, labels_of
from soleus.studio.opening import studio_of
from soleus.studio.room import Room
from soleus.studio.staff import OPENING, READY
from soleus.studio.station import Station

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class StaffInHouse:
    """Answers in this very process."""

    def __init__(self) -> None:
        self.station = Station(Room(None))
        self.state = READY
        self.n_asked = 0

    def opened(self, sources: Sequence[Any]) -> dict[str, str]:
        return {source.key: self.state for source in sources}

    def ask(self, task: Any, question: Any) -> Future[Any]:
        self.n_asked += 1
        future: Future[Any] = Future()
        future.set_result(task(self.station, question))
        return future


@pytest.mark.slow
def test_what_soleus_found_is_what_the_command_finds_once_the_recording_is_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    night = tmp_path / "night-7"
    assert run(["simulate", str(night), "--hours", "0.05", "--seed", "3", "--regime", "hard"]) == 0
    capsys.readouterr()
    assert run(["score", str(night / "night.edf"), "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)["events"]
    catalogue, staff = Catalogue(Shelf(Settings(data_dir=tmp_path / "data")), [night]), StaffInHouse()
    (recording,) = catalogue.recordings()
    store = LabelStore(tmp_path / FILE, catalogue.about, FoundScorers(catalogue, staff))
    staff.state = OPENING
    assert store.others(recording.key, "Ann").keys() == {"truth"}
    staff.state = READY
    found = [store.others(recording.key, "Ann")["Soleus"] for _ in range(2)]
    shown = [event for event in told if event["kind"] in KINDS and event["measures"].get("tier", 2) >= 1]
    assert [(one.kind, one.leg) for one in found[0]] == [(one["kind"], one["leg"]) for one in shown]
    assert [one.onset_s for one in found[0]] == [pytest.approx(one["onset_s"], abs=0.0005) for one in shown]
    assert len(shown) > 1
    assert found[1] is found[0]
    assert staff.n_asked == 1
    store.set_blind(recording.key, "Ann", blind=True)
    with pytest.raises(BlindError):
        store.agreement(recording.key, "Ann", "Soleus")


@pytest.mark.slow
def test_a_night_of_another_seed_in_the_place_of_one_that_was_labelled_does_not_get_its_marks(tmp_path: Path) -> None:
    night, book = tmp_path / "night", Shelf(Settings(data_dir=tmp_path / "data"))
    placed = []
    for seed in ("3", "3", "4"):
        rmtree(night, ignore_errors=True)
        assert run(["simulate", str(night), "--hours", "0.01", "--seed", seed]) == 0
        placed.append(Catalogue(book, [night]).about("night"))
    same, again, other = placed
    assert same == again
    assert other._replace(content=same.content) == same
    assert other.content != same.content


def test_where_a_file_is_called_like_another_that_was_labelled_only_its_raters_are_missing(tmp_path: Path) -> None:
    settings, mark = Settings(data_dir=tmp_path / "data"), Label("a", "cramp", "left", 1.0, 2.0)
    for seed, raters in (("3", ("Ann",)), ("4", ())):
        rmtree(tmp_path / "night", ignore_errors=True)
        assert run(["simulate", str(tmp_path / "night"), "--hours", "0.01", "--seed", seed]) == 0
        with studio_of(settings, [tmp_path / "night"], n_workers=1) as studio:
            if raters:
                studio.labels.act("night", "Ann", Act("1", ActWay.ADD, mark))
            assert studio.bench.recording("night").scorers == ("truth", *raters)
            assert list(studio.bench.recordings()) == [studio.bench.recording("night")]


def test_classes_that_nobody_scores_and_cramps_that_are_not_shown_are_left_out() -> None:
    marks = [Mark("cramp", "left", 5.0, 9.0, tier=0.0), Mark("not_worn", "left", 1.0, 2.0), Mark("cramp", "both", 3, 4)]
    assert [(one.kind, one.leg, one.onset_s) for one in labels_of(marks)] == [("cramp", "both", 3.0)]

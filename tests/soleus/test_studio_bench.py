"""The bench over files, in processes of its own."""

from __future__ import annotations

import math
import multiprocessing
import os
import shutil
import signal
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dashboards.bench_values import Asked, Setting, UnknownSettingError
from dashboards.labelling import Act, ActWay, Label
from dashboards.signals import UnreadableLogError
from soleus.__main__ import run
from soleus.settings import Settings
from soleus.studio.opening import studio_of
from soleus.studio.staff import Staff

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dashboards.bench import Studio
    from dashboards.bench_values import BenchNight

pytestmark = pytest.mark.slow

N_NIGHTS = 30
ONSET = "leg_movement.onset_uv"
LATER = Setting(changes=((ONSET, "40"),))
FOREVER_S = 600.0


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def studio(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    folder = tmp_path_factory.mktemp("nights")
    assert run(["simulate", str(folder / "night-01"), "--hours", "0.05", "--seed", "7"]) == 0
    for number in range(2, N_NIGHTS + 1):
        shutil.copytree(folder / "night-01", folder / f"night-{number:02}")
    damaged = folder / "night-02" / "night.edf"
    damaged.write_bytes(damaged.read_bytes()[:300])
    settings = replace(Settings(), data_dir=data_dir)
    with studio_of(settings, [folder], patience_s=FOREVER_S, n_workers=1) as opened:
        yield opened


def asked(studio: Studio, setting: Setting = LATER) -> Asked:
    return Asked(tuple(one.key for one in studio.bench.recordings()), setting, "leg_movement", "truth")


def test_thirty_recordings_are_judged_together_and_a_damaged_one_is_a_line(studio: Studio) -> None:
    answer = studio.bench.look(asked(studio))
    (damaged,) = [night for night in answer.nights if night.problem]
    assert damaged.key == "night-02"
    assert "night.edf" in damaged.problem
    assert "\n" not in damaged.problem
    assert [one.problem for one in studio.bench.recordings() if one.problem] == [damaged.problem]
    assert len(answer.nights) == N_NIGHTS
    assert len({night.events for night in answer.nights if not night.problem}) == 1
    (f1, *_, index, off) = answer.agreement
    assert f1.name == "f1"
    assert (index.value, off.value, f1.why) == (None, None, "")
    short = "0.1 h of valid signal, an index needs 4 h"
    assert index.why == off.why == f"unknown for {N_NIGHTS - 1} of {N_NIGHTS - 1} recordings; night-01: {short}"
    # What is judged unless a person chooses.
    assert studio.bench.words()[0] == "leg_movement"
    assert f1.low == f1.value == f1.high == pytest.approx(2 / 3)


def test_a_process_that_is_killed_is_started_anew_and_says_the_same(studio: Studio) -> None:
    some = replace(asked(studio), keys=("night-01", "night-03"))
    before = studio.bench.look(some)
    (killed,) = [process.pid for process in multiprocessing.active_children()]
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    assert studio.bench.look(some) == before
    assert [process.pid for process in multiprocessing.active_children()] != [killed]


def test_a_curve_goes_over_the_values_in_their_order_and_ends_where_nobody_asks(studio: Studio) -> None:
    some = replace(asked(studio), keys=("night-01", "night-02", "night-03"))
    points = list(studio.bench.curve(some, ONSET, [8.0, 40.0, 0.5]))
    assert [one.value for one in points] == [8.0, 40.0, 0.5]
    looked = {one.name: one.value for one in studio.bench.look(some).agreement}
    assert points[1].f1 == looked["f1"]
    assert points[1].false_per_h == looked["false_per_h"]
    # An onset below the offset is no threshold.
    assert points[2][1:] == (None,) * 5
    left = studio.bench.curve(some, ONSET, list(np.linspace(8, 16, 100)))
    assert next(left).value == 8.0
    left.close()  # type: ignore[attr-defined]  # a generator is one


def test_flips_say_what_comes_goes_and_moves(studio: Studio) -> None:
    one = replace(asked(studio), keys=("night-01",))
    (after,), (before,) = (studio.bench.settle(replace(one, setting=each)).nights for each in (LATER, Setting()))
    flips = studio.bench.flips(one, Setting())
    gained, lost, moved = ([flip for flip in flips if flip.way == way] for way in ("gained", "lost", "moved"))
    assert len(after.events) - len(before.events) == len(gained) - len(lost)
    assert {flip.before and flip.before[:2] for flip in lost} <= {event[:2] for event in before.events}
    assert all(flip.before and flip.after and flip.before[:2] != flip.after[:2] for flip in moved)
    assert flips
    assert not studio.bench.flips(one, LATER)


def test_what_a_rater_marked_is_judged_by_as_well(studio: Studio) -> None:
    bench, key = studio.bench, "night-03"
    first = bench.look(replace(asked(studio), keys=(key,))).nights[0].events[0]
    mark = Label("a", first.kind, first.leg, round(first.onset_s, 3), round(first.end_s, 3))
    studio.labels.act(key, "Ann", Act("1", ActWay.ADD, mark))
    assert {one.key: one.scorers for one in bench.recordings()}[key] == ("truth", "Ann")
    told = bench.look(Asked((key, "night-04"), LATER, "leg_movement", "Ann")).nights
    assert [event.state for event in told[0].marks] == ["hit"]
    assert told[0].events[0].state == "hit"
    # Nobody called Ann marked anything in the other.
    assert {event.state for event in told[1].events} == {""}


def test_a_setting_that_is_none_and_a_recording_that_is_none_are_told_apart(studio: Studio) -> None:
    for setting in (Setting("none"), Setting(changes=(("none.onset_uv", "1"),)), Setting(changes=((ONSET, "x"),))):
        with pytest.raises(UnknownSettingError):
            studio.bench.look(asked(studio, setting))
    with pytest.raises(UnknownSettingError):
        studio.bench.look(replace(asked(studio), word="none"))
    with pytest.raises(KeyError):
        studio.bench.look(replace(asked(studio), keys=("none",)))
    assert not studio.bench.robustness("night-02", Setting())
    with pytest.raises(UnreadableLogError, match=r"night\.edf"):
        studio.bench.signals("night-02", 0.0, 60.0, 100)


def test_saved_criteria_name_the_recordings_and_are_a_setting_from_then_on(studio: Studio, data_dir: Path) -> None:
    saved = studio.bench.save("lower", replace(asked(studio), keys=("night-01", "night-03")), "as the picture says")
    assert saved.path == str(data_dir / "criteria" / "lower.toml")
    assert "night-03" in saved.text
    assert studio.bench.criteria()[-1] == "lower"
    one = replace(asked(studio), keys=("night-01",))
    assert studio.bench.look(replace(one, setting=Setting("lower"))) == studio.bench.look(one)


def extent(studio: Studio, onset_s: float, end_s: float, n: int) -> list[tuple[float, float]]:
    views = studio.bench.signals("night-01", onset_s, end_s, n)
    return [(float(view.low.min()), float(view.high.max())) for view in views]


def test_no_peak_of_a_signal_is_lost_however_few_values_are_drawn(studio: Studio) -> None:
    whole, fine = extent(studio, 0.0, 180.0, 40), extent(studio, 0.0, 180.0, 100_000)
    assert whole == fine
    assert len(whole) == len(("emg", "acceleration")) * len(("left", "right"))
    (view, *_) = studio.bench.signals("night-01", 60.0, 90.0, 300)
    assert len(view.low) == pytest.approx(300, abs=1)
    assert math.isclose(view.hop_s, 0.1, rel_tol=0.05)
    with pytest.raises(ValueError, match="expected at least one"):
        studio.bench.signals("night-01", 90.0, 60.0, 300)


def test_of_a_recording_that_is_being_opened_the_page_is_told_so(studio: Studio, tmp_path: Path) -> None:
    assert run(["simulate", str(tmp_path / "one"), "--hours", "0.02"]) == 0
    with studio_of(replace(Settings(), data_dir=tmp_path / "data"), [tmp_path / "one"], patience_s=0.05) as opened:
        told = [opened.bench.look(Asked(("one",), Setting())).nights[0]]
        while told[-1].opening:
            told.append(opened.bench.look(Asked(("one",), Setting())).nights[0])
        settled = opened.bench.settle(Asked(("one",), Setting())).nights[0]
    first: BenchNight = told[0]
    assert (first.events, first.problem, first.opening) == ((), "", True)
    assert not told[-1].problem
    assert settled.numbers
    assert not studio.bench.look(replace(asked(studio), keys=("night-01",))).nights[0].opening


def test_nothing_but_a_look_is_urgent(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, str]] = []
    for way, ask in ((way, getattr(Staff, way)) for way in ("ask", "ask_later")):

        def noting(staff: Staff, task: Any, *args: Any, way: str = way, ask: Any = ask) -> Any:
            told.append((way, task.__name__))
            return ask(staff, task, *args)

        monkeypatch.setattr(Staff, way, noting)
    one = replace(asked(studio), keys=("night-01",))
    studio.bench.look(one)
    studio.bench.settle(one)
    studio.bench.flips(one, Setting())
    studio.bench.robustness("night-01", LATER)
    assert told == [("ask", "look"), ("ask_later", "settle"), ("ask_later", "turns"), ("ask_later", "summary")]

"""What files say, as lists of marks."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from detectors.annotations import Annotations
from detectors.rules.combined import LegMovement
from detectors.signal import NS_PER_S, Leg
from ingest.files.events_tsv import ScoredEvents
from soleus.__main__ import run
from soleus.commands.simulate import COLUMNS
from soleus.errors import ConfigError
from soleus.evaluation.lists import marked_result, marked_scoring, read_truth, retaken
from soleus.evaluation.results import read_results

STREAM = {"sensor": "a", "leg": "left", "quantity": "emg", "fs_hz": 500.0}


def result(**summary: object) -> dict[str, Any]:
    event = {"kind": "cramp", "leg": "left", "onset_s": 1.0, "end_s": 40.0, "measures": {"tier": 1.0, "in_train": 1.0}}
    return {"recording": {"duration_s": 7200.0, "streams": [STREAM]}, "events": [event], "summary": summary}


def test_false_events_of_a_result_are_counted_over_the_hours_of_its_best_sensor() -> None:
    found = marked_result(result(valid_h={"a": 1.5, "b": 0.5, "c": None}))
    assert (found.hours, found.valid_h, found.judged_h) == (2.0, 1.5, 1.5)
    assert marked_result(result(valid_h={})).judged_h == 2.0
    (mark,) = found.marks
    assert (mark.tier, mark.in_train) == (1.0, True)
    assert (found.legs, found.emg_fs_hz) == (("left",), 500.0)


def test_a_result_without_what_it_ought_to_have_is_refused() -> None:
    with pytest.raises(ConfigError, match="'recording'"):
        marked_result({"events": []})


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "foo"}, {"kind": "plugin_"}, {"kind": None}, {"leg": "middle"}, {"onset_s": "soon"}, {"onset_s": None},
        {"end_s": 0.5}, {"end_s": math.nan}, {"onset_s": -math.inf}, {"measures": None}, {"measures": {"tier": "high"}},
    ],
)  # fmt: skip
def test_an_event_that_cannot_be_is_refused(change: dict[str, Any]) -> None:
    whole = result()
    with pytest.raises(ConfigError, match="got a result"):
        marked_result({**whole, "events": [whole["events"][0] | change]})


@pytest.mark.parametrize(
    "change",
    [
        {"recording": None}, {"recording": {"duration_s": -1, "streams": []}}, {"events": 5}, {"summary": []},
        {"recording": {"duration_s": math.nan, "streams": []}}, {"recording": {"duration_s": 1, "streams": [{}]}},
        {"summary": {"valid_h": 3}}, {"summary": {"valid_h": {"a": "x"}}},
    ],
)  # fmt: skip
def test_a_recording_that_cannot_be_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="got a result"):
        marked_result(result() | change)


def movement(onset_s: float, end_s: float, leg: Leg = Leg.LEFT) -> LegMovement:
    return LegMovement(round(onset_s * NS_PER_S), round(end_s * NS_PER_S), leg, "ann")


def test_marks_of_a_person_that_overlap_on_one_leg_are_one_and_short_ones_are_none() -> None:
    marked = (movement(5, 7), movement(6, 8), movement(8, 8.5), movement(6, 7, Leg.RIGHT), movement(20, 20.49))
    listed = marked_scoring(ScoredEvents((*marked, movement(30, 30.5)), Annotations()))
    assert sorted((mark.leg, mark.onset_s, mark.end_s) for mark in listed.marks) == [
        ("left", 5.0, 8.5),
        ("left", 30.0, 30.5),
        ("right", 6.0, 7.0),
    ]


def test_the_truth_says_where_the_signal_is_bad_and_how_noisy_a_leg_is(tmp_path: Path) -> None:
    row = dict.fromkeys(COLUMNS, "") | {
        "onset": "5", "duration": "2", "trial_type": "leg_movement", "leg": "left", "clear": "0",
        "amplitude_uv": "12.5", "angle_deg": "3",
    }  # fmt: skip
    path = tmp_path / "truth.tsv"
    path.write_text("\t".join(COLUMNS) + "\n" + "\t".join(row.values()) + "\n")
    spans = [{"kind": kind, "leg": "left", "onset_s": 60.0, "end_s": 90.0} for kind in ("bad_quality", "not_worn")]
    stages = [{"onset_s": 0.0, "end_s": 900.0, "stage": "W"}, {"onset_s": 900.0, "end_s": 1800.0, "stage": "N2"}]
    made = {"duration_s": 1800.0, "spans": spans, "stages": stages, "legs": {"left": {"noise_uv": 1.25}}}
    path.with_suffix(".json").write_text(json.dumps(made))
    truth = read_truth(path)
    assert [(mark.kind, mark.clear, mark.end_s) for mark in truth.marks] == [
        ("leg_movement", False, 7.0),
        ("bad_quality", False, 90.0),
    ]
    assert truth.noise_uv == {"left": 1.25}
    assert [state.asleep for state in truth.sleep] == [False, True]
    path.with_suffix(".json").unlink()
    alone = read_truth(path)
    assert (alone.is_simulated, alone.noise_uv, len(alone.marks), alone.sleep) == (True, {}, 1, ())
    path.with_suffix(".json").write_text("{}")
    with pytest.raises(ConfigError, match=r"truth\.tsv: cannot be read with truth\.json beside it"):
        read_truth(path)


@pytest.mark.parametrize("text", ["", "[1]\n", '{"events": []}\n', "no JSON\n"])
def test_what_is_no_result_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "results.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"results\.json: "):
        read_results(path)


def test_kinds_that_are_taken_for_another_replace_it() -> None:
    night = marked_result(result())
    assert [mark.kind for mark in retaken(night, {"cramp": "tonic"}).marks] == ["tonic"]
    assert retaken(night, {"twitch": "cramp"}).marks == ()
    assert retaken(night, {}) is night


def test_names_that_mean_nothing_are_told_and_so_is_a_list_without_any_movement(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lists = []
    for name in ("ann", "bob"):
        lists += ["--reference", str(tmp_path / f"{name}.csv")]
        Path(lists[-1]).write_text("onset,duration,trial_type\n0,30,Sleep stage N2\n5,2,zappelt\n9,2,zappelt\n")
    assert run(["evaluate", *lists]) == 0
    printed = capsys.readouterr().out
    assert "ann: 'zappelt' (2) left out of the lists" in printed
    assert "ann: no leg movement in 1 of 1 lists; is that meant?" in printed

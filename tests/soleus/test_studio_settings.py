"""Settings of the page *Bench*: the same thresholds as on the command line, and files that say where they come from."""

from __future__ import annotations

import json
import math
import random
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from dashboards.bench_values import Asked, Number, Setting, Threshold, UnknownSettingError
from detectors.criteria import NAMES, named
from detectors.simulate import simulate_night
from ingest.files.edf_writing import write_edf
from soleus.__main__ import run
from soleus.config import choose_criteria, load
from soleus.studio.settings import MOST_REASON, Seen, SeenRecording, criteria_of, save, saved
from soleus.studio.thresholds import thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

ONSET = "leg_movement.onset_uv"
TODAY = date(2026, 11, 22)
SETTING = Setting("wasm-2016", ((ONSET, "6"), ("wasm.lm_max_s", "12"), ("aasm.sleep_only", "false")))
NIGHTS = (
    SeenRecording("one", "anna", recording_sha256="aa", reference_sha256="bb"),
    SeenRecording("two", "anna", simulated=True),
)
AGREEMENT = (Number("f1", 0.912345, 0.8, 0.95), Number("ppv", None), Number("index_per_h", 12.0))
LAB = Path(__file__).parents[1] / "data" / "lab_detectors"


def seen(setting: Setting = SETTING) -> Seen:
    return Seen(Asked(("one", "two"), setting, "leg_movement", "bert"), NIGHTS, AGREEMENT)


def moved(threshold: Threshold, chance: random.Random) -> str:
    """Return where somebody may leave a threshold."""
    if threshold.low is None or threshold.high is None or threshold.step is None:
        return chance.choice(threshold.choices)
    steps = round((threshold.high - threshold.low) / threshold.step)
    return f"{threshold.low + chance.randint(0, steps) * threshold.step:.6g}"


def random_settings(n: int, seed: int) -> list[Setting]:
    """Return settings of one to four thresholds that do not contradict each other."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    movable = [one for one in thresholds(named("wasm-2016")) if one.low is not None or one.choices]
    found: list[Setting] = []
    while len(found) < n:
        chosen = chance.sample(movable, chance.randint(1, 4))
        setting = Setting("wasm-2016", tuple((one.name, moved(one, chance)) for one in chosen))
        try:
            criteria_of(setting, Path("nowhere"))
        except UnknownSettingError:
            continue
        found.append(setting)
    return found


@pytest.mark.slow
def test_a_setting_is_what_the_command_line_makes_of_it(tmp_path: Path) -> None:
    for setting in random_settings(20, seed=1):
        assignments = [f"{name}={value}" for name, value in setting.changes]
        assert criteria_of(setting, tmp_path) == choose_criteria(setting.criteria, None, assignments)


@pytest.mark.slow
def test_a_saved_file_gives_the_same_thresholds_on_the_command_line_and_on_the_page(tmp_path: Path) -> None:
    for number, setting in enumerate(random_settings(8, seed=2)):
        file = save(tmp_path, f"lab-{number}", seen(setting), "", TODAY)
        assert choose_criteria(file.path, None, ()) == criteria_of(setting, tmp_path)
        assert criteria_of(Setting(file.name), tmp_path) == criteria_of(setting, tmp_path)
    assert len(saved(tmp_path)) == 8


@pytest.mark.slow
def test_a_saved_file_scores_as_the_changes_do_one_by_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recording = tmp_path / "night.edf"
    write_edf(recording, simulate_night(0.06, seed=3, regime="clean"))
    setting = Setting("wasm-2016", ((ONSET, "5"), ("leg_movement.min_s", "0.7"), ("wasm.imi_min_s", "5")))
    file = save(tmp_path / "criteria", "lab", seen(setting), "", TODAY)
    changes = [word for name, value in setting.changes for word in ("--set", f"{name}={value}")]
    found = []
    for how in ([], changes, ["--criteria", file.path]):
        assert run(["score", "--json", *how, str(recording)]) == 0
        found.append(json.loads(capsys.readouterr().out))
    as_published, changed, from_file = found
    assert from_file["events"] == changed["events"] != as_published["events"]
    assert from_file["summary"] == changed["summary"]


def test_what_is_saved_can_be_changed_again_and_says_what_it_started_from(tmp_path: Path) -> None:
    save(tmp_path, "lab", seen(), "", TODAY)
    again = save(tmp_path, "lab2", seen(Setting("lab", (("cramp.min_s", "6"),))), "", TODAY)
    criteria = load(Path(again.path)).criteria
    assert (criteria.leg_movement.onset_uv, criteria.cramp.min_s, criteria.wasm.lm_max_s) == (6.0, 6.0, 12.0)
    assert tomllib.loads(again.text)["chosen"]["started_from"] == "lab"


def test_a_file_of_a_search_that_lies_there_can_be_chosen_and_changed(tmp_path: Path) -> None:
    text = '[set.leg_movement]\nonset_uv = 6.317\n[tuned]\nname = "lab"\n'
    (tmp_path / "searched.toml").write_text(text, encoding="utf-8")
    assert saved(tmp_path) == ["searched"]
    again = save(tmp_path, "lab", seen(Setting("searched", (("cramp.min_s", "6"),))), "", TODAY)
    config = load(Path(again.path))
    assert (config.criteria.leg_movement.onset_uv, config.criteria.cramp.min_s) == (6.317, 6.0)
    assert list(config.provenance) == ["chosen"]


def test_a_limit_that_is_taken_away_stays_away(tmp_path: Path) -> None:
    file = save(tmp_path, "lab", seen(Setting("wasm-2016", (("wasm.bilateral_clm_max_s", "none"),))), "", TODAY)
    assert load(Path(file.path)).criteria.wasm.bilateral_clm_max_s is None


@pytest.mark.slow
def test_detectors_of_others_are_saved_with_their_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(LAB)
    (tmp_path / "theirs.toml").write_text('detectors = ["long_activity"]\n', encoding="utf-8")
    setting = Setting("theirs", (("long_activity.min_s", "4.5"),))
    file = save(tmp_path, "lab", seen(setting), "", TODAY)
    assert choose_criteria(file.path, None, ()) == criteria_of(setting, tmp_path)
    assert load(Path(file.path)).criteria.plugins[0].name == "long_activity"


def test_a_file_says_on_what_and_why_its_thresholds_were_chosen(tmp_path: Path) -> None:
    file = save(tmp_path / "criteria", "lab", seen(), "fewer\nfalse ones\x7f", TODAY)
    told = tomllib.loads(Path(file.path).read_text(encoding="utf-8"))["chosen"]
    assert told["date"] == "2026-11-22"
    assert told["reason"] == "fewer false ones\x7f"
    assert "not validated" in told["caution"]
    assert (told["class"], told["reference"], told["started_from"]) == ("leg_movement", "bert", "wasm-2016")
    assert told["agreement"] == {"f1": {"value": 0.9123, "low": 0.8, "high": 0.95}, "index_per_h": {"value": 12.0}}
    assert (told["subjects"], told["recordings"], told["simulated"]) == (1, 2, 1)
    assert told["recording"][0] == {
        "name": "one",
        "subject": "anna",
        "simulated": False,
        "recording_sha256": "aa",
        "reference_sha256": "bb",
    }
    assert (tmp_path / "criteria").stat().st_mode & 0o077 == 0


def test_a_name_is_taken_once_whatever_the_size_of_its_letters(tmp_path: Path) -> None:
    first = save(tmp_path, "Lab", seen(), "", TODAY)
    for name in ("Lab", "lab", "LAB", "WASM-2016"):
        with pytest.raises(ValueError, match=f"the name {name} is taken, expected another"):
            save(tmp_path, name, seen(Setting("wasm-2016")), "", TODAY)
    assert Path(first.path).read_text(encoding="utf-8") == first.text
    assert saved(tmp_path) == ["Lab"]


def test_where_nothing_can_be_written_it_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ValueError, match=r"file/lab\.toml cannot be written: File exists") as caught:
        save(tmp_path / "file", "lab", seen(), "", TODAY)
    assert "\n" not in str(caught.value)


@pytest.fixture
def in_turns() -> Iterator[None]:
    """Let threads take turns after every few steps, so that they meet where they can."""
    usual_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual_s)


@pytest.mark.slow
@pytest.mark.usefixtures("in_turns")
def test_of_pages_that_save_at_the_same_moment_one_has_the_name(tmp_path: Path) -> None:
    together = Barrier(8)

    def one(name: str, number: int) -> str:
        together.wait()
        try:
            return save(tmp_path, name, seen(Setting("wasm-2016", ((ONSET, str(number)),))), "", TODAY).text
        except ValueError as error:
            return str(error)

    with ThreadPoolExecutor(8) as pool:
        for name in "abcdefgh":
            said = list(pool.map(partial(one, name), range(5, 13)))
            text = (tmp_path / f"{name}.toml").read_text(encoding="utf-8")
            assert sorted(said) == sorted([text, *[f"the name {name} is taken, expected another"] * 7])


@pytest.mark.parametrize("name", ["", "../lab", "a/b", "lab one", ".lab", "lab.", "a" * 41, "süß", "lab\n", "-x"])
def test_what_is_no_name_is_refused_and_nothing_is_written(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected 1 to 40 letters without accents"):
        save(tmp_path / "criteria", name, seen(), "", TODAY)
    assert not (tmp_path / "criteria").exists()


def test_half_of_a_character_in_a_reason_is_written_as_a_question_mark(tmp_path: Path) -> None:
    assert 'reason = "as ? says"' in save(tmp_path, "lab", seen(), "as \ud800 says", TODAY).text


def test_what_cannot_be_written_as_it_is_meant_leaves_no_name_behind(tmp_path: Path) -> None:
    endless = replace(seen(), agreement=(Number("f1", math.nan, None, None),))
    with pytest.raises(ValueError, match="Invalid value"):
        save(tmp_path, "lab", endless, "", TODAY)
    assert list(tmp_path.iterdir()) == []


def test_a_reason_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the reason has 1001 characters, expected at most 1000"):
        save(tmp_path, "lab", seen(), "a" * (MOST_REASON + 1), TODAY)
    assert saved(tmp_path) == []


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        (Setting("aasm-1"), "criteria are called 'aasm-1', expected one of: wasm-2016, lab"),
        (Setting("../lab"), "criteria are called '../lab', expected one of: wasm-2016, lab"),
        (Setting("lab", (("leg_movement.onset", "1"),)), "set: unknown setting leg_movement.onset, did you mean"),
        (Setting("lab", ((ONSET, "much"),)), f"set: {ONSET} is 'much', expected a number"),
        (Setting("lab", ((ONSET, "nan"),)), f"set: {ONSET} is 'nan', expected a number"),
        (Setting("lab", ((ONSET, "1"),)), r"leg_movement.offset_uv is 2.0, expected less than onset_uv \(1.0\)"),
        (Setting("broken"), "broken.toml"),
    ],
)
def test_what_there_is_not_is_said_in_one_line(setting: Setting, said: str, tmp_path: Path) -> None:
    save(tmp_path, "lab", seen(), "", TODAY)
    if setting.criteria == "broken":
        (tmp_path / "broken.toml").write_text("[set.leg_movement\n", encoding="utf-8")
    with pytest.raises(UnknownSettingError, match=said) as caught:
        criteria_of(setting, tmp_path)
    assert "\n" not in str(caught.value)


def test_only_what_can_be_asked_for_is_listed(tmp_path: Path) -> None:
    for name in ("b.toml", "A.toml", ".a.toml.7.part", "no name.toml", "notes.txt"):
        (tmp_path / name).write_text("", encoding="utf-8")
    assert saved(tmp_path) == ["A", "b"]
    assert saved(tmp_path / "nowhere") == []


def test_every_named_set_can_be_asked_for(tmp_path: Path) -> None:
    assert [criteria_of(Setting(name), tmp_path).name for name in NAMES] == list(NAMES)


@pytest.mark.slow
def test_the_configuration_says_who_chose_the_thresholds_of_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = save(tmp_path, "lab", seen(), "fewer false ones", TODAY)
    assert run(["config", "--criteria", file.path]) == 0
    said = capsys.readouterr().out
    assert "chosen by the page Bench" in said
    assert "fewer false ones" in said
    assert "f1 0.9123 (0.8 to 0.95), index_per_h 12.0" in said
    assert "anna" not in said
    assert run(["config", "--criteria", file.path, "--set", "cramp.min_s=6", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["chosen"]["reason"], told["chosen"]["recordings"]) == ("fewer false ones", 2)
    assert "recording" not in told["chosen"]
    assert told["criteria"][ONSET]["origin"].startswith("lab.toml:")
    assert told["criteria"]["cramp.min_s"] == {
        "value": 6.0,
        "origin": "--set",
        "published": False,
        "source": "",
        "reason": "",
    }


@pytest.mark.slow
def test_the_configuration_of_a_named_set_leaves_the_file_in_force_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lab.toml").write_text(save(tmp_path / "made", "lab", seen(), "", TODAY).text, encoding="utf-8")
    (tmp_path / "soleus.toml").write_text('site = "home"\ncriteria = "lab.toml"\n', encoding="utf-8")
    assert run(["config", "--config", str(tmp_path / "soleus.toml"), "--json"]) == 0
    in_force = json.loads(capsys.readouterr().out)
    assert (in_force["criteria"][ONSET]["value"], in_force["chosen"]["name"]) == (6.0, "lab")
    assert run(["config", "--config", str(tmp_path / "soleus.toml"), "--criteria", "wasm-2016", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["criteria"][ONSET]["value"], told["criteria"][ONSET]["origin"]) == (8.0, "wasm-2016")
    assert told["settings"]["criteria"] == {"value": "wasm-2016", "origin": "--criteria"}
    assert told["settings"]["site"]["value"] == "home"
    assert "chosen" not in told

"""The methods section: every number is a field's, a changed one is said to be, and every source is named."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from detectors.criteria import named
from detectors.plugin import plugin_of
from soleus.__main__ import run
from soleus.config import load
from soleus.methods import methods, number_text
from soleus.methods_text import CHANGED, OPENING, PARAGRAPHS, SOURCES, UNCHANGED
from soleus.sources import citations, sources
from soleus.thresholds import apply_overrides, flatten

SET = named("wasm-2016")
AS_IT_IS = methods(SET)
PLACES = [found for text in PARAGRAPHS.values() for found in re.findall(r"\{([^}|]+)(?:\|([^}]+))?\}", text)]
NUMBER = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)((?: [A-Za-zµ]+)?)(†|‡| \[\d+\])")


def test_no_sentence_holds_a_number_of_its_own() -> None:
    for text in (*PARAGRAPHS.values(), OPENING, CHANGED, UNCHANGED, SOURCES):
        assert not re.search(r"\d", re.sub(r"\{[^}]+\}", "", text))


def test_every_number_that_is_said_equals_its_field_and_has_its_source() -> None:
    told, known, values = AS_IT_IS, sources(), flatten(SET)
    said = [found for text in told.paragraphs.values() for found in NUMBER.findall(text)]
    assert len(said) == len(PLACES) > 50
    cited = [constant for constant, text in citations().items() if text in told.references]
    for (number, _, mark), (name, _) in zip(said, PLACES, strict=True):
        assert number == number_text(values[name])
        assert float(number) == values[name]
        published = known[name].published
        assert mark == (f" [{cited.index(known[name].constant) + 1}]" if published else "†")


def test_every_threshold_of_a_sentence_changes_its_number_and_is_said_to_be_changed() -> None:
    values = flatten(SET)
    before = {name: value for name, _ in PLACES if isinstance(value := values[name], int | float)}
    assert before.keys() == {name for name, _ in PLACES}
    # All by as much, so that none contradicts another.
    new = {name: value + 1 if isinstance(value, int) else value * 1.0001 for name, value in before.items()}
    told = methods(apply_overrides(SET, new))
    assert f"{len(new)} numbers are changed here: " in told.opening
    for name, value in new.items():
        assert f"{name} = {number_text(value)} (in wasm-2016: {number_text(before[name])})" in told.opening
    said = [found for text in told.paragraphs.values() for found in NUMBER.findall(text)]
    assert [(number, mark) for number, _, mark in said] == [(number_text(new[name]), "‡") for name, _ in PLACES]


def test_one_changed_threshold_marks_its_number_alone() -> None:
    told = methods(apply_overrides(SET, {"cramp.min_s": 6}))
    said = [found for text in told.paragraphs.values() for found in NUMBER.findall(text)]
    marked = [place for place, (_, _, mark) in zip(PLACES, said, strict=True) if mark == "‡"]
    assert marked == [("cramp.min_s", "s")]
    assert told.opening.endswith("one number is changed here: cramp.min_s = 6 (in wasm-2016: 5).")


def test_a_changed_threshold_that_no_sentence_holds_is_named_all_the_same() -> None:
    told = methods(apply_overrides(SET, {"twitch.peak_uv": 16, "wasm.lm_max_s": 12}))
    assert "2 numbers are changed here: twitch.peak_uv = 16 (in wasm-2016: 15)" in told.opening
    assert told.opening.endswith("; wasm.lm_max_s = 12 (in wasm-2016: no limit).")
    assert AS_IT_IS.opening.endswith("with the criteria set wasm-2016 as it is.")


def test_a_set_from_a_file_is_compared_with_the_published_one() -> None:
    mine = replace(apply_overrides(SET, {"cramp.min_s": 6}), name="mine")
    assert "the criteria set mine, of which one number is changed here: cramp.min_s = 6 (in wasm-2016: 5)" in (
        methods(mine).opening
    )


def test_a_limit_that_is_taken_away_is_said_to_be_none() -> None:
    told = methods(apply_overrides(SET, {"wasm.bilateral_clm_max_s": "none"}))
    assert "or up to no limit‡ where both legs took part" in told.plain()


def test_a_detector_of_somebody_elses_is_named_with_its_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "data" / "lab_detectors")
    criteria = load(None, assignments=["detectors=long_activity", "long_activity.min_s=4.5"], environ={}).criteria
    told = methods(criteria).paragraphs["Further detectors"]
    assert told == (
        "The detector long_activity 1.2.0, which is not part of Soleus, was used with onset_uv = 20, min_s = 4.5."
    )
    unversioned = replace(criteria, plugins=(plugin_of(criteria.plugins[0].detector),))
    assert "The detector long_activity, which" in methods(unversioned).plain()


@pytest.mark.parametrize(("form", "begins"), [("text", "Recordings were scored"), ("markdown", "## Methods\n\nRecord")])
def test_the_command_prints_it_as_text_and_as_markdown(
    form: str, begins: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["config", "--methods", form, "--set", "leg_movement.onset_uv=6"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(begins)
    assert "by 6 µV‡" in said
    assert ("\n### Cramp-like contractions\n" in said) is (form == "markdown")
    assert run(["config", "--methods", form, "--set", "leg_movement.onset_uv=6", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["methods"] == said


def test_the_option_alone_prints_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config", "--methods"]) == 0
    assert capsys.readouterr().out == methods(load().criteria).plain()


def test_it_tells_of_the_set_that_scoring_was_told_to_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[set.cramp]\nmin_s = 6.0\n", encoding="utf-8")
    assert run(["config", "--methods", "--criteria", str(file)]) == 0
    assert "cramp.min_s = 6 (in wasm-2016: 5)" in capsys.readouterr().out
    assert run(["config", "--methods", "--config", str(file), "--criteria", "wasm-2016"]) == 0
    assert capsys.readouterr().out == AS_IT_IS.plain()

"""``soleus diary compare`` and ``soleus diary plan``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from soleus.__main__ import run

if TYPE_CHECKING:
    from pathlib import Path


class Shell:
    """A person at the command line, with a configuration of their own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.config = folder / "soleus.toml"
        self.config.write_text(f'data_dir = "{folder / "data"}"\nperson = "p1"\n', encoding="utf-8")
        self._capsys = capsys

    def done(self, *words: str) -> str:
        assert run(["diary", *words, "--config", str(self.config)]) == 0
        return self._capsys.readouterr().out

    def json(self, *words: str) -> Any:
        return json.loads(self.done(*words, "--json"))

    def refused(self, *words: str) -> str:
        assert run(["diary", *words, "--config", str(self.config)]) == 2
        told = self._capsys.readouterr()
        assert told.out == ""
        assert len(told.err.splitlines()) == 1
        return told.err


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path, capsys)


def test_a_plan_is_kept_in_the_diary_and_shown_again(shell: Shell) -> None:
    drawn = shell.json("plan", "magnesium", "--seed", "5")
    assert shell.json("plan") == drawn
    assert {block["phase"] for block in drawn["blocks"]} == {"on", "off", "washout"}


def test_the_same_seed_draws_the_same_plan_and_keeps_it_once(shell: Shell) -> None:
    first = shell.json("plan", "magnesium", "--seed", "5", "--first", "2026-11-23")
    assert shell.json("plan", "magnesium", "--seed", "5", "--first", "2026-11-23") == first
    assert shell.json("plan") == first


def test_a_dry_run_keeps_nothing(shell: Shell) -> None:
    shell.done("plan", "magnesium", "--dry-run")
    assert "the diary has no plan" in shell.refused("plan")


def test_a_plan_that_begins_inside_of_another_is_refused(shell: Shell) -> None:
    shell.done("plan", "magnesium", "--seed", "5", "--first", "2026-11-23", "--pairs", "1", "--washout", "0")
    assert "lasts until 2026-12-06" in shell.refused("plan", "stretching", "--first", "2026-12-06")


def test_a_plan_gives_no_advice_but_to_ask(shell: Shell) -> None:
    said = shell.done("plan", "magnesium", "--seed", "5")
    assert "Do not start, stop or change a medicine" in " ".join(said.split())


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("plan", "x", "--pairs", "0"), "the plan has 0 pairs, expected 1 to 26"),
        (("plan", "x", "--pairs", "26", "--evenings", "60"), "expected at most 364"),
        (("plan", "x", "--first", "soon"), "got 'soon', expected a date"),
        (("plan", " "), "the plan has no name"),
        (("plan", "x", "--seed", "-1"), "the seed is -1"),
        (("plan", "x", "--first", "9999-12-30"), "the plan begins 9999-12-30, expected 9998-"),
        (("compare",), "two periods are needed"),
        (("compare", "a"), "two periods are needed"),
        (("compare", "a", "b"), "0 periods are called 'a'"),
        (("compare", "2026-10-01..2026-10-05", "2026-10-06..2026-13-01"), "got '2026-13-01', expected a date"),
        (("compare", "2026-10-05..2026-10-01", "2026-10-06..2026-10-09"), "before it begins"),
    ],
)
def test_what_cannot_be_is_one_clear_line(shell: Shell, words: tuple[str, ...], fault: str) -> None:
    assert fault in shell.refused(*words)


def test_without_nights_there_is_no_number(shell: Shell) -> None:
    shell.done("plan", "magnesium", "--seed", "5")
    for one in shell.json("compare"):
        assert one["verdict"] == "too_few"
        assert {one[key] for key in ("ratio", "low", "high", "p_real", "nights_more")} == {None}
    assert "needs at least 5 in each" in " ".join(shell.done("compare").split())


def test_a_period_of_the_diary_is_found_by_its_name(shell: Shell) -> None:
    for name, at in (("before", "2026-09-01 18:00"), ("after", "2026-10-01 18:00")):
        shell.done("log", "period", "--name", name, "--at", at, "--duration-h", "336")
    found = shell.json("compare", "before", "after")
    assert [found[0][side]["period"]["last"] for side in "ab"] == ["2026-09-14", "2026-10-14"]

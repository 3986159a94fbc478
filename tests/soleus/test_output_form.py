"""How a result is printed: ``--format NAME``, or ``--json`` for short, at every command that prints JSON."""

from __future__ import annotations

import json

import click
import pytest

from soleus.__main__ import COMMANDS, load, run

PRINT_JSON = {
    *("demo", "scan", "check", "doctor", "replay", "decode", "certificate", "export", "score", "rules", "config"),
    *("outbox", "report", "evaluate", "tune"),
}


def _options(name: str) -> set[str]:
    return {option for parameter in load(name).params for option in parameter.opts}


def test_every_command_that_prints_json_takes_both_names_of_it_and_no_other_takes_one() -> None:
    assert {name for name in COMMANDS if "--json" in _options(name)} == PRINT_JSON
    assert {name for name in COMMANDS if "--format" in _options(name)} == PRINT_JSON


@pytest.mark.parametrize("words", [["--json"], ["--format", "json"], ["--json", "--format", "json"]])
def test_both_names_print_the_same_json_and_nothing_else(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config", *words]) == 0
    printed = capsys.readouterr().out
    assert json.loads(printed)
    assert run(["config", "--format", "json"]) == 0
    assert capsys.readouterr().out == printed


@pytest.mark.slow
def test_without_either_a_person_is_meant(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config"]) == 0
    with pytest.raises(json.JSONDecodeError):
        json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("words", [["--json", "--format", "table"], ["--format", "table", "--json"]])
def test_two_forms_at_once_are_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config", *words]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "soleus: got --format table and --json, expected one of them (see soleus config --help)\n"


def test_a_choice_that_is_refused_is_a_click_error_whichever_name_stands_first() -> None:
    with pytest.raises(click.UsageError):
        load("config").main(["--json", "--format", "xml"], standalone_mode=False)

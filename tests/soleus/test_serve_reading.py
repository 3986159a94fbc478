"""``soleus serve`` reads the files that it is given with the options of ``soleus score``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner

from soleus.__main__ import run
from soleus.commands.evaluate import command as evaluate_command
from soleus.commands.score import command as score_command
from soleus.commands.serve import command as serve_command
from soleus.commands.tune import command as tune_command
from soleus.errors import ConfigError
from tests.served import configured, served
from tests.untold_files import ZONE, make_study, movements, options, scored

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

PATIENCE_S = 600.0


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_study(tmp_path_factory.mktemp("study"))


def test_the_program_that_serves_takes_the_options_of_the_one_that_scores(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with served(tmp_path, "--recordings", str(study / "files"), *options(study)) as url:
        asked = {"keys": ["lab", "table"], "criteria": "wasm-2016", "word": "leg_movement", "reference": ""}
        question = Request(  # noqa: S310 - of this computer
            f"{url}/api/bench/settle", json.dumps(asked).encode(), {"content-type": "application/json"}
        )
        answer = {"nights": [{"opening": True}]}
        while any(night["opening"] for night in answer["nights"]):
            with urlopen(question, timeout=PATIENCE_S) as response:  # noqa: S310 - of this computer
                answer = json.load(response)
    told = [scored(capsys, study / "files" / name, *options(study)) for name in ("lab.edf", "table.csv")]
    shown: Any = [night["events"] for night in answer["nights"]]
    found = [sorted(zip(one["onset_s"], one["end_s"], one["leg"], strict=True)) for one in shown]
    # A leg is a letter where thousands of events are sent.
    assert found == [[(onset_s, end_s, str(leg)[0]) for onset_s, end_s, leg in movements(one)] for one in told]


def test_all_commands_that_read_recordings_say_the_same_of_how_they_do() -> None:
    commands = (serve_command, score_command, evaluate_command, tune_command)
    told = [{one.name: one.to_info_dict() for one in command.params} for command in commands]
    for name in ("channels", "layout", "time_zone", "salvage"):
        assert all(one[name] == told[0][name] for one in told)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--channel", "DC7"), "got 'DC7', expected LABEL=CHANNEL"),
        (("--time-zone", "Mars"), "time zone 'Mars': there is none of that name"),
        (("--layout", "nowhere.toml"), "'nowhere.toml' does not exist"),
    ],
)
def test_what_is_no_such_option_is_refused_as_the_command_refuses_it(
    words: tuple[str, str], expected: str, study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = []
    for command in (["serve", "--recordings"], ["score"]):
        assert run([*command, str(study / "files"), *words]) == 2
        said.append(capsys.readouterr().err.replace(f"soleus {command[0]} --help", ""))
    assert expected in said[0]
    assert said[0] == said[1]


def test_what_is_said_of_no_recordings_is_refused(tmp_path: Path) -> None:
    words = ["--config", str(configured(tmp_path)), "--port", "0", "--time-zone", ZONE, "--salvage"]
    refused = CliRunner().invoke(serve_command, words, standalone_mode=False).exception
    assert isinstance(refused, ConfigError)
    assert str(refused).startswith("--time-zone, --salvage: got no --recordings")

"""The command line as a whole: help, versions, exit codes, one line per error."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest

from soleus import __version__
from soleus.__main__ import COMMANDS, INTERNAL, explain, load, run

if TYPE_CHECKING:
    from pathlib import Path

LOADED_BY_HELP = """
import sys
import soleus.__main__ as cli
cli.run(["--help"])
print([name for name in sys.modules if name.startswith(("soleus.commands", "numpy", "scipy"))])
"""


def test_the_version_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"soleus {__version__}\n"


def test_help_names_every_command_with_its_summary(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    printed = capsys.readouterr().out
    for name, summary in COMMANDS.items():
        assert f"{name} " in printed
        assert summary in printed
    assert "not a medical device" in " ".join(printed.split())


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 2
    assert "Commands:" in capsys.readouterr().out


@pytest.mark.parametrize("name", [*COMMANDS, *INTERNAL])
def test_the_help_of_every_command_reads_well(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = load(name)
    assert run([name, "--help"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"Usage: soleus {name}")
    assert command.help
    assert all(parameter.help for parameter in command.params if isinstance(parameter, click.Option)), (
        "every option says what it does"
    )
    assert max(map(len, printed.splitlines())) <= 100


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["nights"], "soleus: No such command 'nights'"),
        (["--bogus"], "soleus: No such option '--bogus'"),
        (["config", "--bogus"], "soleus: No such option '--bogus' (see soleus config --help)"),
        (["config", "--format", "xml"], "soleus: Invalid value for '--format': 'xml' is not one of"),
        (["config", "--config", "/nowhere/soleus.toml"], "soleus: /nowhere/soleus.toml: cannot be read as TOML"),
        (["config", "--set", "cramp.mins=3"], "soleus: --set: unknown setting cramp.mins, did you mean cramp.min_s?"),
        (["config", "--set", "cramp.min_s=x"], "soleus: --set: cramp.min_s is 'x', expected a number"),
        (["config", "--set", "leg_movement.onset_uv=1"], "soleus: leg_movement.offset_uv is 2.0, expected less than"),
        (["score", "/nowhere/night.edf"], "soleus: /nowhere/night.edf: "),
    ],
)
def test_bad_input_is_one_line_on_stderr_and_exit_2(
    args: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(args) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(message)
    assert printed.err.count("\n") == 1


def test_an_error_can_be_traced(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="cannot be read as TOML"):
        run(["--traceback", "config", "--config", str(tmp_path / "nix.toml")])


def test_an_os_error_names_the_file() -> None:
    assert explain(FileNotFoundError(2, "No such file or directory", "night.edf")) == (
        "night.edf: No such file or directory"
    )
    assert explain(ValueError("two\n  lines")) == "two lines"


def test_help_and_version_import_no_command() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED_BY_HELP], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_reader_that_goes_away_is_no_error() -> None:
    code = "import sys; sys.argv = ['soleus', 'config']; import soleus.__main__ as m; m.main()"
    with subprocess.Popen(
        [sys.executable, "-u", "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(timeout=60) in {0, 1}

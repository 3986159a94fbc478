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

FAULTY = """
import sys, types
import click
import soleus.__main__ as cli

@click.command()
def command():
    raise ValueError("a sum of probabilities is 1.2")

sys.modules["soleus.commands.faulty"] = types.SimpleNamespace(command=command)
cli.COMMANDS["faulty"] = "Fail."
sys.argv = ["soleus", "faulty"]
cli.main()
"""
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
    words = " ".join(printed.split())
    for name, summary in COMMANDS.items():
        assert f"{name} " in printed
        assert summary in words
    assert "not a medical device" in words


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
        (["config", "--set", f"motion.min_crossings={'9' * 400}"], "soleus: --set: motion.min_crossings is '999"),
        (["config", "--set", "leg_movement.onset_uv=1"], "soleus: leg_movement.offset_uv is 2.0, expected less than"),
        (
            ["config", "--set", "cramp.rhythm_segment_s=0.01"],
            "soleus: cramp.rhythm_segment_s is 0.01, expected more",
        ),
        (["score", "/nowhere/night.edf"], "soleus: /nowhere/night.edf: "),
        (["rules", "/nowhere/events.tsv"], "soleus: Invalid value for 'EVENTS'"),
        (["replay", "nix"], "soleus: night 'nix' is not in "),
        (["demo", "--regime", "easy"], "soleus: Invalid value for '--regime': 'easy' is not one of 'clean', 'hard'"),
        (["demo", "--hours", "nan"], "soleus: Invalid value for '--hours': nan is not a number"),
        (["demo", "--speed", "nan"], "soleus: Invalid value for '--speed': nan is not a number"),
        (["scan", "--seconds", "inf"], "soleus: Invalid value for '--seconds': inf is not a number"),
        (["scan", "--hci", "nix"], "soleus: Bluetooth adapter 'nix' is no transport that Bumble knows"),
        (["scan", "--hci", "tcp-client:nix"], "soleus: Bluetooth adapter 'tcp-client:nix' is no transport"),
        (["night"], "soleus: soleus.toml: no [[sensor]] table"),
        (["night", "--config", "/nowhere/soleus.toml"], "soleus: /nowhere/soleus.toml: cannot be read as TOML"),
        (["night", "--hours", "nan"], "soleus: Invalid value for '--hours': nan is not a number"),
        (["night", "--clock", "0", "1", "1"], "soleus: Invalid value for '--clock': 0.0 is not in the range"),
        (["serve", "--config", "/nowhere/soleus.toml"], "soleus: /nowhere/soleus.toml: cannot be read as TOML"),
        (["store"], "soleus: store needs a broker and an InfluxDB"),
        (["store", "--broker", "nix", "--influx", "http://h:8086"], "soleus: --broker: url is 'nix', expected mqtt://"),
        (["store", "--broker", "mqtt://h", "--influx", "nix"], "soleus: --influx: url is 'nix', expected http://"),
        (["store", "--broker", "mqtt://h?protocol=9", "--influx", "http://h"], "soleus: mqtt.url: '9' is not a valid"),
    ],
)
def test_bad_input_is_one_line_on_stderr_and_exit_2(
    args: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SOLEUS_CONFIG", raising=False)
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
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


@pytest.mark.slow
def test_a_fault_of_the_program_is_no_bad_input() -> None:
    done = subprocess.run([sys.executable, "-c", FAULTY], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback")
    assert done.stderr.endswith("ValueError: a sum of probabilities is 1.2\n")


@pytest.mark.slow
def test_help_and_version_import_no_command() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED_BY_HELP], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.slow
@pytest.mark.parametrize("how", [["-u"], []], ids=["while it is written", "at the end"])
def test_a_reader_that_goes_away_is_no_error(how: list[str]) -> None:
    code = "import sys; sys.argv = ['soleus', 'config']; import soleus.__main__ as m; m.main()"
    with subprocess.Popen(
        [sys.executable, *how, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(timeout=60) == 0

"""A setting that cannot be: the same rule in the file, in an option and in a question, with its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from soleus.__main__ import run
from soleus.asking import Search, _ask_sensors
from soleus.errors import ConfigError
from soleus.settings import Settings
from soleus.settings_file import read

if TYPE_CHECKING:
    from pathlib import Path

LEFT = '[[sensor]]\nname = "l"\ndevice = "lsp"\naddress = "a"\nleg = "left"\n'
RIGHT = LEFT.replace('"l"', '"r"').replace('"a"', '"b"')


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (LEFT + LEFT, 7, "sensor[1].name is 'l', which sensor[0] has, expected a different name for each"),
        (LEFT + LEFT.replace('"l"', '"r"'), 9, "sensor[1].address is 'a', which sensor[0] has"),
        (LEFT + RIGHT.replace('"r"', '"l.calf"'), 7, "sensor[1].name is 'l.calf', which reads as a channel of 'l'"),
        (LEFT + 'adapter = "hci0"\n' + RIGHT, 7, "sensor[1].adapter is not set"),
        (LEFT.replace('"a"', '"C4:00"'), 4, "sensor[0].address is 'C4:00', expected six pairs"),
        ('person = "a"\n[[alarm]]\nsound = true\n', 2, "alarm is [{'sound': True}], expected a table [alarm]"),
        ("['alarm']\nsound = 3\n", 2, "alarm.sound: got 3, expected true or false"),
        ('"alarm".sound = 3\n', 1, "alarm.sound: got 3, expected true or false"),
        (LEFT.replace('"left"', '"LEFT"'), 5, "sensor[0].leg: got 'LEFT', expected one of left, right, unknown"),
    ],
)
def test_a_fault_is_told_with_its_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as refused:
        read(file)
    assert str(refused.value).startswith(f"bad.toml:{line}: {message}")


def test_a_name_that_is_refused_is_not_offered(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(f"{LEFT}described = {{}}\n")
    with pytest.raises(ConfigError, match=r"unknown setting sensor.0..described") as refused:
        read(file)
    assert "did you mean sensor[0].described" not in str(refused.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--sensor=left=C4:00:00,lsp"], "address is 'C4:00:00', expected six pairs of 0-9 and A-F"),
        (["--sensor=left=A,lsp", "--sensor=left=a,lsp"], "sensor[1].address is 'a', which sensor[0] has"),
        (["--person="], "person is '', expected letters"),
    ],
)
def test_an_option_is_judged_like_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    assert run(["setup", f"--file={tmp_path}/soleus.toml", "--yes", *options]) == 2
    assert capsys.readouterr().err.startswith(f"soleus: {message}")
    assert list(tmp_path.iterdir()) == []


def asked(answers: str) -> tuple[list[str], str]:
    found: list[str] = []
    with CliRunner().isolation(input=answers) as (out, *_):
        found += [sensor.address for sensor in _ask_sensors(Settings(), Search(1.0))]
        return found, out.getvalue().decode()


def test_enter_ends_the_question_for_an_address() -> None:
    assert asked("n\ny\n\n")[0] == []
    assert asked("n\n\n")[0] == []


def test_an_address_that_another_sensor_has_is_asked_again() -> None:
    found, said = asked("n\ny\nA1\n\n\n\ny\na1\nB2\n\n\n\n\n")
    assert found == ["A1", "B2"]
    assert "a1 is left already, expected another sensor" in said

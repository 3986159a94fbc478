"""A sensor described in ``soleus.toml``: what is wrong is said in one line that names its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from soleus.errors import ConfigError
from soleus.settings_file import read
from tests.soleus.test_described_devices import ARDUINO, MICROBIT, sensor

if TYPE_CHECKING:
    from pathlib import Path


def fault(tmp_path: Path, text: str) -> str:
    path = tmp_path / "soleus.toml"
    path.write_text(f"collector = 'c'\n{text}", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def line_of(text: str, part: str) -> int:
    return 2 + text[: text.index(part)].count("\n")


def line_of_key(text: str, reason: str) -> int:
    """Return the line of the key that a reason names, or of the nearest table around it."""
    path = re.search(r"device\[0\][\w.\[\]]*", reason)
    assert path is not None
    for part in reversed(re.sub(r"\[\d+\]", "", path[0]).split(".")):
        for written in (f"\n{part} = ", f"\n[[device.{part}]]", f"\n[[{part}]]"):
            if written in text:
                return line_of(text, written) + 1
    raise AssertionError(reason)


ONE = """
[[device]]
name = "one"
silence_s = 4.0
[[device.stream]]
characteristic = "2a19"
quantity = "acceleration"
unit = "g"
fs_hz = 50.0
header = ["u8 number", "u16 clock", "i8 level"]
fields = ["i16 x", "i16 y", "i16 z"]
scale = 0.001
"""


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('"i16 x"', '"i15 x"', "fields has 'i15 x', expected a type and a name such as 'i16 x'; types are i8, u8"),
        ('"i16 x"', '"i16"', "fields has 'i16', expected a type and a name"),
        ('"i16 x"', '"i16 y"', "fields has 'y' twice, expected a different name for each field"),
        ('"i16 x"', '"i16 level"', "fields has 'level' twice"),
        ('"i16 x", ', "", "fields make 2 columns, expected 3 for acceleration: x, y and z"),
        ('["i16 x", "i16 y", "i16 z"]', "[]", "fields make 0 columns, expected 3"),
        ('["i16 x", "i16 y", "i16 z"]', '"i16 x"', "fields: got 'i16 x', expected a list of texts"),
        ('["i16 x", "i16 y", "i16 z"]', "[1]", "fields: got 1, expected text in quotes"),
        ('"u8 number"', '"magic zz"', "header has 'magic zz', expected bytes in hexadecimal such as 'magic a0 01'"),
        ('"u8 number"', '"magic a0b"', "header has 'magic a0b', expected bytes in hexadecimal"),
        ('"u8 number"', '"skip x"', "header has 'skip x', expected a number of bytes such as 'skip 3'"),
        ('"u8 number"', '"skip 900"', "fields make packets of 909 bytes, expected at most 512"),
        ("scale = 0.001", "scale = 0", "scale is 0, expected a number that is not 0"),
        ("scale = 0.001", "scale = inf", "scale is inf, expected a number that is not 0, and at most 1e+19"),
        ("scale = 0.001", "scale = 1e30", "scale is 1e+30, expected a number that is not 0, and at most 1e+19"),
        ("scale = 0.001", "scale = nan", "scale is nan, expected a number that is not 0, and at most 1e+19"),
        ("scale = 0.001", "scale = -1e-300", "scale is -1e-300, expected at least 1e-19"),
        ("scale = 0.001", "offset = nan", "offset is nan, expected a number"),
        ("scale = 0.001", "repeat = 0", "repeat is 0, expected 1 or more samples per packet"),
        ("scale = 0.001", "repeat = 90", "fields make packets of 544 bytes, expected at most 512"),
        ("scale = 0.001", 'byte_order = "middle"', "byte_order: got 'middle', expected one of little, big"),
        ("scale = 0.001", 'axes = ["x", "y", "w"]', "axes has 'w', expected some of the fields x, y, z"),
        ("scale = 0.001", 'axes = ["x", "y", "x"]', "axes has 'x' twice, expected each field once"),
        ("scale = 0.001", 'axes = ["x"]', "axes make 1 columns, expected 3 for acceleration"),
        ("scale = 0.001", 'counter = "tick"', "counter is 'tick', expected the name of a field: number, clock, level"),
        ("scale = 0.001", 'counter = "level"', "counter is 'level', which is i8, expected an unsigned field"),
        ("scale = 0.001", 'counter = "number"\ncounts = "x"', "counts: got 'x', expected one of packets, samples"),
        ("scale = 0.001", 'counter = ["number", "clock"]', "counter: got ['number', 'clock'], expected text in quotes"),
        ("scale = 0.001", 'counter = "number"\ntime = "clock"', "time is given beside counter, expected one of them"),
        ("scale = 0.001", 'time = "clock"', "tick_s is 0, expected the seconds of one tick of clock"),
        ("scale = 0.001", 'time = "clock"\ntick_s = 1e-4', "tick_s is 0.0001, so clock begins again after 6.55 s"),
        ("scale = 0.001", 'time = "clock"\ntick_s = inf', "tick_s is inf, expected the seconds of one tick of clock"),
        ("scale = 0.001", 'time = "clock"\ntick_s = 1e300', "tick_s is 1e+300, expected at most 60 s"),
        ("scale = 0.001", "tick_s = 0.1", "tick_s is given without time, expected the name of a field as time"),
        ("scale = 0.001", 'time = "level"\ntick_s = 1', "time is 'level', which is i8, expected an unsigned field"),
        ("scale = 0.001", 'on_change = true\ncounter = "number"', "on_change is given beside counter or time"),
        ("scale = 0.001", "survives_link = true", "survives_link is given without counter or time"),
        ("scale = 0.001", "scal = 0.001", "unknown setting device[0].stream[0].scal"),
        ('unit = "g"', 'unit = "mg"', "unit: got 'mg', expected one of uV, g, dps, counts"),
        ('unit = "g"', 'unit = "dps"', "unit is dps, expected g for acceleration"),
        ("fs_hz = 50.0", "fs_hz = 0", "fs_hz is 0, expected 0.1 to 20000 Hz"),
        ("fs_hz = 50.0", "fs_hz = -5", "fs_hz is -5, expected 0.1 to 20000 Hz"),
        ("fs_hz = 50.0", "fs_hz = 1e300", "fs_hz is 1e+300, expected 0.1 to 20000 Hz"),
        ("fs_hz = 50.0", "fs_hz = 20000.1", "fs_hz is 20000.1, expected 0.1 to 20000 Hz"),
        ("fs_hz = 50.0", "fs_hz = 0.09", "fs_hz is 0.09, expected 0.1 to 20000 Hz"),
        ("fs_hz = 50.0", "fs_hz = inf", "fs_hz is inf, expected 0.1 to 20000 Hz"),
        ("fs_hz = 50.0", "fs_hz = nan", "fs_hz is nan, expected 0.1 to 20000 Hz"),
        ("fs_hz = 50.0", "fs_hz = 0.5", "fs_hz is 0.5, expected more than 1 Hz for acceleration"),
        ("fs_hz = 50.0", 'fs_hz = "50"', "fs_hz: got '50', expected a number"),
        ('quantity = "acceleration"', 'quantity = "speed"', "quantity: got 'speed', expected one of emg"),
        ('"2a19"', '"2a1"', "characteristic is '2a1', expected a UUID such as"),
        ('"2a19"', '"19b10000-5001-537e-4f6c-d104768a121"', "characteristic is '19b10000-5001"),
        ("silence_s = 4.0", "silence_s = 0", "silence_s is 0, expected a positive number of seconds"),
        ("silence_s = 4.0", "silence_s = 1e300", "silence_s is 1e+300, expected at most 3600 s"),
        ("silence_s = 4.0", "silence_s = 0.02", "silence_s is 0.02, expected more than the 0.02 s of one packet"),
        ("silence_s = 4.0", 'service = "zz"', "service is 'zz', expected a UUID"),
        ("silence_s = 4.0", "start = [{ write = '2a00', bytes = '012' }]", "bytes is '012', expected bytes in hexa"),
        ("silence_s = 4.0", "start = [{ write = '2a00', bytes = '' }]", "bytes is empty, expected bytes in hexa"),
        ("silence_s = 4.0", "start = [{ write = 'zz', bytes = '01' }]", "write is 'zz', expected a UUID"),
        ("silence_s = 4.0", "stop = [{ write = '2a00' }]", "bytes is missing"),
        ("silence_s = 4.0", "start = '01'", "start: got '01', expected tables, such as"),
        ('name = "one"', 'name = "one two"', "name is 'one two', expected letters, digits"),
        ('name = "one"', 'name = "lsp"', "name is 'lsp', which Soleus knows by itself, expected another name"),
    ],
)
def test_what_is_wrong_in_a_description_is_said_with_its_line(
    tmp_path: Path, right: str, wrong: str, said: str
) -> None:
    text = ONE.replace(right, wrong, 1)
    assert text != ONE
    message = fault(tmp_path, text)
    where, _, reason = message.partition(": ")
    assert said in reason
    assert where == f"soleus.toml:{line_of_key(text, reason)}"


def test_the_second_stream_of_the_second_device_is_found_in_its_own_line(tmp_path: Path) -> None:
    text = MICROBIT + ARDUINO.replace('"f32 z"]\n', '"f33 z"]\n').replace('"f33 z"', '"f32 z"', 1)
    line = line_of(text, '"f33 z"')
    expected = f"soleus.toml:{line}: device[1].stream[1].fields has 'f33 z', expected a type and a name such as 'i16 x'"
    assert fault(tmp_path, text).startswith(expected)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[device]]\nname = "x"\n', "device[0].stream is missing"),
        ('[device]\nname = "x"\n', "expected tables [[device]]"),
        ('[[device]]\nname = "x"\n[device.stream]\nfs_hz = 1\n', "expected tables, such as"),
        (ONE + ONE, "device[1].name is 'one', which device[0] has, expected a different name for each"),
        (ONE + ONE.partition("silence_s = 4.0")[2], "stream has acceleration twice on 2a19 in packets of 10 bytes"),
        (
            ONE + ONE.partition("silence_s = 4.0")[2].replace("50.0", "25.0").replace("2a19", "2a20"),
            "stream has acceleration twice, expected forms of one stream to agree in unit, fs_hz, axes and counter",
        ),
    ],
)
def test_descriptions_that_do_not_fit_together_are_refused(tmp_path: Path, text: str, said: str) -> None:
    assert said in fault(tmp_path, text)


def test_a_sensor_of_an_unknown_kind_or_with_an_unknown_option_is_refused_with_its_line(tmp_path: Path) -> None:
    said = fault(tmp_path, ONE + sensor("two"))
    line = line_of(ONE + sensor("two"), 'device = "two"')
    assert said.startswith(f"soleus.toml:{line}: sensor[0].device is 'two', expected one of: ")
    assert "one" in said
    assert "docs/devices.md" in said
    text = sensor("microbit") + "options = { fs_hz = 33 }\n"
    said = fault(tmp_path, text)
    assert said.startswith(f"soleus.toml:{line_of(text, 'options')}: sensor[0].options: option fs_hz is 33.0, expected")
    said = fault(tmp_path, sensor("microbit") + "[sensor.options]\nrange = 3\n")
    assert said.startswith("soleus.toml:8: sensor[0].options: option range is unknown to microbit")
    assert fault(tmp_path, ONE + sensor("one") + "described = 1\n").startswith("soleus.toml:")

"""``soleus setup``: a commented configuration, from answers or from options."""

from __future__ import annotations

import re
import stat
import tomllib
from dataclasses import fields, replace
from pathlib import Path

import pytest
from bleak.backends.device import BLEDevice
from hypothesis import given
from hypothesis import strategies as st

from detectors.signal import Leg
from ingest.ble import Sighting
from ingest.night.entries import Delivery
from soleus.__main__ import run
from soleus.asking import made
from soleus.errors import ConfigError
from soleus.in_range import guess, kinds
from soleus.outbox_settings import OutboxSettings
from soleus.settings import (
    AlarmSettings,
    BluetoothSettings,
    MqttSettings,
    SensorSettings,
    Settings,
    StoreSettings,
    WebSettings,
)
from soleus.settings_file import read
from soleus.settings_text import commented, kept_tables
from soleus.settings_writing import write

LEFT = SensorSettings("left", "lsp", "C4:00:00:00:00:01", Leg.LEFT)
RIGHT = SensorSettings("right", "polar-pmd", 'Polar "H10"\\', Leg.RIGHT, "calf", "hci1", {"range_g": 8.0})
EVERYTHING = Settings(
    site="house",
    person="anna",
    collector="attic",
    scoring="mine",
    data_dir=Path("/somewhere else/nights"),
    criteria="wasm-2016",
    delivery=Delivery.STORE,
    sensors=(replace(LEFT, adapter="hci0"), RIGHT),
    mqtt=MqttSettings("mqtts://broker:8883", "anna", Path("/a/password"), Path("/a/ca.pem")),
    store=StoreSettings("http://localhost:8086", "org", "bucket", Path("/a/token")),
    web=WebSettings("0.0.0.0", 80, "attic", Path("/a/login"), Path("/a/web.pem"), Path("/a/web.key")),  # noqa: S104 - read back
    bluetooth=BluetoothSettings(reset_adapter=True),
    alarm=AlarmSettings(after_min=3.5, sound=True, desktop=True),
)
SETTING = re.compile(r"^(?:# )?(\w+)(?: = |: not set)", re.MULTILINE)


@pytest.mark.parametrize("settings", [Settings(), Settings(sensors=(LEFT,)), EVERYTHING])
def test_what_is_written_reads_back_as_it_was_meant(tmp_path: Path, settings: Settings) -> None:
    write(settings, tmp_path / "soleus.toml")
    assert read(tmp_path / "soleus.toml")[0] == settings


@pytest.mark.slow
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_survives_the_file(text: str) -> None:
    written = commented(Settings(sensors=(replace(LEFT, site=text),)))
    assert tomllib.loads(written)["sensor"][0]["site"] == text


def test_every_setting_is_in_the_file_under_an_explanation() -> None:
    text = commented(EVERYTHING)
    shown = set(SETTING.findall(text))
    elsewhere = {"overrides", "sensors", "devices", "described"}
    parts = (SensorSettings, MqttSettings, StoreSettings, OutboxSettings, WebSettings, BluetoothSettings, AlarmSettings)
    for table in (Settings, *parts):
        names = {item.name for item in fields(table)} - elsewhere
        assert names - shown <= {"mqtt", "store", "outbox", "web", "bluetooth", "alarm"}
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if line.startswith("[") and line != "[[sensor]]":
            assert lines[number - 1].startswith("# ")
            assert lines[number + 1].startswith("# ")


def test_each_line_that_shows_a_default_holds_when_its_mark_alone_is_taken_away(tmp_path: Path) -> None:
    lines, file = commented(Settings()).splitlines(), tmp_path / "soleus.toml"
    # The example of a sensor and of a threshold are tables of their own, and none of the defaults.
    shown = [n for n, line in enumerate(lines) if re.match(r"# \w+ = ", line) and n < _first_table(lines, n)]
    assert len(shown) > len(fields(Settings)) - 3
    for number in shown:
        file.write_text("\n".join([*lines[:number], lines[number].removeprefix("# "), *lines[number + 1 :]]))
        assert read(file)[0] == Settings(), lines[number]


def _first_table(lines: list[str], number: int) -> int:
    """Return where the first table that is only an example begins, if the line stands in one."""
    tables = [n for n, line in enumerate(lines[:number]) if re.match(r"(# )?\[", line)]
    return tables[-1] if tables and lines[tables[-1]].startswith("# [") else len(lines)


def test_what_is_not_set_is_said_to_be_so_with_an_example_that_can_be_read(tmp_path: Path) -> None:
    text = commented(Settings())
    names = re.findall(r"(?m)^# (\w+): not set, for example \1 = ", text)
    web = ["name", "password_file", "tls_cert", "tls_key"]
    mqtt = ["url", "user", "password_file", "ca_file", "client_cert", "client_key"]
    assert names == ["delivery", *mqtt, "url", "token_file", *web]
    file = tmp_path / "soleus.toml"
    file.write_text(re.sub(r"(?m)^# \w+: not set, for example ", "", text))
    assert read(file)[0].store.url == "http://localhost:8086"
    assert "None" not in text


def test_thresholds_and_described_devices_are_kept_word_for_word() -> None:
    tables = "[set.cramp]\nmin_s = 9.0 # mine\n\n[[device]]\nname = 'x'\n[device.options]\na = 1\n"
    assert kept_tables(f"person = 'a'\n[[sensor]]\nname = 'b'\n{tables}[web]\nport = 1\n") == tables
    assert commented(Settings(), tables).endswith(tables)


def test_a_file_is_written_for_its_owner_only_and_the_earlier_one_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "new folder" / "soleus.toml"
    write(Settings(person="a"), file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    write(Settings(person="b"), file)
    assert read(file)[0].person == "b"
    assert read(file.with_name("soleus.toml.before"))[0].person == "a"
    assert len(list(file.parent.iterdir())) == 2


def test_what_would_not_read_back_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "soleus.toml"
    write(Settings(person="a"), file)
    with pytest.raises(ConfigError, match="nothing was written"):
        write(Settings(overrides={"cramp.min_s": 9.0}), file)
    assert read(file)[0].person == "a"
    assert [path.name for path in tmp_path.iterdir()] == ["soleus.toml"]


def test_options_answer_every_question(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "soleus.toml"
    sensors = ("--sensor=left=C4:00:00:00:00:01,lsp", "--sensor=left=Polar H10 1,polar-pmd,calf")
    rest = ("--person=anna", "--alarm", "--alarm-after=5", "--broker=mqtt://b", "--store=http://s:8086", "--yes")
    assert run(["setup", f"--file={file}", *sensors, *rest]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "Next: soleus check, with the sensors on."
    settings, _ = read(file)
    assert [(sensor.name, sensor.device, sensor.site) for sensor in settings.sensors] == [
        ("left", "lsp", "tibialis anterior"),
        ("left-2", "polar-pmd", "calf"),
    ]
    assert settings.alarm == AlarmSettings(after_min=5.0, sound=True)
    assert (settings.person, settings.mqtt.url, settings.store.url) == ("anna", "mqtt://b", "http://s:8086")


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--sensor=left", "--sensor is 'left', expected LEG=ADDRESS,DEVICE"),
        ("--sensor=foot=C4,lsp", "--sensor is 'foot=C4,lsp', expected LEG=ADDRESS,DEVICE"),
        ("--sensor=left=C4,kettle", "--sensor left=C4,kettle: device is 'kettle', expected one of"),
        ("--person=a b", "person is 'a b', expected letters"),
        ("--broker=b", "url is 'b', expected mqtt://host:port"),
        ("--alarm-after=-1", "after_min is -1.0, expected a positive number"),
    ],
)
def test_an_option_that_cannot_be_is_one_line_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, message: str
) -> None:
    assert run(["setup", f"--file={tmp_path}/soleus.toml", "--yes", option]) == 2
    assert capsys.readouterr().err.startswith(f"soleus: {message}")
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_never_changed_without_being_told_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "soleus.toml"
    file.write_text('person = "anna"\n[set.cramp]\nmin_s = 9.0\n')
    assert run(["setup", f"--file={file}", "--yes", "--person=berta"]) == 2
    assert "expected a new file" in capsys.readouterr().err
    assert 'person = "anna"' in file.read_text()
    assert run(["setup", f"--file={file}", "--yes", "--overwrite", "--alarm"]) == 0
    settings, _ = read(file)
    assert (settings.person, settings.alarm.sound) == ("anna", True)
    assert settings.overrides == {"cramp.min_s": 9.0}


def test_one_more_sensor_uses_the_adapter_of_the_others() -> None:
    assert made([replace(LEFT, adapter="hci1")], Leg.RIGHT, "lsp", "x", "calf").adapter == "hci1"
    assert made([LEFT], Leg.LEFT, "lsp", "x", "calf").name == "left-2"


DESCRIBED = """[[device]]
name = "arduino"
name_prefix = "Nicla"
[[device.stream]]
characteristic = "19b10000-5001-537e-4f6c-d104768a1214"
quantity = "acceleration"
unit = "g"
fs_hz = 50
fields = ["f32 x", "f32 y", "f32 z"]
"""


def test_a_sensor_that_the_configuration_describes_can_be_set_up_and_its_description_stays(tmp_path: Path) -> None:
    file = tmp_path / "soleus.toml"
    file.write_text(DESCRIBED)
    assert run(["setup", f"--file={file}", "--yes", "--overwrite", "--sensor=left=Nicla 7,arduino"]) == 0
    settings, _ = read(file)
    assert settings.sensors[0].described == settings.devices[0]
    assert file.read_text().endswith(DESCRIBED)
    seen = Sighting("C4:00:00:00:00:01", "Nicla 7", -60, (), BLEDevice("C4:00:00:00:00:01", "Nicla 7", None))
    assert guess(seen, kinds(settings)) == "arduino"
    assert guess(seen) == ""

"""``soleus doctor``: what is said of a computer, finding by finding."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from detectors.signal import Leg
from ingest.adapter import Bluetooth, Trouble
from soleus.__main__ import run
from soleus.delivery_check import store
from soleus.installation import LEAST_PYTHON, PACKAGES, configuration, data_folder, packages
from soleus.settings import SensorSettings, Settings, StoreSettings
from soleus.verdicts import Verdict
from soleus.wakefulness import blocked, bluez, power, stays_awake

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
SENSOR = SensorSettings("left", "lsp", "C4:00:00:00:00:01", Leg.LEFT)


def write(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(f"{text}\n")


def test_the_packages_that_are_looked_for_are_those_that_the_project_asks_for() -> None:
    asked = {re.split(r"[=<>;\[ ]", entry)[0]: entry.partition("==")[2] for entry in PROJECT["dependencies"]}
    on_linux_with_bleak = {"dbus-fast"}
    assert {name: version for name, version in asked.items() if name not in on_linux_with_bleak} == PACKAGES
    assert PROJECT["requires-python"] == f">={'.'.join(map(str, LEAST_PYTHON))}"


def test_packages_that_are_missing_or_of_another_version_are_named() -> None:
    tested = {name: version or "1" for name, version in PACKAGES.items()}
    assert packages(tested).verdict is Verdict.OK
    other = packages({**tested, "bleak": "4.0.0"})
    assert (other.verdict, other.seen) == (Verdict.WARNING, "bleak 4.0.0, tested with 3.1.0")
    missing = packages({name: version for name, version in tested.items() if name != "numpy"})
    assert (missing.verdict, missing.seen) == (Verdict.WRONG, "missing: numpy")


def test_the_configuration_is_none_wrong_empty_or_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("SOLEUS_CONFIG", raising=False)
    assert configuration(None).finding.seen == "there is none yet"
    file = tmp_path / "soleus.toml"
    file.write_text("persn = 'a'\n")
    wrong = configuration(None).finding
    assert wrong.verdict is Verdict.WRONG
    assert wrong.seen.startswith("soleus.toml:1: unknown setting persn")
    file.write_text("person = 'a'\n")
    assert configuration(file).finding.verdict is Verdict.WARNING
    file.write_text("[[sensor]]\nname = 'l'\ndevice = 'lsp'\naddress = 'x'\nleg = 'left'\n")
    assert configuration(file).finding.verdict is Verdict.OK


def test_the_data_folder_is_private(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", sensors=(SENSOR,))
    assert "made with the first night" in data_folder(settings)[0].seen
    settings.data_dir.mkdir(mode=0o755)
    assert data_folder(settings)[0].verdict is Verdict.WARNING
    settings.data_dir.chmod(0o700)
    assert data_folder(settings)[0].verdict is Verdict.OK


@pytest.mark.parametrize("below", ["", "nights", "a/b"])
def test_a_data_folder_that_cannot_be_is_wrong(tmp_path: Path, below: str) -> None:
    (tmp_path / "afile").touch()
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    for name in ("afile", "nowhere"):
        finding = data_folder(Settings(data_dir=tmp_path / name / below))[0]
        assert finding.verdict is Verdict.WRONG
        assert finding.seen.endswith(f"{name} is no folder")


def test_a_configuration_that_is_not_there_is_not_a_line_to_mend(tmp_path: Path) -> None:
    finding = configuration(tmp_path / "nope.toml").finding
    assert (finding.verdict, finding.advice) == (Verdict.WRONG, "name a file that is there, or soleus setup")


@pytest.mark.parametrize(
    ("soft", "hard", "verdict"),
    [("0", "0", Verdict.OK), ("1", "0", Verdict.WRONG), ("0", "1", Verdict.WRONG)],
)
def test_a_blocked_radio_is_told(tmp_path: Path, soft: str, hard: str, verdict: Verdict) -> None:
    assert blocked(tmp_path) is None
    write(tmp_path / "class" / "rfkill" / "rfkill0", type="wlan", soft="1", hard="1")
    write(tmp_path / "class" / "rfkill" / "rfkill1", type="bluetooth", soft=soft, hard=hard)
    found = blocked(tmp_path)
    assert found is not None
    assert found.verdict is verdict


def test_a_laptop_should_be_plugged_in_and_a_mouse_is_no_laptop(tmp_path: Path) -> None:
    supplies = tmp_path / "class" / "power_supply"
    write(supplies / "hid-mouse", type="Battery", scope="Device", capacity="9")
    assert power(tmp_path) is None
    write(supplies / "BAT0", type="Battery", capacity="80")
    write(supplies / "AC", type="Mains", online="0")
    on_battery = power(tmp_path)
    assert on_battery is not None
    assert (on_battery.verdict, on_battery.seen) == (Verdict.WARNING, "on its battery (80 %)")
    (supplies / "AC" / "online").write_text("1\n")
    plugged = power(tmp_path)
    assert plugged is not None
    assert plugged.verdict is Verdict.OK


def test_a_computer_that_may_suspend_is_told_how_to_stay_awake(tmp_path: Path) -> None:
    assert stays_awake(tmp_path, tmp_path, tmp_path).seen == "it cannot suspend"
    write(tmp_path / "power", state="mem disk")
    assert stays_awake(tmp_path, tmp_path, tmp_path).verdict is Verdict.UNKNOWN
    (tmp_path / "systemd" / "system").mkdir(parents=True)
    (tmp_path / "acpi" / "button" / "lid" / "LID0").mkdir(parents=True)
    found = stays_awake(tmp_path, tmp_path, tmp_path)
    assert found.verdict is Verdict.WARNING
    assert "lid" in found.seen
    assert "systemd-inhibit" in found.advice


def test_the_version_of_a_service_that_does_not_run_is_not_known() -> None:
    assert bluez(Bluetooth(Trouble.NO_SERVICE)).verdict is Verdict.UNKNOWN


def test_a_store_without_a_token_is_wrong_and_none_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOLEUS_STORE_TOKEN", raising=False)
    assert store(Settings()).verdict is Verdict.OK
    found = store(Settings(store=StoreSettings("http://localhost:1")))
    assert (found.verdict, found.seen) == (Verdict.WRONG, "http://localhost:1: there is no token")


def test_as_json_every_finding_is_there_and_the_exit_code_says_whether_one_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/nothing-here")
    file = tmp_path / "soleus.toml"
    file.write_text(f"data_dir = '{tmp_path}/data'\n")
    assert run(["doctor", f"--config={file}", "--format", "json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["ok"] is False
    assert said["groups"]["Bluetooth"][0]["verdict"] == "wrong"
    assert set(said["groups"]) == {"program", "Bluetooth", "this computer", "delivery"}

"""``soleus check`` as a command: what it refuses, and what it says as JSON."""

from __future__ import annotations

import asyncio
import fcntl
import json
from typing import TYPE_CHECKING, Any

import pytest

from soleus.__main__ import run
from soleus.config import load
from soleus.nights import start_or_resume
from tests.bedroom import LEFT, bedroom

if TYPE_CHECKING:
    from pathlib import Path

SPEED = 10.0


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    file = tmp_path / "soleus.toml"
    sensor = f'[[sensor]]\nname = "left"\ndevice = "lsp"\naddress = "{LEFT.address}"\nleg = "left"\n'
    file.write_text(f'data_dir = "{tmp_path}/data"\n{sensor}')
    return file


def test_without_a_sensor_there_is_nothing_to_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "soleus.toml"
    file.write_text('person = "anna"\n')
    assert run(["check", f"--config={file}"]) == 2
    assert "no [[sensor]] table, expected at least one; see soleus setup" in capsys.readouterr().err


def test_sensors_that_a_collector_listens_to_are_left_alone(
    configuration: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    night = start_or_resume(load(configuration).settings)
    with (night.path / "night.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert run(["check", f"--config={configuration}"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == (f"soleus: a night is being collected from these sensors ({night.path.name}): end it first\n")


def test_without_bluetooth_there_is_one_line_and_exit_1(
    configuration: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={configuration.parent}/nothing-here")
    assert run(["check", f"--config={configuration}"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("soleus: no Bluetooth: ")


@pytest.mark.slow
async def test_as_json_every_finding_is_there_and_nothing_is_written(
    configuration: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with bedroom(LEFT, speed=SPEED) as room:
        ready = await room.until("ready")
        clock = (str(SPEED), str(room.clock.epoch_ns), str(room.clock.origin_ns))
        arguments = ["check", f"--config={configuration}", f"--hci=tcp-client:127.0.0.1:{ready['port']}"]
        arguments += ["--clock", *clock, "--seconds=5", "--format=json"]
        code = await asyncio.to_thread(run, arguments)
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    (sensor,) = said["sensors"]
    found = {finding["about"]: finding for finding in sensor["findings"]}
    assert {"link", "contact", "hum", "gravity", "loss", "leg", "battery", "signal"} <= set(found)
    assert found["link"]["verdict"] == "ok"
    assert found["leg"]["verdict"] == "ok"
    assert found["signal"]["values"] == {"rssi_dbm": -50}
    assert said["ready"] is (code == 0)
    assert [finding["about"] for finding in said["computer"]] == ["disk", "clock"]
    assert [path.name for path in configuration.parent.iterdir()] == ["soleus.toml"]

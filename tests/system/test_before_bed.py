"""``soleus scan``, ``setup`` and ``check`` before bed, in a terminal, as a new user sees them.

Virtual sensors with a simulated leg behind them are on the stand-in BlueZ; the commands run in a real pseudo-terminal.
Each screen is compared with its text in ``tests/soleus/screens``; ``tests/terminal.py`` says how to accept a new one.
"""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

import pytest

from detectors.signal import Leg
from soleus.settings_file import read
from tests.system.bus import private_bus
from tests.system.scene import Scene, scene
from tests.terminal import Terminal, check_screen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

pytestmark = pytest.mark.system

LEFT, RIGHT = "C4:00:00:00:00:01", "C4:00:00:00:00:02"
LEFT_ONLY = f"""data_dir = "nights"
[[sensor]]
name = "left"
device = "lsp"
address = "{LEFT}"
leg = "left"
"""
CONFIGURATION = f"""{LEFT_ONLY}[[sensor]]
name = "right"
device = "lsp"
address = "{RIGHT}"
leg = "right"
"""
# Figures that are the computer's and the moment's.
VARYING = {
    r"\d+(\.\d+)? [MG]B free": "N GB free",
    r"takes about \d+ MB": "takes about N MB",
    r"\b\d+ of (\d+) Hz": r"N of \1 Hz",
    r"(ok|unknown|warning)( +clock).*\n( {10,}->.*\n| {20,}[^ ].*\n)*": r"[clock]\n",
}
# The list of kinds grows.
KINDS = {r"(\(|one of: )lsp, [\w, -]+": r"\1lsp, ..."}


@contextlib.contextmanager
def bedroom(folder: Path, *, adapters: int = 1) -> Iterator[Scene]:
    """Have two sensors with simulated legs, and a Bluetooth service."""
    with scene(folder, speed=1.0) as night:
        night.room = night._start("ingest.virtual", "--hours=0.05")
        night.room.wait_for(1)
        night.port = json.loads(night.room.lines()[0])["port"]
        night.start_bluetooth(adapters=adapters)
        yield night


def told(folder: Path, *arguments: str, bus: str) -> tuple[int, str]:
    """Run a command in a terminal to its end and return its exit code and screen."""
    with Terminal(*arguments, folder=folder, environ={"DBUS_SYSTEM_BUS_ADDRESS": bus}) as terminal:
        code = terminal.end()
        return code, terminal.screen


def checked(folder: Path, configuration: str = CONFIGURATION, **order: object) -> tuple[int, str]:
    """Run the check beside two sensors, of which the left one was told something."""
    (folder / "soleus.toml").write_text(configuration)
    with bedroom(folder) as night:
        if order:
            night.order(sensor="left", **order)
        return told(folder, "check", "--seconds", "3", bus=night.bus.address)


def test_a_computer_without_bluetooth_is_told_so_in_one_line(tmp_path: Path) -> None:
    code, screen = told(tmp_path, "scan", bus=f"unix:path={tmp_path}/nothing-here")
    assert code == 1
    check_screen("scan-no-bus", screen)


def test_a_bluetooth_service_that_is_not_running_is_named(tmp_path: Path) -> None:
    with private_bus(tmp_path) as bus:
        code, screen = told(tmp_path, "scan", bus=bus.address)
    assert code == 1
    check_screen("scan-no-service", screen)


def test_an_adapter_that_is_off_is_named_with_what_to_type(tmp_path: Path) -> None:
    with bedroom(tmp_path) as night:
        said = len(night.bluetooth.lines())
        night.bluetooth.tell("power off")
        night.bluetooth.wait_for(said + 1)
        code, screen = told(tmp_path, "scan", bus=night.bus.address)
    assert code == 1
    check_screen("scan-adapter-off", screen)


def test_two_sensors_in_range_are_listed_with_what_to_type_next(tmp_path: Path) -> None:
    with bedroom(tmp_path) as night:
        night.order(do="rssi", sensor="right", dbm=-88)
        code, screen = told(tmp_path, "scan", "--seconds", "2", bus=night.bus.address)
    assert code == 0
    check_screen("scan-two-sensors", screen)


def test_two_adapters_scan_at_once_and_each_sensor_is_listed_once(tmp_path: Path) -> None:
    with bedroom(tmp_path, adapters=2) as night:
        bus = night.bus.address
        code, screen = told(tmp_path, "scan", "--seconds", "2", bus=bus)
        assert code == 0, screen
        assert [screen.count(address) for address in (LEFT, RIGHT)] == [1, 1]
        scans = [line.split()[1] for line in night.bluetooth.lines() if line.startswith("discovery")]
        assert sorted(scans) == ["hci0", "hci1"]
        said = len(night.bluetooth.lines())
        night.bluetooth.tell("power off hci0")
        night.bluetooth.wait_for(said + 1)
        assert told(tmp_path, "scan", "--seconds", "1", "--adapter", "hci1", bus=bus)[0] == 0
        code, screen = told(tmp_path, "scan", "--adapter", "hci0", bus=bus)
        assert code == 1
        check_screen("scan-adapter-off", screen)
        code, screen = told(tmp_path, "scan", "--adapter", "hci7", bus=bus)
        assert code == 1
        check_screen("scan-no-such-adapter", screen)


def test_nothing_in_range_is_said_with_what_to_look_at(tmp_path: Path) -> None:
    (tmp_path / "soleus.toml").write_text(CONFIGURATION)
    with bedroom(tmp_path) as night:
        for sensor in ("left", "right"):
            night.order(do="leave", sensor=sensor, for_s=600)
        code, screen = told(tmp_path, "scan", "--seconds", "2", bus=night.bus.address)
    assert code == 0
    check_screen("scan-nothing", screen)


def test_two_good_sensors_are_green_and_drawn(tmp_path: Path) -> None:
    code, screen = checked(tmp_path)
    assert code == 0, screen
    check_screen("check-green", screen, VARYING)


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("check-lead-off", {"do": "electrodes", "off_p": 1, "off_n": 0}),
        ("check-battery-empty", {"do": "battery", "mv": 3450}),
        ("check-silent", {"do": "silence", "cure": "never"}),
    ],
)
def test_what_is_wrong_with_one_sensor_is_red_with_what_to_do_and_exit_1(
    tmp_path: Path, name: str, order: Mapping[str, object]
) -> None:
    code, screen = checked(tmp_path, **order)
    assert code == 1, screen
    check_screen(name, screen, VARYING)


def test_a_sensor_that_is_not_there_is_given_up_and_named(tmp_path: Path) -> None:
    code, screen = checked(tmp_path, LEFT_ONLY, do="leave", for_s=600)
    assert code == 1, screen
    check_screen("check-not-in-range", screen, VARYING)


def test_setup_asks_for_what_a_first_night_needs_and_asks_a_wrong_answer_again(tmp_path: Path) -> None:
    with (
        bedroom(tmp_path) as night,
        Terminal("setup", folder=tmp_path, environ={"DBUS_SYSTEM_BUS_ADDRESS": night.bus.address}) as terminal,
    ):
        terminal.answer(
            [
                ("[me]:", "two words"),
                ("[me]:", "anna"),
                ("Look for sensors now? [Y/n]:", ""),
                ("Is it yours? [Y/n]:", "perhaps"),
                ("Is it yours? [Y/n]:", ""),
                ("[left]:", "middle"),
                ("[left]:", ""),
                ("[tibialis anterior]:", ""),
                ("Is it yours? [Y/n]:", ""),
                ("[right]:", ""),
                ("[tibialis anterior]:", "calf"),
                ("Add a sensor by hand? [y/N]:", ""),
                ("away at night? [y/N]:", "y"),
                ("[10]:", "soon"),
                ("[10]:", "5"),
                ("or none [none]:", "localhost"),
                ("or none [none]:", ""),
                ("or none [none]:", ""),
            ]
        )
        assert terminal.end() == 0, terminal.screen
        check_screen("setup-two-sensors", terminal.screen)
    settings, _ = read(tmp_path / "soleus.toml")
    assert settings.person == "anna"
    assert [(sensor.leg, sensor.address, sensor.site) for sensor in settings.sensors] == [
        (Leg.LEFT, LEFT, "tibialis anterior"),
        (Leg.RIGHT, RIGHT, "calf"),
    ]
    assert (settings.alarm.sound, settings.alarm.after_min, settings.mqtt.url) == (True, 5.0, None)


def test_setup_goes_on_by_hand_where_there_is_no_bluetooth(tmp_path: Path) -> None:
    nowhere = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={tmp_path}/nothing-here"}
    (tmp_path / "soleus.toml").write_text('person = "anna"\n[set.cramp]\nmin_s = 9.0\n')
    with Terminal("setup", folder=tmp_path, environ=nowhere) as terminal:
        terminal.answer(
            [
                ("Change it? It is kept beside the new one. [y/N]:", "y"),
                ("[anna]:", ""),
                ("Look for sensors now? [Y/n]:", ""),
                ("Add a sensor by hand? [y/N]:", "y"),
                ("the name that it advertises (Enter: none):", "C4:00"),
                ("the name that it advertises (Enter: none):", "Polar H10 12345678"),
                ("[lsp]:", "kettle"),
                ("[lsp]:", "polar-pmd"),
                ("[left]:", ""),
                ("[tibialis anterior]:", ""),
                ("Add a sensor by hand? [y/N]:", ""),
                ("away at night? [y/N]:", ""),
                ("or none [none]:", ""),
                ("or none [none]:", ""),
            ]
        )
        assert terminal.end() == 0, terminal.screen
        check_screen("setup-by-hand", terminal.screen, KINDS)
    settings, _ = read(tmp_path / "soleus.toml")
    assert [(sensor.address, sensor.device) for sensor in settings.sensors] == [("Polar H10 12345678", "polar-pmd")]
    assert settings.overrides == {"cramp.min_s": 9.0}

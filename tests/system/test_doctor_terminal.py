"""``soleus doctor`` in a terminal: this computer without Bluetooth, with it, and with a broker that is down.

What is this computer's own (versions, disk, clock, power) is left out of the stored screens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.system.known_secrets import password_of
from tests.system.scene import scene
from tests.system.servers import free_port, mosquitto
from tests.terminal import Terminal, check_screen

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.system

CONFIGURATION = """data_dir = "nights"
[[sensor]]
name = "left"
device = "lsp"
address = "C4:00:00:00:00:01"
leg = "left"
"""
OWN = "Python|packages|BlueZ|radio|disk|clock|time zone|sleep|power"
VARYING = {
    rf"(?m)^  (ok|unknown|warning|wrong) +({OWN})  .*\n( {{15,}}.*\n)*": "",
    r"\d+ wrong, \d+ to look at": "N wrong, N to look at",
    r"(Nothing is wrong; \d+ to look at|All is well)\.": "Nothing is wrong.",
    r"127\.0\.0\.1:\d+": "127.0.0.1:PORT",
}


def told(folder: Path, bus: str) -> tuple[int, str]:
    with Terminal("doctor", folder=folder, environ={"DBUS_SYSTEM_BUS_ADDRESS": bus}) as terminal:
        code = terminal.end()
        return code, terminal.screen


def test_a_fresh_computer_without_bluetooth_is_told_what_to_do_first(tmp_path: Path) -> None:
    code, screen = told(tmp_path, f"unix:path={tmp_path}/nothing-here")
    assert code == 1
    for own in ("Python", "packages", "BlueZ", "disk", "clock", "time zone", "sleep"):
        assert f" {own} " in screen
    check_screen("doctor-fresh", screen, VARYING)


def test_a_broker_that_is_down_is_wrong_and_one_that_answers_is_well(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "soleus.toml").write_text(f'{CONFIGURATION}[mqtt]\nurl = "mqtt://127.0.0.1:{port}"\n')
    with scene(tmp_path, speed=1.0) as night:
        night.start_sensors(duration_s=1.0, ring_s=1.0)
        night.start_bluetooth()
        code, screen = told(tmp_path, night.bus.address)
        assert code == 1
        check_screen("doctor-broker-down", screen, VARYING)
        (tmp_path / "mosquitto").mkdir()
        with mosquitto(tmp_path / "mosquitto") as server:
            (tmp_path / "password").write_text(password_of("collector") + "\n")
            address = f'url = "mqtt://127.0.0.1:{server.port}"\nuser = "collector"\npassword_file = "password"\n'
            (tmp_path / "soleus.toml").write_text(f"{CONFIGURATION}[mqtt]\n{address}")
            code, screen = told(tmp_path, night.bus.address)
            assert code == 0, screen
            check_screen("doctor-well", screen, VARYING)
            (tmp_path / "password").write_text("something else\n")
            code, screen = told(tmp_path, night.bus.address)
            assert code == 1
            check_screen("doctor-password", screen, VARYING)

"""``soleus scan``, against virtual sensors."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from bleak.backends.device import BLEDevice

from ingest.ble import Sighting
from ingest.decoders.lsp_info import SERVICE_UUID
from soleus.__main__ import run
from soleus.commands.scan import guess
from tests.bedroom import LEFT, RIGHT, bedroom

if TYPE_CHECKING:
    from pathlib import Path


def sighting(name: str, *services: str) -> Sighting:
    return Sighting("C4:00:00:00:00:01", name, -60, services, BLEDevice("C4:00:00:00:00:01", name, None))


async def scan(*arguments: str) -> int:
    """Run the command beside two virtual sensors."""
    async with bedroom(LEFT, RIGHT) as room:
        ready = await room.until("ready")
        hci = f"tcp-client:127.0.0.1:{ready['port']}"
        return await asyncio.to_thread(run, ["scan", "--seconds", "0.3", "--hci", hci, *arguments])


async def test_the_sensors_in_range_are_listed_with_what_they_are_taken_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert await scan("--format", "json") == 0
    listed: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["sensors"]
    assert [(sensor["name"], sensor["address"], sensor["device"]) for sensor in listed] == [
        ("LSP-L001", LEFT.address, "lsp"),
        ("LSP-R002", RIGHT.address, "lsp"),
    ]
    assert {sensor["rssi_dbm"] for sensor in listed} == {-50}


async def test_the_table_shows_name_address_and_signal(capsys: pytest.CaptureFixture[str]) -> None:
    assert await scan() == 0
    printed = capsys.readouterr().out
    assert "LSP-L001" in printed
    assert LEFT.address in printed
    assert "-50" in printed


def test_without_bluetooth_there_is_one_clear_line_and_exit_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/nothing-here")
    assert run(["scan", "--seconds", "0.1"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("soleus: scan: no Bluetooth: ")
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize(
    ("seen", "device"),
    [
        (sighting("", SERVICE_UUID), "lsp"),
        (sighting("LSP-0042"), "lsp"),
        (sighting("Polar H10 12345678"), "polar-pmd"),
        (sighting("Kettle", "0000180f-0000-1000-8000-00805f9b34fb"), ""),
    ],
)
def test_a_device_is_known_by_its_service_or_its_name(seen: Sighting, device: str) -> None:
    assert guess(seen) == device

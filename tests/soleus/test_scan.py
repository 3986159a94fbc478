"""``soleus scan``, against virtual sensors."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from bleak.backends.device import BLEDevice

from ingest.adapter import Adapter, Bluetooth, Trouble
from ingest.ble import Sighting
from ingest.decoders.lsp_info import SERVICE_UUID
from soleus.__main__ import run
from soleus.in_range import InRange, bluetooth, guess, strength, strongest
from soleus.verdicts import Verdict
from tests.bedroom import LEFT, RIGHT, bedroom

if TYPE_CHECKING:
    from pathlib import Path


def sighting(name: str, *services: str, address: str = "C4:00:00:00:00:01", rssi_dbm: int = -60) -> Sighting:
    return Sighting(address, name, rssi_dbm, services, BLEDevice(address, name, None))


async def scan(*arguments: str) -> int:
    """Run the command beside two virtual sensors."""
    async with bedroom(LEFT, RIGHT) as room:
        ready = await room.until("ready")
        hci = f"tcp-client:127.0.0.1:{ready['port']}"
        return await asyncio.to_thread(run, ["scan", "--seconds", "0.3", "--hci", hci, *arguments])


@pytest.mark.slow
async def test_the_sensors_in_range_are_listed_with_what_they_are_taken_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert await scan("--format", "json") == 0
    listed: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["sensors"]
    assert [(sensor["name"], sensor["address"], sensor["device"]) for sensor in listed] == [
        ("LSP-L001", LEFT.address, "lsp"),
        ("LSP-R002", RIGHT.address, "lsp"),
    ]
    assert {(sensor["rssi_dbm"], sensor["signal"], sensor["configured_as"]) for sensor in listed} == {
        (-50, "good", None)
    }


@pytest.mark.slow
async def test_the_table_shows_name_address_and_signal(capsys: pytest.CaptureFixture[str]) -> None:
    assert await scan() == 0
    printed = capsys.readouterr().out
    assert "LSP-L001" in printed
    assert LEFT.address in printed
    assert "-50" in printed


def test_without_bluetooth_there_is_one_clear_line_and_exit_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/nothing-here")
    assert run(["scan", "--seconds", "0.1"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("soleus: no Bluetooth: the system's D-Bus cannot be reached: start D-Bus ")
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


def test_of_two_adapters_the_one_that_hears_better_is_named_and_the_strongest_device_comes_first() -> None:
    near = sighting("a", rssi_dbm=-50)
    heard = [
        InRange(sighting("a", rssi_dbm=-80), "lsp", "hci0"),
        InRange(sighting("b", address="C4:00:00:00:00:02", rssi_dbm=-40), "lsp", "hci0"),
        InRange(near, "lsp", "hci1"),
    ]
    assert strongest(heard) == [heard[1], InRange(near, "lsp", "hci1")]


@pytest.mark.parametrize(("rssi_dbm", "word"), [(-70, "good"), (-71, "fair"), (-82, "fair"), (-83, "weak")])
def test_strength_is_said_in_a_word(rssi_dbm: int, word: str) -> None:
    assert strength(rssi_dbm) == word


@pytest.mark.parametrize(
    ("found", "wanted", "seen"),
    [
        (Bluetooth(Trouble.NO_SERVICE, "x"), "", "the Bluetooth service (BlueZ) is not running"),
        (Bluetooth(Trouble.DENIED, "x"), "", "you are not allowed to use the Bluetooth service"),
        (Bluetooth(), "", "there is no Bluetooth adapter"),
        (Bluetooth(adapters=(Adapter("hci0", "-", powered=False),)), "", "adapter hci0 is switched off"),
        (Bluetooth(adapters=(Adapter("hci0", "-", powered=True),)), "hci1", "there is no adapter hci1"),
    ],
)
def test_bluetooth_that_cannot_be_used_is_told_with_what_to_do(found: Bluetooth, wanted: str, seen: str) -> None:
    judged = bluetooth(found, wanted)
    assert (judged.verdict, judged.seen) == (Verdict.WRONG, seen)
    assert judged.advice


def test_one_adapter_that_is_on_is_enough() -> None:
    two = Bluetooth(adapters=(Adapter("hci0", "-", powered=False), Adapter("hci1", "-", powered=True)))
    assert bluetooth(two).verdict is Verdict.OK

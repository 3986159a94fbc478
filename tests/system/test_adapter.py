"""What is said of the Bluetooth of a computer: no bus, no service, an adapter that is on or off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ingest.adapter import Adapter, Trouble, adapters, look
from ingest.errors import LinkLost
from tests.system.bus import private_bus
from tests.system.scene import scene

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.system


async def test_a_bus_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/nothing-here")
    found = await look()
    assert found.trouble is Trouble.NO_BUS
    assert "No such file" in found.detail
    with pytest.raises(LinkLost, match="no bus"):
        await adapters()


async def test_a_bus_without_a_bluetooth_service_is_told_from_no_bus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with private_bus(tmp_path) as bus:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
        assert (await look()).trouble is Trouble.NO_SERVICE


async def test_an_adapter_is_listed_with_its_address_and_whether_it_is_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scene(tmp_path, speed=1.0) as night:
        night.start_sensors(duration_s=1.0, ring_s=1.0)
        night.start_bluetooth()
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", night.bus.address)
        (found,) = await adapters()
        assert found == Adapter("hci0", found.address, powered=True)
        assert found.address.count(":") == 5
        said = len(night.bluetooth.lines())
        night.bluetooth.tell("power off")
        night.bluetooth.wait_for(said + 1)
        assert [adapter.powered for adapter in await adapters()] == [False]

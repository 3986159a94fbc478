"""What we rely on in bleak, asserted on the installed version; an update that breaks one of them breaks here first."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, cast

import bleak
import bleak.exc
import pytest
from bleak.backends.bluezdbus.client import BleakClientBlueZDBus
from bleak.backends.bluezdbus.manager import BlueZManager
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice

from ingest.ble import BleBackend, scan
from ingest.ble_link import NOT_FOUND
from ingest.errors import LinkLost
from ingest.virtual.backend import HciClient
from ingest.virtual.scanner import HciScanner

if TYPE_CHECKING:
    from bleak.backends.client import BaseBleakClient
    from bleak.backends.scanner import BaseBleakScanner

DEVICE = BLEDevice("C4:00:00:00:00:01", "LSP-L001", {"path": "/org/bluez/hci0/dev_C4_00_00_00_00_01", "props": {}})


class Recorded(BaseException):
    """Carries what a backend class was given out of bleak's constructor."""


class Backend:
    def __init__(self, *args: object, **kwargs: object) -> None:
        raise Recorded(args, kwargs)


def test_a_client_backend_is_given_as_a_class_and_gets_foreign_keywords_through() -> None:
    with pytest.raises(Recorded) as caught:
        bleak.BleakClient(DEVICE, backend=cast("type[BaseBleakClient]", Backend), host="our host")
    args, kwargs = caught.value.args
    assert args == (DEVICE,)
    assert kwargs["host"] == "our host"
    assert {"disconnected_callback", "timeout", "services"} <= set(kwargs)


def test_a_scanner_backend_is_given_as_a_class_and_gets_foreign_keywords_through() -> None:
    backend = cast("type[BaseBleakScanner]", Backend)
    with pytest.raises(Recorded) as caught:
        bleak.BleakScanner(lambda _device, _data: None, backend=backend, host="our host")
    args, kwargs = caught.value.args
    assert args[1:] == (None, "active")
    assert kwargs["host"] == "our host"


def test_our_backend_implements_everything_that_bleak_asks_for() -> None:
    assert not inspect.isabstract(HciClient)
    assert not inspect.isabstract(HciScanner)


def test_start_notify_can_still_be_told_to_use_startnotify() -> None:
    source = inspect.getsource(BleakClientBlueZDBus.start_notify)
    assert "use_start_notify" in source
    assert "StartNotify" in source
    assert "bluez" in inspect.signature(bleak.BleakClient.start_notify).parameters


def test_links_left_standing_can_be_listed() -> None:
    assert inspect.iscoroutinefunction(bleak.BleakAdapter.get)
    assert "service_uuids" in inspect.signature(bleak.BleakAdapter.get_connected_devices).parameters


def test_the_errors_that_the_recorder_survives_have_one_root() -> None:
    for error in (
        bleak.exc.BleakDBusError,
        bleak.exc.BleakBluetoothNotAvailableError,
        bleak.exc.BleakDeviceNotFoundError,
        bleak.exc.BleakCharacteristicNotFoundError,
        bleak.exc.BleakGATTProtocolError,
    ):
        assert issubclass(error, bleak.exc.BleakError)
    reason = bleak.exc.BleakBluetoothNotAvailableReason.POWERED_OFF
    assert bleak.exc.BleakBluetoothNotAvailableError("off", reason).reason is reason


def test_a_device_that_bluez_has_forgotten_is_named_in_the_words_that_we_look_for() -> None:
    assert NOT_FOUND.search(inspect.getsource(BlueZManager))


def test_a_characteristic_tells_the_largest_write_without_response() -> None:
    assert isinstance(inspect.getattr_static(BleakGATTCharacteristic, "max_write_without_response_size"), property)


async def test_a_bus_whose_address_is_nonsense_is_no_bluetooth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "nonsense")
    with pytest.raises(LinkLost, match="no Bluetooth"):
        await scan(0.0, BleBackend())

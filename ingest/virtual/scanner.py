"""The scanning half of the bleak backend on Bumble."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.exc import BleakError
from bumble.core import AdvertisingData

from ingest.errors import LinkLost
from ingest.virtual.host import address_text, advertised_name, advertised_uuids

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from bleak.backends.device import BLEDevice
    from bumble.device import Advertisement

    from ingest.virtual.host import HciHost


class HciScanner(BaseBleakScanner):
    """Scanner behind :class:`bleak.BleakScanner`; its parameters are bleak's, plus `host`."""

    def __init__(
        self,
        detection_callback: Callable[[BLEDevice, AdvertisementData], Coroutine[Any, Any, None] | None] | None,
        service_uuids: list[str] | None,
        scanning_mode: str = "active",
        *,
        host: HciHost,
        **_other_platforms: Any,
    ) -> None:
        del scanning_mode
        super().__init__(detection_callback, service_uuids)
        self._host = host

    async def start(self) -> None:
        """Start to listen."""
        self.seen_devices = {}
        try:
            await self._host.start_scan(self._heard)
        except LinkLost as error:
            raise BleakError(str(error)) from error

    async def stop(self) -> None:
        """Stop."""
        await self._host.stop_scan(self._heard)

    def _heard(self, advertisement: Advertisement) -> None:
        """Hand one advertisement to bleak."""
        uuids = advertised_uuids(advertisement)
        if not self.is_allowed_uuid(uuids):
            return
        name = advertised_name(advertisement)
        data = AdvertisementData(
            local_name=name,
            manufacturer_data=dict(advertisement.data.get_all(AdvertisingData.MANUFACTURER_SPECIFIC_DATA)),
            service_data={},
            service_uuids=uuids,
            tx_power=None,
            rssi=advertisement.rssi,
            platform_data=(advertisement,),
        )
        address = address_text(advertisement.address)
        self._host.known[address] = advertisement.address
        device = self.create_or_update_device(address, address, name, advertisement.address, data)
        self.call_detection_callbacks(device, data)

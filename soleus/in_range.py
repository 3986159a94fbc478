"""Which sensors are in range, over every adapter, and what each is taken for."""

from __future__ import annotations

import asyncio
import itertools
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.adapter import Trouble, look
from ingest.ble import BleBackend, scan
from ingest.decoders.catalogue import DEVICES
from soleus.devices import known_device
from soleus.verdicts import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from ingest.adapter import Bluetooth
    from ingest.ble import Sighting
    from ingest.decoders.layout import Device
    from ingest.decoders.profile import DeviceProfile
    from soleus.settings import SensorSettings, Settings

# A body between sensor and computer costs 10 to 20 dB, and links begin to break near -95 dBm: our own choice, so that
# a sleeper who turns over keeps the link.
GOOD_FROM_DBM = -70
FAIR_FROM_DBM = -82
_ADVICE = {
    Trouble.NO_BUS: "start D-Bus (sudo systemctl start dbus); in a container, give it the computer's system bus",
    Trouble.NO_SERVICE: "install and start BlueZ: sudo apt install bluez; sudo systemctl enable --now bluetooth",
    Trouble.DENIED: "join the group bluetooth (sudo usermod -aG bluetooth $USER) and log in again",
    Trouble.NO_ANSWER: "restart the Bluetooth service: sudo systemctl restart bluetooth",
}
_SEEN = {
    Trouble.NO_BUS: "the system's D-Bus cannot be reached",
    Trouble.NO_SERVICE: "the Bluetooth service (BlueZ) is not running",
    Trouble.DENIED: "you are not allowed to use the Bluetooth service",
    Trouble.NO_ANSWER: "the Bluetooth service does not answer",
}


class NoBluetooth(Exception):  # noqa: N818 - a state of the world, not a fault
    """Bluetooth cannot be used here now; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class InRange:
    """A device that was heard.

    Parameters
    ----------
    sighting : Sighting
        What it said; of all adapters that heard it, from the one that heard it best.
    device : str
        The kind that it is taken for; empty if unknown.
    adapter : str
        The adapter that heard it best; empty for the computer's default.
    """

    sighting: Sighting
    device: str
    adapter: str = ""


def kinds(settings: Settings) -> dict[str, Device]:
    """Return every kind of sensor there is, those that the configuration describes first."""
    described = {table.name: known_device(table.name, settings.devices) for table in settings.devices}
    return described | {name: device for name, device in DEVICES.items() if name not in described}


def guess(sighting: Sighting, devices: Mapping[str, Device] = DEVICES) -> str:
    """Return the kind of sensor that a device is taken for.

    Parameters
    ----------
    sighting : Sighting
        What it advertised.
    devices : mapping of str to Device
        Kinds to choose from.

    Returns
    -------
    str
        A key of `devices`, or empty.
    """
    profiles = ((name, device.profile(device.settled({}))) for name, device in devices.items())
    return next((name for name, profile in profiles if _fits(profile, sighting)), "")


def _fits(profile: DeviceProfile, sighting: Sighting) -> bool:
    by_service = any(uuid in sighting.service_uuids for uuid in profile.service_uuids)
    return by_service or (bool(profile.name_prefixes) and sighting.name.startswith(profile.name_prefixes))


def is_sensor(sensor: SensorSettings, heard: InRange) -> bool:
    """Whether a device is the configured sensor, by address or by the name that it advertises."""
    sighting = heard.sighting
    return sensor.address.upper() == sighting.address.upper() or sensor.address == sighting.name


def strength(rssi_dbm: float) -> str:
    """Return the strength of a signal in a word.

    Examples
    --------
    >>> strength(-60), strength(-75), strength(-90)
    ('good', 'fair', 'weak')
    """
    if rssi_dbm >= GOOD_FROM_DBM:
        return "good"
    return "fair" if rssi_dbm >= FAIR_FROM_DBM else "weak"


def bluetooth(found: Bluetooth, wanted: str = "") -> Finding:
    """Judge whether Bluetooth can be used.

    Parameters
    ----------
    found : Bluetooth
        What there is.
    wanted : str
        The one adapter that matters; any if empty.

    Returns
    -------
    Finding
        Wrong if it cannot.
    """
    if found.trouble is not None:
        return Finding("Bluetooth", Verdict.WRONG, _SEEN[found.trouble], _ADVICE[found.trouble])
    names = ", ".join(adapter.name for adapter in found.adapters)
    known = [adapter for adapter in found.adapters if wanted in {"", adapter.name}]
    if not known:
        if names:
            return Finding("Bluetooth", Verdict.WRONG, f"there is no adapter {wanted}", f"use one of: {names}")
        advice = "plug one in, or switch it on in the BIOS"
        return Finding("Bluetooth", Verdict.WRONG, "there is no Bluetooth adapter", advice)
    lit = [adapter.name for adapter in known if adapter.powered]
    if not lit:
        seen = f"adapter {', '.join(adapter.name for adapter in known)} is switched off"
        return Finding("Bluetooth", Verdict.WRONG, seen, "rfkill unblock bluetooth; bluetoothctl power on")
    return Finding("Bluetooth", Verdict.OK, f"adapter {', '.join(lit)} is on")


@asynccontextmanager
async def backends(adapter: str = "", hci: str | None = None) -> AsyncIterator[dict[str, BleBackend]]:
    """Open the Bluetooth to use, by adapter; the computer's own default has an empty name.

    Parameters
    ----------
    adapter : str
        Use this adapter only; every one that is switched on if empty.
    hci : str, optional
        Transport of an adapter to drive through Bumble instead.

    Yields
    ------
    dict of str to BleBackend
        At least one.

    Raises
    ------
    NoBluetooth
        If there is none to use; in one line why, and what to do.
    """
    async with AsyncExitStack() as stack:
        if hci is not None:
            # Bumble is loaded only where it is asked for: the platform's own Bluetooth does without.
            from ingest.virtual.backend import hci_backend  # noqa: PLC0415 - only a virtual adapter needs Bumble

            yield {"": await stack.enter_async_context(hci_backend(hci))}
            return
        if sys.platform != "linux":
            # Nothing is known of adapters there before a scan.
            yield {"": BleBackend()}
            return
        found = await look()
        judged = bluetooth(found, adapter)
        if judged.verdict is Verdict.WRONG:
            msg = f"no Bluetooth: {judged.seen}: {judged.advice}"
            raise NoBluetooth(msg)
        names = [known.name for known in found.adapters if known.powered and adapter in {"", known.name}]
        yield {name: _through(name) for name in names}


def _through(adapter: str) -> BleBackend:
    chosen = {"bluez": {"adapter": adapter}}
    return BleBackend(chosen, chosen)


async def listen(
    seconds: float, through: Mapping[str, BleBackend], devices: Mapping[str, Device] = DEVICES
) -> list[InRange]:
    """Listen on every adapter at once.

    Parameters
    ----------
    seconds : float
        How long, s of the wall clock.
    through : mapping of str to BleBackend
        See :func:`backends`.
    devices : mapping of str to Device
        Kinds to take them for.

    Returns
    -------
    list of InRange
        Every device once, strongest first.

    Raises
    ------
    LinkLost
        If Bluetooth went away meanwhile.
    """
    heard = await asyncio.gather(*(scan(seconds, ble) for ble in through.values()))
    found = [
        InRange(sighting, guess(sighting, devices), name)
        for name, sightings in zip(through, heard, strict=True)
        for sighting in sightings
    ]
    return strongest(found)


def strongest(found: Sequence[InRange]) -> list[InRange]:
    """Return every device once, as it was heard best, strongest first; of equals, by address."""
    ordered = sorted(found, key=lambda heard: (heard.sighting.address, -heard.sighting.rssi_dbm))
    best = [next(same) for _, same in itertools.groupby(ordered, key=lambda heard: heard.sighting.address)]
    return sorted(best, key=lambda heard: (-heard.sighting.rssi_dbm, heard.sighting.address))

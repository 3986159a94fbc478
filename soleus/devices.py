"""Which kinds of sensor there are: those that Soleus has code for, and those that the configuration describes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.decoders.catalogue import DEVICES
from ingest.decoders.table_device import table_device
from soleus.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ingest.decoders.layout import Device
    from ingest.decoders.table import TableDevice


def all_devices(described: Iterable[TableDevice] = ()) -> dict[str, Device]:
    """Return every kind of sensor by its name.

    Parameters
    ----------
    described : iterable of TableDevice
        What the configuration, or the folder of a night, describes.

    Returns
    -------
    dict of str to Device
        A description counts before a kind of the same name that a later version has code for.
    """
    return {**DEVICES, **{table.name: table_device(table) for table in described}}


def known_device(name: str, described: Iterable[TableDevice] = ()) -> Device:
    """Return a kind of sensor.

    Parameters
    ----------
    name : str
        Its name.
    described : iterable of TableDevice
        What the configuration, or the folder of a night, describes.

    Returns
    -------
    Device
        The device.

    Raises
    ------
    ConfigError
        If it is neither described nor known.
    """
    devices = all_devices(described)
    if name not in devices:
        names = ", ".join(sorted(devices))
        msg = f"device is {name!r}, expected one of: {names}; or describe it in a table [[device]], see docs/devices.md"
        raise ConfigError(msg)
    return devices[name]

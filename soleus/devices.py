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
        The device; a description counts before a kind of the same name that a later version has code for.

    Raises
    ------
    ConfigError
        If it is neither described nor known.
    """
    tables = {table.name: table for table in described}
    if name in tables:
        return table_device(tables[name])
    if name in DEVICES:
        return DEVICES[name]
    names = ", ".join(sorted({*DEVICES, *tables}))
    msg = f"device is {name!r}, expected one of: {names}; or describe it in a table [[device]], see docs/devices.md"
    raise ConfigError(msg)

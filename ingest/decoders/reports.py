"""Statuses of one sensor, and how often it sent what could not be used."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ingest.decoders.base import Item, Status, StatusKind
from ingest.decoders.layout import Reported
from ingest.night.records import LinkDown, LinkUp

if TYPE_CHECKING:
    from collections.abc import Mapping

_BLUETOOTH_BASE = "{:08x}-0000-1000-8000-00805f9b34fb"
BATTERY_LEVEL_UUID = _BLUETOOTH_BASE.format(0x2A19)
IDENTITY_UUIDS = {
    _BLUETOOTH_BASE.format(0x2A24): "model",
    _BLUETOOTH_BASE.format(0x2A25): "serial number",
    _BLUETOOTH_BASE.format(0x2A26): "firmware",
    _BLUETOOTH_BASE.format(0x2A27): "hardware",
    _BLUETOOTH_BASE.format(0x2A28): "software",
    _BLUETOOTH_BASE.format(0x2A29): "maker",
}
"""Characteristics of the Device Information service, in words."""


_COUNTED = (StatusKind.MALFORMED, StatusKind.DUPLICATE, StatusKind.LATE)
"""What was left out: how much of it, is what matters."""


class Reports:
    """Makes the statuses of one sensor.

    Parameters
    ----------
    sensor : str
        Its name.
    """

    def __init__(self, sensor: str) -> None:
        self._sensor = sensor
        self._counts: dict[StatusKind, int] = {}

    def status(self, kind: StatusKind, mono_ns: int, detail: str, values: Mapping[str, float]) -> Status:
        """Return a status of this sensor."""
        return Status(self._sensor, kind, mono_ns, detail, values)

    def counted(self, kind: StatusKind, mono_ns: int, detail: str, n_new: int = 1) -> Status:
        """Return a status that carries how often its kind was seen this night."""
        self._counts[kind] = self._counts.get(kind, 0) + n_new
        return self.status(kind, mono_ns, detail, {"count": float(self._counts[kind])})

    def said(self, said: Reported, mono_ns: int) -> Status:
        """Return what a reader reports; of what it left out, with how often that was seen this night."""
        if said.kind not in _COUNTED:
            return self.status(said.kind, mono_ns, said.detail, said.values)
        told = self.counted(said.kind, mono_ns, said.detail)
        return replace(told, values={**said.values, **told.values})

    def link(self, record: LinkUp | LinkDown) -> Status:
        """Report that the link came or went."""
        if isinstance(record, LinkUp):
            return self.status(StatusKind.LINK, record.mono_ns, "up", {"up": 1.0, "mtu": float(record.mtu)})
        return self.status(StatusKind.LINK, record.mono_ns, f"down: {record.reason}", {"up": 0.0})

    def standard(self, characteristic: str, payload: bytes) -> Reported | None:
        """Read the standard battery and device information services; None for other characteristics."""
        if characteristic == BATTERY_LEVEL_UUID and payload:
            return Reported(StatusKind.BATTERY, "battery", {"battery_pct": float(payload[0])})
        named = IDENTITY_UUIDS.get(characteristic)
        if named is None:
            return None
        text = payload.decode("utf-8", errors="replace").rstrip("\0").strip()
        return Reported(StatusKind.IDENTITY, f"{named}: {text}", {})

    def battery_level(self, characteristic: str, payload: bytes, mono_ns: int) -> list[Item]:
        """Report the standard battery service; other characteristics are none of ours."""
        said = self.standard(characteristic, payload)
        return [] if said is None else [self.said(said, mono_ns)]

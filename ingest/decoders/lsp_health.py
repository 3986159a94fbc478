"""What an LSP sensor says about its battery, its electrodes and itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.decoders.base import Item, StatusKind
from ingest.decoders.lsp_info import STATUS_UUID
from ingest.decoders.lsp_status import StatusPacket

if TYPE_CHECKING:
    from ingest.decoders.reports import Reports

_CELSIUS_PER_STEP = 0.01
_QUEUE_FULL = 255


class LspHealth:
    """What one sensor says besides samples.

    Parameters
    ----------
    reports : Reports
        Makes its statuses.
    """

    def __init__(self, reports: Reports) -> None:
        self._reports = reports
        self._lead_off: dict[int, bool] = {}
        self._electrodes_off = (0, 0)

    def lead_off(self, stream: int, mono_ns: int, *, off: bool) -> list[Item]:
        """Report a stream's electrodes when they come off or come back."""
        if off == self._lead_off.get(stream, False):
            return []
        self._lead_off[stream] = off
        values = {"stream": float(stream), "lead_off": float(off)}
        return [self._reports.status(StatusKind.LEAD_OFF, mono_ns, "electrodes of a stream", values)]

    def take(self, characteristic: str, payload: bytes, mono_ns: int) -> list[Item]:
        """Report battery and status; other characteristics are none of ours.

        Raises
        ------
        DecodeError
            If a status is too short.
        """
        if characteristic != STATUS_UUID:
            return self._reports.battery_level(characteristic, payload, mono_ns)
        packet = StatusPacket.from_bytes(payload)
        items: list[Item] = [
            self._reports.status(StatusKind.BATTERY, mono_ns, "battery", {"battery_mv": float(packet.battery_mv)}),
            self._reports.status(StatusKind.DEVICE, mono_ns, "status", _numbers(packet)),
        ]
        off = packet.lead_off_p, packet.lead_off_n
        if off != self._electrodes_off:
            self._electrodes_off = off
            values = {"lead_off_p": float(off[0]), "lead_off_n": float(off[1])}
            items.append(self._reports.status(StatusKind.LEAD_OFF, mono_ns, "electrodes by channel", values))
        return items


def _numbers(packet: StatusPacket) -> dict[str, float]:
    """Return everything in a status but the battery; an impedance that is not known is left out."""
    numbers = {
        "flags": float(packet.flags),
        "queue_pct": 100.0 * packet.queue / _QUEUE_FULL,
        "temperature_c": round(packet.temperature_cc * _CELSIUS_PER_STEP, 2),
        "n_dropped": float(packet.drops),
        "lead_off_p": float(packet.lead_off_p),
        "lead_off_n": float(packet.lead_off_n),
    }
    for channel, ohm in enumerate(packet.impedance_ohm, start=1):
        if ohm is not None:
            numbers[f"impedance_ch{channel}_ohm"] = float(ohm)
    return numbers

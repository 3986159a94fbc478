"""What an LSP sensor says about its battery, its electrodes and itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.decoders.base import Item, Marker, StatusKind
from ingest.decoders.lsp_info import STATUS_UUID
from ingest.decoders.lsp_status import EventPacket, EventType, StatusPacket

if TYPE_CHECKING:
    from ingest.decoders.reports import Reports

_CELSIUS_PER_STEP = 0.01
_QUEUE_FULL = 255
_MARKERS: dict[int, str] = {EventType.PRESS: "button", EventType.HOST_MARKER: "host marker"}
_EVENTS: dict[int, str] = {
    EventType.RELEASE: "button released",
    EventType.BOOT: "boot",
    EventType.LOW_BATTERY: "battery low",
    EventType.CHARGER: "charger",
    EventType.LEAD_OFF: "electrodes changed",
    EventType.OVERFLOW: "samples dropped",
}


class LspHealth:
    """What one sensor says besides samples.

    Parameters
    ----------
    sensor : str
        Its name.
    reports : Reports
        Makes its statuses.
    """

    def __init__(self, sensor: str, reports: Reports) -> None:
        self._sensor = sensor
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

    def event(self, event: EventPacket, t_ns: int, mono_ns: int) -> Item:
        """Make a marker of the button and of another program's mark, and a status of every other event.

        A marker stands at `t_ns`, UTC of the event's own tick; it comes while streams are stopped, too.
        """
        label = _MARKERS.get(event.event_type)
        if label is not None:
            return Marker(self._sensor, t_ns, label)
        values = {"type": float(event.event_type), "value": float(event.value)}
        words = _EVENTS.get(event.event_type, f"event {event.event_type}")
        return self._reports.status(StatusKind.DEVICE, mono_ns, words, values)

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
        impedance = {
            f"impedance_ch{channel}_ohm": float(ohm)
            for channel, ohm in enumerate(packet.impedance_ohm, start=1)
            if ohm is not None
        }
        if impedance:
            items.append(self._reports.status(StatusKind.IMPEDANCE, mono_ns, "electrodes by channel", impedance))
        off = packet.lead_off_p, packet.lead_off_n
        if off != self._electrodes_off:
            self._electrodes_off = off
            values = {"lead_off_p": float(off[0]), "lead_off_n": float(off[1])}
            items.append(self._reports.status(StatusKind.LEAD_OFF, mono_ns, "electrodes by channel", values))
        return items


def _numbers(packet: StatusPacket) -> dict[str, float]:
    """Return everything in a status but battery and impedance."""
    return {
        "flags": float(packet.flags),
        "queue_pct": 100.0 * packet.queue / _QUEUE_FULL,
        "temperature_c": round(packet.temperature_cc * _CELSIUS_PER_STEP, 2),
        "n_dropped": float(packet.drops),
        "lead_off_p": float(packet.lead_off_p),
        "lead_off_n": float(packet.lead_off_n),
    }

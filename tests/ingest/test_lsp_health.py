"""What a leg sensor says besides samples: button, battery, electrodes."""

from __future__ import annotations

import pytest

from ingest.decoders.base import StatusKind
from ingest.decoders.lsp_control import Op
from ingest.decoders.lsp_info import EVENT_UUID, STATUS_UUID
from ingest.decoders.lsp_packets import PacketFlag
from ingest.decoders.lsp_status import EventPacket, EventType, encode_event
from ingest.decoders.reports import BATTERY_LEVEL_UUID
from ingest.night.records import Notification, SetupReply
from tests.ingest.logged_sensor import (
    NS_PER_MS,
    SENSOR,
    UTC_NS,
    at_s,
    beginning,
    decode,
    exchange,
    long_packet,
    markers,
    statuses,
    vector,
)


def test_the_button_is_a_marker_at_the_tick_of_the_press() -> None:
    press = encode_event(EventPacket(EventType.PRESS, 0, 1, 4_000_000, 1))
    event = Notification(at_s(9), SENSOR, EVENT_UUID, press)
    items = decode([*beginning(), *map(long_packet, range(100)), event, event])
    (marker,) = markers(items)
    assert marker.label == "button"
    assert marker.t_ns - UTC_NS == pytest.approx(at_s(4), abs=20 * NS_PER_MS)
    assert len(statuses(items, StatusKind.DUPLICATE)) == 1


def test_the_button_works_before_any_sample() -> None:
    press = encode_event(EventPacket(EventType.PRESS, 0, 1, 4_000_000, 1))
    (marker,) = markers(decode([*beginning(), Notification(at_s(9), SENSOR, EVENT_UUID, press)]))
    assert marker.t_ns == UTC_NS + at_s(9)


def test_other_events_battery_and_status_become_statuses() -> None:
    low = encode_event(EventPacket(EventType.LOW_BATTERY, 0, 1, 0, 3300))
    records = [
        Notification(1, SENSOR, EVENT_UUID, low),
        Notification(2, SENSOR, STATUS_UUID, vector("lsp_status")),
        SetupReply(3, SENSOR, STATUS_UUID, b"", vector("lsp_status")),
        Notification(4, SENSOR, BATTERY_LEVEL_UUID, b"\x64"),
    ]
    items = decode([*beginning(), *records])
    event, status, _ = statuses(items, StatusKind.DEVICE)
    assert event.values == {"type": 6.0, "value": 3300.0}
    assert event.detail == "battery low"
    impedance, _ = statuses(items, StatusKind.IMPEDANCE)
    assert impedance.values == {"impedance_ch1_ohm": 23_000.0}
    assert status.values["temperature_c"] == 31.05
    battery = [entry.values for entry in statuses(items, StatusKind.BATTERY)]
    assert battery == [{"battery_mv": 3987.0}, {"battery_mv": 3987.0}, {"battery_pct": 100.0}]
    assert [entry.values for entry in statuses(items, StatusKind.LEAD_OFF)] == [{"lead_off_p": 1.0, "lead_off_n": 0.0}]


def test_an_electrode_that_comes_off_is_said_once_and_when_it_is_back() -> None:
    flags = [PacketFlag.NONE, PacketFlag.LEAD_OFF, PacketFlag.LEAD_OFF, PacketFlag.NONE]
    items = decode([*beginning(), *(long_packet(number, flags=flag) for number, flag in enumerate(flags))])
    assert [status.values["lead_off"] for status in statuses(items, StatusKind.LEAD_OFF)] == [1.0, 0.0]


@pytest.mark.parametrize("kind", [EventType.PRESS, EventType.HOST_MARKER])
def test_a_marker_comes_while_streams_are_stopped_too(kind: EventType) -> None:
    stopped = exchange(Op.STOP, at_s(8))
    mark = encode_event(EventPacket(kind, 0, 1, 9_000_000, 1))
    items = decode(
        [*beginning(), *map(long_packet, range(100)), stopped, Notification(at_s(9), SENSOR, EVENT_UUID, mark)]
    )
    (marker,) = markers(items)
    assert marker.label == {EventType.PRESS: "button", EventType.HOST_MARKER: "host marker"}[kind]
    assert marker.t_ns - UTC_NS == pytest.approx(at_s(9), abs=20 * NS_PER_MS)


@pytest.mark.parametrize("number", [0, 2, 4, 5, 6, 7, 8, 9, 255])
def test_every_other_event_is_a_status_with_its_number(number: int) -> None:
    said = encode_event(EventPacket(number, 0, 1, 0, -7))
    items = decode([*beginning(), Notification(1, SENSOR, EVENT_UUID, said)])
    (status,) = statuses(items, StatusKind.DEVICE)
    assert status.values == {"type": float(number), "value": -7.0}
    assert not markers(items)

"""The recorder over a real Bluetooth stack (Bumble): everything heard is logged, and no sensor is given up."""

from __future__ import annotations

import asyncio
import math
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ingest.ble import scan
from ingest.decoders.lsp import LSP
from ingest.decoders.lsp_info import DATA_UUID, EVENT_UUID, SERVICE_UUID
from ingest.inbox import Inbox
from ingest.night.records import LinkDown, LinkUp, Notification, RecoveryStep, SetupReply, TimePair
from ingest.recorder import record
from ingest.session import SensorSpec
from ingest.timebase import steady_ns
from tests.bedroom import LEFT, RIGHT, MemoryLog, adapter, bedroom, decode, recording, timebase, with_ring

if TYPE_CHECKING:
    from ingest.night.records import Record

pytestmark = pytest.mark.slow

SPEED = 300.0


def _is_data(learnt: object) -> bool:
    return isinstance(learnt, Notification) and learnt.characteristic == DATA_UUID


def _is_cured(learnt: object, cure: str) -> bool:
    if cure == "reconnect":
        return isinstance(learnt, LinkUp)
    return isinstance(learnt, RecoveryStep) and learnt.step == "recovered"


async def test_two_sensors_are_recorded_to_the_last_sample_and_in_order() -> None:
    async with bedroom(LEFT, RIGHT, hours=0.05) as room, adapter(room) as ble:
        async with recording(room, ble) as log:
            await room.until("done")
        for sensor in ("left", "right"):
            streams = decode(log.records, sensor, SPEED, math.inf)
            assert streams["emg"].indices == list(range(90_000))
            assert streams["acceleration"].indices == list(range(9_000))
            assert not streams["emg"].gaps
            assert not streams["acceleration"].gaps


async def test_a_link_is_logged_from_its_mtu_over_its_setup_to_its_end() -> None:
    async with bedroom(hours=0.01) as room, adapter(room) as ble:
        async with recording(room, ble) as log:
            await room.until("done")
        assert [link.mtu for link in log.of(LinkUp)] == [247]
        assert [link.reason for link in log.of(LinkDown)] == ["stopped"]
        requests = [reply.request[:1].hex() for reply in log.of(SetupReply) if reply.request]
        assert requests == ["06", "07", "01", "02"]
        kinds = [type(learnt) for learnt in log.records]
        assert kinds.index(LinkUp) < kinds.index(SetupReply) < kinds.index(Notification) < kinds.index(LinkDown)
        assert log.synced > 0


async def test_at_mtu_23_short_packets_carry_the_same_samples() -> None:
    async with bedroom(hours=0.01) as room, adapter(room, largest_mtu=23) as ble:
        async with recording(room, ble) as log:
            await room.until("done")
        assert [link.mtu for link in log.of(LinkUp)] == [23]
        assert max(len(heard.payload) for heard in log.of(Notification)) == 20
        streams = decode(log.records, "left", SPEED, math.inf)
        assert streams["emg"].indices == list(range(18_000))
        assert streams["acceleration"].indices == list(range(1_800))


async def test_a_link_loss_shorter_than_the_sensors_memory_loses_nothing() -> None:
    async with bedroom(hours=0.06) as room, adapter(room) as ble:
        async with recording(room, ble) as log:
            await log.until(_is_data)
            room.order(do="leave", sensor="left", for_s=90.0)
            await room.until("done")
        assert len(log.of(LinkUp)) == 2
        assert log.steps() == ["lost"]
        streams = decode(log.records, "left", SPEED, math.inf)
        assert streams["emg"].indices == list(range(108_000))
        assert not streams["emg"].gaps


async def test_a_link_loss_longer_than_the_sensors_memory_is_one_gap_of_exactly_what_was_lost() -> None:
    async with bedroom(with_ring(LEFT, 30.0), hours=0.08) as room, adapter(room) as ble:
        async with recording(room, ble) as log:
            await log.until(_is_data)
            room.order(do="leave", sensor="left", for_s=150.0)
            done = await room.until("done")
        streams = decode(log.records, "left", SPEED, math.inf)
        dropped = done["sensors"][0]["streams"]["0"]["dropped_on_device"]  # type: ignore[index]  # JSON
        assert dropped > 60 * 500
        assert [gap.n_missing for gap in streams["emg"].gaps] == [dropped]
        assert len(streams["emg"].indices) + dropped == 144_000


async def test_packets_lost_in_the_air_are_gaps_and_double_ones_are_not_samples() -> None:
    async with bedroom(hours=0.05) as room, adapter(room) as ble:
        room.order(do="lose", sensor="left", share=0.02)
        room.order(do="double", sensor="left", share=0.02)
        async with recording(room, ble, profile=replace(LSP, backfill=None)) as log:
            done = await room.until("done")
        report = done["sensors"][0]  # type: ignore[index]  # JSON
        streams = decode(log.records, "left", SPEED, math.inf)
        assert report["doubled_packets"] > 0
        assert streams["emg"].missing == report["streams"]["0"]["lost_on_purpose"] > 0
        assert len(streams["emg"].indices) + streams["emg"].missing == 90_000


@pytest.mark.parametrize(
    ("cure", "last_step"),
    [("start", "silent: start again"), ("reconnect", "silent: reconnect")],
)
async def test_a_silent_sensor_is_cured_by_the_rung_that_helps(cure: str, last_step: str) -> None:
    async with bedroom(hours=1.0) as room, adapter(room) as ble:
        async with recording(room, ble) as log:
            await log.until(_is_data)
            room.order(do="silence", sensor="left", cure=cure)
            await log.until(lambda learnt: isinstance(learnt, RecoveryStep) and learnt.step == last_step)
            silent = len(log.records)
            # On a busy computer the next rung may be tried before the answer to this one has been read.
            await log.until(lambda learnt: _is_cured(learnt, cure) and log.records.index(learnt) >= silent)
        assert log.steps()[0] == "silent: read health"
        assert ("recovered" in log.steps()) == (cure == "start")


async def test_a_reboot_begins_a_new_count_and_the_recorder_goes_on() -> None:
    async with bedroom(hours=0.03) as room, adapter(room) as ble:
        async with recording(room, ble) as log:
            await log.until(_is_data)
            room.order(do="reboot", sensor="left", for_s=10.0)
            await log.until(lambda learnt: isinstance(learnt, LinkDown))
            await room.until("done")
        infos = [reply.payload for reply in log.of(SetupReply) if reply.payload.startswith(b"LS")]
        assert len(infos) == 2
        assert infos[0][20:24] != infos[1][20:24]


async def test_after_the_computer_slept_every_sensor_is_connected_anew_at_once() -> None:
    slept_ns = 0
    async with bedroom(LEFT, RIGHT, hours=2.0) as room, adapter(room) as ble:
        clock = replace(room.clock, clock=lambda: steady_ns() + slept_ns)
        async with recording(room, ble, clock=clock) as log:
            await log.until(lambda learnt: _is_data(learnt) and learnt.sensor == "right")
            slept_ns = 8 * 10**9
            await log.until(lambda learnt: isinstance(learnt, LinkUp) and len(log.of(LinkUp)) == 4)
            woken = log.steps().index("computer slept")
            again_ns = log.of(LinkUp)[-1].mono_ns
            await log.until(lambda learnt: _is_data(learnt) and learnt.mono_ns > again_ns)
    assert log.steps()[woken:] == ["computer slept", "lost", "lost"]
    assert [learnt.detail for learnt in log.of(RecoveryStep) if learnt.step == "computer slept"] == ["for 2400 s"]
    assert {link.sensor for link in log.of(LinkDown)[:2]} == {"left", "right"}


async def test_time_is_told_every_ten_seconds_of_the_night_although_no_sensor_is_there() -> None:
    async with bedroom(speed=1000.0) as room, adapter(room) as ble:
        room.order(do="leave", sensor="left", for_s=1e6)
        async with recording(room, ble) as log:
            await log.until(lambda learnt: isinstance(learnt, TimePair) and len(log.of(TimePair)) > 20)
        assert not log.of(LinkUp)


async def test_the_marker_button_is_logged() -> None:
    async with bedroom(hours=0.1) as room, adapter(room) as ble:
        async with recording(room, ble) as log:
            await log.until(_is_data)
            room.order(do="press", sensor="left")
            pressed = await log.until(lambda e: isinstance(e, Notification) and e.characteristic == EVENT_UUID)
        assert pressed.payload[0] == 1  # type: ignore[union-attr]  # a notification, as asked for


async def test_an_adapter_that_is_gone_is_tried_again_and_named() -> None:
    async with bedroom(hours=0.1) as room:
        async with adapter(room) as ble:
            pass
        async with recording(room, ble) as log:
            step = await log.until(lambda learnt: isinstance(learnt, RecoveryStep))
        assert step.step == "unreachable"  # type: ignore[union-attr]  # a step, as asked for
        assert "adapter is gone" in step.detail  # type: ignore[union-attr]  # a step, as asked for


async def test_a_scan_lists_sensors_with_service_and_signal_strength() -> None:
    async with bedroom(LEFT, RIGHT) as room, adapter(room) as ble:
        room.order(do="rssi", sensor="right", dbm=-83)
        await asyncio.sleep(0)
        heard = await scan(0.3, ble)
    assert [(found.name, found.address, found.rssi_dbm) for found in heard] == [
        ("LSP-L001", LEFT.address, -50),
        ("LSP-R002", RIGHT.address, -83),
    ]
    assert {found.service_uuids for found in heard} == {(SERVICE_UUID,)}


class SlowCard:
    """A log whose first sync lasts until something was appended during it."""

    def __init__(self, stop: asyncio.Event) -> None:
        self.appended_during_sync: bool | None = None
        self.synced: list[str] = []
        self._stop = stop
        self._loop = asyncio.get_running_loop()
        self._appended = threading.Event()

    def append(self, _record: Record) -> None:
        self._appended.set()

    def sync(self) -> None:
        if self.appended_during_sync is None:
            self._appended.clear()
            self.appended_during_sync = self._appended.wait(5.0)
            self._loop.call_soon_threadsafe(self._stop.set)
        self.synced.append(threading.current_thread().name)


async def test_what_is_learnt_while_the_log_is_synced_does_not_wait_for_the_card() -> None:
    stop = asyncio.Event()
    log = SlowCard(stop)
    await record([], log, timebase(SPEED), stop=stop)
    assert log.appended_during_sync
    assert log.synced[-1] == threading.main_thread().name
    assert len(log.synced) > 1


async def test_a_recorder_that_ends_during_a_sync_waits_for_it() -> None:
    began, done, going_on = asyncio.Event(), threading.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    class Card(MemoryLog):
        def sync(self) -> None:
            if threading.current_thread() is not threading.main_thread():
                loop.call_soon_threadsafe(began.set)
                going_on.wait(5.0)
                done.set()

    stop = asyncio.Event()
    recording_it = asyncio.create_task(record([], Card(), timebase(SPEED), stop=stop))
    await asyncio.wait_for(began.wait(), 5.0)
    stop.set()
    for _ in range(50):
        await asyncio.sleep(0)
    assert not recording_it.done()
    going_on.set()
    await recording_it
    assert done.is_set()


def test_a_full_queue_drops_notifications_and_says_how_many_but_never_the_recorders_own_words() -> None:
    inbox = Inbox(limit=2)
    for index in range(5):
        inbox.hear(Notification(index, "left", DATA_UUID, bytes([index])))
    inbox.tell(LinkDown(9, "left", "stopped"))
    taken = inbox.take()
    assert [type(learnt).__name__ for learnt in taken] == ["Notification", "Notification", "LinkDown", "RecoveryStep"]
    assert taken[-1] == RecoveryStep(9, "left", "queue full", "3 notifications were dropped")


def test_a_sensor_without_address_and_name_is_refused() -> None:
    with pytest.raises(ValueError, match="left-shin: a sensor needs an address or an advertised name"):
        SensorSpec("left-shin", LSP)

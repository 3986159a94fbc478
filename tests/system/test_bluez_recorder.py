"""The recorder on bleak's production BlueZ backend, through a real D-Bus daemon down to the virtual sensors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from detectors.signal import GapCause
from ingest.decoders.lsp_info import DATA_UUID
from ingest.night.records import LinkDown, LinkUp, NightEnd, Notification, RecoveryStep
from tests.system.scene import PATIENCE_S, scene
from tests.system.servers import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ingest.night.records import Record
    from tests.bedroom import Decoded

pytestmark = pytest.mark.system
# Fast enough for a short test, slow enough that a reconnect takes seconds of the night and not minutes.
SPEED = 30.0
# Longer than any test: it ends the night when it has seen what it waits for.
LONG_S = 3600.0
# Whatever is lost when a process dies is what its pipes held.
MOST_LOST_IN_PIPES_S = 60.0
STREAMING_PACKETS = 20
SHORT_MTU = 23


def data_after(kind: type[Record], text: str = "") -> Callable[[list[Record]], bool]:
    """Say whether data came after the last record of this kind."""

    def wanted(records: list[Record]) -> bool:
        places = [at for at, learnt in enumerate(records) if isinstance(learnt, kind) and text in repr(learnt)]
        return bool(places) and any(is_data(learnt) for learnt in records[places[-1] :])

    return wanted


def is_data(learnt: Record) -> bool:
    return isinstance(learnt, Notification) and learnt.characteristic == DATA_UUID


def streaming(records: list[Record]) -> bool:
    """Say whether both streams of a sensor have surely begun."""
    return sum(map(is_data, records)) > STREAMING_PACKETS


def check_that_every_sample_is_there_or_in_a_gap(stream: Decoded, total: int) -> None:
    assert stream.indices == sorted(set(stream.indices))
    assert len(stream.indices) + stream.missing == total


@pytest.mark.parametrize("mtu", [SHORT_MTU, 247])
def test_two_sensors_are_recorded_to_the_last_sample_at_either_mtu(tmp_path: Path, mtu: int) -> None:
    # Short packets are 16 times as many; the machine that runs the tests has other things to do.
    speed = SPEED if mtu > SHORT_MTU else SPEED / 3
    with scene(tmp_path, speed=speed, mtu=mtu, sensors=2) as night:
        night.start_sensors(duration_s=40.0, ring_s=100.0)
        night.start_bluetooth()
        night.start_recorder()
        night.wait_for_report("done")
        night.end()
        assert [link.mtu for link in night.of(LinkUp)] == [mtu, mtu]
        for sensor in ("left", "right"):
            streams = night.streams(sensor)
            assert streams["emg"].indices == list(range(20_000))
            assert streams["acceleration"].indices == list(range(2_000))
            assert not streams["emg"].gaps
            assert not streams["acceleration"].gaps
        assert [link.reason for link in night.of(LinkDown)] == ["stopped", "stopped"]
        assert not night.steps()
        assert isinstance(night.records()[-1], NightEnd)


def test_a_lost_link_is_resumed_in_the_same_night_and_the_gap_is_exact_to_the_sample(tmp_path: Path) -> None:
    with scene(tmp_path, speed=SPEED) as night:
        # Two seconds of the clock fit into the memory, which must not overflow while the machine is busy.
        night.start_sensors(duration_s=LONG_S, ring_s=60.0)
        night.start_bluetooth()
        night.start_recorder()
        night.wait_for_log(streaming, "data")
        night.order(do="leave", sensor="left", for_s=120.0)
        night.wait_for_log(data_after(LinkDown), "data again")
        report = night.play_to_the_end()["left"]
        night.end()
        assert len(night.of(LinkUp)) == 2
        for number, (name, fs_hz) in enumerate((("emg", 500), ("acceleration", 50))):
            stream, dropped = night.streams()[name], report[str(number)]["dropped_on_device"]
            assert dropped > 20 * fs_hz
            assert [gap.n_missing for gap in stream.gaps] == [dropped]
            assert {gap.stream.segment for gap in stream.gaps} == {0}
            check_that_every_sample_is_there_or_in_a_gap(stream, report[str(number)]["produced"])


def test_a_bluetooth_service_that_dies_without_a_word_is_noticed_by_the_watchdog_and_survived(tmp_path: Path) -> None:
    with scene(tmp_path, speed=SPEED) as night:
        night.start_sensors(duration_s=LONG_S, ring_s=LONG_S)
        night.start_bluetooth()
        night.start_recorder()
        night.wait_for_log(streaming, "data")
        night.bluetooth.kill()
        night.wait_for_log(lambda records: any("silent" in repr(learnt) for learnt in records), "the silence")
        night.wait_for_log(
            lambda records: any(isinstance(r, RecoveryStep) and r.step == "unreachable" for r in records), "no service"
        )
        night.start_bluetooth()
        night.wait_for_log(data_after(RecoveryStep, "unreachable"), "data again")
        emg_produced = night.play_to_the_end()["left"]["0"]["produced"]
        night.end()
        steps = night.steps()
        assert steps[0].step == "silent: read health"
        assert any("ServiceUnknown" in step.detail for step in steps)
        emg = night.streams()["emg"]
        check_that_every_sample_is_there_or_in_a_gap(emg, emg_produced)
        assert emg.missing <= MOST_LOST_IN_PIPES_S * 500


def test_a_link_is_given_up_while_the_bluetooth_service_stands_still_and_made_again_after_it(tmp_path: Path) -> None:
    with scene(tmp_path, speed=3.0) as night:
        night.start_sensors(duration_s=1000.0, ring_s=100.0)
        night.start_bluetooth()
        night.start_recorder()
        night.wait_for_log(streaming, "data")
        night.bluetooth.freeze()
        night.wait_for_log(lambda records: any(isinstance(r, LinkDown) for r in records), "that it was given up")
        night.bluetooth.thaw()
        night.wait_for_log(data_after(LinkDown), "data again")
        night.end()
        assert "no answer" in night.of(LinkDown)[0].reason
        assert [step.step for step in night.steps()][:3] == ["silent: read health", "silent: start again", "lost"]
        assert len(night.of(LinkUp)) > 1
        assert [gap.cause for gap in night.streams()["emg"].gaps] == [GapCause.RECONNECT]


def test_an_adapter_that_is_switched_off_is_named_and_the_night_goes_on_when_it_is_on_again(tmp_path: Path) -> None:
    with scene(tmp_path, speed=SPEED) as night:
        night.start_sensors(duration_s=LONG_S, ring_s=LONG_S)
        night.start_bluetooth()
        night.start_recorder()
        night.wait_for_log(streaming, "data")
        night.bluetooth.tell("power off")
        night.wait_for_log(
            lambda records: any("powered_off" in repr(r) or "NotReady" in repr(r) for r in records), "off"
        )
        night.bluetooth.tell("power on")
        night.wait_for_log(data_after(LinkDown), "data again")
        emg_produced = night.play_to_the_end()["left"]["0"]["produced"]
        night.end()
        emg = night.streams()["emg"]
        check_that_every_sample_is_there_or_in_a_gap(emg, emg_produced)
        assert emg.missing == 0


def test_a_recorder_killed_with_minus_9_finds_the_link_that_bluez_kept(tmp_path: Path) -> None:
    with scene(tmp_path, speed=SPEED) as night:
        night.start_sensors(duration_s=LONG_S, ring_s=LONG_S)
        night.start_bluetooth()
        night.start_recorder()
        night.wait_for_log(streaming, "data")
        night.recorder.kill()
        before = len(night.records())
        night.start_recorder()
        night.wait_for_log(lambda records: any(map(is_data, records[before:])), "data again")
        emg_produced = night.play_to_the_end()["left"]["0"]["produced"]
        night.end()
        assert [type(learnt).__name__ for learnt in night.records()].count("NightStart") == 2
        assert not night.steps()
        check_that_every_sample_is_there_or_in_a_gap(night.streams()["emg"], emg_produced)


def test_a_full_disk_harms_nothing_and_the_night_goes_on_when_there_is_room_again(tmp_path: Path) -> None:
    with scene(tmp_path, speed=SPEED) as night:
        night.start_sensors(duration_s=120.0, ring_s=120.0)
        night.start_bluetooth()
        night.start_recorder("--most-bytes=100000")
        wait_until(lambda: "cannot be written" in night.recorder.errors(), "the disk is full", within_s=PATIENCE_S)
        assert night.log.stat().st_size <= 100_000
        stored = night.records()
        night.wait_for_report("done")
        assert night.records() == stored
        night.recorder.tell("room")
        night.wait_for_log(lambda records: "log not written" in repr(records[-20:]), "the full disk")
        night.end()
        assert night.records()[: len(stored)] == stored
        (step,) = night.steps()
        assert "File too large" in step.detail
        assert night.streams()["emg"].indices == list(range(60_000))
        assert isinstance(night.records()[-1], NightEnd)


def test_a_bus_that_dies_is_named_and_the_night_goes_on_when_there_is_one_again(tmp_path: Path) -> None:
    with scene(tmp_path, speed=SPEED) as night:
        night.start_sensors(duration_s=LONG_S, ring_s=LONG_S)
        night.start_bluetooth()
        night.start_recorder()
        night.wait_for_log(streaming, "data")
        night.bus.kill()
        night.wait_for_log(lambda records: any("D-Bus cannot be reached" in repr(r) for r in records), "no bus")
        night.bluetooth.kill()
        night.bus.start()
        night.start_bluetooth()
        night.wait_for_log(data_after(RecoveryStep, "unreachable"), "data again")
        emg_produced = night.play_to_the_end()["left"]["0"]["produced"]
        night.end()
        check_that_every_sample_is_there_or_in_a_gap(night.streams()["emg"], emg_produced)


def test_a_bus_without_a_bluetooth_service_is_named_and_tried_again(tmp_path: Path) -> None:
    with scene(tmp_path, speed=SPEED) as night:
        night.start_recorder()
        night.wait_for_log(lambda records: sum(isinstance(r, RecoveryStep) for r in records) > 1, "two attempts")
        night.end()
        assert {step.step for step in night.steps()} == {"unreachable"}
        assert all("ServiceUnknown" in step.detail for step in night.steps())

"""Who may scan, and when; two adapters; and the last rung of the ladder: all on BlueZ's own interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ingest.night.records import LinkDown, LinkUp, RecoveryStep
from tests.system.scene import scene
from tests.system.test_bluez_recorder import (
    check_that_every_sample_is_there_or_in_a_gap,
    is_data,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ingest.night.records import Record

pytestmark = pytest.mark.system
SPEED = 30.0


def both_stream(records: list[Record]) -> bool:
    return {learnt.sensor for learnt in records if is_data(learnt)} == {"left", "right"}  # type: ignore[union-attr]  # data


def step(name: str) -> Callable[[list[Record]], bool]:
    return lambda records: any(isinstance(learnt, RecoveryStep) and learnt.step == name for learnt in records)


def back(sensor: str, after: int) -> Callable[[list[Record]], bool]:
    """Say whether data of a sensor came behind so many records."""
    return lambda records: any(is_data(learnt) and learnt.sensor == sensor for learnt in records[after:])  # type: ignore[union-attr]  # data


def test_all_sensors_are_found_by_one_scan_and_no_fault_of_one_leads_to_a_scan_while_the_other_streams(
    tmp_path: Path,
) -> None:
    with scene(tmp_path, speed=SPEED, sensors=2) as night:
        night.start_sensors(duration_s=3600.0, ring_s=3600.0)
        night.start_bluetooth()
        night.start_recorder()
        night.wait_for_log(both_stream, "both legs")
        faults: tuple[dict[str, object], ...] = (
            {"do": "leave", "for_s": 60.0},
            {"do": "reboot", "for_s": 20.0},
            {"do": "silence", "cure": "reconnect"},
        )
        for fault in faults:
            before = len(night.records())
            night.order(sensor="left", **fault)
            night.wait_for_log(lambda records, n=before: any(isinstance(r, LinkDown) for r in records[n:]), "lost")  # type: ignore[misc]  # n
            night.wait_for_log(back("left", len(night.records())), "left again")
        night.end()
        assert night.scans() == [("hci0", 0)]
        assert not any(learnt.step == "short scan" for learnt in night.steps())


def test_a_sensor_that_bluez_has_forgotten_is_looked_for_shortly_while_the_other_streams(tmp_path: Path) -> None:
    with scene(tmp_path, speed=SPEED, sensors=2) as night:
        night.start_sensors(duration_s=3600.0, ring_s=3600.0)
        night.start_bluetooth()
        night.start_recorder()
        night.wait_for_log(both_stream, "both legs")
        night.order(do="leave", sensor="left", for_s=120.0)
        night.wait_for_log(lambda records: any(isinstance(r, LinkDown) for r in records), "lost")
        night.bluetooth.tell("forget")
        before = len(night.records())
        night.wait_for_log(back("left", before), "left again")
        night.end()
        # Where one is not enough, or begins before the sensor is back, there is another one.
        assert {learnt.detail for learnt in night.steps() if learnt.step == "short scan"} == {"while right streams"}
        assert night.scans()[0] == ("hci0", 0)
        assert set(night.scans()[1:]) == {("hci0", 1)}


def test_a_sensor_that_is_gone_for_good_makes_way_for_one_that_is_lost_for_a_moment(tmp_path: Path) -> None:
    with scene(tmp_path, speed=SPEED, sensors=2) as night:
        night.start_sensors(duration_s=3600.0, ring_s=3600.0)
        night.start_bluetooth()
        night.start_recorder()
        night.wait_for_log(both_stream, "both legs")
        night.order(do="leave", sensor="left", for_s=1e6)
        night.wait_for_log(step("unreachable"), "left is tried in vain")
        lost = len(night.records())
        night.order(do="leave", sensor="right", for_s=60.0)
        night.wait_for_log(
            lambda records: any(isinstance(r, LinkDown) and r.sensor == "right" for r in records), "right is lost"
        )
        night.wait_for_log(back("right", len(night.records())), "right again")
        night.end()
        tried = [r.detail for r in night.records()[lost:] if isinstance(r, RecoveryStep) and r.sensor == "left"]
        assert any("made way" in detail for detail in tried)


def test_each_sensor_uses_its_own_adapter_and_one_that_is_off_takes_nothing_from_the_other(tmp_path: Path) -> None:
    with scene(tmp_path, speed=SPEED, sensors=2) as night:
        night.start_sensors(duration_s=3600.0, ring_s=3600.0)
        night.start_bluetooth(adapters=2)
        night.start_recorder("--adapters=hci0,hci1")
        night.wait_for_log(both_stream, "both legs")
        night.bluetooth.tell("power off hci1")
        night.wait_for_log(lambda records: any(isinstance(r, LinkDown) for r in records), "lost")
        night.bluetooth.tell("power on hci1")
        night.wait_for_log(back("right", len(night.records())), "data again")
        accounts = night.play_to_the_end()
        night.end()
        assert min(night.scans()) == ("hci0", 0)
        assert {learnt.sensor for learnt in night.steps()} == {"right"}
        for sensor in ("left", "right"):
            emg = night.streams(sensor)["emg"]
            check_that_every_sample_is_there_or_in_a_gap(emg, accounts[sensor]["0"]["produced"])
            assert emg.missing == 0


@pytest.mark.parametrize("allowed", [True, False])
def test_after_three_rounds_without_data_the_adapter_is_switched_off_and_on_if_that_is_allowed(
    tmp_path: Path, *, allowed: bool
) -> None:
    with scene(tmp_path, speed=SPEED) as night:
        night.start_sensors(duration_s=3600.0, ring_s=3600.0)
        night.start_bluetooth()
        night.start_recorder(*(["--may-reset"] if allowed else []))
        night.wait_for_log(lambda records: any(map(is_data, records)), "data")
        night.order(do="silence", sensor="left", cure="never")
        rung = step("adapter reset" if allowed else "adapter not reset")
        night.wait_for_log(rung, "the last rung")
        night.order(do="speak", sensor="left")
        records = night.records()
        before = records[: next(at for at, learnt in enumerate(records) if rung([learnt]))]
        assert sum(isinstance(learnt, LinkDown) for learnt in before) == 3
        night.wait_for_log(back("left", len(night.records())), "data again")
        night.end()
        said = [line for line in night.bluetooth.lines() if line.startswith("powered")]
        assert said == (["powered hci0 off", "powered hci0 on"] if allowed else [])
        # Three rounds, and whatever it takes until the sensor has heard that it may speak.
        assert len(night.of(LinkUp)) > 3

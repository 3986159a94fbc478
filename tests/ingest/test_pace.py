"""What comes twice each is counted once, equal samples at rest are kept, and a wrong rate is said and loses nothing."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.signal import NS_PER_S
from ingest.decoders.base import StatusKind
from ingest.decoders.catalogue import DEVICES
from ingest.decoders.microbit import DATA_UUID as ACCELEROMETER_UUID
from ingest.decoders.pace import Pace
from ingest.decoders.polar_control import DATA_UUID
from ingest.decoders.polar_frames import FrameType, encode_acc
from ingest.decoders.polar_reader import FrameTiming
from ingest.decoders.twins import Twins
from ingest.night.records import Notification, Record
from tests.ingest.logged_sensor import PLACEMENT, SENSOR, blocks, decode, link_down, link_up, night_start, statuses

STEP_NS = NS_PER_S // 50


def microbit(payload: bytes, mono_ns: int) -> Notification:
    return Notification(mono_ns, SENSOR, ACCELEROMETER_UUID, payload)


def n_kept(records: list[Record], device: str = "microbit") -> tuple[int, int]:
    made = DEVICES[device].made(PLACEMENT, DEVICES[device].settled({}))
    items = decode([night_start(), link_up(), *records], made)
    return sum(len(block.data) for block in blocks(items)), len(statuses(items, StatusKind.DUPLICATE))


def test_each_notification_that_comes_twice_after_a_reconnect_is_kept_once() -> None:
    records: list[Record] = [microbit(bytes((n % 7, 0, 0, 0, 0, 0)), n * STEP_NS) for n in range(50)]
    records += [link_down(50 * STEP_NS), link_up(50 * STEP_NS)]
    for n in range(50, 150):
        records += [microbit(bytes((n % 7, 0, 0, 0, 0, 0)), n * STEP_NS + late_ns) for late_ns in (0, 200_000)]
    assert n_kept(records) == (150, 100)


def test_doubling_that_begins_within_a_link_is_seen_after_eight_pairs() -> None:
    records = [microbit(bytes((n % 7, 0, 0, 0, 0, 0)), n * STEP_NS) for n in range(100) for _ in range(1 + (n > 9))]
    assert n_kept([*records]) == (107, 83)


def test_equal_samples_of_a_sensor_at_rest_are_kept_though_a_link_hands_them_out_at_once() -> None:
    apart: list[Record] = [microbit(bytes(6), n * STEP_NS) for n in range(10)]
    held_up: list[Record] = [microbit(bytes(6), 40 * STEP_NS) for _ in range(30)]
    assert n_kept([*apart, *held_up]) == (40, 0)


@pytest.mark.parametrize(("apart_ns", "is_twin"), [(STEP_NS // 4, True), (STEP_NS // 4 + 1, False)])
def test_what_comes_a_quarter_of_its_length_later_is_another(apart_ns: int, *, is_twin: bool) -> None:
    twins = Twins()
    twins.last("c", STEP_NS)
    assert [twins.is_twin("c", b"a", 0), twins.is_twin("c", b"a", apart_ns)] == [False, is_twin]


@pytest.mark.parametrize(("hz", "is_said"), [(109.0, False), (112.0, True), (200.0, True), (92.0, False), (50.0, True)])
def test_a_rate_that_is_off_by_more_than_a_tenth_is_said_once(hz: float, *, is_said: bool) -> None:
    pace = Pace(100.0)
    said = [pace.clocked(round(n * 10 * NS_PER_S / hz), 10) for n in range(300)]
    found = [each for each in said if each]
    assert found == ([f"the sampling rate looks like {hz:g} Hz, 100 Hz are assumed"] if is_said else [])


def test_losses_are_no_other_rate() -> None:
    pace = Pace(100.0)
    assert not any(pace.clocked(n * NS_PER_S // 10, 10) for n in range(1000) if n % 19)


@pytest.mark.parametrize(("ahead_ns", "is_said"), [(NS_PER_S // 2, False), (NS_PER_S // 2 + 1, True)])
def test_samples_that_lie_in_the_future_for_ten_seconds_are_said_once(ahead_ns: int, *, is_said: bool) -> None:
    pace = Pace(100.0)
    said = [pace.arrived(s * NS_PER_S + ahead_ns, s * NS_PER_S) for s in range(30)]
    assert [s for s, each in enumerate(said) if each] == ([10] if is_said else [])


def test_no_frame_is_thrown_away_at_four_times_the_rate_that_is_assumed() -> None:
    ends = [number * 36 * NS_PER_S // 200 for number in range(1, 60) if number != 4]
    timing = FrameTiming(52.0)
    firsts = [timing.first_ns(600 * 10**15 + end_ns, 36) for end_ns in ends]
    assert (np.diff(firsts) > 0).all()
    data = np.zeros((36, 3), dtype=np.int64)
    frames = [encode_acc(600 * 10**15 + end_ns, FrameType.I16, data) for end_ns in ends]
    records: list[Record] = [Notification(ns, SENSOR, DATA_UUID, frame) for ns, frame in zip(ends, frames, strict=True)]
    assert n_kept(records, "polar-pmd") == (58 * 36, 0)

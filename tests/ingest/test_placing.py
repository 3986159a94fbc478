"""Where packets belong: losses exact where a counter tells, believed late where none does, and a stall is no loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.signal import NS_PER_S, Quantity, Unit
from ingest.decoders.layout import Counting, Samples, StreamLayout
from ingest.decoders.place import Arrival, Place, Verdict
from ingest.decoders.placing import placer
from ingest.decoders.profile import LossMode

if TYPE_CHECKING:
    from collections.abc import Iterable

FS_HZ, N = 100.0, 10
UTC_NS = 1_790_000_000 * NS_PER_S
LONG = Counting(LossMode.SAMPLE_COUNTER, span=1 << 16)
ENDLESS = Counting(LossMode.PACKET_COUNTER, samples_per_count=N)
SHORT = Counting(LossMode.SAMPLE_COUNTER, span=256)
PACKETS = Counting(LossMode.PACKET_COUNTER, span=20, samples_per_count=N)
CLOCK = Counting(LossMode.DEVICE_TS)
WRAPPING = Counting(LossMode.DEVICE_TS, span=(1 << 32) * 1000)
RATE = Counting(LossMode.RATE_ONLY)
COUNTED = [LONG, ENDLESS, SHORT, PACKETS]
TIMED = [CLOCK, WRAPPING]


class Sensor:
    """Sends ten samples in each tenth of a second, and says where its placer puts them."""

    def __init__(self, counting: Counting, *, is_live: bool = True, fs_hz: float = FS_HZ, first: int = 0) -> None:
        layout = StreamLayout(Quantity.ACCELERATION, Unit.G, ("x",), FS_HZ, counting)
        self.counting = counting
        self.fs_hz = fs_hz
        self.first = first
        self.placer = placer(layout, is_live=is_live)

    def samples(self, number: int) -> Samples:
        index = self.first + number * N
        per_count, span = self.counting.samples_per_count, self.counting.span
        by_clock = self.counting.mode is LossMode.DEVICE_TS
        counter, device_ns = index // per_count, round(index * NS_PER_S / self.fs_hz)
        if span:
            counter, device_ns = counter % span, device_ns % span
        data = np.arange(index, index + N, dtype=np.float32)[:, None]
        layout = StreamLayout(Quantity.ACCELERATION, Unit.G, ("x",), FS_HZ, self.counting)
        return Samples(layout, data, None if by_clock else counter, device_ns if by_clock else None)

    def sent(self, number: int, late_s: float = 0.0, *, after_link_loss: bool = False, known: bool = True) -> Place:
        arrival_ns = UTC_NS + round(((number + 1) * N / self.fs_hz + late_s) * NS_PER_S)
        return self.placer.place(
            self.samples(number), Arrival(arrival_ns, after_link_loss, self.fs_hz if known else None)
        )

    def starts(self, numbers: Iterable[int], late_s: float = 0.0) -> list[int]:
        """Places relative to the first one, all of them next."""
        places = [self.sent(number, late_s) for number in numbers]
        assert {place.verdict for place in places} == {Verdict.NEXT}
        return [place.start - places[0].start for place in places]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([*COUNTED, *TIMED]), st.integers(0, 1 << 40), st.lists(st.integers(1, 17), max_size=40))
def test_losses_are_exact_over_any_wrap(counting: Counting, first: int, steps: list[int]) -> None:
    numbers = np.cumsum([0, *steps]).tolist()
    first -= first % N
    assert Sensor(counting, first=first).starts(numbers) == [number * N for number in numbers]


@pytest.mark.parametrize("counting", [*COUNTED, *TIMED])
@pytest.mark.parametrize("n_lost", [1, 2, 7, 19, 31, 63, 101, 590])
def test_a_loss_of_any_length_is_exact_where_the_count_goes_on_elsewhere(counting: Counting, n_lost: int) -> None:
    numbers = [*range(50), *range(50 + n_lost, 200 + n_lost)]
    assert Sensor(counting).starts(numbers) == [number * N for number in numbers]


@pytest.mark.parametrize("counting", [*COUNTED, *TIMED])
def test_a_packet_that_comes_twice_is_old_and_leaves_no_trace(counting: Counting) -> None:
    sensor = Sensor(counting, first=65_530)
    for number in range(30):
        assert sensor.sent(number, 0.01 * (number % 3)).verdict is Verdict.NEXT
        assert sensor.sent(number, 0.01 * (number % 3)).verdict is Verdict.OLD
    assert sensor.sent(30).start - sensor.sent(31).start == -N


@pytest.mark.parametrize("counting", [*COUNTED, *TIMED, RATE])
@pytest.mark.parametrize("stall_s", [0.3, 1.0, 4.0, 9.5])
def test_a_stall_without_loss_is_no_loss(counting: Counting, stall_s: float) -> None:
    sensor = Sensor(counting)
    for number in range(600):
        held_s = max(0.0, stall_s - 0.1 * (number - 300)) if number >= 300 else 0.0
        place = sensor.sent(number, held_s)
        assert (place.verdict, place.start) == (Verdict.NEXT, number * N)


@pytest.mark.parametrize("counting", [SHORT, PACKETS, RATE])
def test_a_link_that_catches_up_slowly_has_lost_nothing(counting: Counting) -> None:
    sensor = Sensor(counting)
    for number in range(1000):
        held_s = max(0.0, 8.0 - 0.05 * (number - 300)) if number >= 300 else 0.0
        assert sensor.sent(number, held_s).start == number * N


@pytest.mark.parametrize(("counting", "n_lost"), [(SHORT, 128), (SHORT, 256), (PACKETS, 20), (PACKETS, 100)])
def test_whole_turns_that_were_lost_are_found_within_ten_seconds(counting: Counting, n_lost: int) -> None:
    rng = np.random.default_rng(n_lost)
    sensor = Sensor(counting)
    off = [
        sensor.sent(number, rng.exponential(0.03)).start - number * N
        for number in [*range(400), *range(400 + n_lost, 700 + n_lost)]
    ]
    assert set(off[:400]) == {0}
    assert set(off[400 + 102 :]) == {0}


def test_a_loss_that_nothing_counts_is_found_within_ten_seconds_to_50_ms() -> None:
    for n_lost in (4, 10, 55):
        rng = np.random.default_rng(n_lost)
        sensor = Sensor(RATE)
        numbers = [*range(400), *range(400 + n_lost, 900 + n_lost)]
        off = np.array([sensor.sent(number, rng.exponential(0.03)).start - number * N for number in numbers])
        assert not off[:400].any()
        assert np.abs(off[400 + 102 :]).max() <= 5


@pytest.mark.parametrize("counting", [SHORT, PACKETS, RATE])
@pytest.mark.parametrize("percent", [-10, -3, 0, 3, 10])
def test_a_wrong_nominal_rate_is_no_loss_before_it_was_measured(counting: Counting, percent: int) -> None:
    sensor = Sensor(counting, fs_hz=FS_HZ * (1 + percent / 100))
    rng = np.random.default_rng(5)
    for number in range(600):
        assert sensor.sent(number, rng.exponential(0.03), known=number > 300).start == number * N


@pytest.mark.parametrize("counting", [LONG, *TIMED])
def test_a_sensor_that_was_off_while_the_link_was_lost_counts_anew(counting: Counting) -> None:
    sensor = Sensor(counting)
    sensor.starts(range(100, 120))
    began_again = sensor.samples(150)  # as if it had been on for 15 s, ten minutes later
    late = Arrival(UTC_NS + 610 * NS_PER_S, after_link_loss=True)
    assert sensor.placer.place(began_again, late).verdict is Verdict.ANEW
    assert sensor.placer.place(sensor.samples(3), late).verdict is Verdict.ANEW


@pytest.mark.parametrize("counting", [LONG, ENDLESS, *TIMED])
def test_a_count_that_goes_on_over_a_lost_link_is_the_same_segment(counting: Counting) -> None:
    sensor = Sensor(counting)
    sensor.starts(range(5))
    place = sensor.sent(2000, after_link_loss=True)
    assert (place.verdict, place.start) == (Verdict.NEXT, 2000 * N)


@pytest.mark.parametrize("counting", [ENDLESS, *TIMED])
@pytest.mark.parametrize("jump", [300, -300, 50_000])
def test_a_count_or_clock_that_jumps_counts_anew(counting: Counting, jump: int) -> None:
    sensor = Sensor(counting, first=10_000)
    sensor.starts(range(5))
    now = Arrival(UTC_NS + NS_PER_S * 6 // 10)
    assert sensor.placer.place(sensor.samples(5 + jump), now).verdict is Verdict.ANEW
    assert sensor.sent(5).start - sensor.sent(6).start == -N


@pytest.mark.parametrize("counting", [*COUNTED, RATE])
def test_at_speed_only_the_counter_tells_of_a_loss(counting: Counting) -> None:
    sensor = Sensor(counting, is_live=False)
    assert sensor.starts([0, 1], 0.0) == [0, N]
    assert sensor.starts([2, 3], 300.0) == [0, N]
    n_lost = 0 if counting is RATE else 3
    assert sensor.sent(4 + n_lost, -300.0).start == (4 + n_lost) * N


def test_a_clock_that_runs_1_percent_off_miscounts_no_long_gap() -> None:
    sensor = Sensor(CLOCK, fs_hz=FS_HZ * 0.99)
    numbers = [*range(700), *range(1700, 1800)]
    assert sensor.starts(numbers) == [number * N for number in numbers]


def test_what_is_sent_on_change_is_placed_by_arrival_and_a_burst_is_not_put_into_the_future() -> None:
    sensor = Sensor(Counting(LossMode.NONE, on_change=True))
    assert [sensor.sent(number).start for number in (0, 7, 30)] == [0, 70, 300]
    verdicts = [sensor.sent(number, 2.0 - 0.1 * (number - 31)).verdict for number in range(31, 51)]
    assert verdicts == [Verdict.NEXT] * 6 + [Verdict.LATE] * 14
    assert sensor.sent(70).start == 700


def test_what_a_sensor_kept_of_a_stall_is_neither_old_nor_a_reason_to_miscount_the_rest() -> None:
    rng = np.random.default_rng(11)
    sensor = Sensor(SHORT)
    off = []
    for number in range(2000):
        since = number % 400 - 200
        if number < 400 or not 0 <= since < 41:
            off.append(sensor.sent(number, rng.exponential(0.01)).start - number * N)
        elif since >= 39:  # the newest two packets of four seconds come late, the others are lost
            off.append(sensor.sent(number, 0.1 * (41 - since)).start - number * N)
    assert set(off) == {0}


def test_a_loss_behind_a_count_that_goes_on_is_found_within_ten_seconds() -> None:
    rng = np.random.default_rng(12)
    sensor = Sensor(SHORT)
    off = {}
    for number in range(2000):
        since = number % 500 - 400
        if since < 0 or since >= 60:
            off[number] = sensor.sent(number, rng.exponential(0.01)).start - number * N
        elif since < 3:  # the oldest three packets of six seconds come late, the others are lost
            off[number] = sensor.sent(number, 6.0 - 0.1 * since).start - number * N
    settled = {value for number, value in off.items() if 64 <= number % 500 < 400}
    assert settled == {0}


@pytest.mark.parametrize(("late_s", "verdict"), [(1.0, Verdict.OLD), (1.01, Verdict.NEXT)])
def test_equal_samples_are_the_same_packet_within_half_a_turn_only(late_s: float, verdict: Verdict) -> None:
    sensor = Sensor(PACKETS)
    sensor.starts(range(3))
    assert sensor.sent(2, late_s).verdict is verdict

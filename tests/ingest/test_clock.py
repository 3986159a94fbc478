"""The clock fit: from device time and jittered arrivals to UTC, without ever moving what was said."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.signal import NS_PER_S, Clock
from ingest.clock import ClockFit, DevicePair, HostTime
from ingest.night.records import LinkUp, NightStart, TimePair

UTC_NS = 1_790_000_000 * NS_PER_S
NS_PER_MS = 1_000_000
FS_HZ = 100.0
PACKET = 10


def true_ns(index: int, ppm: float) -> float:
    """UTC at which a sensor whose crystal is slow by `ppm` takes a sample."""
    return UTC_NS + index / FS_HZ * NS_PER_S * (1 + ppm * 1e-6)


def fitted(delays_ns: np.ndarray, ppm: float, *, first: int = 0) -> list[Clock]:
    """The clock after each packet; the device counts 10 ms per sample on its own crystal."""
    fit = ClockFit(FS_HZ)
    clocks = []
    for number, delay_ns in enumerate(delays_ns):
        start = first + number * PACKET
        arrival_ns = round(true_ns(start + PACKET, ppm) + delay_ns)
        clocks.append(fit.observe(start, PACKET, round(start / FS_HZ * NS_PER_S), arrival_ns))
    return clocks


def errors_ms(clocks: list[Clock], ppm: float, *, first: int = 0) -> np.ndarray:
    starts = [first + number * PACKET for number in range(len(clocks))]
    return np.array([(c.at(i) - true_ns(i, ppm)) / NS_PER_MS for c, i in zip(clocks, starts, strict=True)])


@pytest.mark.slow
@pytest.mark.parametrize("ppm", [-50.0, 0.0, 50.0, 150.0])
def test_drift_with_30_ms_of_jitter_is_followed_to_20_ms(ppm: float) -> None:
    rng = np.random.default_rng(int(ppm) + 1000)
    jitter_ns = rng.uniform(0, 30 * NS_PER_MS, 30 * 600)
    errors = errors_ms(fitted(jitter_ns, ppm), ppm)
    assert np.abs(errors[1200:]).max() <= 20.0
    assert np.abs(errors[6000:]).max() <= 5.0


@pytest.mark.slow
@settings(deadline=None, max_examples=15)
@given(st.lists(st.integers(0, 200 * NS_PER_MS), min_size=50, max_size=400), st.integers(1, 8000))
def test_a_knot_never_changes_and_lies_at_a_multiple_of_30_s(delays_ns: list[int], first: int) -> None:
    clocks = fitted(np.resize(np.array(delays_ns), 900), 0.0, first=first)
    for before, after in itertools.pairwise(clocks):
        assert after.knots[: len(before.knots)] == before.knots
    assert all(knot.index % 3000 == 0 for knot in clocks[-1].knots[1:])
    assert len(clocks[-1].knots) >= 3


@pytest.mark.slow
@settings(deadline=None, max_examples=15)
@given(st.integers(0, 2**32 - 1))
def test_time_never_runs_backwards_whatever_the_delays(seed: int) -> None:
    rng = np.random.default_rng(seed)
    delays_ns = rng.exponential(0.4 * NS_PER_S, 1500) * rng.integers(0, 2, 1500)
    clock = fitted(delays_ns, 0.0)[-1]
    times = np.array([clock.at(index) for index in range(0, 15_000, 7)])
    assert (np.diff(times) > 0).all()


@settings(deadline=None, max_examples=15)
@given(st.permutations(range(95)))
def test_the_order_of_readings_within_a_window_changes_no_knot(order: list[int]) -> None:
    rng = np.random.default_rng(3)
    delays_ns = rng.integers(0, 30 * NS_PER_MS, 95)

    def knots(numbers: list[int]) -> Clock | None:
        fit = ClockFit(FS_HZ)
        for number in numbers:
            fit.observe_time(number * NS_PER_S // 10, UTC_NS + number * NS_PER_S // 10 + int(delays_ns[number]))
        fit.observe(3000, 10, 30 * NS_PER_S, UTC_NS + 30 * NS_PER_S + 9 * NS_PER_MS)
        return fit.observe(6000, 10, 60 * NS_PER_S, UTC_NS + 60 * NS_PER_S + 9 * NS_PER_MS)

    assert knots(order) == knots(sorted(order))


def test_the_first_sample_is_placed_by_the_first_packet() -> None:
    fit = ClockFit(FS_HZ)
    clock = fit.observe(70, 10, 0, UTC_NS)
    assert clock.at(80) == UTC_NS
    assert clock.knots[0].index == 70


def test_a_ring_buffer_at_the_start_is_placed_by_the_reading_of_the_sensors_clock() -> None:
    fit = ClockFit(FS_HZ)
    fit.observe_time(20 * NS_PER_S, UTC_NS + 20 * NS_PER_S)
    clock = fit.observe(1000, 10, 10 * NS_PER_S, UTC_NS + 20 * NS_PER_S)
    assert clock.at(1000) == UTC_NS + 10 * NS_PER_S


def test_a_reading_from_hours_ago_places_nothing() -> None:
    fit = ClockFit(FS_HZ)
    fit.observe_time(0, UTC_NS)
    clock = fit.observe(0, 10, 7200 * NS_PER_S, UTC_NS + 7201 * NS_PER_S)
    assert clock.at(10) == UTC_NS + 7201 * NS_PER_S


def test_a_first_packet_that_was_3_s_late_is_worked_off_within_two_minutes() -> None:
    delays_ns = np.zeros(1800)
    delays_ns[0] = 3 * NS_PER_S
    errors = errors_ms(fitted(delays_ns, 0.0), 0.0)
    assert errors[0] == pytest.approx(3000.0)
    assert np.abs(errors[1200:]).max() < 1.0


def test_windows_that_saw_only_late_packets_do_not_pull_the_line_up() -> None:
    delays_ns = np.zeros(3000)
    delays_ns[1000:1400] = 0.3 * NS_PER_S
    assert np.abs(errors_ms(fitted(delays_ns, 0.0), 0.0)).max() < 1.0


def test_a_crystal_far_worse_than_200_ppm_costs_half_a_second_and_not_the_night() -> None:
    errors = errors_ms(fitted(np.zeros(9000), 1000.0), 1000.0)
    assert np.abs(errors).max() < 650


def test_an_accelerometer_that_runs_3_percent_fast_is_placed_by_its_tick() -> None:
    fit, real_hz = ClockFit(FS_HZ), 103.0
    for number in range(1800):
        start = number * PACKET
        tick_ns = round(start / real_hz * NS_PER_S)
        clock = fit.observe(start, PACKET, tick_ns, UTC_NS + tick_ns + round(PACKET / real_hz * NS_PER_S))
    late = range(9000, 18_000, 100)
    assert max(abs(clock.at(i) - UTC_NS - i / real_hz * NS_PER_S) for i in late) < 5 * NS_PER_MS


def test_a_device_that_knows_the_time_is_placed_by_it_alone_in_a_compressed_night() -> None:
    fit = ClockFit(FS_HZ, by_arrival=False)
    fit.know(DevicePair(5 * NS_PER_S, UTC_NS))
    fit.know(DevicePair(5 * NS_PER_S, UTC_NS + 99))
    clock = fit.observe(0, 10, 6 * NS_PER_S, UTC_NS + 500 * NS_PER_S)
    assert clock.at(0) == UTC_NS + NS_PER_S
    assert fit.observe(9000, 10, 96 * NS_PER_S, UTC_NS).knots == clock.knots
    assert fit.utc_ns(7 * NS_PER_S) == UTC_NS + 2 * NS_PER_S
    assert fit.fresh().utc_ns(7 * NS_PER_S) == UTC_NS + 2 * NS_PER_S


def test_at_speed_without_a_known_time_the_first_arrival_holds() -> None:
    fit = ClockFit(FS_HZ, by_arrival=False)
    assert fit.utc_ns(0) is None
    clock = fit.observe(0, 10, 0, UTC_NS)
    assert fit.observe(9000, 10, 90 * NS_PER_S, UTC_NS + 400 * NS_PER_S) == clock
    assert fit.utc_ns(NS_PER_S) == clock.at(100)


def test_a_wall_clock_that_is_set_moves_no_sample() -> None:
    host = HostTime()
    host.feed(NightStart(100, UTC_NS, 1.0, ""))
    host.feed(TimePair(10 * NS_PER_S, UTC_NS + 3600 * NS_PER_S))
    assert host.utc_ns(10 * NS_PER_S + 100) == UTC_NS + 10 * NS_PER_S


def test_a_collector_that_begins_again_on_the_same_computer_keeps_the_anchor() -> None:
    host = HostTime()
    host.feed(NightStart(0, UTC_NS, 1.0, ""))
    host.feed(TimePair(10 * NS_PER_S, UTC_NS + 10 * NS_PER_S))
    host.feed(NightStart(20 * NS_PER_S, UTC_NS + 20 * NS_PER_S + 5, 1.0, ""))
    assert host.utc_ns(20 * NS_PER_S) == UTC_NS + 20 * NS_PER_S


@pytest.mark.parametrize("mono_ns", [5 * NS_PER_S, 600 * NS_PER_S])
def test_a_computer_that_was_started_anew_has_another_anchor(mono_ns: int) -> None:
    host = HostTime()
    host.feed(NightStart(100 * NS_PER_S, UTC_NS, 1.0, ""))
    host.feed(TimePair(110 * NS_PER_S, UTC_NS + 10 * NS_PER_S))
    host.feed(NightStart(mono_ns, UTC_NS + 90 * NS_PER_S, 1.0, ""))
    assert host.utc_ns(mono_ns + 7) == UTC_NS + 90 * NS_PER_S + 7


@pytest.mark.parametrize("behind_s", [3600, 20])
def test_a_computer_that_comes_back_with_a_clock_in_the_past_goes_on_after_what_it_recorded(behind_s: int) -> None:
    host = HostTime()
    host.feed(NightStart(0, UTC_NS, 1.0, "test"))
    host.feed(TimePair(60 * NS_PER_S, UTC_NS + 60 * NS_PER_S))
    host.feed(NightStart(NS_PER_S, UTC_NS + (70 - behind_s) * NS_PER_S, 1.0, "test"))
    assert host.utc_ns(NS_PER_S) == UTC_NS + 70 * NS_PER_S
    assert host.utc_ns(2 * NS_PER_S) == UTC_NS + 71 * NS_PER_S


def test_records_without_utc_say_nothing_about_it() -> None:
    host = HostTime()
    host.feed(LinkUp(5, "s", 23))
    assert host.utc_ns(7) == 7

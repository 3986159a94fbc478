"""The line under the soonest packets: slope, offset and how well they are known."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.signal import NS_PER_S
from ingest.clock import ClockFit
from ingest.envelope import CRYSTAL, SAMPLE_COUNT, ClockQuality, Envelope, Pace

NS_PER_MS = 1_000_000
UTC_NS = 1_790_000_000 * NS_PER_S
FS_HZ = 100.0


def fitted(
    real_hz: float, n_s: int, *, seed: int = 1, has_clock: bool = False, ppm: float = 0.0
) -> tuple[ClockFit, np.ndarray]:
    """A sensor that sends ten packets a second with up to 30 ms of jitter; the error of each second, ms."""
    rng = np.random.default_rng(seed)
    fit, errors_ms = ClockFit(FS_HZ, has_clock=has_clock), []
    for number in range(n_s * 10):
        start = number * 10
        device_ns = round(start / (real_hz if has_clock else FS_HZ) * NS_PER_S)
        end_ns = (start + 10) / real_hz * NS_PER_S * (1 + ppm * 1e-6)
        clock = fit.observe(start, 10, device_ns, UTC_NS + round(end_ns + rng.uniform(0, 30 * NS_PER_MS)))
        if number % 10 == 0:
            true_ns = UTC_NS + start / real_hz * NS_PER_S * (1 + ppm * 1e-6)
            errors_ms.append((clock.at(start) - true_ns) / NS_PER_MS)
    return fit, np.abs(errors_ms)


@pytest.mark.parametrize("percent", [-10, -3, 3, 10])
def test_a_sensor_without_a_clock_whose_rate_is_wrong_is_followed_to_20_ms_after_three_minutes(percent: int) -> None:
    fit, errors_ms = fitted(FS_HZ * (1 + percent / 100), 600)
    assert errors_ms[180:].max() <= 20.0
    assert fit.measured_hz == pytest.approx(FS_HZ * (1 + percent / 100), rel=1e-4)


@pytest.mark.parametrize("percent", [-3, 3])
def test_a_rate_that_is_3_percent_wrong_costs_a_second_in_the_first_minute_and_60_ms_after_it(percent: int) -> None:
    errors_ms = fitted(FS_HZ * (1 + percent / 100), 120)[1]
    assert 500 < errors_ms[:60].max() < 1000
    assert errors_ms[60:].max() < 60.0


def test_a_right_rate_is_not_made_worse_by_measuring_it() -> None:
    assert fitted(FS_HZ, 300)[1].max() <= 30.0


def test_a_sensor_with_a_clock_has_no_measured_rate_and_its_drift_is_told() -> None:
    fit, _ = fitted(FS_HZ * 1.02, 700, has_clock=True, ppm=60.0)
    quality = fit.quality
    assert fit.measured_hz is None
    assert quality.slope_ppm == pytest.approx(60.0, abs=5.0)
    assert quality.offset_ns == pytest.approx(UTC_NS + 700 * NS_PER_S * 60e-6, abs=5 * NS_PER_MS)
    assert 0 < quality.spread_ms < 5.0
    assert 50 <= quality.n_minima <= 61


def test_a_loss_that_nobody_saw_is_followed_within_two_minutes() -> None:
    fit, lost_ns = ClockFit(FS_HZ, has_clock=False), 180 * NS_PER_MS
    for number in range(9000):
        start = number * 10
        arrival_ns = UTC_NS + (start + 10) * NS_PER_S // 100 + (lost_ns if number >= 4000 else 0)
        clock = fit.observe(start, 10, start * NS_PER_S // 100, arrival_ns)
    assert clock.at(39_000) == pytest.approx(UTC_NS + 390 * NS_PER_S, abs=NS_PER_MS)
    for second in range(530, 900):
        assert clock.at(second * 100) == pytest.approx(UTC_NS + second * NS_PER_S + lost_ns, abs=20 * NS_PER_MS)


def test_a_quarter_of_a_minute_of_late_packets_is_no_loss() -> None:
    fit = ClockFit(FS_HZ, has_clock=False)
    for number in range(6000):
        start = number * 10
        late_ns = 300 * NS_PER_MS if 3000 <= number < 3150 else 0
        clock = fit.observe(start, 10, start * NS_PER_S // 100, UTC_NS + (start + 10) * NS_PER_S // 100 + late_ns)
    for second in range(0, 600, 7):
        assert clock.at(second * 100) == pytest.approx(UTC_NS + second * NS_PER_S, abs=NS_PER_MS)


def test_before_the_first_packet_and_at_speed_nothing_is_known() -> None:
    assert ClockFit(FS_HZ).quality == ClockQuality(0, 0.0, 0.0, 0)
    fit = ClockFit(FS_HZ, by_arrival=False)
    fit.observe(0, 10, 0, UTC_NS)
    assert fit.quality.n_minima == 0


@pytest.mark.parametrize(("kind", "steepness"), [(CRYSTAL, 0.0005), (SAMPLE_COUNT, 1.0)])
def test_a_line_is_never_steeper_than_its_kind_of_clock_allows(kind: Pace, steepness: float) -> None:
    envelope = Envelope(kind)
    for second in range(0, 600, 5):
        envelope.note(second * NS_PER_S, round(second * steepness * NS_PER_S))
    envelope.fit()
    assert envelope.slope == kind.most_slope

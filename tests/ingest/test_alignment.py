"""Left and right on one time, and events where they were: measured on synthetic arrivals with known truth."""

from __future__ import annotations

import numpy as np
import pytest

from tests.ingest.arrivals import COUNTINGS, NS_PER_MS, UTC_NS, Worn

SHAPES = ["uniform", "exponential", "stalls", "bursts"]
NIGHT_S = 8 * 3600
FITTED_S = 180.0
"""The clock is held to be fitted from here on."""
FIRST_MINUTE_S = 60.0
TIMED = ["clock", "rate only"]
"""Device time is a clock in one, and the sample count in the other as in those with a counter: nothing is lost here."""
RATES_HZ = [25.0, 100.0, 416.0, 1111.7]


def between_legs_ms(counting: str, shape: str, n_s: float, *, fs_hz: float = 25.0, n_samples: int = 25) -> np.ndarray:
    """How far apart two legs are whose crystals are 60 ppm apart, each second, ms."""
    left, right = (Worn(counting, fs_hz, n_samples, drift_ppm=ppm) for ppm in (-20.0, 40.0))
    at_s = np.arange(FITTED_S, n_s - 60, 1.0)
    clocks = left.heard(n_s, shape, seed=1), right.heard(n_s, shape, seed=2)
    return np.abs(left.errors_ms(clocks[0], at_s) - right.errors_ms(clocks[1], at_s))


def test_two_legs_60_ppm_apart_stay_within_20_ms_for_half_an_hour_with_one_packet_a_second() -> None:
    assert np.percentile(between_legs_ms("clock", "uniform", 1800), 99) <= 20.0


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("counting", TIMED)
def test_two_legs_60_ppm_apart_stay_within_20_ms_for_a_night(counting: str, shape: str) -> None:
    off_ms = between_legs_ms(counting, shape, NIGHT_S)
    assert np.percentile(off_ms, 99) <= 20.0


@pytest.mark.slow
@pytest.mark.parametrize("counting", TIMED)
def test_legs_that_send_small_packets_in_bursts_stay_within_20_ms(counting: str) -> None:
    off_ms = between_legs_ms(counting, "bursts", 1200, fs_hz=104.0, n_samples=3)
    assert np.percentile(off_ms, 99) <= 20.0


@pytest.mark.parametrize("counting", COUNTINGS)
@pytest.mark.parametrize("fs_hz", RATES_HZ)
def test_an_onset_is_found_to_100_ms_after_the_first_minute_though_the_rate_is_3_percent_wrong(
    counting: str, fs_hz: float
) -> None:
    onsets_s = np.random.default_rng(3).uniform(FIRST_MINUTE_S, 190.0, 200)
    for rate_error in (-0.03, 0.03):
        worn = Worn(counting, fs_hz, max(1, round(fs_hz / 4)), rate_error)
        off_ms = worn.onset_errors_ms(worn.heard(200.0, "exponential", seed=round(fs_hz)), onsets_s)
        assert np.abs(off_ms).max() <= 100.0


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("counting", TIMED)
@pytest.mark.parametrize("fs_hz", [25.0, 250.0])
def test_an_onset_is_found_to_100_ms_on_any_link(counting: str, shape: str, fs_hz: float) -> None:
    onsets_s = np.random.default_rng(4).uniform(FIRST_MINUTE_S, 590.0, 500)
    most_ms = 0.0
    for rate_error in (-0.03, 0.0, 0.03):
        worn = Worn(counting, fs_hz, max(1, round(fs_hz / 5)), rate_error, drift_ppm=30.0)
        off_ms = worn.onset_errors_ms(worn.heard(600.0, shape, seed=7), onsets_s)
        most_ms = max(most_ms, float(np.abs(off_ms).max()))
    assert most_ms <= 100.0


@pytest.mark.parametrize("counting", COUNTINGS)
def test_in_the_first_minute_a_rate_that_is_3_percent_wrong_costs_a_second_at_most(counting: str) -> None:
    onsets_s = np.linspace(1.0, FIRST_MINUTE_S, 200)
    worn = Worn(counting, 100.0, 25, -0.03)
    assert np.abs(worn.onset_errors_ms(worn.heard(90.0, "uniform", seed=5), onsets_s)).max() <= 1000.0


@pytest.mark.parametrize(("counting", "n_lost"), [("rate only", 100), ("rate only", 777), ("short counter", 512)])
@pytest.mark.parametrize("rate_error", [-0.03, 0.03])
def test_a_loss_that_no_count_shows_costs_nothing_from_ten_seconds_after_it(
    counting: str, n_lost: int, rate_error: float
) -> None:
    worn = Worn(counting, 100.0, 8, rate_error)
    clock, places = worn.heard_with_loss(150.0, 90.0, n_lost)
    off_ms = [
        (clock.at(place) - UTC_NS) / NS_PER_MS - true_s * 1000
        for true_s, place in places
        if not 90.0 <= true_s < 100.0 + n_lost / worn.real_hz and true_s > FIRST_MINUTE_S
    ]
    assert np.abs(off_ms).max() <= 100.0

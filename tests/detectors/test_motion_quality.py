"""What is wrong with acceleration (science.md 7.2): spikes, rails, axes that do not follow, gain."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detectors.motion.features import MotionFeatures
from detectors.motion.gain import GainCheck
from detectors.motion.quality import FrameQuality, SpikeHold
from detectors.recording import steady_clock
from detectors.signal import SampleBlock
from detectors.track import Flag, Track
from tests.made_legs import CRITERIA, changed, motion_stream, turned

LIMITS = CRITERIA.motion
FS_HZ = 50.0
Samples = np.ndarray[Any, Any]


def still(n_samples: int, seed: int = 1) -> Samples:
    """A sensor that lies flat, shape (3, n_samples)."""
    noise = np.random.default_rng(seed).normal(0, 0.004, (3, n_samples))
    return noise + np.array([[0.0], [0.0], [1.0]])


def flags(axes: Samples) -> list[int]:
    frames = axes.reshape(3, -1, 50)
    mean = frames.mean(axis=2)
    return FrameQuality(LIMITS).feed(frames, mean, frames.std(axis=2), 1.0).tolist()


@pytest.mark.parametrize("size_g", [20.0, -40.0, 3.1])
@pytest.mark.parametrize("at", [0, 1, 57, 99])
def test_a_spike_of_one_sample_is_replaced_by_the_sample_before_it(size_g: float, at: int) -> None:
    axes = still(100)
    spiked = axes.copy()
    spiked[:, at] += size_g
    out = SpikeHold(LIMITS, FS_HZ).feed(spiked)
    assert np.abs(out - axes).max() < 0.05


@pytest.mark.parametrize(("step_g", "late"), [(2.9, 0), (3.1, 1)])
def test_a_jump_of_more_than_3_g_that_lasts_is_believed_one_sample_later(step_g: float, late: int) -> None:
    axes = np.zeros((3, 20))
    axes[0, 10:] = step_g
    out = SpikeHold(LIMITS, FS_HZ).feed(axes)
    assert int(np.flatnonzero(out[0])[0]) == 10 + late
    assert out[0, -1] == step_g


def test_at_500_hz_a_jump_may_last_5_samples() -> None:
    axes = np.zeros((3, 40))
    axes[0, 10:15] = 20.0
    axes[1, 20:26] = 20.0
    out = SpikeHold(LIMITS, 500.0).feed(axes)
    assert not out[0].any()
    assert np.flatnonzero(out[1]).tolist() == list(range(25, 31))


@pytest.mark.parametrize("cut", range(1, 12))
def test_spikes_are_replaced_wherever_the_stream_is_cut(cut: int) -> None:
    axes = np.zeros((3, 12))
    axes[0, 3], axes[1, 5:7], axes[2, 8:] = 20.0, -20.0, 5.0
    hold = SpikeHold(LIMITS, FS_HZ)
    pieces = [hold.feed(axes[:, :cut]), hold.feed(axes[:, cut:])]
    # The first samples are judged by their middle one, so that a piece must hold them all.
    if cut >= 3:
        assert np.array_equal(np.concatenate(pieces, axis=1), SpikeHold(LIMITS, FS_HZ).feed(axes))


@pytest.mark.parametrize(("peak_g", "clipped"), [(15.5, False), (15.6, True)])
def test_values_within_half_a_g_of_the_widest_range_are_clipped(peak_g: float, *, clipped: bool) -> None:
    axes = still(150)
    axes[1, 70] = -peak_g
    assert [bool(flag & Flag.CLIPPED) for flag in flags(axes)] == [False, clipped, False]


def test_a_repeated_extreme_value_is_the_range_from_then_on() -> None:
    axes = still(250)
    axes[0, 30] = 1.7
    axes[0, 70:73] = 2.0
    axes[2, 180] = -1.7
    assert [bool(flag & Flag.CLIPPED) for flag in flags(axes)] == [False, True, False, True, False]


@pytest.mark.parametrize(("n_samples", "found"), [(2, False), (3, True)])
def test_a_value_that_comes_three_times_is_a_rail(n_samples: int, *, found: bool) -> None:
    axes = still(50)
    axes[0, 20 : 20 + n_samples] = 2.0
    assert bool(flags(axes)[0] & Flag.CLIPPED) is found


def test_a_value_that_was_exceeded_is_no_rail() -> None:
    axes = still(150)
    axes[0, 20] = 3.0
    axes[0, 70:73] = 2.0
    assert not any(flag & Flag.CLIPPED for flag in flags(axes))


@pytest.mark.parametrize(("deviation_g", "stuck"), [(0.00009, True), (0.00011, False)])
def test_an_axis_that_does_not_vary_by_a_tenth_of_a_mg_while_the_leg_moves_is_stuck(
    deviation_g: float, *, stuck: bool
) -> None:
    axes = still(50 * 15)
    axes[1] = 0.3 + deviation_g * np.where(np.arange(50 * 15) % 2, 1.0, -1.0)
    axes[0, 100:150] += 0.1 * np.sin(np.arange(50))
    found = [bool(flag & Flag.STUCK) for flag in flags(axes)]
    assert found == [False] * 9 + [stuck] * 6


def test_a_coarse_sensor_at_rest_is_not_stuck() -> None:
    axes = np.round(still(50 * 30) / 0.016) * 0.016
    assert not any(flags(axes))


def test_a_stuck_axis_that_follows_again_is_trusted_again() -> None:
    axes = still(50 * 20)
    axes[1, : 50 * 15] = 0.3
    axes[0, 100:150] += 0.1 * np.sin(np.arange(50))
    assert [bool(flag & Flag.STUCK) for flag in flags(axes)] == [False] * 9 + [True] * 6 + [False] * 5


@pytest.mark.parametrize(("value_g", "flag"), [(0.0, Flag.FLAT), (0.28, Flag.FLAT), (0.3, Flag.GOOD)])
def test_a_sensor_without_gravity_is_dead_and_one_at_rest_is_not(value_g: float, flag: Flag) -> None:
    assert flags(np.full((3, 50), value_g)) == [flag]


@pytest.mark.parametrize(("gain", "off"), [(0.94, True), (0.96, False), (1.04, False), (1.06, True)])
def test_gravity_of_a_still_sensor_lies_between_0_95_and_1_05_g(gain: float, *, off: bool) -> None:
    check = gain_of(turned(60.0, [(20.0, 60.0, 0.5, 0.5)]) * gain)
    assert check.norm_g == pytest.approx(gain, abs=0.002)
    assert check.is_off is off


def test_without_a_still_second_nothing_is_said_about_the_gain() -> None:
    check = gain_of(np.random.default_rng(1).normal(0, 0.05, (60 * 50, 3)) + 0.2)
    assert check.norm_g is None
    assert not check.is_off


def gain_of(samples: Samples) -> GainCheck:
    stream, check = motion_stream(), GainCheck(LIMITS)
    features = MotionFeatures(stream, CRITERIA)
    outputs = features.feed(SampleBlock(stream, steady_clock(0, FS_HZ), 0, samples)) + features.finish()
    for output in outputs:
        if isinstance(output, Track):
            check.add(output)
    return check


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("rail_g", 0.4, "clip_margin_g is 0.5, expected less than rail_g"),
        ("pulse_low_hz", 2.0, "pulse_low_hz is 2.0, expected less than pulse_high_hz"),
        ("stuck_g", 0.02, "stuck_g is 0.02, expected less than stuck_beside_g"),
        ("norm_low_g", 1.01, "norm_low_g is 1.01, expected less than one"),
        ("spike_g", 0.0, "spike_g is 0.0, expected a positive number"),
    ],
)
def test_limits_that_contradict_each_other_are_refused(field: str, value: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        changed("motion", **{field: value})

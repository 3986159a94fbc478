"""Filters that are designed and run without ``scipy.signal`` are those of ``scipy.signal``, bit for bit."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from scipy import signal

from detectors.butterworth import response_at, sections_of, steady_state, steady_states
from detectors.kernels import filter_rows, filter_sections
from detectors.motion.steps import peaks_of

DESIGNS = 300


def designs() -> list[tuple[int, float, float, float]]:
    rng = np.random.default_rng(8)
    shares = np.sort(rng.uniform(0.002, 0.498, (DESIGNS, 2)), axis=1)
    rates_hz = rng.choice([25.0, 50.0, 128.0, 250.0, 512.0, 1000.0, 1111.1], DESIGNS)
    return [
        (int(order), float(low * fs_hz), float(high * fs_hz), float(fs_hz))
        for order, (low, high), fs_hz in zip(rng.integers(1, 9, DESIGNS), shares, rates_hz, strict=True)
    ]


def test_sections_states_and_responses_are_those_of_scipy() -> None:
    for order, low_hz, high_hz, fs_hz in designs():
        ours = sections_of(order, low_hz, high_hz, fs_hz)
        assert np.array_equal(ours, signal.butter(order, (low_hz, high_hz), "bandpass", fs=fs_hz, output="sos"))
        assert np.array_equal(steady_states(ours), signal.sosfilt_zi(ours))
        b, a = signal.sos2tf(ours[:2])
        assert np.array_equal(steady_state(b, a), signal.lfilter_zi(b, a))
        hz = np.linspace(low_hz, high_hz, 20)
        assert np.array_equal(response_at(ours, hz, fs_hz), signal.sosfreqz(ours, hz, fs=fs_hz)[1])


def test_filtered_samples_and_states_are_those_of_scipy() -> None:
    rng = np.random.default_rng(9)
    sections = sections_of(2, 20.0, 200.0, 500.0)
    rows, states = rng.normal(size=(3, 1000)), rng.normal(size=(3, 2, 2))
    expected, left = signal.sosfilt(sections, rows, axis=1, zi=states.transpose(1, 0, 2))
    filter_sections(sections, rows, states)
    assert np.array_equal(rows, expected)
    assert np.array_equal(states, left.transpose(1, 0, 2))
    b, a = signal.sos2tf(sections)
    memory = rng.normal(size=(3, 4))
    ours, theirs = filter_rows(b, a, rows, memory), signal.lfilter(b, a, rows, axis=1, zi=memory)
    assert all(np.array_equal(one, other) for one, other in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("seed", range(20))
def test_peaks_are_those_of_scipy_also_on_plateaus_and_among_equals(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 2 + seed, 400).astype(float)
    expected, _ = signal.find_peaks(values, height=seed / 4, distance=1 + seed)
    assert np.array_equal(peaks_of(values, seed / 4, 1 + seed), expected)


def test_the_pipeline_leaves_the_rest_of_scipy_alone_and_a_later_import_of_it_whole() -> None:
    code = """
import sys, detectors.pipeline
print(*sorted(name for name in sys.modules if name.startswith("scipy.signal")))
from scipy import signal
print(signal.sosfilt([[0.5, 0.5, 0, 1, 0, 0]], [1.0, 2.0]).tolist())
"""
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.splitlines()
    assert set(said[0].split()) <= {"scipy.signal._sosfilt", "scipy.signal._sigtools"}
    assert said[1] == "[0.5, 1.5]"

"""Pops and crackle make no movements, and movements are no pops (science.md 7.1)."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.emg.pops import Pops
from detectors.events import EventKind
from detectors.framing import Grid
from detectors.track import Flag
from tests.bad_nights import measured, pops
from tests.made_legs import CRITERIA, emg, emg_parts, emg_stream, run, seconds

GRID = Grid(5, 100)
FRAME = 500


def looked_at(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whether there is a pop in each frame, and the power of the hops afterwards."""
    frames = samples.reshape(-1, FRAME)
    power = np.ones((len(frames), GRID.hops_per_frame))
    power[frames.reshape(len(frames), -1, GRID.hop).max(axis=2) > 100.0] = 1e4
    found = Pops(GRID, 500.0, CRITERIA.electrode).feed(frames, np.ones(len(frames), np.bool_), power)
    return found, power


def noise(n_frames: int, sigma_uv: float = 1.5) -> np.ndarray:
    return np.random.default_rng(1).normal(0.0, sigma_uv, n_frames * FRAME)


@pytest.mark.parametrize(("height_uv", "found"), [(190.0, False), (215.0, True)])
def test_a_pop_is_higher_than_200_uv(height_uv: float, found: bool) -> None:  # noqa: FBT001 - a case
    data = noise(2)
    data[700] += height_uv
    assert looked_at(data)[0].tolist() == [False, found]


@pytest.mark.parametrize(("height_uv", "found"), [(300.0, False), (900.0, True)])
def test_a_pop_stands_out_twenty_times_from_the_usual_change(height_uv: float, found: bool) -> None:  # noqa: FBT001 - a case
    data = noise(2, sigma_uv=25.0)
    data[700] += height_uv
    assert looked_at(data)[0].tolist() == [False, found]


def test_what_goes_on_for_longer_than_300_ms_is_no_pop() -> None:
    data = noise(2)
    data[600:760:10] += 500.0
    assert not looked_at(data)[0].any()
    data = noise(2)
    data[600:740:10] += 500.0
    assert looked_at(data)[0].tolist() == [False, True]


def test_a_pop_gets_the_power_of_its_second_and_of_the_start_of_the_next() -> None:
    data = noise(3)
    data[995] += 1000.0
    frames = data.reshape(-1, FRAME)
    power = np.ones((3, 100))
    power[1, 98:] = power[2, :5] = 1e4
    Pops(GRID, 500.0, CRITERIA.electrode).feed(frames, np.array([False, True, False]), power)
    assert (power == 1.0).all()


def test_pops_do_not_depend_on_how_frames_come() -> None:
    data = noise(40)
    data[np.random.default_rng(2).integers(0, len(data), 30)] += 2000.0
    frames, rng = data.reshape(-1, FRAME), np.random.default_rng(3)
    whole, cut, one = rng.gamma(1.0, 1.0, (40, 100)), np.empty((40, 100)), Pops(GRID, 500.0, CRITERIA.electrode)
    cut[:] = whole
    could = np.ptp(frames, axis=1) > 200.0
    flags = Pops(GRID, 500.0, CRITERIA.electrode).feed(frames, could, whole)
    pieces = [one.feed(frames[at : at + 3], could[at : at + 3], cut[at : at + 3]) for at in range(0, 40, 3)]
    assert np.array_equal(np.concatenate(pieces), flags)
    assert np.array_equal(whole, cut)


@pytest.mark.parametrize("every_s", [3.0, 0.4])
def test_pops_and_crackle_make_no_movement(every_s: float) -> None:
    data = emg(120.0, []) + pops(120.0, np.arange(70.0, 90.0, every_s).tolist(), 1500.0)
    events, _ = run(emg_parts(), emg_stream(), data)
    assert not events
    _, flags = measured(data)
    assert (flags[70:90] & Flag.POP.value).any()
    assert not (flags[:69] & Flag.POP.value).any()


@pytest.mark.parametrize("height_uv", [300.0, 4000.0])
def test_a_movement_with_a_pop_beside_it_keeps_its_edges(height_uv: float) -> None:
    data = emg(110.0, [(80.0, 2.0, 40.0), (90.0, 2.0, 40.0)])
    events, _ = run(emg_parts(), emg_stream(), data + pops(110.0, [79.7, 92.3], height_uv, decay_s=0.02))
    spans = [seconds(event) for event in events if event.kind is EventKind.LEG_MOVEMENT]
    assert np.abs(np.array(spans) - [(80.0, 82.0), (90.0, 92.0)]).max() < 0.2


def test_a_strong_burst_is_no_pop() -> None:
    _, flags = measured(emg(100.0, [(at, 1.0, 300.0) for at in np.arange(65.0, 95.0, 4.3)]))
    assert np.count_nonzero(flags & Flag.POP.value) <= 1

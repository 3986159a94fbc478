"""Mains is measured first, treated only when needed, and never smears a burst (science.md 2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from detectors.emg.line import LineRemoval, Mains
from detectors.emg.spectrum import MAINS_HZ
from detectors.events import EventKind
from detectors.track import Flag, TrackName
from tests.bad_nights import hum, measured
from tests.made_legs import CRITERIA, changed, emg, emg_parts, emg_stream, run, seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

LINE = CRITERIA.line
FS_HZ, FRAME = 500.0, 500


def removal(fs_hz: float = FS_HZ) -> LineRemoval:
    return LineRemoval(round(fs_hz), fs_hz, 100.0, LINE)


def wanted(line: LineRemoval, shares: Sequence[float], level_uv: float = 20.0) -> np.ndarray[Any, Any]:
    return line.wanted(np.array(shares), np.full(len(shares), level_uv))


@pytest.mark.parametrize("number", [0, 1])
def test_the_mains_frequency_is_found_by_itself(number: int) -> None:
    seen = np.full((20, 2), 0.04)
    seen[5:, number] = 0.3
    assert (Mains().feed(seen)[5:] == number).all()


def test_hours_of_noise_do_not_outweigh_a_minute_of_mains() -> None:
    mains = Mains()
    mains.feed(np.tile([0.045, 0.035], (8 * 3600, 1)))
    assert mains.feed(np.tile([0.04, 0.4], (300, 1)))[-1] == 1


@pytest.mark.parametrize(("share", "treated"), [(0.2, False), (0.21, True), (0.6, True), (0.61, True)])
def test_mains_is_treated_from_a_share_of_a_fifth(share: float, treated: bool) -> None:  # noqa: FBT001 - a case
    assert wanted(removal(), [0.05, share, 0.05]).tolist() == [False, False, treated]


@pytest.mark.parametrize(("level_uv", "treated"), [(100.0, 1), (100.1, 0)])
def test_a_cables_hum_is_treated_whatever_its_share_and_an_open_inputs_is_not(level_uv: float, treated: int) -> None:
    assert wanted(removal(), [0.05, 0.9, 0.05], level_uv)[-1] == treated


def test_a_recording_that_begins_in_mains_is_treated_from_its_first_second() -> None:
    assert wanted(removal(), [0.5]).tolist() == [True]


def test_treatment_holds_through_a_long_contraction_and_ends_after_it() -> None:
    line = removal()
    wanted(line, [0.05, 0.3])
    assert int(np.count_nonzero(wanted(line, [0.01] * 1000))) == round(LINE.hold_s) + 1
    assert not wanted(line, [0.01] * 10).any()


def test_what_is_treated_does_not_depend_on_how_frames_come() -> None:
    line = np.random.default_rng(3).uniform(0.0, 0.7, 3000)
    line[500:2500] = 0.1
    whole = wanted(removal(), line)
    pieces = removal()
    cut = np.concatenate([wanted(pieces, line[at : at + 7]) for at in range(0, len(line), 7)])
    assert np.array_equal(whole, cut)


@pytest.mark.parametrize("fs_hz", [200.0, 256.0, 500.0, 1111.0])
@pytest.mark.parametrize("number", [0, 1])
def test_a_sinusoid_is_taken_out_of_the_noise(fs_hz: float, number: int) -> None:
    noise = np.random.default_rng(2).normal(0.0, 2.0, (30, round(fs_hz)))
    dirty = noise + hum(30.0, 5.0, MAINS_HZ[number], fs_hz)[:, 0].reshape(30, -1)
    removal(fs_hz).treat(dirty, np.ones(30, np.bool_), np.full(30, number))
    left = dirty - noise
    assert left.std() < 0.15 * 5.0 / np.sqrt(2)


def test_a_burst_in_a_treated_second_is_kept_and_leaves_nothing_in_the_rest_of_it() -> None:
    rng = np.random.default_rng(4)
    clean = rng.normal(0.0, 1.5, (20, FRAME))
    clean[:, 300:] += rng.normal(0.0, 60.0, (20, 200))
    dirty = clean + hum(20.0, 2.0)[:, 0].reshape(20, -1)
    removal().treat(dirty, np.ones(20, np.bool_), np.zeros(20, np.intp))
    assert dirty[:, :300].std() == pytest.approx(1.5, rel=0.1)
    assert dirty[:, 300:].std() == pytest.approx(clean[:, 300:].std(), rel=0.02)


def test_seconds_that_are_not_wanted_stay_as_they_are() -> None:
    rows = np.random.default_rng(5).normal(0.0, 1.5, (4, FRAME))
    before = rows.copy()
    removal().treat(rows, np.array([False, True, False, False]), np.zeros(4, np.intp))
    assert np.array_equal(rows[[0, 2, 3]], before[[0, 2, 3]])
    assert not np.array_equal(rows[1], before[1])


@pytest.mark.parametrize("mains_hz", [50.0, 60.0])
def test_mains_is_flagged_and_taken_out_and_its_share_is_told_as_it_was(mains_hz: float) -> None:
    noise = emg(200.0, [])
    plain, _ = measured(noise)
    treated, flags = measured(noise + hum(200.0, 1.1, mains_hz))
    assert 0.25 < np.median(treated[TrackName.LINE_RATIO]) < 0.6
    assert (flags[20:] & Flag.LINE_HIGH.value).all()
    assert treated[TrackName.RESTING_UV][-1] == pytest.approx(plain[TrackName.RESTING_UV][-1], rel=0.05)


def test_a_fifth_of_mains_and_less_is_left_alone() -> None:
    data = emg(100.0, []) + hum(100.0, 0.4)
    values, flags = measured(data)
    untreated, _ = measured(data, criteria=changed("line", treat_from=0.55))
    assert not (flags & Flag.LINE_HIGH.value).any()
    assert np.array_equal(values[TrackName.POWER_UV2], untreated[TrackName.POWER_UV2])


@pytest.mark.parametrize("mains_hz", [50.0, 60.0])
def test_movements_in_mains_keep_their_onset_and_their_end(mains_hz: float) -> None:
    data = emg(150.0, [(70.0 + 10 * number, 2.0, 20.0) for number in range(8)], noise_uv=5.0)
    quiet, _ = run(emg_parts(), emg_stream(), data)
    noisy, _ = run(emg_parts(), emg_stream(), data + hum(150.0, 3.5, mains_hz))
    pairs = [[seconds(e) for e in events if e.kind is EventKind.LEG_MOVEMENT] for events in (quiet, noisy)]
    assert len(pairs[1]) == len(pairs[0]) == 8
    assert np.abs(np.array(pairs[0]) - np.array(pairs[1])).max() < 0.1

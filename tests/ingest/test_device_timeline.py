"""When the blocks of a device's memory were measured."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.signal import NS_PER_S
from ingest.errors import DecodeError
from ingest.files.device_timeline import Blocks, timeline

START_NS = 1_700_000_000 * NS_PER_S
MS = NS_PER_S // 1000


def made(n_samples: int, begins_s: list[float], read_at: int = 0, fs_hz: float = 100.0) -> Blocks:
    """Return blocks of one length, of which the device read its clock at one of the samples."""
    read_ns = [START_NS + round((begin_s + read_at / fs_hz) * NS_PER_S) for begin_s in begins_s]
    return Blocks(np.full(len(begins_s), n_samples), np.full(len(begins_s), read_at), np.array(read_ns))


@given(
    data=st.data(),
    n_samples=st.integers(1, 300),
    read_at=st.integers(-50, 350),
    error=st.floats(-0.03, 0.03),
    fs_hz=st.sampled_from([12.5, 30.0, 85.7, 100.0, 400.0]),
)
@settings(max_examples=60, deadline=None)
def test_nothing_is_lost_time_rises_and_every_run_begins_when_the_device_says(
    data: st.DataObject, n_samples: int, read_at: int, error: float, fs_hz: float
) -> None:
    real_hz = fs_hz * (1 + error)
    block_s = n_samples / real_hz
    gaps_s = data.draw(st.lists(st.sampled_from([0.0, 0.0, 0.0, 1.5 * block_s + 1, 4000.0]), min_size=1, max_size=40))
    begins_s = [number * block_s + sum(gaps_s[: number + 1]) for number in range(len(gaps_s))]
    measured = timeline(made(n_samples, begins_s, read_at, real_hz), fs_hz, "night")
    assert len(measured.runs) == 1 + sum(gap_s > 0 for gap_s in gaps_s[1:])
    assert [run.place for run in measured.runs] == [0, *np.cumsum([run.n_samples for run in measured.runs])[:-1]]
    assert sum(run.n_samples for run in measured.runs) == n_samples * len(gaps_s)
    assert all(after.first > before.first + before.n_samples for before, after in pairwise(measured.runs))
    clock = measured.clock(0)
    edges = sorted({at for run in measured.runs for at in (run.first, run.first + run.n_samples)})
    assert all(clock.at(one) < clock.at(two) for one, two in pairwise(edges))
    for run in measured.runs:
        begin_ns = START_NS + round(begins_s[run.place // n_samples] * NS_PER_S)
        # A run that is too short for a rate of its own has the nominal one, up to the sample that was read.
        slack_ns = abs(read_at) / fs_hz * abs(error) * NS_PER_S + MS
        assert abs(clock.at(run.first) - begin_ns) <= slack_ns * 1.1


def test_the_clock_follows_a_rate_that_drifts() -> None:
    # From 98 to 102 Hz over ten minutes.
    begins_s = list(np.cumsum([0.0, *(50 / (98 + 4 * number / 1200) for number in range(1199))]))
    clock = timeline(made(50, begins_s), 100.0, "night").clock(0)
    late_ms = [
        (clock.at(50 * number) - START_NS - round(begin_s * NS_PER_S)) / MS for number, begin_s in enumerate(begins_s)
    ]
    assert np.abs(late_ms).max() < 5
    assert clock.knots[0].fs_hz == pytest.approx(98, abs=0.1)
    assert clock.knots[-1].fs_hz == pytest.approx(102, abs=0.1)


def test_a_steady_device_has_one_knot() -> None:
    assert len(timeline(made(100, [float(second) for second in range(3600)]), 100.0, "night").knots) == 1


def test_a_rate_that_the_blocks_do_not_have_is_refused() -> None:
    with pytest.raises(DecodeError, match=r"night: 120\.0 samples a second, expected about 100 Hz"):
        timeline(made(10, [number / 12 for number in range(600)]), 100.0, "night")


def test_time_that_goes_back_is_refused_with_the_block() -> None:
    with pytest.raises(DecodeError, match=r"night: block 4 begins 1\.500 s before block 3 ends"):
        timeline(made(100, [0.0, 1.0, 2.0, 1.5]), 100.0, "night")


def test_jitter_is_no_gap() -> None:
    begins_s = [number + 0.04 * (number % 2) for number in range(100)]
    assert len(timeline(made(100, begins_s), 100.0, "night").runs) == 1

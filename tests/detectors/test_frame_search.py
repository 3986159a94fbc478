"""Looking only at frames in which a threshold is exceeded finds the runs that looking at every hop finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from detectors.rescore.signal_parts import FrameSearch
from detectors.runs import RunFinder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.runs import Run

LEVELS = st.integers(0, 4)
# The lower threshold of a frame and how far the higher one is above it; None where nothing is compared.
LIMITS = st.none() | st.tuples(st.integers(0, 3), st.integers(0, 2))
N_FRAMES = 40


def limits_of(drawn: list[tuple[int, int] | None]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    onset = [np.inf if one is None else float(sum(one)) for one in drawn]
    offset = [np.inf if one is None else float(one[0]) for one in drawn]
    return np.array(onset), np.array(offset)


def runs_hop_by_hop(
    values: NDArray[np.float64], limits: tuple[NDArray[np.float64], ...], first: int, per_frame: int, quiet: int
) -> list[Run]:
    frames = (first + np.arange(len(values))) // per_frame
    finder = RunFinder(quiet)
    onset, offset = (limit[frames] for limit in limits)
    return [*finder.feed(values > onset, values > offset, first), *finder.close()]


@given(
    values=st.lists(LEVELS, min_size=1, max_size=100),
    drawn=st.lists(LIMITS, min_size=N_FRAMES, max_size=N_FRAMES),
    others=st.lists(LIMITS, min_size=N_FRAMES, max_size=N_FRAMES),
    first=st.integers(0, 12),
    per_frame=st.integers(3, 9),
    quiet=st.integers(1, 12),
)
@example(values=[4], drawn=[(0, 0)] * N_FRAMES, others=[None] * N_FRAMES, first=0, per_frame=3, quiet=1)
@example(values=[4] * 9, drawn=[(0, 1)] * N_FRAMES, others=[(3, 2)] * N_FRAMES, first=0, per_frame=9, quiet=3)
@example(values=[0, 4, 0] * 30, drawn=[(0, 1)] * N_FRAMES, others=[(3, 0)] * N_FRAMES, first=5, per_frame=4, quiet=2)
def test_runs_of_frames_are_those_of_hops_with_any_thresholds_one_after_the_other(
    values: list[int],
    drawn: list[tuple[int, int] | None],
    others: list[tuple[int, int] | None],
    first: int,
    per_frame: int,
    quiet: int,
) -> None:
    envelope, limits = np.array(values, np.float64), limits_of(drawn)
    search = FrameSearch(first, envelope, per_frame)
    # What is kept of the lower threshold is that of the last one, and of the last pause.
    for asked, pause in ((limits, quiet), ((limits[0] + 1, limits[1]), quiet), (limits_of(others), 1), (limits, quiet)):
        assert search.runs(*asked, pause) == runs_hop_by_hop(envelope, asked, first, per_frame, pause)


@pytest.mark.parametrize("first", [0, 2])
def test_nothing_is_found_in_a_part_that_stays_below(first: int) -> None:
    limits = np.full(4, 3.0)
    assert FrameSearch(first, np.full(10, 3.0), 5).runs(limits, limits, 1) == []

"""Runs between two thresholds, and the traces under them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.runs import Run, RunFinder, Trace

QUIET = 3


def runs_one_by_one(values: list[int]) -> list[Run]:
    """Say what a run is in the plainest way."""
    runs, onset, last = [], None, 0
    for hop, value in enumerate(values):
        if onset is None and value > 1:
            onset = hop
        if onset is not None and value > 0:
            last = hop + 1
        if onset is not None and hop + 1 - last >= QUIET:
            runs.append(Run(onset, last))
            onset = None
    return [*runs, Run(onset, last)] if onset is not None else runs


def runs_in_pieces(values: list[int], cuts: list[int]) -> list[Run]:
    finder, found = RunFinder(QUIET), []
    edges = [0, *sorted(cut for cut in cuts if cut < len(values)), len(values)]
    for start, stop in pairwise(edges):
        piece = np.array(values[start:stop])
        if len(piece):
            found += finder.feed(piece > 1, piece > 0, start)
    return found + finder.close()


@pytest.mark.slow
@given(values=st.lists(st.integers(0, 2), max_size=60), cuts=st.lists(st.integers(0, 59), max_size=6))
def test_runs_are_the_same_as_one_by_one_however_the_hops_come(values: list[int], cuts: list[int]) -> None:
    assert runs_in_pieces(values, cuts) == runs_one_by_one(values)


def test_a_pause_of_one_hop_less_than_quiet_is_bridged() -> None:
    assert runs_in_pieces([2, 2, 0, 0, 2], []) == [Run(0, 5)]
    assert runs_in_pieces([2, 2, 0, 0, 0, 2], []) == [Run(0, 2), Run(5, 6)]


def test_a_run_begins_above_the_upper_threshold_only() -> None:
    assert runs_in_pieces([1, 1, 2, 1, 0, 0, 0], []) == [Run(2, 4)]


def test_the_onset_of_an_open_run_is_known() -> None:
    finder = RunFinder(QUIET)
    above = np.array([False, True, True])
    finder.feed(above, above, 10)
    assert finder.onset == 11


def test_a_trace_returns_what_it_knows_and_forgets_the_rest() -> None:
    trace = Trace()
    trace.append(0, np.arange(10.0))
    trace.append(10, np.arange(10.0, 20.0))
    assert trace.between(8, 12).tolist() == [8.0, 9.0, 10.0, 11.0]
    trace.forget_before(11)
    assert trace.between(8, 13).tolist() == [11.0, 12.0]


def test_a_trace_starts_anew_after_a_hole() -> None:
    trace = Trace()
    trace.append(0, np.ones(10))
    trace.append(20, np.full(5, 2.0))
    assert trace.between(0, 30).tolist() == [2.0] * 5


def test_a_padded_stretch_has_zeros_where_nothing_is_known() -> None:
    trace = Trace()
    trace.append(5, np.ones(2))
    assert trace.padded(4, 9).tolist() == [0.0, 1.0, 1.0, 0.0, 0.0]
    assert trace.padded(0, 3).tolist() == [0.0, 0.0, 0.0]

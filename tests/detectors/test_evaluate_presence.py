"""Second by second: who marks what, against a count by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.evaluate.marks import SleepState
from detectors.evaluate.presence import Crossed, crossed, kappa, marked, matthews, sleep_flags

SPANS = st.lists(
    st.tuples(st.integers(0, 400), st.integers(0, 60)).map(lambda pair: (pair[0] / 4, (pair[0] + pair[1]) / 4)),
    max_size=8,
)


def by_hand(spans: list[tuple[float, float]], n: int, epoch_s: float) -> list[bool]:
    """Whether some event has a moment in [k, k + 1) epochs; one without length has its onset."""
    return [
        any(onset < (k + 1) * epoch_s and (end > k * epoch_s or onset == end >= k * epoch_s) for onset, end in spans)
        for k in range(n)
    ]


@given(SPANS, st.sampled_from([1.0, 30.0, 2.5]))
def test_a_stretch_is_marked_where_an_event_has_a_moment_in_it(
    spans: list[tuple[float, float]], epoch_s: float
) -> None:
    n = math.ceil(100 / epoch_s)
    assert marked(np.array(spans, dtype=float).reshape(-1, 2), n, epoch_s).tolist() == by_hand(spans, n, epoch_s)


def test_what_lies_beyond_the_recording_is_not_counted() -> None:
    assert marked(np.array([[-3.0, 0.5], [3.5, 9.0]]), 4, 1.0).tolist() == [True, False, False, True]


def test_stretches_that_count_neither_way_are_left_out() -> None:
    found, truth = (np.array(flags, dtype=bool) for flags in ([1, 1, 0, 0, 1], [1, 0, 1, 0, 0]))
    assert crossed(found, truth, np.array([True] * 4 + [False])) == Crossed(1, 1, 1, 1)
    assert Crossed(1, 2, 3, 4) + Crossed(1, 0, 0, 0) == Crossed(2, 2, 3, 4)


@pytest.mark.parametrize(
    ("counts", "agreement"),
    # As cohens_kappa of statsmodels 0.14 and cohen_kappa_score of scikit-learn 1.9 give it.
    [((20, 5, 10, 15), 0.4), ((45, 15, 25, 15), 0.1304347826), ((0, 5, 5, 90), -0.0526315789), ((7, 0, 0, 3), 1.0)],
)
def test_kappa_is_that_of_cohen(counts: tuple[int, ...], agreement: float) -> None:
    assert float(kappa(np.array(counts))) == pytest.approx(agreement, abs=1e-9)


@given(st.lists(st.integers(0, 50), min_size=4, max_size=4))
def test_matthews_is_the_correlation_of_the_two_answers(counts: list[int]) -> None:
    one = np.repeat([1, 1, 0, 0], counts)
    other = np.repeat([1, 0, 1, 0], counts)
    got = float(matthews(np.array(counts)))
    if len(set(one.tolist())) < 2 or len(set(other.tolist())) < 2:
        assert math.isnan(got)
    else:
        assert got == pytest.approx(np.corrcoef(one, other)[0, 1])


def test_one_answer_alone_gives_no_kappa() -> None:
    assert math.isnan(float(kappa(np.array([0, 0, 0, 9]))))


def test_an_epoch_is_asleep_as_its_middle_is_and_unknown_where_nobody_says() -> None:
    states = [SleepState(0.0, 50.0, asleep=False), SleepState(50.0, 90.0, asleep=True)]
    asleep, known = sleep_flags(states, 4)
    assert asleep.tolist() == [False, False, True, False]
    assert known.tolist() == [True, True, True, False]

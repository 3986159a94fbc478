"""The ratio of two rates of counts, its interval, and how many more nights would tell."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import stdtrit

from soleus.helped.counted import Counted
from soleus.helped.power import LEAST_COUNT, RATIOS, cautious, more_nights, nights_needed, tells
from soleus.helped.rate_ratio import rate_ratio

# The regression brings pandas along, which takes seconds to import.
pytestmark = pytest.mark.slow


def nights(*counts: float, valid_h: float = 7.0) -> Counted:
    return Counted(np.array(counts, np.float64), np.full(len(counts), valid_h))


def steady(count: float, n_nights: int = 10) -> Counted:
    return nights(*[count] * n_nights)


VARIED = (3.0, 0.0, 2.0, 5.0, 1.0, 0.0, 4.0)
FEWER = (1.0, 0.0, 0.0, 2.0, 1.0, 0.0)


def test_steady_counts_have_the_score_interval_of_two_poisson_rates() -> None:
    found = rate_ratio(steady(2.0), steady(1.0))
    # Wilson's interval of the share that the second period has of all 30, with Student's t of 18 degrees of freedom.
    t, share, n = float(stdtrit(18, 0.975)), 1 / 3, 30
    middle = (share + t**2 / (2 * n)) / (1 + t**2 / n)
    half = t * np.sqrt(share * (1 - share) / n + t**2 / (4 * n**2)) / (1 + t**2 / n)
    shares = np.array([middle - half, middle + half])
    assert found.dispersion == 0.0
    assert (found.ratio, found.low, found.high) == pytest.approx((0.5, *(shares / (1 - shares))), rel=1e-4)


def test_nights_that_vary_more_than_chance_make_the_interval_wider() -> None:
    varied = rate_ratio(nights(*[0.0, 4.0] * 5), nights(*[0.0, 2.0] * 5))
    even = rate_ratio(steady(2.0), steady(1.0))
    assert varied.dispersion > 0.3
    assert varied.low < even.low < even.high < varied.high
    assert varied.p_real < even.p_real


def test_exchanging_the_periods_turns_ratio_and_interval_over() -> None:
    one, other = rate_ratio(nights(*VARIED), nights(*FEWER)), rate_ratio(nights(*FEWER), nights(*VARIED))
    assert (one.ratio, one.low, one.high) == pytest.approx((1 / other.ratio, 1 / other.high, 1 / other.low), rel=1e-3)
    assert one.p_real == pytest.approx(other.p_real, abs=1e-6)


def test_twice_the_hours_for_the_same_counts_is_half_the_rate() -> None:
    once = rate_ratio(nights(*VARIED), nights(*FEWER))
    twice = rate_ratio(nights(*VARIED), nights(*FEWER, valid_h=14.0))
    assert (twice.ratio, twice.low, twice.high) == pytest.approx(
        (once.ratio / 2, once.low / 2, once.high / 2), rel=1e-3
    )


def test_nothing_in_the_second_period_has_an_upper_limit_and_is_no_proof_by_itself() -> None:
    found = rate_ratio(nights(0, 1, 0, 0, 1), nights(0, 0, 0, 0, 0))
    assert (found.ratio, found.low) == (0.0, 0.0)
    assert found.high is not None
    assert found.high > 1
    assert not found.changed


def test_nothing_in_the_first_period_has_no_ratio_and_no_upper_limit() -> None:
    found = rate_ratio(steady(0.0), steady(2.0))
    assert (found.ratio, found.high) == (None, None)
    assert found.low is not None
    assert found.low > 1
    assert found.changed


def test_nothing_in_both_periods_tells_nothing() -> None:
    found = rate_ratio(steady(0.0), steady(0.0))
    assert (found.ratio, found.low, found.high, found.p_real, found.changed) == (None, None, None, 0.5, False)


def test_equal_periods_make_a_difference_less_likely_than_before_and_a_large_one_near_certain() -> None:
    assert rate_ratio(steady(20.0), steady(20.0)).p_real < 0.25
    assert rate_ratio(steady(20.0), steady(5.0)).p_real > 0.99


def test_a_small_difference_of_thousands_of_counts_is_as_likely_as_its_likelihood_says() -> None:
    # Close to the normal likelihood of log(1.07), whose standard error is that of two Poisson counts.
    a, b = steady(400.0, 15), steady(428.0, 15)
    error = np.sqrt(1 / a.count + 1 / b.count)
    seen, prior = np.log(b.count / a.count), np.log(2)
    odds = np.sqrt(error**2 / (error**2 + prior**2)) * np.exp(seen**2 / 2 * (1 / error**2 - 1 / (error**2 + prior**2)))
    assert rate_ratio(a, b).p_real == pytest.approx(odds / (1 + odds), abs=0.1)


def test_three_nights_are_no_comparison() -> None:
    with pytest.raises(ValueError, match="1 and 2 nights, expected at least four"):
        rate_ratio(nights(1), nights(1, 2))


@pytest.mark.parametrize("bad", [((1.0, 2.0), (7.0,)), ((-1.0,), (7.0,)), ((1.0,), (0.0,))])
def test_nights_that_cannot_be_are_refused(bad: tuple[tuple[float, ...], tuple[float, ...]]) -> None:
    with pytest.raises(ValueError, match="expected"):
        Counted(np.array(bad[0]), np.array(bad[1]))


def test_more_nights_go_to_the_period_that_has_fewer_and_then_to_both_in_turn() -> None:
    more = np.arange(40)
    for n_a, n_b in ((5, 12), (12, 5), (7, 7)):
        a, b = more_nights(n_a, n_b, more)
        assert np.array_equal(a + b, n_a + n_b + more)
        assert np.all(np.diff(a) >= 0)
        assert np.all(np.diff(b) >= 0)
        assert abs(a[-1] - b[-1]) <= 1


def test_of_too_few_events_nobody_says_how_many_nights_it_takes() -> None:
    assert nights_needed(nights(LEAST_COUNT - 1, 0, 0, 0, 0), steady(0.0), 0.0) is None
    assert nights_needed(nights(LEAST_COUNT, 0, 0, 0, 0), steady(0.0), 0.0) is not None


def test_rare_events_and_nights_that_vary_take_more_nights() -> None:
    rare, often = nights_needed(steady(1.0), steady(1.0), 0.3), nights_needed(steady(2.0), steady(2.0), 0.3)
    varied = nights_needed(steady(2.0), steady(2.0), 1.5)
    assert rare is not None
    assert often is not None
    assert varied is not None
    assert (rare.ratio, often.ratio, varied.ratio) == (RATIOS[0],) * 3
    assert rare.more > often.more
    assert varied.more > often.more


def test_nights_that_would_tell_a_halving_are_asked_for_less_than_that() -> None:
    needed = nights_needed(steady(100.0, 15), steady(100.0, 15), 0.18)
    assert needed is not None
    assert needed.ratio == RATIOS[1]
    assert not tells(more_nights(15, 15, np.array([0])), 100.0, needed.ratio, cautious(0.18, 28))[0]
    assert nights_needed(steady(100.0, 400), steady(100.0, 400), 0.18) is None

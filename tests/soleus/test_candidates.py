"""What a rater could be asked about, out of a recording."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from benchmarks.playing import recorded
from detectors.criteria import named
from detectors.events import EventKind
from detectors.rescore import Rescorer
from detectors.signal import NS_PER_S
from detectors.simulate import simulate_night
from soleus.studio.candidates import FITTED, N_TRIES, NightPool, pool_of, tries_of
from soleus.thresholds import apply_overrides

WASM = named("wasm-2016")
WORD = "leg_movement"


@pytest.fixture(scope="module")
def rescorer() -> Rescorer:
    return Rescorer(recorded(simulate_night(0.15, 1005, "hard")), WASM)


@pytest.fixture(scope="module")
def pool(rescorer: Rescorer) -> NightPool:
    return pool_of("night", rescorer, 0, WASM, WORD)


def test_the_tries_fill_the_ranges_and_none_is_impossible() -> None:
    tries = [dict(changes) for changes in tries_of(WASM, WORD)]
    assert tries[0] == {}
    for name, low, high in FITTED[WORD]:
        shares = sorted(math.log(float(one[name]) / low) / math.log(high / low) for one in tries[1:])
        assert all(after - before < 0.1 for before, after in zip([0.0, *shares], [*shares, 1.0], strict=True))
    strict = replace(WASM, leg_movement=replace(WASM.leg_movement, onset_ratio=4.0, offset_ratio=2.0))
    assert 1 < len(tries_of(strict, WORD)) < N_TRIES
    assert all(apply_overrides(strict, dict(changes)) for changes in tries_of(strict, WORD))


@pytest.mark.slow
def test_every_try_finds_what_a_score_with_its_thresholds_finds(rescorer: Rescorer, pool: NightPool) -> None:
    for number, changes in list(enumerate(tries_of(WASM, WORD)))[::16]:
        score = rescorer.score(apply_overrides(WASM, dict(changes)))
        moved = [event for event in score.events if event.kind is EventKind.LEG_MOVEMENT]
        found = [(one.leg, one.onset_s, one.end_s) for one in pool.found[number]]
        assert found == [(one.leg.value, one.onset_ns / NS_PER_S, one.end_ns / NS_PER_S) for one in moved]


@pytest.mark.slow
def test_whatever_a_try_finds_is_a_candidate(pool: NightPool) -> None:
    onsets = [one.onset_s for one in pool.candidates]
    assert onsets == sorted(onsets)
    assert pool.votes.shape == (len(pool.found), len(pool.candidates))
    # One event of a try and one candidate belong together.
    assert pool.votes.sum(axis=1).tolist() == [len(found) for found in pool.found]
    assert [one.told for one in pool.candidates] == pool.votes[0].tolist()
    assert not pool.votes.all(axis=0).all()


@pytest.mark.slow
def test_what_was_turned_down_says_by_what(rescorer: Rescorer, pool: NightPool) -> None:
    turned_down = [one for one in rescorer.score(WASM, with_rejected=True).rejected if one.kind == WORD]
    told = {one.onset_s: one for one in pool.candidates}
    assert turned_down
    for one in turned_down:
        candidate = told[one.onset_ns / NS_PER_S]
        assert not candidate.told
        assert (" against " in candidate.closest) == math.isfinite(candidate.margin)
    assert any(" s against 500 ms" in one.closest or " against 0.5 s" in one.closest for one in told.values())


@pytest.mark.slow
def test_a_class_that_is_not_fitted_has_one_try_and_its_own_candidates(rescorer: Rescorer) -> None:
    score = rescorer.score(WASM, with_rejected=True)
    pool = pool_of("night", rescorer, 0, WASM, "cramp")
    n_shown = sum(one.kind is EventKind.CRAMP and one.measures["tier"] >= 1 for one in score.events)
    n_turned_down = sum(one.kind is EventKind.CRAMP for one in score.rejected)
    assert len(pool.candidates) == n_shown + n_turned_down
    assert len(pool.found) == len(pool.votes) == 1

"""How far each index hangs on its thresholds, as the page *Bench* tells it."""

from __future__ import annotations

from dashboards.bench_values import Reach
from detectors.numbers.index_range import range_of
from soleus.studio.reach import ALWAYS, INDICES, reach

VARIED = range_of([("", 22.0), ("leg_movement.onset_uv", 19.0), ("wasm.imi_min_s", 27.0)], 15.0)


def test_every_index_that_was_varied_is_told_with_the_threshold_that_moves_it_most() -> None:
    told = {"variants": 39, "varied_percent": 20.0, **dict.fromkeys(INDICES, VARIED), "by_threshold": {}}
    assert [one.name for one in reach({"robustness": told})] == list(INDICES)
    assert reach({"robustness": told})[0] == Reach("lm_per_h", 22.0, 19.0, 27.0, "wasm.imi_min_s")


def test_a_night_without_stages_or_sleep_has_fewer_of_them() -> None:
    assert [one.name for one in reach({"robustness": {"clm_per_h": VARIED, "lm_per_h": VARIED}})] == list(ALWAYS[:2])


def test_a_night_that_was_scored_earlier_does_not_say_which_threshold() -> None:
    earlier = {key: value for key, value in VARIED.items() if key != "widest"}
    assert reach({"robustness": {"lm_per_h": earlier}}) == (Reach("lm_per_h", 22.0, 19.0, 27.0),)


def test_where_nothing_was_varied_the_indices_stand_and_it_is_said_why() -> None:
    summary = {"lm_per_h": 3.0, "robustness": None, "reasons": {"robustness": "movements come from acceleration"}}
    told = reach(summary)
    assert [one.name for one in told] == list(ALWAYS)
    assert told[0] == Reach("lm_per_h", 3.0, None, None, why="movements come from acceleration")
    assert told[1].value is None
    assert reach({}) == tuple(Reach(name, None, None, None) for name in ALWAYS)

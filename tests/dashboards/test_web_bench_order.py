"""Thresholds on the bench: those first that a person moves first."""

from __future__ import annotations

from collections import Counter

import pytest

from dashboards.web.bench_order import FILTERING, in_order
from dashboards.web.bench_words import groups_of
from detectors.criteria import named
from soleus.studio.thresholds import thresholds
from soleus.tune.tradeoff import BY_WORD

ALL = thresholds(named("wasm-2016"))
SHOWN = [one.name for one in in_order(ALL)]


def test_every_threshold_is_shown_once_in_the_groups_as_they_come() -> None:
    assert sorted(SHOWN) == sorted(one.name for one in ALL)
    assert list(dict.fromkeys(name.partition(".")[0] for name in SHOWN)) == list(
        dict.fromkeys(one.name.partition(".")[0] for one in ALL)
    )


def test_a_rise_and_a_length_stand_before_the_edges_of_a_filter() -> None:
    assert SHOWN[:7] == [
        f"leg_movement.{name}"
        for name in ("onset_uv", "onset_ratio", "offset_uv", "offset_ratio", "quiet_s", "min_s", "morphology_s")
    ]
    assert SHOWN[11:13] == ["leg_movement.band_low_hz", "leg_movement.band_high_hz"]


@pytest.mark.parametrize("field", sorted(FILTERING))
def test_what_is_called_a_filter_is_there(field: str) -> None:
    assert any(name.endswith(f".{field}") for name in SHOWN)


@pytest.mark.parametrize("word", sorted(BY_WORD))
def test_the_groups_of_a_class_are_groups_of_the_criteria(word: str) -> None:
    assert groups_of(word)
    assert set(groups_of(word)) <= {name.partition(".")[0] for name in SHOWN}


def test_no_two_thresholds_of_a_group_read_the_same() -> None:
    read = Counter((one.name.partition(".")[0], one.text) for one in ALL)
    assert [words for words, n in read.items() if n > 1] == []

"""What `soleus tune` may vary, and who is held back when."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.criteria import named
from soleus.errors import ConfigError
from soleus.tune.folds import Fold, dealt, nested_folds
from soleus.tune.space import Range, Values, all_differ, grid, parse_varied

CRITERIA = named("wasm-2016")


def test_a_range_a_list_and_steps_are_read_in_the_type_of_the_threshold() -> None:
    assert parse_varied("leg_movement.onset_uv=4:12", CRITERIA) == Range("leg_movement.onset_uv", 4.0, 12.0)
    assert parse_varied("leg_movement.filter_order=1:4", CRITERIA) == Range(
        "leg_movement.filter_order", 1, 4, is_whole=True
    )
    assert parse_varied("leg_movement.onset_uv = 4, 6 ,6", CRITERIA) == Values("leg_movement.onset_uv", (4.0, 6.0))
    assert parse_varied("leg_movement.onset_ratio=0:0.3:0.1", CRITERIA) == Values(
        "leg_movement.onset_ratio", (0.0, 0.1, 0.2, 0.3)
    )
    assert parse_varied("leg_movement.filter_order=2:6:2", CRITERIA) == Values("leg_movement.filter_order", (2, 4, 6))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("leg_movement.onset=4:12", "unknown setting leg_movement.onset, did you mean leg_movement.onset_uv?"),
        ("leg_movement.onset_uv", "expected GROUP.FIELD=LOW:HIGH"),
        ("leg_movement.onset_uv=", "expected GROUP.FIELD=LOW:HIGH"),
        ("leg_movement.onset_uv=4:x", "leg_movement.onset_uv is 'x', expected a number"),
        ("leg_movement.onset_uv=12:4", "goes from 12 to 4, expected the smaller number first"),
        ("leg_movement.onset_ratio=0:1:log", "begins at 0, expected more than 0 for log"),
        ("leg_movement.onset_uv=4:12:0", "the step is 0, expected more than 0 and at most 8"),
        ("leg_movement.filter_order=1:4.5", "leg_movement.filter_order is '4.5', expected a whole number"),
        ("leg_movement.onset_uv=-1e308:1e308", "expected a range whose width is a number"),
        ("leg_movement.onset_uv=1:2:3:4", "only a number has a range"),
        ("leg_movement.onset_uv=4:nan", "leg_movement.onset_uv is 'nan', expected a number"),
    ],
)
def test_what_cannot_vary_is_told_in_one_line(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse_varied(text, CRITERIA)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_grid_is_every_combination_and_needs_values() -> None:
    varied = all_differ([Values("b", (1, 2)), Values("a", (3, 4))])
    assert grid(varied) == [{"a": 3, "b": 1}, {"a": 3, "b": 2}, {"a": 4, "b": 1}, {"a": 4, "b": 2}]
    with pytest.raises(ConfigError, match="a grid needs values"):
        grid([Range("a", 1, 2)])
    with pytest.raises(ConfigError, match="a grid of 1000000000 combinations, expected at most 100000"):
        grid([Values(name, tuple(range(1000))) for name in "abc"])
    with pytest.raises(ConfigError, match="a comes 2 times"):
        all_differ([Range("a", 1, 2), Values("a", (1,))])
    with pytest.raises(ConfigError, match="nothing may vary"):
        all_differ([])


def test_a_choice_at_the_edge_of_what_was_allowed_is_noticed() -> None:
    assert Range("a", 1, 100, is_log=True).at_its_edge(1.01)
    assert not Range("a", 1, 100, is_log=True).at_its_edge(2.0)
    assert Values("a", (1, 2, 3)).at_its_edge(3)
    assert not Values("a", (1, 2, 3)).at_its_edge(2)
    assert not Values("a", (1, 2)).at_its_edge(2)


@settings(max_examples=20)
@given(
    st.lists(st.text("abcdefgh", min_size=1, max_size=2), min_size=4, max_size=30).filter(
        lambda one: len(set(one)) > 3
    ),
    st.integers(2, 4),
    st.integers(1, 6),
    st.integers(0, 2**32),
)
def test_no_subject_is_ever_chosen_on_and_held_back_in_one_fold(
    subjects: list[str], n_outer: int, n_inner: int, seed: int
) -> None:
    folds = nested_folds(subjects, n_outer, n_inner, seed)
    for fold in folds:
        seen = {one for group in fold.chosen_on for one in group}
        assert not seen & set(fold.held_back)
        assert seen | set(fold.held_back) == set(subjects)
    held_back = [one for fold in folds for one in fold.held_back]
    assert sorted(held_back) == sorted(set(subjects))
    assert folds == nested_folds(reversed(subjects), n_outer, n_inner, seed)


def test_a_fold_with_a_subject_on_both_sides_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="subject a comes 2 times"):
        Fold(1, (("a",), ("b",)), ("a",))


def test_fewer_subjects_than_folds_are_refused() -> None:
    with pytest.raises(ConfigError, match="5 folds of 2 subjects"):
        dealt("ab", 5, seed=0)

"""Rule sets that contradict themselves do not come into being."""

from __future__ import annotations

from dataclasses import MISSING, fields, replace
from typing import Any

import pytest

from detectors.annotations import Annotations
from detectors.events import Stage
from detectors.published import AASM, LM_INDICES, WASM_2016
from detectors.rules.series_criteria import IndexCriteria, SeriesCriteria
from tests.movement_lists import stage


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"lm_min_s": 0.0}, "wasm-2016: lm_min_s is 0.0, expected more than 0"),
        ({"lm_min_s": 11.0}, "lm_min_s is 11.0, expected more than 0 and at most clm_max_s"),
        ({"bilateral_clm_max_s": 9.0}, "bilateral_clm_max_s is 9.0, expected clm_max_s or more"),
        ({"lm_max_s": 9.0}, "lm_max_s is 9.0, expected clm_max_s"),
        ({"bilateral_gap_s": None}, "exactly one of bilateral_gap_s and bilateral_onsets_s"),
        ({"bilateral_onsets_s": 5.0}, "exactly one of bilateral_gap_s and bilateral_onsets_s"),
        ({"imi_min_s": 90.0}, "imi_min_s is 90.0, expected more than 0 and less than imi_max_s"),
        ({"arousal_gap_s": -0.5}, "a gap or window is negative"),
        ({"respiratory_before_s": -2.0}, "a gap or window is negative"),
        ({"min_series": 0}, "min_series is 0, expected 1 or more"),
        ({"max_components": 0}, "max_components is 0, expected 1 or more"),
    ],
)
def test_limits_that_contradict_each_other_are_refused(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        replace(WASM_2016, **change)


@pytest.mark.parametrize("change", [{"periodic_over_s": 90.0}, {"spread_from_s": 0.0}, {"histogram_bin_s": 0.0}])
def test_index_limits_that_contradict_each_other_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="indices: a"):
        replace(LM_INDICES, **change)


def test_no_rule_has_a_default() -> None:
    for kind in (SeriesCriteria, IndexCriteria):
        assert all(f.default is MISSING and f.default_factory is MISSING for f in fields(kind))


def test_the_published_sets_are_found_by_their_names() -> None:
    assert (WASM_2016.name, AASM.name) == ("wasm-2016", "aasm")


def test_stages_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match=r"sleep stage R begins at 20.0 s, expected at or after"):
        Annotations((stage(0, 30, Stage.N2), stage(20, 50, Stage.REM)))

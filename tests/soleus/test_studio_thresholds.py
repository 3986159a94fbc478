"""What the page *Bench* shows of each threshold: words, a slider that can be dragged to its ends, and a source."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from detectors.criteria import Criteria, named
from soleus.config import load
from soleus.errors import ConfigError
from soleus.sources import citations, sources
from soleus.studio.sliders import ENDS, UNITS, slider_of
from soleus.studio.threshold_sources import OPEN, OURS, REFERENCES
from soleus.studio.thresholds import thresholds
from soleus.studio.words import WORDS
from soleus.thresholds import apply_overrides, flatten

if TYPE_CHECKING:
    from dashboards.bench_values import Threshold

SET = named("wasm-2016")
NAMES = list(flatten(SET))
LAB = Path(__file__).parents[1] / "data" / "lab_detectors"
# The AASM manual says nothing of these.
LEFT_OPEN = {f"aasm.{name}" for name in ("bilateral_clm_max_s", "max_components", "short_imi", "non_clm_ends_series")}
# So long a text stands beside a slider.
MOST_WORDS = 80


def by_name(criteria: Criteria) -> dict[str, Threshold]:
    return {one.name: one for one in thresholds(criteria)}


@pytest.fixture(scope="module")
def shown() -> dict[str, Threshold]:
    return by_name(SET)


def test_every_threshold_is_shown_in_its_order_with_its_value(shown: dict[str, Threshold]) -> None:
    assert list(shown) == NAMES
    assert {name: one.value for name, one in shown.items()} == flatten(SET)


def test_every_threshold_has_words_of_its_own_and_no_word_is_left_over(shown: dict[str, Threshold]) -> None:
    fields = {(group, field) for group, words in WORDS.items() for field in words}
    assert fields == {(name.partition(".")[0], name.partition(".")[2]) for name in NAMES}
    assert [one.text for one in shown.values() if not 8 <= len(one.text) <= MOST_WORDS] == []
    assert [one.text for one in shown.values() if not one.text[0].isupper() or one.text.endswith(".")] == []


def test_every_threshold_has_a_source_or_says_that_it_is_our_own(shown: dict[str, Threshold]) -> None:
    known = sources()
    for name, one in shown.items():
        assert one.published is (known[name].published and name not in LEFT_OPEN), name
        assert one.source.startswith((OURS, OPEN)) is not one.published, name
        assert bool(one.url) is one.published, name
        assert "[" not in one.source, name
        assert "science.md" not in one.source, name
    assert all(one.url.startswith("https://") for one in shown.values() if one.url)


def test_every_published_set_that_is_applied_is_cited_as_it_is_in_full() -> None:
    used = {source.constant for source in sources().values() if source.published}
    assert used == set(REFERENCES)
    full = citations()
    for constant, reference in REFERENCES.items():
        author, year = reference.words.split()[0], reference.words.split("20")[-1][:2]
        if author not in {"AASM", "van"} and constant != "WASM_2016_AMPLITUDE":
            assert author in full[constant], constant
            assert f"20{year}" in full[constant], constant


def test_the_source_of_a_rule_is_where_the_rule_stands(shown: dict[str, Threshold]) -> None:
    onset, share = shown["leg_movement.onset_uv"], shown["cramp.max_modulation"]
    assert onset.source == (
        "Ferri et al. 2016 (WASM 2016), table 3 of PMC9619152: onset: rise of 8 µV above resting EMG"
    )
    assert onset.url == "https://pmc.ncbi.nlm.nih.gov/articles/PMC9619152/"
    assert share.source == f"{OURS}: cramps 0.19-0.30, rhythmic leg movements 0.57-1.19"
    assert shown["wasm.max_components"].source.startswith("Ferri et al. 2016 (WASM 2016), Ferri et al. 2017: no more")
    assert shown["wasm.short_imi"].source.endswith(
        "The Johns Hopkins scorer lets the movement begin the next one, the scorer SOMAS does not."
    )
    assert shown["sleep.change_deg"].source == "van Hees et al. 2015"
    assert "quoted from memory: " in shown["wasm.sleep_only"].source.lower()
    assert shown["aasm.short_imi"].source == (
        "Left open by Berry et al. 2018 (AASM manual 2.5): practice, not rule: older scorers leave the movement out"
    )


@pytest.mark.slow
def test_every_slider_holds_the_value_and_both_ends_are_accepted(shown: dict[str, Threshold]) -> None:
    for name, one in shown.items():
        if one.low is None or one.high is None or one.step is None:
            assert one.value is None or one.choices, name
            continue
        assert isinstance(one.value, int | float)
        assert one.low <= one.value <= one.high, name
        assert one.low < one.high, name
        for end in (one.low, one.high):
            apply_overrides(SET, {name: f"{end:g}"})
        low, high, step, value = (Fraction(str(number)) for number in (one.low, one.high, one.step, one.value))
        assert (value - low) % step == (high - low) % step == 0, name
        assert 1 <= (high - low) / step <= 1000, name


def test_most_sliders_let_a_value_be_halved_and_doubled(shown: dict[str, Threshold]) -> None:
    numbers = [one for one in shown.values() if isinstance(one.value, float) and one.value and one.high is not None]
    wide = [one for one in numbers if one.low <= one.value / 2 and one.high >= min(1.0, one.value * 2)]  # type: ignore[operator]  # sliders have both ends
    assert len(wide) > 0.75 * len(numbers)


def test_what_is_no_number_can_be_chosen(shown: dict[str, Threshold]) -> None:
    assert shown["aasm.sleep_only"].choices == ("true", "false")
    assert "dropped" in shown["aasm.short_imi"].choices
    chosen = [one for one in shown.values() if one.choices]
    assert {str(one.value).lower() in one.choices for one in chosen} == {True}
    for one in chosen:
        for choice in one.choices:
            apply_overrides(SET, {one.name: choice})


@pytest.mark.slow
def test_a_limit_that_is_off_has_no_slider_and_one_that_is_switched_on_has(shown: dict[str, Threshold]) -> None:
    assert (shown["wasm.lm_max_s"].value, shown["wasm.lm_max_s"].low, shown["wasm.lm_max_s"].choices) == (
        None,
        None,
        (),
    )
    limit = by_name(apply_overrides(SET, {"wasm.lm_max_s": 12.0}))["wasm.lm_max_s"]
    assert (limit.value, limit.low, limit.high) == (12.0, 10.0, 50.0)
    assert limit.source.startswith("Changed here, from no limit. Ferri et al. 2016")


@pytest.mark.slow
def test_a_value_that_was_changed_is_not_called_published() -> None:
    onset = by_name(apply_overrides(SET, {"leg_movement.onset_uv": 53.17}))["leg_movement.onset_uv"]
    assert (onset.value, onset.published, onset.changed, onset.before) == (53.17, False, True, 8.0)
    assert onset.source.startswith("Changed here, from 8 µV. Ferri et al. 2016 (WASM 2016)")
    assert onset.url
    assert onset.low is not None
    assert onset.high == 53.17
    assert onset.low <= 8.0


@pytest.mark.slow
def test_an_end_that_another_threshold_refuses_is_moved_to_the_last_step_before_it() -> None:
    close = apply_overrides(SET, {"leg_movement.offset_uv": 7.25})
    onset = by_name(close)["leg_movement.onset_uv"]
    assert onset.low == 7.5
    with pytest.raises(ConfigError, match="expected less than onset_uv"):
        apply_overrides(close, {"leg_movement.onset_uv": onset.low - 0.5})
    closest = apply_overrides(SET, {"leg_movement.offset_uv": 7.99}).leg_movement
    slider = slider_of("leg_movement.onset_uv", 8.0, closest, 8.0)
    assert slider is not None
    assert slider.low == 8.0


def test_the_unit_is_the_one_that_the_name_says(shown: dict[str, Threshold]) -> None:
    units = {name: one.unit for name, one in shown.items()}
    assert units["leg_movement.onset_uv"] == "µV"
    assert units["validity.compare_per_h"] == "/h"
    assert units["electrode.drift_uv_per_s"] == "µV/s"
    assert units["cramp.weight_profile"] == units["leg_movement.onset_ratio"] == ""
    assert [name for name in NAMES if name.endswith("_s") and name not in UNITS and units[name] != "s"] == []


def test_exceptions_name_thresholds_that_there_are() -> None:
    assert set(ENDS) | set(UNITS) <= set(NAMES)


@pytest.mark.slow
def test_a_number_of_a_plug_in_is_shown_with_its_plug_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(LAB)
    criteria = load(None, assignments=["detectors=long_activity", "long_activity.min_s=4.5"], environ={}).criteria
    shown = by_name(criteria)
    level, shortest = shown["long_activity.onset_uv"], shown["long_activity.min_s"]
    assert (level.text, level.unit, level.published) == ("Onset uv", "µV", False)
    assert level.source == "A number of the plug-in long_activity 1.2.0"
    assert shortest.value == 4.5
    assert shortest.source.startswith("Changed here, from ")
    assert list(shown)[-2:] == ["long_activity.onset_uv", "long_activity.min_s"]


@pytest.mark.parametrize(
    ("name", "value", "slider"),
    [
        ("leg_movement.envelope_s", 0.15, (0.03, 0.6, 0.005)),
        ("leg_movement.filter_order", 2, (1.0, 8.0, 1.0)),
        ("leg_movement.nyquist_share", 0.45, (0.01, 0.49, 0.01)),
    ],
)
def test_ends_and_steps_are_round(name: str, value: float, slider: tuple[float, float, float]) -> None:
    assert slider_of(name, value, SET.leg_movement, value) == slider


@dataclass(frozen=True, slots=True)
class Foreign:
    """Numbers as a plug-in may have them."""

    gain_db: float = -40.0
    shift_s: float = 0.0
    lag: int = -3
    limit_s: float = math.inf


@pytest.mark.parametrize(
    ("field", "slider"),
    [("gain_db", (-200.0, -10.0, 2.0)), ("shift_s", (0.0, 1.0, 0.01)), ("lag", (-12.0, -1.0, 1.0)), ("limit_s", None)],
)
def test_a_number_of_a_plug_in_may_be_negative_nothing_or_endless(
    field: str, slider: tuple[float, float, float] | None
) -> None:
    value = getattr(Foreign(), field)
    assert slider_of(f"foreign.{field}", value, Foreign(), value) == slider


@pytest.mark.parametrize("typed", ["1e30", "200.0000000000001"])
def test_a_value_that_no_step_meets_has_a_field_and_no_slider(typed: str) -> None:
    onset = by_name(apply_overrides(SET, {"wasm.imi_max_s": typed}))["wasm.imi_max_s"]
    assert (onset.value, onset.low, onset.high, onset.step) == (float(typed), None, None, None)

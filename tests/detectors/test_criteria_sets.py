"""Criteria have no defaults, and refuse numbers that contradict each other."""

from __future__ import annotations

from dataclasses import MISSING, FrozenInstanceError, fields, replace

import pytest

from detectors import published
from detectors.criteria import Criteria, named

CRITERIA = named("wasm-2016")
GROUPS = [field.name for field in fields(Criteria) if field.name not in {"name", "plugins"}]


@pytest.mark.parametrize("group", GROUPS)
def test_no_threshold_has_a_default(group: str) -> None:
    for field in fields(getattr(CRITERIA, group)):
        assert field.default is MISSING
        assert field.default_factory is MISSING


@pytest.mark.parametrize("group", GROUPS)
def test_criteria_cannot_be_changed_in_place(group: str) -> None:
    criteria = getattr(CRITERIA, group)
    with pytest.raises(FrozenInstanceError):
        setattr(criteria, fields(criteria)[0].name, 1.0)


def test_the_amplitude_rules_are_the_published_ones() -> None:
    rule = published.WASM_2016_AMPLITUDE
    assert (rule.onset_uv, rule.offset_uv, rule.quiet_s, rule.min_s) == (8.0, 2.0, 0.5, 0.5)
    assert (rule.morphology_s, rule.morphology_uv) == (0.5, 2.0)
    movement = CRITERIA.leg_movement
    assert (movement.onset_uv, movement.offset_uv, movement.quiet_s) == (rule.onset_uv, rule.offset_uv, rule.quiet_s)


def test_an_unknown_set_is_refused_with_the_names_that_exist() -> None:
    with pytest.raises(ValueError, match="criteria are called 'wasm-2015', expected one of: wasm-2016"):
        named("wasm-2015")


@pytest.mark.parametrize(
    ("group", "change", "message"),
    [
        ("leg_movement", {"offset_uv": 8.0}, r"leg_movement.offset_uv is 8.0, expected less than onset_uv \(8.0\)"),
        ("sleep", {"onset_s": 14.0, "onset_wake_s": 0.0}, "sleep.onset_s is 14.0, expected 30 or more"),
        ("sleep", {"median_s": 5.5}, "sleep.median_s is 5.5, expected 60 or more"),
        ("leg_movement", {"onset_uv": -1.0}, "leg_movement.onset_uv is -1.0, expected a positive number"),
        ("leg_movement", {"min_s": float("nan")}, "leg_movement.min_s is nan, expected a positive number"),
        ("leg_movement", {"offset_ratio": 1.0}, "leg_movement.offset_ratio is 1.0"),
        ("leg_movement", {"band_low_hz": 100.0}, "leg_movement.band_low_hz is 100.0"),
        ("leg_movement", {"nyquist_share": 0.5}, "leg_movement.nyquist_share is 0.5"),
        ("resting", {"seed_quantile": 1.0}, "resting.seed_quantile is 1.0"),
        ("resting", {"guard_ratio": 1.0}, "resting.guard_ratio is 1.0, expected more than 1"),
        ("quality", {"max_line_share": 1.0}, "quality.max_line_share is 1.0"),
        ("cramp", {"min_s": 15.0}, "cramp.min_s is 15.0, expected less than possible_min_s"),
        ("cramp", {"weight_duration": -0.1}, "cramp.weight_duration is -0.1, expected 0 or more"),
        ("cramp", {"rhythm_segment_s": 0.01}, "cramp.rhythm_segment_s is 0.01, expected more than 0.364: a shorter"),
        ("cramp", {"rhythm_high_hz": 3.6}, "cramp.rhythm_segment_s is 4.0, expected more than 20: a shorter"),
        ("cramp", {"rhythm_high_hz": 3.6, "rhythm_segment_s": 30.0}, "cramp.min_s is 5.0, expected more than 20"),
        ("cramp", {"min_duty": 1.2}, "cramp.min_duty is 1.2, expected at most 1"),
        ("cramp", {"possible_confidence": 0.8}, "cramp.possible_confidence is 0.8"),
        ("motion", {"offset_g": 0.03}, "motion.offset_g is 0.03"),
        ("orientation", {"shift_deg": 30.0}, "orientation.shift_deg is 30.0"),
    ],
)
def test_numbers_that_contradict_each_other_are_refused(group: str, change: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(getattr(CRITERIA, group), **change)


def test_every_weight_is_of_a_term_that_emg_or_its_context_gives() -> None:
    weighted = {field.name.removeprefix("weight_") for field in fields(CRITERIA.cramp) if "weight_" in field.name}
    of_emg = {"duration", "amplitude", "stationarity", "cleanliness", "profile"}
    assert weighted == {*of_emg, "muscle", "twitches", "rest_before", "consequence"}

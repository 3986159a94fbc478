"""The numbers of a night: what is counted, per which hours, and why a number is missing."""

from __future__ import annotations

import pytest

from detectors.events import EventKind, Stage, StageSpan
from detectors.night.movement_notes import MovementNote
from detectors.signal import Leg, Quantity
from detectors.sleep.basis import basis_of, by_stages
from detectors.track import Flag
from tests.made_nights import CRITERIA, S_PER_H, event, facts, movement, ns, numbers, series, span, times, valid_time

ESTIMATE = basis_of("estimate", [span(3600, 7 * 3600)], [span(0, 3600), span(7 * 3600, 8 * 3600)])


def hours(value_h: float) -> dict[str, object]:
    return dict(numbers(facts(series(600)), times(valid_time(Leg.LEFT, Quantity.EMG, value_h)), hours=value_h))


def test_an_index_needs_four_hours_of_valid_signal_and_says_how_many_there_were() -> None:
    assert hours(4.0)["lm_per_h"] == pytest.approx(1.25)
    short = hours(3.9)
    assert short["lm_per_h"] is None
    assert short["reasons"]["lm_per_h"] == "3.9 h of valid signal, an index needs 4 h"  # type: ignore[index] # a mapping
    assert short["lm"] == 5


def test_without_any_signal_every_number_is_null_and_has_its_reason() -> None:
    summary = numbers(facts(), times(), hours=0.0)
    missing = {key for key, value in summary.items() if value is None}
    assert missing == set(summary["reasons"])
    assert {"lm_per_h", "cramp_probable", "periodicity_index", "tst_est_h", "movement_source"} <= missing
    assert summary["reasons"]["lm_per_h"] == "no valid signal"


def test_hours_on_a_table_and_without_an_electrode_are_not_valid_hours() -> None:
    off = [event(EventKind.NOT_WORN, 0, 3600), event(EventKind.ELECTRODE_OFF, 7200, 1800)]
    both = times(valid_time(Leg.LEFT, Quantity.EMG), valid_time(Leg.LEFT, Quantity.ACCELERATION))
    summary = numbers(facts(events=off), both)
    assert summary["valid_h"] == {"left-shin/emg": 6.5, "left-shin/acceleration": 7.0}


def test_what_is_found_while_a_sensor_is_not_worn_does_not_count() -> None:
    found = [event(EventKind.CRAMP, 100, 20, tier=2.0), event(EventKind.CRAMP, 5000, 20, tier=2.0)]
    night = facts(series(600) + series(5000), [*found, event(EventKind.NOT_WORN, 0, 3600)])
    summary = numbers(night)
    assert (summary["lm"], summary["cramp_probable"]) == (5, 1)


def test_a_movement_on_a_bad_signal_counts_half() -> None:
    moves = series(600)
    notes = {moves[0]: MovementNote(low=True, moved=None, activated=None)}
    assert numbers(facts(moves, notes=notes))["lm_per_h"] == pytest.approx(4.5 / 8)


def test_a_movement_of_both_legs_counts_whole_if_one_of_its_signals_is_good() -> None:
    moves = [movement(600), movement(600.2, leg=Leg.RIGHT)]
    notes = {moves[0]: MovementNote(low=True, moved=None, activated=None)}
    assert numbers(facts(moves, notes=notes))["lm_per_h"] == pytest.approx(1 / 8)


@pytest.mark.parametrize(
    ("good_h", "usable_h", "grade"), [(6.4, 0.0, "A"), (6.3, 0.0, "B"), (5.9, 2.0, "B"), (0.0, 4.0, "B"), (3.9, 0, "C")]
)
def test_grade_a_needs_six_good_hours_and_four_fifths_of_the_night_and_grade_b_four_valid_ones(
    good_h: float, usable_h: float, grade: str
) -> None:
    good, usable = round(good_h * S_PER_H), round((good_h + usable_h) * S_PER_H)
    flags = [(slice(good, usable), Flag.LINE_HIGH.value), (slice(usable, None), Flag.FLAT.value)]
    summary = numbers(facts(), times(valid_time(Leg.LEFT, Quantity.EMG, flags=flags)))
    assert (summary["grade"], summary["night_grade"]) == ({"left-shin": grade}, grade)


def test_grade_a_looks_at_the_sleep_period_where_it_is_known() -> None:
    flags = [(slice(0, 3600), Flag.FLAT.value), (slice(7 * 3600, None), Flag.FLAT.value)]
    valid = times(valid_time(Leg.LEFT, Quantity.EMG, flags=flags))
    assert numbers(facts(), valid)["night_grade"] == "B"
    assert numbers(facts(), valid, sleep=ESTIMATE)["night_grade"] == "A"


def test_without_stages_rates_are_per_hour_of_recording_and_those_of_the_estimate_say_so() -> None:
    summary = numbers(facts(series(1000) + series(5000, n=7)), sleep=ESTIMATE)
    assert summary["sleep_basis"] == "estimate"
    assert summary["plms_wasm_per_h"] == pytest.approx(12 / 8)
    assert summary["plms_wasm_per_h_est"] == pytest.approx(7 / 6)
    assert summary["plms_aasm_per_h_est"] == pytest.approx(7 / 6)
    assert summary["plmw_wasm_per_h_est"] == pytest.approx(5 / 2)
    assert summary["plmw_wasm_per_h"] is None
    assert summary["reasons"]["plmw_wasm_per_h"] == "no sleep stages were given"


def test_stages_of_a_person_give_rates_without_an_ending() -> None:
    stages = [StageSpan(0, ns(2 * S_PER_H), Stage.WAKE), StageSpan(ns(2 * S_PER_H), ns(8 * S_PER_H), Stage.N2)]
    summary = numbers(facts(series(1000) + series(8000, n=7)), sleep=by_stages(stages))
    assert summary["sleep_basis"] == "stages"
    assert summary["plms_wasm_per_h"] == pytest.approx(7 / 6)
    assert summary["plmw_wasm_per_h"] == pytest.approx(5 / 2)
    assert not [key for key in summary if key.endswith("per_h_est")]


def test_an_index_of_an_estimate_needs_four_valid_hours_of_its_sleep_period() -> None:
    short = basis_of("estimate", [span(0, 3 * 3600)], [span(3 * 3600, 8 * 3600)])
    summary = numbers(facts(series(1000)), sleep=short)
    why = "3.0 h of valid signal in the sleep period, an index needs 4 h"
    assert summary["plms_wasm_per_h"] is not None
    assert (summary["plms_wasm_per_h_est"], summary["reasons"]["plms_wasm_per_h_est"]) == (None, why)


def test_without_stages_and_estimate_sleep_is_unknown() -> None:
    summary = numbers(facts())
    assert summary["sleep_basis"] == "recording"
    assert summary["reasons"]["tst_est_h"] == "no sleep stages were given and there is no estimate of sleep"


def test_sleep_is_measured_from_lights_off_to_lights_on() -> None:
    wake = [(0, 600), (3600, 3719), (7200, 7320), (9000, 9300), (28_000, 28_800)]
    edges = [600, 3600, 3719, 7200, 7320, 9000, 9300, 28_000]
    sleep = [span(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    basis = basis_of("estimate", sleep, [span(*w) for w in wake])
    summary = numbers(facts(), sleep=basis)
    assert summary["tib_est_h"] == 8.0
    assert summary["sol_est_min"] == 10.0
    assert summary["spt_est_h"] == pytest.approx(27_400 / 3600)
    assert summary["waso_est_min"] == pytest.approx(539 / 60)
    assert summary["se_est_percent"] == pytest.approx(100 * (27_400 - 539) / 28_800)
    assert summary["awakenings_est"] == 2
    assert summary["awakenings_5min_est"] == 1


@pytest.mark.parametrize(
    ("quantities", "source"),
    [
        ((Quantity.EMG, Quantity.EMG), "emg"),
        ((Quantity.ACCELERATION, Quantity.ACCELERATION), "acceleration"),
        ((Quantity.EMG, Quantity.ACCELERATION), "mixed"),
    ],
)
def test_the_night_says_what_its_movements_come_from(quantities: tuple[Quantity, Quantity], source: str) -> None:
    valid = times(*(valid_time(leg, q) for leg, q in zip((Leg.LEFT, Leg.RIGHT), quantities, strict=True)))
    assert numbers(facts(), valid)["movement_source"] == source


def test_shares_of_movements_are_of_those_for_which_it_is_known() -> None:
    moves = [*series(600, n=4), movement(5000, leg=Leg.RIGHT), movement(5000.1)]
    notes = {m: MovementNote(low=False, moved=i == 0, activated=i < 2) for i, m in enumerate(moves[:4])}
    legs = (Leg.LEFT, Leg.RIGHT)
    summary = numbers(facts(moves, notes=notes), times(*(valid_time(leg, Quantity.EMG) for leg in legs)))
    assert (summary["moved_share"], summary["with_activation_share"]) == (0.25, 0.5)
    assert summary["bilateral_percent"] == pytest.approx(20.0)


def test_one_leg_has_no_share_of_bilateral_movements() -> None:
    summary = numbers(facts(series(600)))
    assert summary["reasons"]["bilateral_percent"] == "one leg gave a signal"


def test_intervals_and_series_are_those_of_the_indices() -> None:
    summary = numbers(facts([*series(600, n=6, every_s=23.0), movement(5000), movement(5004)]))
    assert (summary["plm_series"], summary["plm_series_mean_n"]) == (1, 6.0)
    assert summary["imi_mode_s"] == 23.0
    assert summary["imi_histogram"]["counts"][11] == 5
    assert summary["log_imi_mean"] == pytest.approx(3.1355, abs=1e-4)
    assert summary["silms_per_h"] == pytest.approx(1 / 8)
    assert summary["isolms_per_h"] == pytest.approx(1 / 8)


def test_no_number_speaks_of_what_leg_sensors_cannot_see() -> None:
    summary = numbers(facts(series(600)), sleep=ESTIMATE)
    words = " ".join([*summary, *summary["reasons"].values()])
    assert not [word for word in ("arousal", "abnormal", "rem_", "deep", "diagnos") if word in words]


def test_the_threshold_of_valid_hours_is_one_of_the_criteria() -> None:
    assert CRITERIA.validity.min_index_h == 4.0

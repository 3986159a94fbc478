"""One person with two legs: hours of either leg, what both do once, and what a loose sensor cannot say."""

from __future__ import annotations

import pytest

from detectors.events import Epoch, EventKind
from detectors.quality.mismatch import LegMismatch
from detectors.signal import Leg, Quantity
from detectors.sleep.basis import basis_of
from detectors.sleep.overrides import awake_spans
from detectors.track import Flag
from tests.made_nights import NIGHT_H, S_PER_H, event, facts, movement, ns, numbers, series, span, times, valid_time

OFF = int(Flag.ELECTRODE_OFF)
HALF = S_PER_H * round(NIGHT_H) // 2
LEFT = times(valid_time(Leg.LEFT, Quantity.EMG), valid_time(Leg.LEFT, Quantity.ACCELERATION))


def halves() -> object:
    """EMG of the left leg in the first four hours only, of the right leg in the last four."""
    return times(
        valid_time(Leg.LEFT, Quantity.EMG, flags=[(slice(HALF, None), OFF)]),
        valid_time(Leg.RIGHT, Quantity.EMG, flags=[(slice(0, HALF), OFF)]),
    )


def test_hours_of_either_leg_count_where_movements_of_either_leg_do() -> None:
    moves = [*series(100, n=60), *series(HALF + 100, n=60, leg=Leg.RIGHT)]
    summary = numbers(facts(moves), halves())  # type: ignore[arg-type] # valid times
    assert summary["lm_per_h"] == pytest.approx(15.0)
    assert summary["plms_wasm_per_h"] == pytest.approx(15.0)
    assert [hour["valid_h"] for hour in summary["by_hour"]] == [1.0] * 8
    assert summary["movement_index_percent"] > 4


def test_legs_that_were_never_seen_together_are_one_leg_at_a_time() -> None:
    summary = numbers(facts(series(100)), halves())  # type: ignore[arg-type] # valid times
    assert summary["one_leg"] is True
    assert summary["both_legs_h"] == 0.0
    assert (summary["bilateral_percent"], summary["reasons"]["bilateral_percent"]) == (None, "one leg gave a signal")


def test_a_leg_with_a_minute_of_signal_takes_nothing_from_the_night() -> None:
    short = valid_time(Leg.RIGHT, Quantity.EMG, flags=[(slice(90, None), OFF)])
    summary = numbers(facts(series(1000)), times(valid_time(Leg.LEFT, Quantity.EMG), short))
    assert (summary["one_leg"], summary["night_grade"]) == (True, "A")
    why = "both legs gave a signal at once for 0.03 h only"
    assert (summary["bilateral_percent"], summary["reasons"]["bilateral_percent"]) == (None, why)


def test_movements_of_both_legs_are_a_share_of_those_while_both_were_seen() -> None:
    right = valid_time(Leg.RIGHT, Quantity.EMG, flags=[(slice(HALF, None), OFF)])
    moves = [movement(600), movement(600.1, leg=Leg.RIGHT), *series(HALF + 600)]
    summary = numbers(facts(moves), times(valid_time(Leg.LEFT, Quantity.EMG), right))
    assert (summary["bilateral_percent"], summary["both_legs_h"]) == (100.0, 4.0)


def test_restlessness_is_per_hour_of_acceleration() -> None:
    restless = [event(EventKind.RESTLESSNESS, 300.0 * i + 10, 10, prolonged=0.0) for i in range(12)]
    emg = valid_time(Leg.LEFT, Quantity.EMG)
    short = numbers(facts(events=restless), times(emg, valid_time(Leg.LEFT, Quantity.ACCELERATION, 1.0)))
    why = "acceleration was valid for 1.0 h of 8.0 h"
    for name in ("restlessness_per_h", "shifts", "bed_exits", "brief_jerks"):
        assert (short[name], short["reasons"][name]) == (None, why)
    enough = numbers(facts(events=restless), times(emg, valid_time(Leg.LEFT, Quantity.ACCELERATION, 4.0)))
    assert enough["restlessness_per_h"] == pytest.approx(3.0)


def test_one_way_to_the_toilet_is_one_bed_exit_and_its_turns_are_those_of_lying() -> None:
    visit = [event(EventKind.BED_EXIT, 7200 + i, 300, leg) for i, leg in enumerate((Leg.LEFT, Leg.RIGHT))]
    visit += [event(EventKind.UPRIGHT, 7200 + i, 300, leg) for i, leg in enumerate((Leg.LEFT, Leg.RIGHT))]
    turns = [event(EventKind.SHIFT, at, 2, leg) for at in (7199, 7300, 7400) for leg in (Leg.LEFT, Leg.RIGHT)]
    summary = numbers(facts(events=[*visit, *turns, event(EventKind.SHIFT, 7600, 2)]), LEFT)
    assert (summary["bed_exits"], summary["shifts"]) == (1, 1)
    assert summary["restlessness_per_h"] == pytest.approx(1 / 8)


@pytest.mark.parametrize(("apart_s", "n_shifts"), [(30.0, 1), (30.1, 2)])
def test_turns_within_half_a_minute_are_one(apart_s: float, n_shifts: int) -> None:
    turns = [event(EventKind.SHIFT, 3600, 2, major=1.0), event(EventKind.SHIFT, 3602 + apart_s, 2, major=1.0)]
    summary = numbers(facts(events=turns), LEFT)
    assert (summary["shifts"], summary["shifts_major"]) == (n_shifts, n_shifts)


def test_brief_transients_of_slow_sampling_are_no_twitches() -> None:
    slow = times(valid_time(Leg.LEFT, Quantity.EMG, fs_hz=250.0))
    brief = [event(EventKind.TWITCH, 300 * i + 10, 0.01, transient=1.0) for i in range(12)]
    summary = numbers(facts(events=brief), slow)
    assert (summary["transients"], summary["twitches"], summary["twitches_per_quiet_min"]) == (12, None, None)
    assert "500 Hz" in summary["reasons"]["twitches"]
    assert numbers(facts(events=[*brief, event(EventKind.TWITCH, 9000, 0.01, transient=0.0)]))["twitches"] == 1


def test_weak_activity_that_nothing_followed_is_stored_and_not_shown() -> None:
    weak = [event(EventKind.TONIC, 3000.0 * i, 60, low=1.0, followed=float(i == 0)) for i in range(5)]
    summary = numbers(facts(events=[*weak, event(EventKind.TONIC, 20_000, 1000)]), LEFT)
    assert (summary["tonic"], summary["tonic_low"]) == (2, 4)


def test_still_time_needs_no_acceleration() -> None:
    assert numbers(facts([movement(3600)]))["still_h"] == pytest.approx(8 - 1 / 60)
    cramp = event(EventKind.CRAMP, 7200, 120, tier=1.0)
    assert numbers(facts(events=[cramp]))["still_h"] == pytest.approx(8 - 2 / 60)


def test_a_sensor_that_stands_on_a_table_does_not_wake_its_wearer() -> None:
    up = [event(EventKind.UPRIGHT, 3590, 900), event(EventKind.BED_EXIT, 3590, 900)]
    away = event(EventKind.NOT_WORN, 3600, 7200)
    assert awake_spans(up, [away]) == [span(3590, 3600)] * 2
    elsewhere = event(EventKind.NOT_WORN, 3600, 7200, Leg.RIGHT)
    assert awake_spans(up, [elsewhere]) == [span(3590, 4490)] * 2
    summary = numbers(facts(events=[*up, away]), LEFT)
    assert summary["bed_exits"] == 0


def test_a_leg_that_stays_vertical_without_a_step_is_told_and_is_no_wake() -> None:
    pieces = [event(EventKind.UPRIGHT, 3600 + 900 * i, 900, steps=0.0, continued=float(i > 0)) for i in range(9)]
    assert awake_spans(pieces, ()) == [span(3600, 4500)]
    walked = event(EventKind.UPRIGHT, 20_000, 900, steps=1.0, continued=1.0)
    assert awake_spans([walked], ()) == [span(20_000, 20_900)]
    assert numbers(facts(events=[*pieces, walked]), LEFT)["leg_vertical_h"] == pytest.approx(2.25)


def test_stages_without_end_do_not_make_hours_without_end() -> None:
    endless = basis_of("stages", [span(-4e9, 4e9)], [])
    summary = numbers(facts(series(600)), sleep=endless)
    assert len(summary["by_hour"]) == 9
    assert sum(hour["plms_wasm"] for hour in summary["by_hour"]) == 5
    assert summary["fragmentation_index"] > 0


@pytest.mark.parametrize(("right_uv", "n_epochs", "expected"), [(18.1, 2, 1.0), (18.1, 1, 0.0), (18.0, 2, 0.0)])
def test_resting_levels_15_uv_apart_for_more_than_half_a_minute_do_not_match(
    right_uv: float, n_epochs: int, expected: float
) -> None:
    mismatch = LegMismatch()
    for leg, level_uv in ((Leg.LEFT, 3.0), (Leg.RIGHT, right_uv)):
        epochs = [
            Epoch(f"{leg}-shin", leg, Quantity.EMG, ns(30.0 * i), 30.0, {"resting_uv": level_uv})
            for i in range(n_epochs)
        ]
        mismatch.note("tibialis anterior", epochs)
    assert mismatch.minutes() == expected


def test_one_leg_has_no_resting_level_to_match() -> None:
    mismatch = LegMismatch()
    mismatch.note("shin", [Epoch("left-shin", Leg.LEFT, Quantity.EMG, 0, 30.0, {"resting_uv": 30.0})])
    assert mismatch.minutes() is None

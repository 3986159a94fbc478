"""Two lists of one recording: legs, neutral time, series, and what is looked for at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from detectors.annotations import Annotations
from detectors.evaluate.comparison import ASLEEP, PER_EPOCH, PER_SECOND, Compared, compare, matchings
from detectors.evaluate.marks import Mark, MarkedNight, SleepState
from detectors.events import Stage, StageSpan
from detectors.signal import NS_PER_S

OTHERS = matchings(1.0)


def lm(onset_s: float, end_s: float, leg: str = "left", **more: Any) -> Mark:
    return replace(Mark("leg_movement", leg, onset_s, end_s), **more)


def night(*marks: Mark, **more: Any) -> MarkedNight:
    return replace(MarkedNight(marks, 1.0), **more)


def compared(found: MarkedNight, truth: MarkedNight) -> Compared:
    return compare(found, truth, OTHERS)


def counts(
    found: MarkedNight, truth: MarkedNight, event_class: str = "leg movement", way: str = "rule"
) -> tuple[int, ...]:
    tally = compared(found, truth).events[event_class, way]
    return tally.hits, tally.missed, tally.false


def test_legs_are_counted_apart() -> None:
    assert counts(night(lm(0, 2)), night(lm(0, 2, "right"))) == (0, 1, 1)


def test_a_recording_has_no_more_seconds_than_it_lasts() -> None:
    # In hours it is longer by the last digit of its length.
    one = night(lm(0, 2), hours=65534 / 3600, legs=("left",))
    assert one.hours * 3600 > 65534
    assert compared(one, one).presence["leg movement", PER_SECOND].n == 65534


def test_a_leg_without_a_sensor_is_not_missed() -> None:
    truth = night(lm(0, 2), lm(50, 52, "right"))
    found = night(lm(0, 2), legs=("left",))
    assert counts(found, truth) == (1, 0, 0)
    rates = compared(found, truth).indices["wasm-2016", "lm_per_h"]
    assert (rates.found, rates.truth) == (1.0, 1.0)


def test_a_list_that_does_not_tell_legs_is_compared_with_both_as_one() -> None:
    found = night(lm(0, 2, "left"), lm(0.5, 2.5, "right"), lm(60, 62, "right"))
    assert counts(found, night(lm(0, 2.5, "unknown"))) == (1, 0, 1)


def test_each_level_of_overlap_is_counted() -> None:
    found, truth = night(lm(0, 2)), night(lm(0, 5))
    hits = {way: counts(found, truth, way=way)[0] for way in ("IoU 0.1", "IoU 0.2", "IoU 0.3", "IoU 0.5")}
    assert hits == {"IoU 0.1": 1, "IoU 0.2": 1, "IoU 0.3": 1, "IoU 0.5": 0}
    late = night(lm(1.0, 5)), night(lm(1.5, 2)), night(lm(1.5, 5.5))
    assert [counts(one, night(lm(0.5, 2)), way="onset within 1 s")[0] for one in late] == [1, 1, 1]
    assert counts(night(lm(1.6, 2)), night(lm(0.5, 2)), way="onset within 1 s")[0] == 0


def test_a_class_that_one_of_them_does_not_look_for_is_not_compared() -> None:
    person = night(lm(0, 2), looked_for=frozenset({"leg_movement"}))
    found = night(lm(0, 2), Mark("cramp", "left", 100, 160))
    assert {name for name, _ in compared(found, person).events} == {"leg movement"}
    assert ("cramp-like, probable or possible", "rule") in compared(found, night()).events


def test_twitches_are_asked_of_fast_emg_only_and_of_no_acceleration() -> None:
    for fs_hz, there in ((500.0, True), (250.0, False), (0.0, False)):
        events = compared(night(emg_fs_hz=fs_hz), night()).events
        assert (("twitch", "rule") in events) is there


def test_a_plugin_is_compared_where_the_other_list_may_have_its_kind() -> None:
    found = night(Mark("plugin_lab_spasm", "left", 0, 2))
    assert counts(found, night(), "plugin_lab_spasm") == (0, 0, 1)
    person = night(lm(0, 2), looked_for=frozenset({"leg_movement"}))
    assert ("plugin_lab_spasm", "rule") not in compared(found, person).events


def test_a_simulated_movement_that_is_not_clear_is_asked_for_only_where_all_truth_is() -> None:
    truth = night(lm(0, 2, clear=False), noise_uv={"left": 1.0, "right": 1.0})
    assert counts(night(), truth) == (0, 0, 0)
    assert counts(night(), truth, "leg movement, all truth") == (0, 1, 0)
    seconds = compared(night(lm(0, 2)), truth).presence["leg movement", PER_SECOND]
    # Two seconds of one leg count neither way.
    assert seconds.row == (0, 0, 0, 2 * 3600 - 2)


def test_where_noise_is_not_known_the_movements_of_a_truth_that_are_clear_count_for_rates() -> None:
    marks = series(0, 30, 60, 90, 120)
    truth = night(*marks[:4], replace(marks[4], clear=False), noise_uv={})
    assert compared(night(), truth).indices["wasm-2016", "plm_per_h"].truth == 4.0


def test_only_a_simulated_truth_says_that_acceleration_cannot_show_a_movement() -> None:
    found = night(emg_fs_hz=0.0)
    assert counts(found, night(lm(0, 2))) == (0, 1, 0)
    assert counts(found, night(lm(0, 2), noise_uv={"left": 1.0})) == (0, 0, 0)


def test_what_a_program_says_of_sleep_is_compared_only_if_it_says_something() -> None:
    stages = (SleepState(0.0, 1800.0, asleep=True), SleepState(1800.0, 3600.0, asleep=False))
    person = night(sleep=stages)
    assert (ASLEEP, PER_EPOCH) not in compared(night(), person).presence
    other = night(sleep=(SleepState(0.0, 3600.0, asleep=True),))
    assert compared(other, person).presence[ASLEEP, PER_EPOCH].row == (60, 60, 0, 0)


def series(*onsets_s: float) -> list[Mark]:
    return [lm(onset_s, onset_s + 2) for onset_s in onsets_s]


def test_membership_is_counted_per_candidate() -> None:
    truth = night(*series(0, 30, 60, 90, 500))
    # The one at 500 s is a candidate in both lists and periodic in neither.
    found = night(*series(0, 30, 90, 120, 150, 500))
    tally = compared(found, truth).series["wasm-2016"]
    assert (tally.hits, tally.missed, tally.false, tally.neutral) == (3, 1, 2, 1)


def test_movements_in_a_train_take_no_part_in_series() -> None:
    train = [replace(mark, in_train=True) for mark in series(0, 30, 60, 90)]
    assert compared(night(*train), night()).indices["wasm-2016", "plm_per_h"].found == 0.0


def test_both_lists_are_judged_with_the_sleep_that_the_reference_tells() -> None:
    asleep = Annotations(
        (StageSpan(0, 1800 * NS_PER_S, Stage.N2), StageSpan(1800 * NS_PER_S, 3600 * NS_PER_S, Stage.WAKE))
    )
    marks = series(0, 30, 60, 90)
    rates = compared(night(*marks), night(*marks[:0], annotations=asleep)).indices["wasm-2016", "plms_per_h"]
    assert (rates.found, rates.truth) == (8.0, 0.0)
    unknown = compared(night(*marks), night(*marks)).indices["wasm-2016", "plms_per_h"]
    assert (unknown.found, unknown.truth) == (None, None)


@pytest.mark.parametrize("hours", [1.0, 0.5])
def test_false_ones_are_counted_over_the_valid_hours(hours: float) -> None:
    tally = compared(night(lm(0, 2), valid_h=hours), night()).events["leg movement", "rule"]
    assert (tally.false, tally.hours) == (1, hours)

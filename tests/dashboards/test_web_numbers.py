"""The sentence and the numbers of a night, for nights of every sort."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from dashboards.book import SensorView
from dashboards.web.numbers import cards, headline, rest, status, valid_hours
from detectors.signal import Leg
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.synthetic_night import SENSORS
from tests.web_client import client_of

if TYPE_CHECKING:
    from dashboards.book import NightView

BASE = {
    "valid_h": {"left-shin": 7.1, "right-shin": 6.2},
    "grade": {"left-shin": "A", "right-shin": "A"},
    "sleep_basis": "recording",
    "longest_undisturbed_min": 161.0,
    "plms_wasm_per_h": 22.04,
}

ROBUSTNESS = {"varied_percent": 20.0, "plms_per_h": {"text": "22/h (19-27), above 15 in 96 %"}}


def night_with(*, running: bool = False, **summary: object) -> NightView:
    return FakeNightBook(running=running, summary={**BASE, **summary}).night(NIGHT_ID)


def test_cramp_like_contractions_are_counted_by_tier_in_words() -> None:
    view = night_with(cramp_probable=1, cramp_possible=2, cramp_total_s=74.0)
    assert headline(view) == (
        "One probable and two possible cramp-like contractions were marked, 1 min 14 s in all."
        " The longest undisturbed stretch lasted 2 h 41 min."
    )


def test_a_single_contraction_is_singular() -> None:
    view = night_with(cramp_probable=0, cramp_possible=1, cramp_total_s=12.0)
    assert headline(view).startswith("One possible cramp-like contraction was marked, 12 s in all.")


@pytest.mark.slow
def test_what_was_not_received_and_what_was_not_scored_stand_beside_the_valid_hours() -> None:
    summary = {**BASE, "unscored": {"shin/emg": "counts, no uV"}}
    book = FakeNightBook(summary=summary, completeness="7 h 58 min of 8 h 00 min, 99.6 %")
    page = client_of(book).get(f"/night/{NIGHT_ID}").text
    assert "Received: 7 h 58 min of 8 h 00 min, 99.6 %" in page
    assert "shin/emg was not scored: counts, no uV" in page
    assert "Received:" not in client_of(FakeNightBook()).get(f"/night/{NIGHT_ID}").text


def test_none_marked_names_the_valid_hours_of_each_leg() -> None:
    view = night_with(cramp_probable=0, cramp_possible=0, cramp_total_s=0.0)
    assert "none marked in valid hours: 7.1 on the left leg, 6.2 on the right leg" in headline(view)


def test_none_marked_on_one_leg_says_that_it_was_one_leg() -> None:
    view = night_with(cramp_probable=0, cramp_possible=0, cramp_total_s=0.0, valid_h={"right-shin": 6.2}, grade={})
    assert "none marked in 6.2 valid hours (right leg only)" in headline(view)
    assert cards(view)[0].note == "None marked in 6.2 valid hours (right leg only)."
    view = night_with(cramp_probable=0, cramp_possible=0, cramp_total_s=0.0, valid_h={"right-shin.ch2": 6.2}, grade={})
    assert "none marked in 6.2 valid hours (right leg only)" in headline(view)


@pytest.mark.parametrize("leg", [Leg.BOTH, Leg.UNKNOWN])
def test_of_a_sensor_that_is_of_no_one_leg_it_is_not_said_that_a_leg_was_left_out(leg: Leg) -> None:
    view = night_with(cramp_probable=0, cramp_possible=0, cramp_total_s=0.0, valid_h={"mat": 7.0}, grade={})
    view = replace(view, sensors=(SensorView("mat", leg, "mattress"),))
    assert "none marked in 7.0 valid hours. " in headline(view)


def test_a_number_without_signal_is_words_with_the_reason() -> None:
    view = night_with(plms_wasm_per_h=None, reasons={"plms_wasm_per_h": "no sleep in the stages"})
    card = cards(view)[1]
    assert (card.figures[0].text, card.figures[0].value, card.note) == ("not known", None, "No sleep in the stages.")
    silent = night_with(cramp_probable=None, reasons={"cramp_probable": "no valid signal"})
    assert cards(silent)[0].figures[0].text == "no valid signal"
    assert headline(silent).startswith("There was no valid signal to look for cramp-like contractions in")


@pytest.mark.parametrize(("basis", "words"), [("recording", "per hour of recording"), ("stages", "per hour of sleep")])
def test_an_index_names_its_rules_and_its_hours(basis: str, words: str) -> None:
    card = cards(night_with(sleep_basis=basis))[1]
    assert card.figures[0].text == "22.0"
    assert card.note.startswith(f"WASM 2016, {words}")
    assert "many healthy people have some" in card.note.lower()


def test_an_index_of_estimated_sleep_stands_beside_that_of_the_recording() -> None:
    note = cards(night_with(sleep_basis="estimate", plms_wasm_per_h_est=25.51))[1].note
    assert note.startswith("WASM 2016, per hour of recording; 25.5 per hour of estimated sleep.")


def test_an_index_says_how_far_it_depends_on_thresholds() -> None:
    note = cards(night_with(robustness=ROBUSTNESS))[1].note
    assert "With thresholds 20 % lower or higher: 22/h (19-27), above 15 in 96 %." in note
    assert "thresholds" not in cards(night_with(robustness=None))[1].note


@pytest.mark.parametrize(("source", "said"), [("emg", False), ("acceleration", True), ("mixed", True)])
def test_an_index_of_acceleration_says_that_limits_for_emg_do_not_apply(source: str, said: bool) -> None:  # noqa: FBT001 - expected
    assert ("do not apply" in cards(night_with(movement_source=source))[1].note) is said


def test_an_index_of_a_short_night_is_not_shown_and_says_what_it_needs() -> None:
    why = {"plms_wasm_per_h": "1.9 h of valid signal, an index needs 4 h"}
    card = cards(night_with(plms_wasm_per_h=None, reasons=why))[1]
    assert (card.figures[0].text, card.note) == ("not known", "1.9 h of valid signal, an index needs 4 h.")


def test_a_running_night_without_numbers_says_not_yet() -> None:
    view = FakeNightBook(running=True, so_far_s=60, summary={}).night(NIGHT_ID)
    assert {card.figures[0].text for card in cards(view)} == {"not yet"}
    assert headline(view) == "Nothing can be said yet."
    assert status(view) == "filling, 00:01 of the night so far"


def test_a_finished_night_has_no_status() -> None:
    assert status(night_with()) == ""


def test_streams_of_a_sensor_that_read_the_same_take_one_line() -> None:
    same = night_with(valid_h={"left-shin/emg": 7.11, "left-shin/acceleration": 7.12}, grade={"left-shin/emg": "A"})
    differ = night_with(valid_h={"left-shin/emg": 3.1, "left-shin/acceleration": 7.1}, grade={"left-shin/emg": "C"})
    assert len(valid_hours(same)) == 2
    assert [line.label for line in valid_hours(differ)] == ["left-shin, EMG", "left-shin, acceleration"]
    equal = replace(same, summary={**same.summary, "grade": {"left-shin/emg": "A", "left-shin/acceleration": "A"}})
    assert [(line.label, line.leg, line.hours) for line in valid_hours(equal)] == [("left-shin", Leg.LEFT, 7.11)]


def test_a_sensor_that_nobody_declared_is_shown_last() -> None:
    view = night_with(valid_h={"stray": 1.0, "left-shin": 2.0}, grade={})
    assert [line.label for line in valid_hours(view)] == ["left-shin", "stray"]
    assert SENSORS[0].name == "left-shin"


def test_the_other_numbers_carry_names_units_and_reasons() -> None:
    view = night_with(tst_est_h=None, lm_per_h=31.25, one_leg=True, new_thing_s=2.0, reasons={"tst_est_h": "no stages"})
    rows = {label: (figure.text, why) for label, figure, why in rest(view)}
    assert rows["Leg movements per hour"] == ("31.2 /h", "")
    assert rows["Sleep, estimate"] == ("not known", "no stages")
    assert rows["One leg only"] == ("yes", "")
    assert rows["New thing"] == ("2 s", "")


def test_what_is_no_number_takes_no_row() -> None:
    rows = rest(night_with(robustness=None, cramps=None, by_hour=[], imi_histogram={"counts": []}))
    assert {figure.key for _, figure, _ in rows} <= BASE.keys()


@pytest.mark.parametrize(
    ("awake_min", "words"),
    [
        (12.0, "1 min 14 s in all, and signs of wake for 12 min after them (an estimate). Software can miss some"),
        (0.0, "1 min 14 s in all. Software can miss some"),
        (None, "1 min 14 s in all. Software can miss some"),
    ],
)
def test_how_long_wake_lasted_after_contractions_is_told_as_an_estimate(awake_min: float | None, words: str) -> None:
    view = night_with(
        cramp_probable=1, cramp_possible=0, cramp_total_s=74.0, awake_after_cramps_est_min=awake_min, reasons={}
    )
    assert cards(view)[0].note.startswith(words)

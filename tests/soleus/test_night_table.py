"""A person reads the numbers of a night in words that claim no more than the signal shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from detectors.events import EventKind
from detectors.numbers.index_range import range_of
from detectors.sleep.basis import basis_of
from soleus.night_table import BY_ACCELERATION, ESTIMATED, VERTICAL, summary_notes, summary_table
from tests.made_nights import event, facts, numbers, series, span

if TYPE_CHECKING:
    from collections.abc import Mapping

ASLEEP = basis_of("estimate", [span(1800, 27_000)], [span(0, 1800), span(27_000, 28_800)])


def printed(summary: Mapping[str, Any]) -> str:
    console = Console(width=200)
    with console.capture() as capture:
        console.print(summary_table(summary))
    return capture.get()


def test_every_number_of_a_night_is_printed_with_its_value_or_its_reason() -> None:
    summary = numbers(facts(series(2000)), sleep=ASLEEP)
    text = printed(summary)
    plain = {k for k, v in summary.items() if not isinstance(v, dict | list)} - {"robustness"}
    assert not [name for name in plain if f"{name} " not in text]
    assert "no valid signal of acceleration" in text
    assert "counts" not in text


def test_a_contraction_is_printed_with_its_time_and_never_called_a_cramp_alone() -> None:
    found = [event(EventKind.CRAMP, 5400, 40, tier=2.0, confidence=0.8)]
    text = printed(numbers(facts(events=found), sleep=ASLEEP))
    assert "cramp-like contraction 1" in text
    assert "left, 1970-01-01T01:30:00Z, 40 s, probable, 60 min after sleep onset (estimate)" in text


def test_the_course_is_one_line_with_a_dash_where_there_was_too_little_signal() -> None:
    text = printed({"by_hour": [{"plms_wasm_per_h": 6.2}, {"plms_wasm_per_h": None}]})
    assert "plms_wasm_per_h by_hour" in text
    assert "6  -" in text


def test_the_robustness_is_printed_as_its_text() -> None:
    told = {"variants": 39, "plms_per_h": range_of([("", 22.0), ("a", 19.0), ("b", 27.0)], 15.0), "by_threshold": {}}
    text = printed({"robustness": told})
    assert "22/h (19-27), above 15 in 100 %" in text
    assert "variants" not in text


@pytest.mark.parametrize(
    ("source", "said"), [("emg", []), ("acceleration", [BY_ACCELERATION]), ("mixed", [BY_ACCELERATION])]
)
def test_an_index_of_acceleration_says_that_limits_for_emg_do_not_apply(source: str, said: list[str]) -> None:
    assert summary_notes({"movement_source": source}) == said


def test_estimated_sleep_is_said_to_be_an_estimate() -> None:
    assert summary_notes(numbers(facts(), sleep=ASLEEP)) == [ESTIMATED]
    assert summary_notes(numbers(facts())) == []


@pytest.mark.parametrize(("vertical_h", "said"), [(1.0, []), (1.5, [VERTICAL.format(hours=1.5)]), (None, [])])
def test_a_leg_that_was_vertical_for_more_than_an_hour_is_said(vertical_h: float | None, said: list[str]) -> None:
    assert summary_notes({"leg_vertical_h": vertical_h}) == said

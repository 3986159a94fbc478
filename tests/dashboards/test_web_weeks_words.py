"""What many nights say in words, and when their cramps came."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dashboards.web import weeks_words as words
from dashboards.web.weeks_figures import METRICS, Series, nights_of
from dashboards.web.weeks_hours import by_clock, since_sleep_onset
from dashboards.weeks import EventSpan, NightFigures
from detectors.events import EventKind
from detectors.signal import NS_PER_S, Leg
from detectors.trend import Trend, middle, trend
from tests.fakes import FakeNightBook

FORTY = FakeNightBook().weeks(40)
HOUR_NS = 3600 * NS_PER_S
CRAMPS, PLM = METRICS[0], METRICS[3]


def series(values: list[float], metric: object = PLM) -> Series:
    known = np.array(values, np.float64)
    whys = tuple("" if np.isfinite(value) else "no valid signal" for value in known)
    return Series(metric, known, known[None], whys, middle(known), trend(np.arange(len(known)), known))  # type: ignore[arg-type] # a metric


def with_trend(found: Trend) -> Series:
    return replace(series([1.0, 2.0, 3.0, 4.0]), trend=found)


def test_a_change_is_told_with_both_ends_the_interval_and_the_nights() -> None:
    told = words.trend_text(with_trend(Trend(27, -1.2, -2.0, -0.5, 21.0, 16.0)))
    assert told == (
        "Changed from about 21 per hour to about 16 per hour over 27 valid nights: "
        "\N{MINUS SIGN}1.2 per hour a week, 95 % interval \N{MINUS SIGN}2 per hour to \N{MINUS SIGN}0.5 per hour."
    )


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Trend(27, -0.5, -2.0, 0.25), "between \N{MINUS SIGN}2 per hour and +0.25 per hour a week, 27 valid nights"),
        (Trend(27, 0.5, 0.0, 0.9), "between 0 per hour and +0.9 per hour a week, 27 valid nights"),
        (Trend(20, 0.5, -np.inf, 0.9), "between any fall and +0.9 per hour a week, 20 valid nights"),
        (Trend(13), "13 nights count, it takes 14"),
        (Trend(1), "1 night counts, it takes 14"),
        (Trend(30, 0.0, 0.0, 0.0, 4.0, 4.0), "it was 4 per hour in each of 30 nights"),
    ],
)
def test_otherwise_one_cannot_tell_and_the_page_says_why(found: Trend, said: str) -> None:
    assert words.trend_text(with_trend(found)) == f"Cannot tell whether this changed: {said}."


def test_a_line_that_ends_below_nothing_ends_at_nothing() -> None:
    assert "to about 0 per hour over" in words.trend_text(with_trend(Trend(27, -1.0, -2.0, -0.5, 3.0, -0.4)))


def test_the_headline_counts_nights_and_never_says_that_there_were_no_cramps() -> None:
    some = words.headline(series([0.0, 2.0, 1.0, np.nan], CRAMPS))
    assert some.startswith("Cramp-like contractions were marked on 2 of 3 valid nights.")
    assert "cannot tell" in some
    assert words.headline(series([0.0, 0.0], CRAMPS)) == "Cramp-like contractions: none marked in 2 valid nights."
    assert "enough valid signal" in words.headline(series([np.nan], CRAMPS))


def test_the_headline_tells_a_change_as_two_counts() -> None:
    found = replace(series([3.0, 2.0], CRAMPS), trend=Trend(30, -0.4, -0.6, -0.2, 2.6, 0.9))
    assert words.headline(found).endswith("their count changed from about 2.6 to about 0.9 a night.")


def test_median_and_middle_half_carry_their_unit_once() -> None:
    assert words.middle_text(series([2.0, 4.0, 6.0, 8.0, 9.0])) == "median 6 per hour, middle half 4 to 8 per hour"
    assert words.middle_text(series([np.nan])) == "no valid night"
    assert words.middle_text(series([3.0])) == "median 3 per hour"


def test_every_night_that_counts_is_said_as_well() -> None:
    assert words.counted_text(series([1.0, 2.0])) == "2 nights count."
    assert words.counted_text(series([1.0])) == "1 night counts."


def test_a_night_that_does_not_count_for_a_number_is_not_called_invalid() -> None:
    found = replace(series([1.0, np.nan]), whys=("", "no sleep stages were given"))
    assert words.counted_text(found) == "1 of 2 nights counts. 1 does not: no sleep stages were given (1)."


def test_a_word_of_the_person_is_counted_and_no_entry_is_no_zero() -> None:
    span = EventSpan(EventKind.CRAMP, Leg.LEFT, FORTY[0].card.start_ns, FORTY[0].card.start_ns + 1, 2, confirmed=False)
    nights = nights_of([replace(FORTY[0], spans=(span, replace(span, confirmed=True)), diary=())])
    lines = words.diary_text(nights, series([2.0], CRAMPS))
    assert "Of what was marked, you confirmed 1 and denied 1; what you denied is not counted." in lines
    assert "No cramp was noted, by button or in the diary: that does not say that there was none." in lines


def night_of(onsets_h: list[float], **summary: object) -> NightFigures:
    """Return eight hours from 22:00 on with cramps at these hours of the night."""
    card = replace(FORTY[0].card, start_ns=0, end_ns=8 * HOUR_NS, utc_offset_s=22 * 3600)
    spans = [
        EventSpan(EventKind.CRAMP, Leg.LEFT, round(h * HOUR_NS), round(h * HOUR_NS) + NS_PER_S, 2) for h in onsets_h
    ]
    return NightFigures(card, {"valid_h": {"a": 8.0}, **summary}, tuple(spans))


def test_cramps_are_counted_by_the_hour_of_the_clock_with_the_signal_of_that_hour() -> None:
    nights = nights_of([night_of([0.5, 4.2, 4.9]), night_of([4.1])] * 2)
    cells = by_clock(nights, series([3.0, 1.0] * 2, CRAMPS))
    assert [cell.hour for cell in cells] == [22, 23, 0, 1, 2, 3, 4, 5]
    assert [cell.n for cell in cells] == [2, 0, 0, 0, 6, 0, 0, 0]
    assert {cell.hours for cell in cells} == {4.0}
    assert [cell.shade for cell in cells] == [2, 0, 0, 0, 4, 0, 0, 0]


def test_an_hour_with_little_signal_has_a_count_and_no_shade() -> None:
    cells = by_clock(nights_of([night_of([0.5])]), series([1.0], CRAMPS))
    assert [(cell.n, cell.shade) for cell in cells][:2] == [(1, None), (0, None)]


def test_what_was_denied_is_in_no_hour() -> None:
    night = night_of([0.5, 0.6])
    denied = replace(night, spans=(replace(night.spans[0], confirmed=False), night.spans[1]))
    assert by_clock(nights_of([denied]), series([1.0], CRAMPS))[0].n == 1


def test_a_night_that_does_not_count_and_a_silent_hour_add_nothing() -> None:
    dark = night_of([0.5])
    silent = replace(dark, spans=(*dark.spans, EventSpan(EventKind.SIGNAL_GAP, Leg.BOTH, HOUR_NS, 8 * HOUR_NS)))
    cells = by_clock(nights_of([silent, dark]), series([1.0, np.nan], CRAMPS))
    assert [(cell.hour, cell.n, cell.hours) for cell in cells] == [(22, 1, 1.0)]


def test_a_gap_of_one_leg_leaves_the_hour_of_the_other() -> None:
    gap = EventSpan(EventKind.SIGNAL_GAP, Leg.LEFT, HOUR_NS, 8 * HOUR_NS)
    two, one = (replace(night_of([], one_leg=one_leg), spans=(gap,)) for one_leg in (False, True))
    assert len(by_clock(nights_of([two]), series([0.0], CRAMPS))) == 8
    assert len(by_clock(nights_of([one]), series([0.0], CRAMPS))) == 1


def test_hours_since_sleep_onset_come_from_nights_that_know_it() -> None:
    rows = [{"hour": 0, "valid_h": 1.0, "cramps": 0}, {"hour": 1, "valid_h": 0.5, "cramps": 2}]
    known = night_of([], sleep_basis="estimate", by_hour_est=rows)
    unknown = night_of([], sleep_basis="recording", by_hour=rows)
    cells, n_nights = since_sleep_onset(nights_of([known, unknown]), series([2.0, 2.0], CRAMPS))
    assert n_nights == 1
    assert [(cell.hour, cell.n, cell.hours) for cell in cells] == [(0, 0, 1.0), (1, 2, 0.5)]
    assert since_sleep_onset(nights_of([unknown]), series([2.0], CRAMPS)) == ((), 0)

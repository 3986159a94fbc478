"""What a scored night tells beside its numbers: the clock of its place, and sleep and wake."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from detectors.criteria import named
from detectors.signal import NS_PER_S
from detectors.sleep.estimate import SleepSpan
from ingest.night.entries import TopicKind
from ingest.points import points_of
from ingest.wire import Delivered
from soleus.scoring import NightScoring, sleep_states
from tests.night_log import INFO, night_records

if TYPE_CHECKING:
    from ingest.night.entries import Entry


def last_entry(scoring: NightScoring) -> Entry:
    scoring.finish()
    last = scoring.final_entries()[-1]
    assert last.topic_kind is TopicKind.NIGHT
    return last


def test_a_stretch_in_which_the_votes_differ_is_in_doubt_whatever_they_come_to() -> None:
    spans = [SleepSpan(0, 10, True, False), SleepSpan(10, 20, False, False), SleepSpan(20, 30, True, True)]  # noqa: FBT003 - as the estimate makes them
    assert sleep_states(spans) == [(0, 10, "asleep"), (10, 20, "awake"), (20, 30, "in doubt")]


def test_a_night_without_any_sample_tells_its_clock_and_no_sleep() -> None:
    entry = last_entry(NightScoring(replace(INFO, utc_offset_s=-25_200), named("wasm-2016")))
    assert entry.body["utc_offset_s"] == -25_200
    assert entry.body["sleep"] == []
    assert " cramp_events " in str(entry.body["unknown"])


@pytest.mark.slow
def test_a_quarter_of_an_hour_is_too_short_to_say_whether_the_person_slept_and_its_points_say_so() -> None:
    scoring = NightScoring(INFO, named("wasm-2016"))
    scoring.feed(night_records(0.25))
    entry = last_entry(scoring)
    points = points_of(Delivered("home", "bedroom", 0, entry))
    states = [point for point in points if point.measurement.name == "sleep_epoch"]
    start_ns, end_ns = scoring.span_ns
    assert len(states) == -(-(end_ns - start_ns) // (30 * NS_PER_S))
    assert {point.fields["state"] for point in states} == {"not known"}

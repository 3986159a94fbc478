"""One answer: a log gives the same events live, replayed and however it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.criteria import named
from detectors.events import EventKind
from detectors.signal import NS_PER_S, Leg
from ingest.night.entries import TopicKind
from ingest.night.records import LinkDown, LinkUp, Mark, NightStart, Notification, TimePair
from soleus.findings import entries_of
from soleus.scoring import NightScoring
from tests.night_log import INFO, UTC_NS, night_records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.events import Event
    from ingest.night.records import Record

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return night_records(0.15, seed=3)


@pytest.fixture(scope="module")
def whole(records: list[Record]) -> NightScoring:
    return scored([records])


def scored(pieces: Sequence[Sequence[Record]]) -> NightScoring:
    scoring = NightScoring(INFO, named("wasm-2016"))
    for piece in pieces:
        scoring.feed(piece)
    scoring.finish()
    return scoring


def test_a_night_has_events_epochs_and_numbers(whole: NightScoring) -> None:
    assert {EventKind.LEG_MOVEMENT, EventKind.CRAMP} <= {event.kind for event in whole.events}
    assert {epoch.sensor for epoch in whole.epochs} == {"left-shin", "right-shin"}
    assert whole.summary()["valid_h"]["left-shin/emg"] == pytest.approx(0.15, abs=0.001)
    assert whole.ended


@settings(max_examples=3, deadline=None)
@given(sizes=st.lists(st.integers(40, 4000), min_size=1, max_size=5))
def test_the_events_do_not_depend_on_how_the_log_was_read(
    records: list[Record], whole: NightScoring, sizes: list[int]
) -> None:
    pieces, at, turn = [], 0, 0
    while at < len(records):
        pieces.append(records[at : at + sizes[turn % len(sizes)]])
        at, turn = at + sizes[turn % len(sizes)], turn + 1
    assert facts(scored(pieces).events) == facts(whole.events)


def facts(events: Sequence[Event]) -> list[tuple[object, ...]]:
    return [(e.key, e.end_ns, dict(e.measures), e.quality, e.revision) for e in events]


def test_the_night_begins_with_its_first_sample_and_ends_with_its_log(
    records: list[Record], whole: NightScoring
) -> None:
    start_ns, end_ns = whole.span_ns
    assert abs(start_ns - UTC_NS) < NS_PER_S // 10
    assert end_ns == UTC_NS + records[-1].mono_ns


def test_a_lost_link_is_a_gap_of_exactly_the_samples_that_did_not_come(
    records: list[Record], whole: NightScoring
) -> None:
    lost = (100 * NS_PER_S, 160 * NS_PER_S)

    def heard(record: Record) -> bool:
        mine = isinstance(record, Notification) and record.sensor == "left-shin"
        return not (mine and lost[0] <= record.mono_ns < lost[1])

    kept = [record for record in records if heard(record)]
    kept += [LinkDown(lost[0], "left-shin", "timeout"), LinkUp(lost[1] - 1, "left-shin", 247)]
    kept.sort(key=lambda record: record.mono_ns)
    kept.insert(0, kept.pop(kept.index(records[0])))
    night = scored([kept])
    gaps = [event for event in night.events if event.kind is EventKind.SIGNAL_GAP]
    dropped = [r for r in records if isinstance(r, Notification) and not heard(r)]
    assert {event.sensor for event in gaps} == {"left-shin"}
    n_emg = sum(r.payload[1] & 0x3F == 0 for r in dropped) * 100
    n_motion = sum(r.payload[1] & 0x3F == 1 for r in dropped) * 25
    assert sorted(event.measures["n_missing"] for event in gaps) == sorted([float(n_emg), float(n_motion)])
    right = [e.onset_ns for e in night.events if e.leg == "right" and e.kind is EventKind.LEG_MOVEMENT]
    assert right == [e.onset_ns for e in whole.events if e.leg == "right" and e.kind is EventKind.LEG_MOVEMENT]


def test_everything_that_is_said_becomes_an_entry_of_its_own(records: list[Record]) -> None:
    scoring = NightScoring(INFO, named("wasm-2016"))
    said = scoring.feed(records)
    keys = [entry.key for entry in entries_of(said, INFO) if entry.revision == 0]
    assert len(keys) == len(set(keys))
    scoring.finish()
    final = [entry.key for entry in scoring.final_entries()]
    assert len(final) == len(set(final)) == len(scoring.events) + len(scoring.epochs) + 1


def test_records_of_a_sensor_that_nobody_configured_are_passed_over(records: list[Record], whole: NightScoring) -> None:
    stranger = [Notification(5, "stranger", "7c5a0003", b"\xa1")]
    assert facts(scored([records[:1], stranger, records[1:]]).events) == facts(whole.events)


def test_a_marker_that_was_logged_twice_or_cannot_be_written_is_one_that_can() -> None:
    log: list[Record] = [
        NightStart(0, UTC_NS, 1.0, "test"),
        Mark(12 * NS_PER_S, "\ud800", "mqtt"),
        Mark(12 * NS_PER_S + 5248, "\ud800", "mqtt"),
        Mark(13 * NS_PER_S, "\ud800", "mqtt"),
    ]
    scoring = NightScoring(INFO, named("wasm-2016"))
    said = scoring.feed(log)
    assert [event.onset_ns - UTC_NS for event in scoring.events] == [12 * NS_PER_S, 13 * NS_PER_S]
    assert [marker.label for marker in said.markers] == ["?", "?"]


def test_a_marker_that_a_killed_collector_logs_again_is_one_although_the_wall_clock_was_set_in_between() -> None:
    left = Mark(12 * NS_PER_S, "cramp", "page")
    again = NightStart(20 * NS_PER_S, UTC_NS + 3620 * NS_PER_S, 1.0, "test")
    scoring = NightScoring(INFO, named("wasm-2016"))
    said = scoring.feed([NightStart(0, UTC_NS, 1.0, "test"), left, again, left])
    assert [event.onset_ns - UTC_NS for event in scoring.events] == [12 * NS_PER_S]
    assert len(said.markers) == 1


def test_a_marker_from_outside_is_an_event_and_an_entry_at_its_own_moment_however_the_wall_clock_is_set() -> None:
    jump_ns = 3600 * NS_PER_S
    log: list[Record] = [
        NightStart(0, UTC_NS, 1.0, "test"),
        TimePair(10 * NS_PER_S, UTC_NS + 10 * NS_PER_S + jump_ns),
        Mark(12 * NS_PER_S, "cramp", "page"),
        Mark(12 * NS_PER_S, "cramp", "page"),
    ]
    scoring = NightScoring(INFO, named("wasm-2016"))
    said = scoring.feed(log)
    at_ns = UTC_NS + 12 * NS_PER_S
    assert [event.key for event in scoring.events] == [(EventKind.MARKER, "page", Leg.UNKNOWN, at_ns)]
    marks = [entry for entry in entries_of(said, INFO) if entry.topic_kind is TopicKind.MARKER]
    assert len({entry.key for entry in marks}) == 1
    assert marks[0].body == {"sensor": "page", "time_ns": at_ns, "label": "cramp"}

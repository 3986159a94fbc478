"""The state of tonight: counted from the journal, and told when it changed."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.events import Event, EventKind
from detectors.signal import NS_PER_S, Leg
from ingest import wire
from ingest.decoders.base import Status, StatusKind
from ingest.mqtt import Down
from ingest.night.changes import NightName
from ingest.night.entries import Entry, TopicKind, event_entry, health_entry, night_entry
from ingest.tonight import AT_ONCE, EVERY_S, Tonight, TonightTeller
from tests.ingest.link_log import LinkLog
from tests.message_schemas import faults
from tests.system.generated_night import START_NS, WHOSE, generated_night, newest

if TYPE_CHECKING:
    from ingest.night.journal import Journal

NIGHT = NightName(*WHOSE)
SENSORS = ["left-shin", "right-shin"]
TOPIC = wire.tonight_topic("home", "bedroom")


def told(*entries: Entry) -> dict[str, Any]:
    tonight = Tonight(NIGHT, START_NS, SENSORS)
    tonight.take(entries)
    return tonight.state()


def event(kind: EventKind, onset_s: float = 1.0, sensor: str = "left-shin", **measures: float) -> Event:
    onset_ns = START_NS + round(onset_s * NS_PER_S)
    return Event(kind, sensor, Leg.LEFT, onset_ns, onset_ns + NS_PER_S, measures)


def kept(found: Event, revision: int = 0, *, valid: bool = True) -> Entry:
    entry = event_entry(found, *WHOSE)
    return Entry(entry.topic_kind, *WHOSE, entry.key, revision, valid, entry.body)


def health(kind: StatusKind, at_s: float, **values: float) -> Entry:
    time_ns = START_NS + round(at_s * NS_PER_S)
    return health_entry(Status("left-shin", kind, 0, "", values), *WHOSE[:2], time_ns=time_ns)


class Clock:
    """A time that goes on when it is told to."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def teller(journal: Journal, clock: Clock) -> TonightTeller:
    return TonightTeller(journal, NIGHT, Tonight(NIGHT, START_NS, SENSORS), TOPIC, clock_s=clock)


def test_a_night_without_anything_says_so() -> None:
    state = told()
    assert state["last_event"] is None
    assert set(state["counts"].values()) == {0}
    assert state["sensors"]["right-shin"]["linked"] is None
    assert faults(TOPIC, wire.encode_tonight(state)) == []


def test_cramps_are_counted_by_tier_and_what_is_not_shown_is_not_counted() -> None:
    cramps = [kept(event(EventKind.CRAMP, number, tier=tier)) for number, tier in enumerate((2.0, 2.0, 1.0, 0.0))]
    state = told(*cramps, kept(event(EventKind.SIGNAL_GAP, 9)), kept(event(EventKind.MARKER, 10)))
    assert state["counts"] == {"leg_movement": 0, "cramp_probable": 2, "cramp_possible": 1, "periodic_series": 0}
    assert state["last_event"] == {"kind": "cramp", "leg": "left", "onset_ns": START_NS + 2 * NS_PER_S}


def test_what_is_taken_back_or_denied_no_longer_counts_and_what_is_confirmed_does() -> None:
    movement, series = event(EventKind.LEG_MOVEMENT), event(EventKind.PERIODIC_SERIES, 5)
    denied = [
        kept(event(EventKind.LEG_MOVEMENT, 7, confirmed=value), number) for number, value in enumerate((1.0, 0.0))
    ]
    rows = [kept(movement), kept(series), *denied, kept(series, 1, valid=False)]
    state = told(*rows)
    assert state["counts"]["leg_movement"] == 1
    assert state["counts"]["periodic_series"] == 0
    assert state["last_event"] == {"kind": "leg_movement", "leg": "left", "onset_ns": movement.onset_ns}
    assert told(*rows[:3])["counts"]["leg_movement"] == 2


def test_each_sensor_has_its_own_events_and_a_channel_belongs_to_its_sensor() -> None:
    state = told(
        kept(event(EventKind.LEG_MOVEMENT, 1)),
        kept(event(EventKind.LEG_MOVEMENT, 2, "left-shin.ch2")),
        kept(event(EventKind.LEG_MOVEMENT, 3, "right-shin")),
    )
    assert [state["sensors"][name]["counts"]["leg_movement"] for name in SENSORS] == [2, 1]
    assert state["counts"]["leg_movement"] == 3
    assert state["sensors"]["left-shin"]["last_event"]["onset_ns"] == START_NS + 2 * NS_PER_S


def test_the_last_word_on_battery_and_link_counts_whatever_the_order() -> None:
    minutes = [
        health(StatusKind.MINUTE, 60 * number, minute_s=60.0, linked_share=share, battery_pct=90.0 - number)
        for number, share in enumerate((1.0, 0.25, 0.0))
    ]
    random.Random(3).shuffle(minutes)  # noqa: S311 - a seeded order
    sensor = told(*minutes)["sensors"]["left-shin"]
    assert (sensor["battery_pct"], sensor["linked"], sensor["linked_share"]) == (88.0, False, 0.0)


def test_a_meter_that_a_minute_does_not_read_keeps_its_last_word() -> None:
    sensor = told(
        health(StatusKind.BATTERY, 1, battery_pct=70.0), health(StatusKind.MINUTE, 0, minute_s=60.0, linked_share=0.5)
    )["sensors"]["left-shin"]
    assert (sensor["battery_pct"], sensor["linked"], sensor["rssi_dbm"]) == (70.0, True, None)


def test_a_sensor_that_stays_away_is_not_linked_until_it_is_back() -> None:
    rows = [
        health(StatusKind.MINUTE, 0, minute_s=60.0, linked_share=1.0),
        health(StatusKind.AWAY, 700, away_s=600.0, is_over=0.0),
        health(StatusKind.AWAY, 900, away_s=800.0, is_over=1.0),
    ]
    assert [told(*rows[:n])["sensors"]["left-shin"]["linked"] for n in (1, 2, 3)] == [True, False, True]
    assert told(*reversed(rows))["sensors"]["left-shin"]["linked"] is True
    assert told(rows[1], rows[0])["sensors"]["left-shin"]["linked"] is False


events = st.builds(
    lambda kind, onset_s, sensor, measures, valid: kept(event(kind, onset_s, sensor, **measures), valid=valid),
    st.sampled_from(EventKind),
    st.integers(0, 20),
    st.sampled_from([*SENSORS, "left-shin.ch1", "page"]),
    st.dictionaries(st.sampled_from(["tier", "confirmed", "peak_uv"]), st.sampled_from([0.0, 1.0, 2.0])),
    st.booleans(),
)


@pytest.mark.slow
@settings(max_examples=50)
@given(st.lists(events, max_size=12, unique_by=lambda entry: entry.key), st.randoms(use_true_random=False))
def test_rows_in_any_order_make_the_same_state_and_it_fits_its_schema(
    rows: list[Entry], shuffler: random.Random
) -> None:
    state = told(*rows)
    shuffler.shuffle(rows)
    assert told(*rows) == told(*rows, *rows) == state
    assert faults(TOPIC, wire.encode_tonight(state)) == []


def test_the_final_numbers_end_the_night() -> None:
    final = night_entry({}, *WHOSE, span_ns=(1, 2))
    assert told(final)["ended"] is True
    assert told(final, Entry(final.topic_kind, *WHOSE, final.key, 1, valid=False, body=final.body))["ended"] is False


@pytest.mark.parametrize("body", [{}, {"kind": "leg_movement", "onset_ns": "x", "measures": {}}, {"measures": []}])
def test_a_row_that_this_version_cannot_read_is_passed_over(body: dict[str, Any]) -> None:
    rows = [Entry(kind, *WHOSE, "k", 0, valid=True, body=body) for kind in (TopicKind.EVENT, TopicKind.HEALTH)]
    assert told(*rows) == told()


def test_a_night_read_from_its_journal_is_that_of_its_newest_revisions(journal: Journal) -> None:
    entries = generated_night(seed=9, n_movements=60)
    clock, link = Clock(), LinkLog()
    guest = teller(journal, clock)
    link.connect(guest)
    for start in range(0, len(entries), 50):
        journal.put(entries[start : start + 50])
        clock.now_s += EVERY_S
        guest.send(link.typed)
    whole = told(*newest(entries).values())
    assert json.loads(link.kept[TOPIC]) == {"v": 1, **whole}
    assert whole["counts"]["leg_movement"] == sum(
        entry.body.get("kind") == "leg_movement" for entry in newest(entries).values()
    )
    assert faults(TOPIC, link.kept[TOPIC]) == []


def test_nothing_is_told_without_a_connection_too_often_or_twice(journal: Journal) -> None:
    clock, link = Clock(), LinkLog()
    guest = teller(journal, clock)
    guest.send(link.typed)
    guest.leave(link.typed)
    assert link.n_published == 0
    link.connect(guest)
    guest.send(link.typed)
    journal.put([kept(event(EventKind.LEG_MOVEMENT))])
    clock.now_s += EVERY_S / 2
    guest.send(link.typed)
    assert link.n_published == 1
    clock.now_s += EVERY_S / 2
    guest.send(link.typed)
    clock.now_s += EVERY_S
    guest.send(link.typed)
    assert link.n_published == 2


def test_the_last_state_is_told_before_the_connection_ends(journal: Journal) -> None:
    clock, link = Clock(), LinkLog()
    guest = teller(journal, clock)
    link.connect(guest)
    guest.send(link.typed)
    journal.put([night_entry({}, *WHOSE, span_ns=(1, 2))])
    guest.leave(link.typed)
    assert json.loads(link.kept[TOPIC])["ended"] is True


def test_a_new_connection_is_told_again_because_the_broker_may_have_lost_it(journal: Journal) -> None:
    clock, link = Clock(), LinkLog()
    guest = teller(journal, clock)
    link.connect(guest)
    guest.send(link.typed)
    guest.take(Down("gone"), link.typed)
    clock.now_s += EVERY_S
    guest.send(link.typed)
    link.connect(guest)
    guest.send(link.typed)
    assert link.n_published == 2


def test_a_refused_state_is_told_no_more_until_the_next_connection(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    clock, link = Clock(), LinkLog(refusal="not authorised")
    guest = teller(journal, clock)
    for number in range(3):
        if number == 0:
            link.connect(guest)
        journal.put([kept(event(EventKind.LEG_MOVEMENT, number))])
        guest.send(link.typed)
        link.answer(guest)
        clock.now_s += EVERY_S
    assert link.n_published == 1
    assert caplog.messages == ["the broker refuses the state of tonight: not authorised (1 so far)"]


def test_a_journal_is_read_in_pieces_and_only_what_changed_is_read_again(journal: Journal) -> None:
    other = NightName("p1", "another", "default")
    journal.put([event_entry(event(EventKind.LEG_MOVEMENT, n), *other) for n in range(20)])
    journal.put([kept(event(EventKind.LEG_MOVEMENT, n)) for n in range(AT_ONCE + 5)])
    first = journal.changes(NIGHT, after=0, limit=AT_ONCE)
    rest = journal.changes(NIGHT, after=first[-1][0], limit=AT_ONCE)
    assert (len(first), len(rest)) == (AT_ONCE, 5)
    journal.put([event_entry(event(EventKind.LEG_MOVEMENT, n + 100), *other) for n in range(20)])
    journal.put([kept(event(EventKind.LEG_MOVEMENT, 3, clm=1.0), 1)])
    ((_, changed),) = journal.changes(NIGHT, after=rest[-1][0], limit=AT_ONCE)
    assert changed.revision == 1


def test_epochs_are_not_read(journal: Journal) -> None:
    entries = generated_night(seed=1, n_movements=3)
    journal.put(entries)
    kinds = {entry.topic_kind for _, entry in journal.changes(NIGHT, after=0, limit=AT_ONCE)}
    assert kinds == {TopicKind.EVENT, TopicKind.HEALTH, TopicKind.NIGHT}

"""The outbox: what is told of it, how its bound is kept, and how what was set aside goes again."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ingest.address import BrokerAddress
from ingest.mqtt import MqttLink, Session
from ingest.night.entries import SCORED, Confirmation, Delivery, Entry, TopicKind
from ingest.night.journal import Journal
from ingest.night.outbox import Backlog, Oldest, Outbox, Tally
from ingest.night.outbox_bound import LOOK_S, Fill, Fullness, OutboxGate, OutboxMeter
from ingest.outbox_watch import LOOK_S as WATCH_S
from ingest.outbox_watch import OutboxWatch
from ingest.seldom import Seldom

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW_NS = 1_795_212_000_000_000_000


def entry(number: int, kind: TopicKind = TopicKind.EVENT, night: str = "n1", *, n_bytes: int = 0) -> Entry:
    body = {"onset_ns": number, "filling": n_bytes * "."}
    return Entry(kind, "p1", night, "default", f"{kind} {number}", 0, valid=True, body=body)


class Clock:
    """UTC that is set by hand, one second later with each look."""

    def __init__(self) -> None:
        self.ns = NOW_NS

    def __call__(self) -> int:
        self.ns += 1_000_000_000
        return self.ns


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.db", now_ns=Clock()) as opened:
        yield opened


def test_an_outbox_tells_how_far_everything_got_by_kind_and_by_night(journal: Journal) -> None:
    journal.put([entry(1), entry(2), entry(3, TopicKind.EPOCH), entry(4, TopicKind.EPOCH, "n2")])
    journal.published([("event 1", 0), ("epoch 3", 0)])
    refused = Confirmation("epoch 3", "p1", 0, accepted=False, reason="field type conflict")
    journal.stored([Confirmation("event 1", "p1", 0), refused])
    outbox = journal.outbox(Delivery.STORE)
    assert outbox.total == Tally("all", entries=4, waiting=2, published=2, stored=1, set_aside=1)
    assert outbox.kinds == (Tally("epoch", 2, 1, 1, 0, 1), Tally("event", 2, 1, 1, 1, 0))
    assert outbox.nights == (Tally("n2", 1, 1, 0, 0, 0), Tally("n1", 3, 1, 2, 1, 1))


def test_an_empty_outbox_is_told_too(journal: Journal) -> None:
    assert journal.outbox(Delivery.STORE) == Outbox(Tally("all", 0, 0, 0, 0, 0), (), (), ())
    assert journal.backlog(Delivery.STORE) == Backlog()


@pytest.mark.parametrize(
    ("delivery", "waiting"), [(Delivery.STORE, ["event 2"]), (Delivery.BROKER, ["event 1"]), (Delivery.NONE, [])]
)
def test_what_waits_depends_on_who_empties_the_outbox(journal: Journal, delivery: Delivery, waiting: list[str]) -> None:
    journal.put([entry(1), entry(2)])
    journal.published([("event 2", 0)])
    journal.stored([Confirmation("event 1", "p1", 0)])
    backlog = journal.backlog(delivery)
    assert [w.entry.key for w in journal.waiting(delivery)] == waiting
    assert (journal.outbox(delivery).total.waiting, backlog.waiting) == (len(waiting), len(waiting))
    assert (backlog.oldest and backlog.oldest.key) == (waiting[0] if waiting else None)
    assert (backlog.waiting_bytes > 0) == bool(waiting)


def test_the_oldest_is_what_changed_first_of_what_waits(journal: Journal) -> None:
    for number in (1, 2, 3):
        journal.put([entry(number)])
    journal.stored([Confirmation("event 1", "p1", 0)])
    second = NOW_NS + 2 * 1_000_000_000
    assert journal.backlog(Delivery.STORE).oldest == Oldest("event 2", "event", "n1", second)
    journal.put([replace(entry(2), revision=1)])
    oldest = journal.backlog(Delivery.STORE).oldest
    assert oldest is not None
    assert oldest.key == "event 3", "a new revision waits since it came"


def test_what_was_set_aside_is_grouped_by_its_reason_with_an_example(journal: Journal) -> None:
    journal.put([entry(number) for number in range(5)])
    aside = [Confirmation(f"event {n}", "p1", 0, accepted=False, reason="field type conflict") for n in (3, 1, 2)]
    journal.stored([*aside, Confirmation("event 4", "p1", 0, accepted=False, reason="outside of retention")])
    assert journal.backlog(Delivery.STORE).set_aside == 4
    first, second = journal.outbox(Delivery.STORE).set_aside
    assert first[:4] == ("field type conflict", "event", 3, "event 1")
    assert second[:4] == ("outside of retention", "event", 1, "event 4")


def test_what_was_set_aside_can_be_sent_again_and_a_late_refusal_of_before_counts_no_more(journal: Journal) -> None:
    journal.put([entry(1), entry(2), entry(3)])
    refusals = [Confirmation(f"event {n}", "p1", 0, accepted=False, reason="no such bucket") for n in (1, 2)]
    journal.published([(f"event {n}", 0) for n in (1, 2, 3)])
    journal.stored([*refusals, Confirmation("event 3", "p1", 0)])
    assert journal.retry() == 2
    waiting = journal.waiting(Delivery.STORE)
    assert [(w.entry.key, w.published, w.attempt) for w in waiting] == [("event 1", False, 1), ("event 2", False, 1)]
    journal.stored(refusals)
    assert journal.outbox(Delivery.STORE).set_aside == ()
    journal.stored([Confirmation(f"event {n}", "p1", 0, 1) for n in (1, 2)])
    assert journal.outbox(Delivery.STORE).total == Tally("all", 3, 0, 1, 3, 0)
    assert journal.retry() == 0


@pytest.mark.slow
def test_the_size_of_what_waits_is_about_what_it_takes_on_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with Journal(path) as journal:
        journal.put([entry(number, n_bytes=400) for number in range(3000)])
        estimated = journal.backlog(Delivery.STORE).waiting_bytes
    assert estimated == pytest.approx(path.stat().st_size, rel=0.25)


@pytest.mark.parametrize(
    ("waiting_bytes", "fill"),
    [(0, Fill.ROOM), (499, Fill.ROOM), (500, Fill.HALF), (800, Fill.NEARLY), (999, Fill.NEARLY), (1000, Fill.FULL)],
)
def test_half_and_four_fifths_are_said_before_it_is_full(waiting_bytes: int, fill: Fill) -> None:
    fullness = Fullness(waiting_bytes, 1000)
    assert fullness.fill is fill
    assert bool(fullness.consequence) == (fill is not Fill.ROOM)


def test_a_full_outbox_takes_events_and_leaves_epochs_and_health_to_the_night_folder(journal: Journal) -> None:
    now_s = 0.0
    gate = OutboxGate(OutboxMeter(journal, Delivery.STORE, 1000, Seldom(LOOK_S, lambda: now_s)))
    offered = [entry(number, kind) for number, kind in enumerate(TopicKind)]
    assert gate.admit(offered) == offered
    assert list(gate.kinds) == list(SCORED)
    journal.put([entry(99, n_bytes=1000)])
    now_s = LOOK_S
    left_out = {TopicKind.EPOCH, TopicKind.HEALTH}
    assert gate.admit(offered) == [one for one in offered if one.topic_kind not in left_out]
    assert list(gate.kinds) == [TopicKind.EVENT, TopicKind.NIGHT]
    assert (gate.is_full, gate.n_left_out) == (True, 2)
    journal.stored([Confirmation("event 99", "p1", 0)])
    now_s = 2 * LOOK_S
    assert gate.admit(offered) == offered
    assert (gate.is_full, gate.n_left_out) == (False, 2)


def test_what_is_no_part_of_a_finished_scoring_stays_as_it_is(journal: Journal) -> None:
    epoch = entry(1, TopicKind.EPOCH)
    journal.put([epoch, entry(2)])
    assert journal.reconcile("p1", "n1", "default", [entry(3, TopicKind.EPOCH)], kinds=(TopicKind.EVENT,)) == 1
    assert journal.entries(TopicKind.EPOCH, "p1", "n1", "default") == [epoch]
    assert journal.events("p1", "n1", "default") == []


@pytest.mark.slow
async def test_the_log_says_once_each_time_the_outbox_gets_fuller(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    now_s = 0.0
    watch = OutboxWatch(OutboxMeter(journal, Delivery.STORE, 10_000, Seldom(WATCH_S, lambda: now_s)))
    said = []
    async with MqttLink(BrokerAddress("127.0.0.1", 1), Session("nobody")) as link:
        for number, n_bytes in enumerate([0, 5000, 0, 3000, 3000, 0]):
            journal.put([entry(number, n_bytes=n_bytes)])
            caplog.clear()
            watch.send(link)
            watch.send(link)
            said.append([record.getMessage().partition(" MB of")[0] for record in caplog.records])
            now_s += WATCH_S
        journal.stored([Confirmation(f"event {number}", "p1", 0) for number in range(6)])
        watch.send(link)
    assert [len(each) for each in said] == [0, 1, 0, 1, 1, 0]
    assert "there is room again" in caplog.text
    assert logging.getLevelName(caplog.records[-1].levelno) == "WARNING"

"""A night that a later scoring lets begin elsewhere is one night in the journal, the database and at the broker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ingest.night.entries import Delivery, TopicKind, night_entry
from ingest.night.journal import Journal
from ingest.points import points_of
from ingest.wire import Delivered
from tests.broker_process import broker_process
from tests.relay_scene import listener, relay, until

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.night.entries import Entry

WHOSE = ("p1", "n1", "default")


def night(start_ns: int) -> Entry:
    return night_entry({"lm_per_h": 3.0, "valid_h": {"left-shin": 7.5}}, *WHOSE, span_ns=(start_ns, start_ns + 10**12))


@pytest.mark.parametrize("order", [1, -1])
def test_the_database_ends_with_one_valid_row_whatever_is_written_last(tmp_path: Path, order: int) -> None:
    with Journal(tmp_path / "journal.db") as journal:
        journal.reconcile(*WHOSE, [night(10**18)])
        journal.reconcile(*WHOSE, [night(10**18 + 4_000_000)])
        rows = {
            (point.measurement.name, tuple(point.tags.items()), point.time_ns): point.fields["valid"]
            for waiting in journal.waiting(Delivery.STORE)[::order]
            for point in points_of(Delivered("home", "bedroom", 0, waiting.entry))
        }
        assert len(journal.entries(TopicKind.NIGHT, *WHOSE)) == 1
    assert {time_ns for (_, _, time_ns), valid in rows.items() if valid} == {10**18 + 4_000_000}
    assert [name for (name, tags, _), valid in rows.items() if valid and ("sensor", "left-shin") in tags] == ["night"]


@pytest.mark.slow
async def test_the_broker_keeps_the_night_that_stands_and_not_what_was_taken_back(tmp_path: Path) -> None:
    with broker_process() as broker, Journal(tmp_path / "journal.db") as journal:
        journal.reconcile(*WHOSE, [night(10**18)])
        journal.reconcile(*WHOSE, [night(10**18 + 1)])
        async with relay(journal, broker, Delivery.BROKER):
            await until(lambda: not journal.waiting(Delivery.BROKER))
        async with listener(broker) as ear:
            await until(lambda: bool([topic for topic, _ in ear.heard if topic.endswith("/night")]))
            (kept,) = [payload for topic, payload in ear.heard if topic.endswith("/night")]
    assert b'"start_ns":1000000000000000001' in kept

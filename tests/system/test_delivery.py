"""Every event of a night reaches a real InfluxDB exactly once, whatever dies on the way."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest

from ingest.night.entries import Delivery, TopicKind
from ingest.relay import RelaySettings, run_relay
from tests.system.generated_night import WHOSE, by_time, expected_rows, generated_night, newest
from tests.system.servers import wait_until
from tests.system.valve import Valve

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.system.house import House


pytestmark = pytest.mark.system


def test_a_night_with_revisions_is_in_the_database_exactly_once_and_field_by_field(house: House) -> None:
    entries = generated_night(seed=1)
    house.store.start()
    house.relay.start()
    house.journal.put(entries[: len(entries) // 2])
    house.journal.put(entries[len(entries) // 2 :])
    house.await_stored(entries)
    house.assert_exactly_once(entries)
    (night,) = house.database.rows("SELECT * FROM night WHERE sensor = ''")
    assert (night["plms_wasm_per_h"], night["cramp_possible"], night["duration_s"]) == (11.0, 2.0, 28800.0)
    assert {row["grade"] for row in house.database.rows("SELECT grade FROM night WHERE sensor = 'left-shin'")} == {"A"}
    assert len(house.database.rows("SELECT envelope_max_uv FROM leg_epoch")) == 120


def test_nothing_is_lost_when_the_broker_dies_and_forgets_its_queue(house: House) -> None:
    entries = generated_night(seed=2)
    house.store.start()
    house.await_store()
    house.store.kill()
    house.journal.put(entries)
    house.relay.start()
    wait_until(lambda: house.journal.counts().published == len(newest(entries)), "the broker has the whole night")
    house.broker.kill_and_forget()
    house.broker.start()
    house.store.start()
    house.await_stored(entries)
    house.assert_exactly_once(entries)


def test_nothing_is_lost_when_the_database_is_down_for_the_second_half(house: House) -> None:
    entries = generated_night(seed=3)
    half = len(entries) // 2
    house.store.start()
    house.relay.start()
    house.journal.put(entries[:half])
    house.await_stored(entries[:half])
    house.database.stop()
    house.journal.put(entries[half:])
    wait_until(lambda: "trying again" in house.store.log.read_text(), "the writer notices that the database is away")
    assert house.journal.counts().stored < len(newest(entries))
    house.database.start()
    house.await_stored(entries)
    house.assert_exactly_once(entries)


def test_nothing_is_lost_when_the_relay_is_killed_in_the_middle(house: House) -> None:
    entries = generated_night(seed=4)
    half = len(entries) // 2
    house.store.start()
    house.await_store()
    house.relay.start()
    house.journal.put(entries[:half])
    wait_until(lambda: house.journal.counts().published > 0, "the relay has begun")
    house.relay.kill()
    house.journal.put(entries[half:])
    assert house.journal.waiting(Delivery.STORE)
    house.relay.start()
    house.await_stored(entries)
    house.assert_exactly_once(entries)


def test_nothing_is_lost_when_the_writer_is_killed_between_write_and_acknowledgement(
    house: House, tmp_path: Path
) -> None:
    entries = generated_night(seed=5)
    valve = Valve(house.broker.port)
    address = house.broker.address("store")
    through = type(address)(address.host, valve.port, address.user, address.password)
    doomed = house.store_by(through, tmp_path / "doomed.log")
    try:
        doomed.start()
        house.await_store(doomed)
        valve.swallow()
        house.journal.put(entries)
        house.relay.start()
        wait_until(lambda: bool(house.database.query("SHOW SERIES FROM leg_event")), "the writer has written")
        assert house.journal.counts().stored == 0
    finally:
        doomed.kill()
        valve.close()
    house.store.start()
    house.await_stored(entries)
    house.assert_exactly_once(entries)


def test_the_writer_acknowledges_nothing_that_it_has_not_written(house: House) -> None:
    entries = generated_night(seed=9)
    house.store.start()
    house.await_store()
    house.database.stop()
    house.journal.put(entries)
    house.relay.start()
    wait_until(lambda: house.journal.counts().published == len(newest(entries)), "the broker has the whole night")
    wait_until(lambda: "trying again" in house.store.log.read_text(), "the writer holds messages that it cannot write")
    # From here on only the broker can help: the collector sends nothing again.
    house.relay.kill()
    house.store.kill()
    house.database.start()
    house.store.start()
    expected = expected_rows(entries)
    wait_until(lambda: by_time(house.database.rows("SELECT * FROM leg_event")) == expected, "every event is written")


def test_nothing_is_lost_when_everything_dies_once(house: House) -> None:
    entries = generated_night(seed=10)
    house.store.start()
    house.relay.start()
    faults: list[tuple[Callable[[], None], Callable[[], None]]] = [
        (house.database.stop, house.database.start),
        (house.relay.kill, house.relay.start),
        (house.store.kill, house.store.start),
        (house.broker.kill_and_forget, house.broker.start),
    ]
    size = len(entries) // len(faults) + 1
    for number, (fail, recover) in enumerate(faults):
        chunk = entries[number * size : (number + 1) * size]
        published = house.journal.counts().published
        house.journal.put(chunk[: size // 2])
        wait_until(lambda before=published: house.journal.counts().published > before, "the relay is at work")
        fail()
        house.journal.put(chunk[size // 2 :])
        recover()
    house.await_stored(entries)
    house.assert_exactly_once(entries)


def test_writers_of_one_group_share_the_work(house: House, tmp_path: Path) -> None:
    entries = generated_night(seed=12)
    address = house.broker.address("store")
    writers = [
        house.store_by(address, tmp_path / f"{name}.log", "--name", name, "--group", "writers")
        for name in ("one", "two")
    ]
    try:
        for one in writers:
            one.start()
        for one in writers:
            house.await_store(one)
        house.relay.start()
        house.journal.put(entries)
        house.await_stored(entries)
    finally:
        for one in writers:
            one.kill()
    house.assert_exactly_once(entries)


def test_a_point_that_the_database_refuses_does_not_take_its_batch_with_it(house: House) -> None:
    entries = generated_night(seed=6)
    first = next(entry for entry in entries if entry.topic_kind is TopicKind.EVENT)
    clash = f"leg_event,sensor=other confidence=1i {first.body['onset_ns']}"
    house.database.write(clash)
    house.store.start()
    house.relay.start()
    house.journal.put(entries)
    cramps = [entry for entry in newest(entries).values() if entry.body.get("kind") == "cramp"]
    assert cramps
    wait_until(lambda: not house.journal.waiting(Delivery.STORE), "every entry settled")
    assert house.journal.counts().rejected == len(cramps)
    # It is said after the confirmations.
    wait_until(lambda: "field type conflict" in house.store.log.read_text(), "the writer says why")
    rows = [row for row in house.database.rows("SELECT * FROM leg_event") if row["sensor"] != "other"]
    assert by_time(rows) == [row for row in expected_rows(entries) if row["kind"] != "cramp"]


def test_a_scoring_that_takes_an_event_back_marks_it_invalid(house: House) -> None:
    entries = generated_night(seed=7, n_movements=20)
    house.store.start()
    house.relay.start()
    house.journal.put(entries)
    house.await_stored(entries)
    final = [entry for entry in newest(entries).values() if entry.body.get("kind") != "cramp"]
    dropped = next(entry for entry in final if entry.topic_kind is TopicKind.EVENT)
    final.remove(dropped)
    house.journal.reconcile(*WHOSE, final)
    wait_until(lambda: not house.journal.waiting(Delivery.STORE), "the tombstone is stored")
    (row,) = house.database.rows("SELECT * FROM leg_event WHERE valid = 0")
    assert (row["time"], row["revision"]) == (dropped.body["onset_ns"], dropped.revision + 1)


async def test_a_collector_that_may_not_publish_notices_it(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.journal.put(generated_night(seed=8, n_movements=5))
    settings = RelaySettings("home", "bedroom", house.broker.address("store"), Delivery.STORE)
    stop = asyncio.Event()
    with caplog.at_level(logging.WARNING, logger="ingest.relay"):
        relay = asyncio.create_task(run_relay(house.journal, settings, stop))
        await asyncio.to_thread(wait_until, lambda: "Not authorized" in caplog.text, "the refusal is logged")
        stop.set()
        await relay
    assert house.journal.counts().published == 0
    assert "p1" not in caplog.text

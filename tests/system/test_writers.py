"""Writers of one group against real servers: killed, late, locked out; the database ends with what the journal says."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from ingest.night.entries import Entry, TopicKind
from tests.system.generated_night import WHOSE, by_time, expected_rows, generated_night, newest
from tests.system.house import WITHIN_S
from tests.system.known_secrets import MARK
from tests.system.servers import DATABASE, wait_until
from tests.system.valve import Valve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.system.house import House
    from tests.system.servers import Process

pytestmark = pytest.mark.system

GROUP = ("--group", "writers")


@pytest.fixture
def started(house: House, tmp_path: Path) -> Iterator[Writers]:
    writers = Writers(house, tmp_path)
    try:
        yield writers
    finally:
        writers.end()


class Writers:
    """Writers by name; each start of one has a log of its own."""

    def __init__(self, house: House, folder: Path) -> None:
        self._house = house
        self._folder = folder
        self._running: list[Process] = []

    def start(self, name: str, *options: str) -> Process:
        log = self._folder / f"store-{name}-{len(self._running)}.log"
        writer = self._house.store_by(self._house.broker.address("store"), log, "--name", name, *options)
        self._running.append(writer)
        writer.start()
        wait_until(lambda: "connected to the broker" in log.read_text(), f"store connected: {log}", within_s=WITHIN_S)
        return writer

    def end(self) -> None:
        for writer in self._running:
            writer.kill()


def test_two_of_three_writers_are_killed_and_the_database_has_exactly_the_journals_events(
    house: House, started: Writers
) -> None:
    rng = random.Random(31)  # noqa: S311 - a seeded test
    entries = generated_night(seed=31, n_movements=400)
    writers = [started.start(name, *GROUP) for name in ("one", "two", "three")]
    # The broker hands the dead writer its share of the messages as before: each has to be sent until another gets it.
    house.relay.argv = [*house.relay.argv, "0.3"]
    house.relay.start()
    size = len(entries) // 12 + 1
    chunks = [entries[start : start + size] for start in range(0, len(entries), size)]
    first, second, again = sorted(rng.sample(range(1, len(chunks)), 3))
    for number, chunk in enumerate(chunks):
        before = house.journal.counts().published
        house.journal.put(chunk)
        wait_until(lambda n=before: house.journal.counts().published > n, "the relay is at work", within_s=WITHIN_S)
        if number == first:
            writers[0].kill()
        if number == second:
            writers[1].kill()
        if number == again:
            started.start("one", *GROUP)
    house.await_stored(entries)
    house.assert_exactly_once(entries)


def events(revision: int, n_events: int = 60) -> list[Entry]:
    """Return events of a revision; each revision has other numbers."""
    found = [entry for entry in generated_night(seed=32, n_movements=n_events) if entry.topic_kind is TopicKind.EVENT]
    return [
        Entry(
            *(entry.topic_kind, *WHOSE, entry.key, revision),
            valid=True,
            body={**entry.body, "measures": {"peak_uv": 100.0 * revision + number}},
        )
        for number, entry in enumerate(newest(found).values())
    ]


def test_a_writer_that_is_late_does_not_leave_an_older_revision_in_the_database(house: House, started: Writers) -> None:
    valve = Valve(house.database.port)
    try:
        started.start("late", *GROUP, "--influx", f"http://127.0.0.1:{valve.port}")
        house.relay.start()
        valve.hold()
        house.journal.put(events(0))
        wait_until(lambda: valve.n_held > 0, "the first writer has all and cannot write it", within_s=WITHIN_S)
        started.start("swift", *GROUP)
        house.journal.put(events(1))
        wait_until(
            lambda: house.journal.counts().stored > 0,
            "the second writer has written newer revisions",
            within_s=WITHIN_S,
        )
        wait_until(
            lambda: any(row["revision"] == 1 for row in event_rows(house)),
            "newer revisions are in the database",
            within_s=WITHIN_S,
        )
        valve.release()
        wait_until(lambda: attempts(house) > 0, "an older revision is written over a newer one", within_s=WITHIN_S)
        # The first writer may go on with that; then it is the newer ones that are written again.
        expected = expected_rows(events(1))
        wait_until(lambda: event_rows(house) == expected, "the newer revisions are there", within_s=WITHIN_S)
        house.await_stored(events(1))
        house.assert_exactly_once(events(1))
    finally:
        valve.close()


def event_rows(house: House) -> list[dict[str, Any]]:
    return by_time(house.database.rows("SELECT * FROM leg_event"))


def attempts(house: House) -> int:
    return sum(row["attempt"] for row in house.journal.everything(WHOSE[0]))


def test_a_token_is_exchanged_and_a_bucket_comes_back_without_a_restart(
    house: House, started: Writers, tmp_path: Path
) -> None:
    entries = generated_night(seed=33, n_movements=30)
    third = len(entries) // 3
    file = tmp_path / "influx_token"
    file.write_text(f"{house.database.address().token}\n")
    store = started.start("one", "--token-file", str(file))
    house.relay.start()
    house.journal.put(entries[:third])
    house.await_stored(entries[:third])

    secret = f"newer-{MARK}-secret"
    house.database.command(f"SET PASSWORD FOR store = '{secret}'")
    house.journal.put(entries[third : 2 * third])
    wait_until(
        lambda: "does not accept the token (HTTP 401); trying again" in store.log.read_text(),
        "401 is noticed",
        within_s=WITHIN_S,
    )
    file.write_text(f"store:{secret}\n")
    house.await_stored(entries[: 2 * third])
    house.assert_exactly_once(entries[: 2 * third])

    house.database.command(f"DROP DATABASE {DATABASE}")
    house.journal.put(entries[2 * third :])
    wait_until(lambda: "(HTTP 404); trying again" in store.log.read_text(), "404 is noticed", within_s=WITHIN_S)
    house.database.command(f"CREATE DATABASE {DATABASE}")
    house.database.command(f"GRANT READ ON {DATABASE} TO store")
    wait_until(lambda: "(HTTP 403); trying again" in store.log.read_text(), "403 is noticed", within_s=WITHIN_S)
    house.database.command(f"GRANT ALL ON {DATABASE} TO store")
    house.database.command(f"GRANT READ ON {DATABASE} TO grafana")
    house.await_stored(entries)
    last = newest(entries).values()
    began = newest(entries[: 2 * third])
    assert event_rows(house) == expected_rows(entry for entry in last if began.get(entry.key) is not entry)

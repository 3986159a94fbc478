"""Whatever overtakes whatever: the database ends with the newest revision and the person's last word."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.night.entries import Confirmation, Delivery, Entry, TopicKind, Waiting
from ingest.night.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NIGHTS = itertools.count()
KEYS = ("a", "b")
N_WRITERS = 3


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journal]:
    """One journal for all examples, which take nights of their own: making a file takes the time."""
    with Journal(tmp_path_factory.mktemp("journal") / "journal.db") as opened:
        yield opened


@dataclass
class World:
    """A scorer, a person, a relay, a broker, several writers and a database, all of them as bad as they may be.

    The broker hands out messages in any order and more than once, and dies with all that it holds; a writer holds a
    batch for any time, confirms late and more than once, and dies before or after it has written. A point that is
    written over keeps the fields that the new one does not have, as in InfluxDB.
    """

    journal: Journal
    rng: random.Random
    night: str
    database: dict[str, dict[str, float]] = field(default_factory=dict)
    broker: list[Waiting] = field(default_factory=list)
    held: list[list[Waiting]] = field(default_factory=lambda: [[] for _ in range(N_WRITERS)])
    confirmations: list[Confirmation] = field(default_factory=list)
    scored: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KEYS, -1))
    judged: dict[str, bool | None] = field(default_factory=lambda: dict.fromkeys(KEYS))

    def entry(self, name: str, revision: int = 0) -> Entry:
        # Not every revision can say whether the leg moved.
        moved = {"moved": float(self.rng.randrange(2))} if self.rng.random() < 0.5 else {}
        body = {"onset_ns": 1, "measures": {"peak_uv": float(self.rng.randrange(3)), **moved}}
        key = f"{self.night} {name}"
        return Entry(TopicKind.EVENT, "p1", self.night, "default", key, revision, valid=True, body=body)

    def score(self) -> None:
        name = self.rng.choice(KEYS)
        self.scored[name] += 1
        self.journal.put([self.entry(name, self.scored[name])])

    def begin_again(self) -> None:
        self.journal.put([self.entry(name, revision) for name in KEYS for revision in range(self.scored[name] + 1)])

    def finish(self) -> None:
        final = [self.entry(name) for name in KEYS if self.rng.random() < 0.6]
        self.journal.reconcile("p1", self.night, "default", final)

    def judge(self) -> None:
        name, word = self.rng.choice(KEYS), self.rng.choice((True, False, None))
        if self.journal.judge(f"{self.night} {name}", confirmed=word):
            self.judged[name] = word

    def send(self) -> None:
        waiting = [w for w in self.journal.waiting(Delivery.STORE) if w.entry.night == self.night]
        self.broker += waiting * self.rng.randrange(1, 3)

    def take(self) -> None:
        held = self.rng.choice(self.held)
        for _ in range(self.rng.randrange(4)):
            if self.broker:
                held.append(self.broker.pop(self.rng.randrange(len(self.broker))))

    def write(self) -> None:
        """Write a batch as `ingest.store` does: of several revisions only the newest, and of a refusal all are told."""
        held = self.rng.choice(self.held)
        newest: dict[str, Waiting] = {}
        for one in held:
            known = newest.get(one.entry.key)
            if known is None or known.entry.revision <= one.entry.revision:
                newest[one.entry.key] = one
        if self.rng.random() < 0.1:
            self.confirmations += [confirmation(one, accepted=False) for one in held]
            held.clear()
            return
        for one in newest.values():
            self.database.setdefault(one.entry.key, {}).update(fields_of(one.entry))
        if self.rng.random() < 0.3:
            self.broker += held
        else:
            self.confirmations += [confirmation(one) for one in newest.values()] * self.rng.randrange(1, 3)
        held.clear()

    def die(self) -> None:
        held = self.rng.choice(self.held)
        self.broker += held
        held.clear()

    def confirm(self) -> None:
        self.rng.shuffle(self.confirmations)
        some = self.rng.randrange(len(self.confirmations) + 1)
        self.journal.stored(self.confirmations[:some])
        del self.confirmations[:some]

    def forget(self) -> None:
        """Kill the broker with its disk, perhaps a writer too: messages and confirmations are gone."""
        if self.rng.random() < 0.5:
            self.rng.choice(self.held).clear()
        self.broker.clear()
        self.confirmations.clear()
        self.journal.doubt(since_ns=0)

    def settle(self) -> None:
        """Let everything be delivered, still in any order, once nothing new happens."""
        while True:
            self.journal.retry()
            self.send()
            if not (self.broker or any(self.held) or self.confirmations):
                return
            while self.broker or any(self.held):
                self.take()
                self.write()
            while self.confirmations:
                self.confirm()


def confirmation(one: Waiting, *, accepted: bool = True) -> Confirmation:
    return Confirmation(one.entry.key, "p1", one.entry.revision, one.attempt, accepted)


def fields_of(entry: Entry) -> dict[str, float]:
    measures: Any = entry.body["measures"]
    return {**measures, "revision": entry.revision, "valid": int(entry.valid)}


# What happens often stands often.
ACTS = (
    *(World.score, World.score, World.judge, World.judge, World.finish, World.begin_again),
    *(World.send, World.send, World.take, World.take, World.take, World.write, World.write, World.die, World.confirm),
    World.forget,
)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(ACTS), max_size=30), st.integers(0, 2**32))
def test_in_any_order_the_database_ends_with_the_newest_revision_and_the_last_word(
    shared: Journal, acts: list[Any], seed: int
) -> None:
    world = World(shared, random.Random(seed), f"n{next(NIGHTS)}")  # noqa: S311 - the seed is Hypothesis's
    for act in acts:
        act(world)
    world.settle()
    kept = list(shared.everything("p1", world.night))
    assert len(kept) == sum(f"{world.night} {name}" in world.database for name in KEYS)
    for row in kept:
        stored = world.database[row["key"]]
        word = world.judged[row["key"].split()[1]]
        assert (stored["revision"], stored["valid"]) == (row["revision"], row["valid"])
        assert stored["peak_uv"] == row["body"]["measures"]["peak_uv"]
        assert stored.get("moved", -1.0) == row["body"]["measures"].get("moved", -1.0)
        assert stored.get("confirmed", -1.0) == (-1.0 if word is None else float(word))


def test_a_late_write_whose_confirmation_died_with_the_broker_does_not_stay(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.db") as journal:
        world = World(journal, random.Random(1), "n1")  # noqa: S311 - a seeded world
        journal.put([world.entry("a", 0)])
        (older,) = journal.waiting(Delivery.STORE)
        journal.put([world.entry("a", 1)])
        (newer,) = journal.waiting(Delivery.STORE)
        for written in (newer, older):
            world.database["n1 a"] = fields_of(written.entry)
        journal.stored([confirmation(newer)])
        assert not journal.waiting(Delivery.STORE)
        world.forget()
        world.settle()
    assert world.database["n1 a"]["revision"] == 1


def test_a_second_copy_of_an_older_revision_that_is_written_late_does_not_stay(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.db") as journal:
        world = World(journal, random.Random(1), "n1")  # noqa: S311 - a seeded world
        journal.put([world.entry("a", 0)])
        (older,) = journal.waiting(Delivery.STORE)
        journal.stored([confirmation(older)])
        journal.put([world.entry("a", 1)])
        (newer,) = journal.waiting(Delivery.STORE)
        journal.stored([confirmation(newer)])
        # It was sent twice, and the second copy met a database that was away.
        world.database["n1 a"] = fields_of(older.entry)
        world.forget()
        world.settle()
    assert world.database["n1 a"]["revision"] == 1


def test_only_what_was_revised_of_late_is_doubted(tmp_path: Path) -> None:
    now_ns = itertools.count(1)
    with Journal(tmp_path / "journal.db", now_ns=lambda: next(now_ns)) as journal:
        world = World(journal, random.Random(1), "n1")  # noqa: S311 - a seeded world
        journal.put([world.entry("a", 0)])
        journal.stored([Confirmation("n1 a", "p1", 0)])
        journal.put([world.entry("a", 1), world.entry("b", 0)])
        journal.put([world.entry("b", 1)])
        assert journal.doubt(since_ns=0) == 0
        journal.stored([Confirmation("n1 a", "p1", 1), Confirmation("n1 b", "p1", 1)])
        assert not journal.waiting(Delivery.STORE)
        assert journal.doubt(since_ns=1000) == 0
        assert journal.doubt(since_ns=0) == 2
        again = journal.waiting(Delivery.STORE)
        assert [(w.entry.key, w.entry.revision, w.attempt) for w in again] == [("n1 a", 1, 1), ("n1 b", 1, 1)]

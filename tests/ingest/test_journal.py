"""The journal: newest revision wins, nothing is lost, and any number of writers need no order."""

from __future__ import annotations

import itertools
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import DecodeError
from ingest.night.entries import Confirmation, Counts, Delivery, Entry, TopicKind
from ingest.night.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
WHOSE = ("p1", "n1", "default")
NUMBERS = itertools.count()


def entry(key: str, revision: int = 0, kind: TopicKind = TopicKind.EVENT, **body: object) -> Entry:
    return Entry(kind, *WHOSE, key, revision, valid=True, body={"onset_ns": 1, **body})


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journal]:
    """One journal for all examples of a property, which take keys of their own: making a file takes the time."""
    with Journal(tmp_path_factory.mktemp("journal") / "journal.db") as opened:
        yield opened


def kept(journal: Journal, *, kind: TopicKind = TopicKind.EVENT) -> dict[str, tuple[int, object]]:
    return {e.key: (e.revision, e.body.get("peak_uv")) for e in journal.entries(kind, *WHOSE)}


def test_a_lower_or_equal_revision_changes_nothing(journal: Journal) -> None:
    assert journal.put([entry("a", 1, peak_uv=1.0)]) == 1
    assert journal.put([entry("a", 1, peak_uv=2.0), entry("a", 0, peak_uv=3.0)]) == 0
    assert kept(journal) == {"a": (1, 1.0)}


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(st.permutations([0, 1, 2, 3, 2, 0]))
def test_the_highest_revision_wins_in_every_order(shared: Journal, revisions: list[int]) -> None:
    key = f"order {next(NUMBERS)}"
    for revision in revisions:
        shared.put([entry(key, revision, peak_uv=float(revision))])
    assert kept(shared)[key] == (3, 3.0)


def test_a_put_is_kept_as_a_whole_or_not_at_all(journal: Journal) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        journal.put([entry("a"), entry("b", peak_uv=float("nan"))])
    assert kept(journal) == {}


def test_events_come_back_by_onset_and_unchanged(journal: Journal) -> None:
    late = entry("late", onset_ns=20, why=[["rule", 0.1, 8.0, True]], site="M. tibialis, links: Fuß")
    early = entry("early", onset_ns=3)
    journal.put([late, early])
    assert journal.events(*WHOSE) == [early, late]
    assert journal.events("p1", "n1", "other") == []


def test_events_before_1970_come_first_and_in_order(journal: Journal) -> None:
    journal.put([entry(str(onset_ns), onset_ns=onset_ns) for onset_ns in (3, -5, -40, 20)])
    assert [e.body["onset_ns"] for e in journal.events(*WHOSE)] == [-40, -5, 3, 20]


def test_one_scoring_is_counted_without_the_others(journal: Journal) -> None:
    others = [replace(entry(f"other {number}"), night="n2") for number in range(3)]
    journal.put([entry("a"), entry("b"), entry("c"), replace(entry("d"), scoring="again"), *others])
    journal.published([("a", 0), ("b", 0), ("other 1", 0)])
    journal.stored(
        [Confirmation("a", "p1", 0), Confirmation("b", "p1", 0, accepted=False), Confirmation("other 0", "p1", 0)]
    )
    assert journal.counts_of(*WHOSE) == Counts(entries=3, published=2, stored=1, rejected=1)
    assert journal.counts_of("p1", "n3", "default") == Counts(0, 0, 0, 0)
    assert journal.counts() == Counts(entries=7, published=3, stored=2, rejected=1)


def test_a_finished_scoring_replaces_what_differs_and_takes_back_what_vanished(journal: Journal) -> None:
    journal.put([entry("same", 2, peak_uv=1.0), entry("other", 1, peak_uv=1.0), entry("gone", 4)])
    final = [entry("same", peak_uv=1.0), entry("other", peak_uv=2.0), entry("new", 1)]
    assert journal.reconcile(*WHOSE, final) == 3
    assert kept(journal) == {"same": (2, 1.0), "other": (2, 2.0), "new": (1, None)}
    (tombstone,) = [w.entry for w in journal.waiting(Delivery.BROKER) if not w.entry.valid]
    assert (tombstone.key, tombstone.revision) == ("gone", 5)


def test_a_second_finish_changes_nothing(journal: Journal) -> None:
    final = [entry("a", peak_uv=0.1), entry("b", why=[("rule", 1.0, 2.0, True)])]
    journal.put([entry("gone")])
    assert journal.reconcile(*WHOSE, final) == 3
    assert journal.reconcile(*WHOSE, final) == 0


def test_an_event_that_comes_back_rises_above_its_tombstone(journal: Journal) -> None:
    journal.put([entry("a")])
    journal.reconcile(*WHOSE, [])
    assert journal.put([entry("a", 1)]) == 0
    journal.reconcile(*WHOSE, [entry("a")])
    assert kept(journal) == {"a": (2, None)}


def test_a_scoring_takes_back_no_health_no_marker_and_no_other_scoring(journal: Journal) -> None:
    health = entry("h", kind=TopicKind.HEALTH)
    elsewhere = replace(entry("e"), scoring="strict")
    journal.put([health, elsewhere])
    assert journal.reconcile(*WHOSE, []) == 0


def test_delivery_says_what_empties_the_outbox(journal: Journal) -> None:
    journal.put([entry("a"), entry("b")])
    journal.published([("a", 0)])
    journal.stored([Confirmation("b", "p1", 0)])

    def waiting(delivery: Delivery) -> list[str]:
        return [w.entry.key for w in journal.waiting(delivery)]

    assert (waiting(Delivery.BROKER), waiting(Delivery.STORE), waiting(Delivery.NONE)) == (["b"], ["a"], [])
    assert tuple(journal.counts(TopicKind.EVENT)) == (2, 1, 1, 0)


def test_a_new_revision_waits_again(journal: Journal) -> None:
    journal.put([entry("a")])
    journal.published([("a", 0)])
    journal.stored([Confirmation("a", "p1", 0)])
    journal.put([entry("a", 1)])
    journal.published([("a", 0)])
    journal.stored([Confirmation("a", "p1", 0)])
    assert [w.entry.revision for w in journal.waiting(Delivery.STORE)] == [1]
    assert [w.entry.revision for w in journal.waiting(Delivery.BROKER)] == [1]


def test_a_late_confirmation_of_an_older_revision_makes_the_newest_be_sent_again(journal: Journal) -> None:
    journal.put([entry("a", 1)])
    journal.stored([Confirmation("a", "p1", 1)])
    assert journal.waiting(Delivery.STORE) == []
    journal.stored([Confirmation("a", "p1", 0)])
    (again,) = journal.waiting(Delivery.STORE)
    assert (again.entry.revision, again.published) == (1, False)
    journal.stored([Confirmation("a", "p1", 1, attempt=0)])
    assert journal.waiting(Delivery.STORE), "sent before the late write: proves nothing"
    journal.stored([Confirmation("a", "p1", 1, again.attempt)])
    assert journal.waiting(Delivery.STORE) == []


def test_what_the_database_refuses_for_good_is_settled_and_counted(journal: Journal) -> None:
    journal.put([entry("a"), entry("b")])
    journal.stored([Confirmation("a", "p1", 0, accepted=False), Confirmation("b", "p1", 0)])
    assert journal.waiting(Delivery.STORE) == []
    assert tuple(journal.counts()) == (2, 0, 1, 1)


def test_a_confirmation_of_what_another_person_published_settles_nothing(journal: Journal) -> None:
    journal.put([entry("a", 1)])
    journal.stored([Confirmation("a", "p2", 1)])
    assert [w.entry.revision for w in journal.waiting(Delivery.STORE)] == [1]
    journal.stored([Confirmation("a", "p1", 1), Confirmation("a", "p2", 0)])
    assert journal.waiting(Delivery.STORE) == []


def test_a_confirmation_of_something_unknown_is_passed_over(journal: Journal) -> None:
    journal.stored([Confirmation("unknown", "p1", 3)])
    assert tuple(journal.counts()) == (0, 0, 0, 0)


def test_waiting_pages_through_changes_in_their_order(journal: Journal) -> None:
    journal.put([entry(str(number)) for number in range(5)])
    journal.put([entry("0", 1)])
    first = journal.waiting(Delivery.STORE, 3)
    rest = journal.waiting(Delivery.STORE, 3, after=first[-1].position)
    assert [w.entry.key for w in first + rest] == ["1", "2", "3", "4", "0"]


SCRIPT = """
import sys
from pathlib import Path
from ingest.night.entries import Entry, TopicKind
from ingest.night.journal import Journal
path, name, first, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
with Journal(path) as journal:
    for number in range(first, first + count):
        pair = (f"{name}{number}a", f"{name}{number}b")
        journal.put(Entry(TopicKind.EVENT, "p1", "n1", "default", k, 0, True, {"onset_ns": number}) for k in pair)
        print(number, flush=True)
"""


def writer(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", SCRIPT, str(path), name, "0", str(count)]
    return subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    writers = [writer(path, name, 60) for name in "xy"]
    for process in writers:
        process.communicate()
        assert process.returncode == 0
    with Journal(path) as journal:
        assert journal.counts().entries == 240
        positions = [w.position for w in journal.waiting(Delivery.STORE, 1000)]
        assert len(set(positions)) == 240


@pytest.mark.slow
def test_what_a_killed_process_was_told_is_kept_and_no_put_is_kept_in_half(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    process = writer(path, "k", 1_000_000)
    assert process.stdout is not None
    told = [int(process.stdout.readline()) for _ in range(20)]
    process.kill()
    process.communicate()
    with Journal(path) as journal:
        keys = {e.key for e in journal.entries(TopicKind.EVENT, *WHOSE)}
    assert {f"k{number}{half}" for number in told for half in "ab"} <= keys
    assert {key[:-1] for key in keys if key.endswith("a")} == {key[:-1] for key in keys if key.endswith("b")}


def test_a_file_that_is_no_journal_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    path.write_text("EDF" * 1000)
    with pytest.raises(DecodeError, match=r"journal\.db: not a journal"):
        Journal(path)


def test_a_revision_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="revision is -1, expected 0 or more"):
        entry("a", -1)

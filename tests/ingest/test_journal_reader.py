"""Reading a journal while others write it."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest

from detectors.events import Event, EventKind
from detectors.signal import Leg
from ingest.errors import DecodeError
from ingest.night.entries import TopicKind, event_entry
from ingest.night.journal import Journal
from ingest.night.journal_layout import LAYOUT
from ingest.night.journal_reader import JournalReader
from ingest.night.journal_reads import Outline
from tests.ingest.test_journal_layout import WHOSE as OLDER_NIGHT
from tests.ingest.test_journal_layout import older_journal

if TYPE_CHECKING:
    from pathlib import Path

WHOSE = ("p1", "n1", "default")


def cramp(onset_ns: int, **measures: float) -> Event:
    return Event(EventKind.CRAMP, "left-calf", Leg.LEFT, onset_ns, onset_ns + 4, measures)


def test_a_reader_does_not_wait_for_a_writer_and_sees_what_was_committed(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with Journal(path) as journal:
        journal.put([event_entry(cramp(5), *WHOSE)])
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("DELETE FROM entry")
            with JournalReader(path) as reader:
                assert len(reader.entries(TopicKind.EVENT, *WHOSE)) == 1
            writer.execute("ROLLBACK")


def test_a_reader_sees_what_a_process_wrote_that_was_killed(tmp_path: Path) -> None:
    path, copy = tmp_path / "journal.db", tmp_path / "copy.db"
    with Journal(path) as journal:
        journal.put([event_entry(cramp(5), *WHOSE)])
        # The rows are in the write-ahead log still: this is what a power cut leaves.
        for suffix in ("", "-wal"):
            shutil.copyfile(f"{path}{suffix}", f"{copy}{suffix}")
    with JournalReader(copy) as reader:
        assert len(reader.entries(TopicKind.EVENT, *WHOSE)) == 1


def test_the_outline_of_an_event_has_its_tier_and_the_persons_word(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    events = [cramp(9, tier=2.0, peak_uv=40.0), cramp(5, tier=1.0), cramp(7)]
    with Journal(path) as journal:
        journal.put([event_entry(event, *WHOSE) for event in events])
        journal.judge(event_entry(events[0], *WHOSE).key, confirmed=False)
        for word in (True, None):
            journal.judge(event_entry(events[1], *WHOSE).key, confirmed=word)
    with JournalReader(path) as reader:
        assert reader.outlines(*WHOSE) == [
            Outline(EventKind.CRAMP, Leg.LEFT, 5, 9, 1, None),
            Outline(EventKind.CRAMP, Leg.LEFT, 7, 11, 0, None),
            Outline(EventKind.CRAMP, Leg.LEFT, 9, 13, 2, confirmed=False),
        ]


@pytest.mark.parametrize("layout", range(1, LAYOUT))
def test_a_journal_of_an_older_layout_is_brought_up_to_date_to_be_read(tmp_path: Path, layout: int) -> None:
    path = tmp_path / "journal.db"
    older_journal(path, layout)
    with JournalReader(path) as reader:
        assert len(reader.entries(TopicKind.EVENT, *OLDER_NIGHT)) > 0


def test_what_is_no_journal_or_one_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with pytest.raises(FileNotFoundError, match="there is no journal"):
        JournalReader(path)
    path.write_bytes(b"these are no rows of anything" * 100)
    with pytest.raises(DecodeError, match="not a journal"):
        JournalReader(path)
    path.unlink()
    with contextlib.closing(sqlite3.connect(path)) as file:
        file.execute(f"PRAGMA user_version = {LAYOUT + 1}")
    with pytest.raises(DecodeError, match="expected at most"):
        JournalReader(path)


def test_nothing_can_be_changed_through_a_reader(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    Journal(path).close()
    with (
        JournalReader(path) as reader,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        reader._db.execute("DELETE FROM entry")

"""An entry of the diary is changed under its key: its history grows, and no database keeps what it no longer says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import wire
from ingest.diary import MOST_HISTORY, Note, begun, note_entry, revised, states_of, struck
from ingest.diary_kinds import WORDS
from ingest.night.changes import NightName
from ingest.night.entries import Delivery, Entry
from ingest.night.journal import Journal
from ingest.points import points_of
from ingest.wire import Delivered
from tests.message_schemas import faults

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WHOSE = NightName("p1", "n1", "")
NOON_NS = 1_795_212_000_000_000_000
LATER_NS = NOON_NS + 10**15
CRAMP = Note("cramp", "calf", {"minutes": 3.0, "pain_0_10": 7.0}, NOON_NS, {"leg": "left"})


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.db") as journal:
        yield journal


def kept(journal: Journal, note: Note) -> Entry:
    entry = begun(journal, WHOSE, note, note.time_ns or 0)
    journal.put([entry])
    return entry


def changed(journal: Journal, old: Entry, note: Note) -> Entry:
    entry = revised(journal, old, note, LATER_NS)
    assert journal.put([entry]) == 1
    return entry


def said_by(journal: Journal, *, backwards: bool = False) -> dict[tuple[int, str], dict[str, Any]]:
    """Return what a database holds that had every revision, field by field, and then the newest once more."""
    rows: dict[tuple[int, str], dict[str, Any]] = {}
    newest = [one.entry for one in journal.waiting(Delivery.STORE)]
    earlier = [replace(entry, revision=entry.revision - 1, body=_before(entry)) for entry in newest if entry.revision]
    for entry in (*newest, *earlier, *newest) if backwards else (*earlier, *newest):
        for point in points_of(Delivered("home", "bedroom", 0, entry)):
            rows.setdefault((point.time_ns, point.tags["kind"]), {}).update(point.fields)
    return {at: row for at, row in rows.items() if row["valid"]}


def _before(entry: Entry) -> dict[str, Any]:
    if "history" not in entry.body:
        return dict(entry.body)
    *history, last = states_of({"history": entry.body["history"]})[:-1]
    state = {name: last[name] for name in last if name != "changed_ns"}
    return {**state, "history": list(history)} if history else state


def test_the_key_stays_through_every_change_and_the_history_says_what_was(journal: Journal) -> None:
    first = kept(journal, CRAMP)
    second = changed(journal, first, CRAMP._replace(text="foot", time_ns=None))
    third = changed(journal, second, CRAMP._replace(kind="urge", time_ns=NOON_NS - 60 * 10**9))
    assert {entry.key for entry in (first, second, third)} == {first.key}
    assert [entry.revision for entry in (first, second, third)] == [0, 1, 2]
    states = states_of(third.body)
    assert [(state["kind"], state["text"], state["time_ns"] - NOON_NS) for state in states] == [
        ("cramp", "calf", 0), ("cramp", "foot", 0), ("urge", "calf", -60 * 10**9)
    ]  # fmt: skip
    assert states[0]["changed_ns"] == LATER_NS


@pytest.mark.parametrize("backwards", [False, True])
def test_an_entry_that_moves_leaves_no_point_and_no_word_where_it_was(journal: Journal, *, backwards: bool) -> None:
    changed(journal, kept(journal, CRAMP), CRAMP._replace(time_ns=NOON_NS + 1000))
    rows = said_by(journal, backwards=backwards)
    assert {at: row["text"] for at, row in rows.items()} == {(NOON_NS + 1000, "cramp"): "calf"}
    (entry,) = [one.entry for one in journal.waiting(Delivery.STORE)]
    gone = points_of(Delivered("home", "bedroom", 0, entry))[1]
    assert (gone.time_ns, gone.fields["text"], gone.fields["leg"], gone.fields["valid"]) == (NOON_NS, "", "", 0)


@pytest.mark.parametrize("backwards", [False, True])
def test_a_number_or_a_word_that_is_left_out_is_in_no_database(journal: Journal, *, backwards: bool) -> None:
    changed(journal, kept(journal, CRAMP), Note("cramp", "", {"minutes": 4.0}, None, {}))
    (row,) = said_by(journal, backwards=backwards).values()
    assert row["minutes"] == 4.0
    assert "pain_0_10" not in row
    assert row["leg"] == row["text"] == ""


def test_an_entry_that_is_taken_back_keeps_what_it_said_and_counts_nowhere(journal: Journal) -> None:
    entry = struck(kept(journal, CRAMP))
    journal.put([entry])
    assert said_by(journal) == {}
    assert entry.body["text"] == "calf"


def test_two_entries_never_share_a_point_even_where_one_was(journal: Journal) -> None:
    first = changed(journal, kept(journal, CRAMP), CRAMP._replace(time_ns=NOON_NS + 5))
    other = kept(journal, CRAMP._replace(text="foot", time_ns=NOON_NS))
    moved = changed(journal, other, CRAMP._replace(text="foot", time_ns=NOON_NS + 5))
    third = kept(journal, CRAMP._replace(text="shin", time_ns=NOON_NS + 5))
    changed(journal, first, CRAMP._replace(text="calf again", time_ns=None))
    assert sorted(row["text"] for row in said_by(journal).values()) == ["calf again", "foot", "shin"]
    assert third.body["time_ns"] != NOON_NS + 5
    assert other.body["time_ns"] != NOON_NS
    assert moved.body["time_ns"] != NOON_NS + 5


@pytest.mark.slow
def test_the_history_ends_at_fifty_and_still_fits_its_schema(journal: Journal) -> None:
    entry = kept(journal, CRAMP)
    for number in range(MOST_HISTORY + 3):
        entry = changed(journal, entry, CRAMP._replace(text=f"word {number}"))
    history = states_of(entry.body)[:-1]
    assert (len(history), history[-1]["text"]) == (MOST_HISTORY, f"word {MOST_HISTORY + 1}")
    payload = wire.encode(entry, "bedroom")
    assert faults(wire.entry_topic("home", entry), payload) == []
    assert wire.decode(wire.entry_topic("home", entry), payload).entry.body == entry.body


def test_what_others_write_as_history_is_passed_over() -> None:
    entry = note_entry(CRAMP, NOON_NS, "p1", "n1")
    for history in ("none", ["none"], 5):
        told = replace(entry, body={**entry.body, "history": history})
        (point,) = points_of(Delivered("home", "bedroom", 0, told))
        assert point.time_ns == NOON_NS


notes = st.builds(
    Note,
    st.sampled_from(["cramp", "urge"]),
    st.sampled_from(["", "calf"]),
    st.dictionaries(st.sampled_from(["minutes", "pain_0_10", "duration_h"]), st.floats(0, 9), max_size=3),
    st.integers(NOON_NS, NOON_NS + 3),
    st.dictionaries(st.sampled_from(WORDS), st.sampled_from(["left", "x"]), max_size=2),
)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), notes, st.booleans()), min_size=1, max_size=8))
def test_whatever_is_written_and_changed_a_database_says_what_the_journal_says(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, Note, bool]]
) -> None:
    rows: dict[tuple[int, str], dict[str, Any]] = {}
    with Journal(tmp_path_factory.mktemp("diary") / "journal.db") as journal:
        entries: dict[int, Entry] = {}
        for number, note, strikes in steps:
            old = entries.get(number)
            if old is None:
                entry = begun(journal, WHOSE, note, note.time_ns or 0)
            elif strikes and old.valid:
                entry = struck(old)
            else:
                entry = revised(journal, old, note, LATER_NS)
            journal.put([entry])
            entries[number] = entry
            for point in points_of(Delivered("home", "bedroom", 0, entry)):
                rows.setdefault((point.time_ns, point.tags["kind"]), {}).update(point.fields)
    valid = {at: row for at, row in rows.items() if row["valid"]}
    assert len(valid) == sum(entry.valid for entry in entries.values())
    for entry in entries.values():
        if entry.valid:
            row = valid[entry.body["time_ns"], entry.body["kind"]]  # type: ignore[index]  # JSON
            names = {"text", "revision", "valid", "end_ms"}
            assert {name: one for name, one in row.items() if name not in names and one != ""} == {
                **entry.body["values"], **entry.body.get("words", {})  # type: ignore[dict-item]  # JSON
            }  # fmt: skip

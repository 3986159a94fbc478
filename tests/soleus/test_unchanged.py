"""What was made of files is kept for as long as they stay as they were."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from soleus.unchanged import SETTLED_NS, Unchanged

if TYPE_CHECKING:
    from pathlib import Path


class Reader:
    """Counts how often a file is read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.times = 0

    def __call__(self) -> str:
        self.times += 1
        return self.path.read_text()


def later() -> int:
    return time.time_ns() + SETTLED_NS


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    path = tmp_path / "night.json"
    path.write_text("one")
    return Reader(path)


def test_a_file_is_read_once_until_it_changes(reader: Reader) -> None:
    kept: Unchanged[str] = Unchanged(2, now_ns=later)
    assert [kept.of(reader.path, reader) for _ in range(3)] == ["one"] * 3
    assert reader.times == 1
    reader.path.write_text("three")
    assert [kept.of(reader.path, reader) for _ in range(3)] == ["three"] * 3
    assert reader.times == 2


def test_a_file_that_has_just_changed_is_read_again(reader: Reader) -> None:
    kept: Unchanged[str] = Unchanged(2)
    assert [kept.of(reader.path, reader) for _ in range(3)] == ["one"] * 3
    assert reader.times == 3


def test_a_file_of_the_same_length_and_date_in_its_place_is_read(reader: Reader, tmp_path: Path) -> None:
    kept: Unchanged[str] = Unchanged(2, now_ns=later)
    kept.of(reader.path, reader)
    dated_ns = reader.path.stat().st_mtime_ns
    other = tmp_path / "other"
    other.write_text("two")
    os.utime(other, ns=(dated_ns, dated_ns))
    other.replace(reader.path)
    assert kept.of(reader.path, reader) == "two"


def test_a_file_that_is_not_there_is_looked_for_each_time(tmp_path: Path) -> None:
    path = tmp_path / "summary.json"
    kept: Unchanged[str | None] = Unchanged(2, now_ns=later)
    assert kept.of(path, lambda: None) is None
    path.write_text("now")
    assert kept.of(path, path.read_text) == "now"
    path.unlink()
    assert kept.of(path, lambda: None) is None


def test_only_so_many_are_kept_the_latest_used_first(tmp_path: Path) -> None:
    readers = []
    for name in ("a", "b", "c"):
        path = tmp_path / name
        path.write_text(name)
        readers.append(Reader(path))
    kept: Unchanged[str] = Unchanged(2, now_ns=later)
    a, b, c = readers
    for one in (a, b, a, c, a, b):
        kept.of(one.path, one)
    assert [one.times for one in readers] == [1, 2, 1]


def test_what_could_not_be_read_is_not_kept(reader: Reader) -> None:
    kept: Unchanged[str] = Unchanged(2, now_ns=later)

    def fail() -> str:
        raise ValueError(reader.path)

    with pytest.raises(ValueError, match=r"night\.json"):
        kept.of(reader.path, fail)
    assert kept.of(reader.path, reader) == "one"


def test_what_lies_beside_a_file_is_looked_at_too_where_it_holds_anything(tmp_path: Path) -> None:
    file, beside = tmp_path / "journal.sqlite", tmp_path / "journal.sqlite-wal"
    file.write_text("kept")
    read: Unchanged[str] = Unchanged(2, now_ns=later)
    made = [text_of(read, file, beside, "first")]
    beside.touch()
    made.append(text_of(read, file, beside, "as the file beside it is empty"))
    beside.write_text("a change")
    made.append(text_of(read, file, beside, "written"))
    beside.chmod(0o600)
    made.append(text_of(read, file, beside, "as only its rights changed"))
    assert made == ["first", "first", "written", "written"]


def text_of(read: Unchanged[str], file: Path, beside: Path, text: str) -> str:
    return read.of(file, lambda: text, beside=[beside])


def test_several_things_are_kept_of_one_file(tmp_path: Path) -> None:
    file = tmp_path / "journal.sqlite"
    file.write_text("kept")
    read: Unchanged[str] = Unchanged(2, now_ns=later)
    assert read.of(file, lambda: "one", part=1) == "one"
    assert read.of(file, lambda: "two", part=2) == "two"
    assert [read.of(file, lambda: "not asked", part=part) for part in (1, 2)] == ["one", "two"]

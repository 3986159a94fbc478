"""A worker on a disk that takes nothing ends with one line; whatever else goes wrong keeps its traceback."""

from __future__ import annotations

import errno
import logging
import resource
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ingest.night.json_file import read_json, write_json
from soleus.workers.full_disk import noting_a_full_disk

ALWAYS_FULL = Path("/dev/full")


def test_a_full_disk_is_one_line_and_exit_1(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING), pytest.raises(SystemExit) as ended, noting_a_full_disk():
        ALWAYS_FULL.write_bytes(b"x")
    assert ended.value.code == 1
    (line,) = caplog.messages
    assert "the disk takes nothing" in line
    assert "No space left on device" in line


def test_a_journal_that_has_no_room_is_one_line_and_exit_1(caplog: pytest.LogCaptureFixture) -> None:
    with closing(sqlite3.connect(":memory:")) as journal:
        journal.execute("PRAGMA max_page_count = 1")
        with caplog.at_level(logging.WARNING), pytest.raises(SystemExit), noting_a_full_disk():
            journal.execute("CREATE TABLE entries (body TEXT)")
    assert "database or disk is full" in caplog.text


def test_any_other_error_goes_its_way() -> None:
    with pytest.raises(PermissionError), noting_a_full_disk():
        raise PermissionError(errno.EACCES, "Permission denied")
    with (
        closing(sqlite3.connect(":memory:")) as journal,
        pytest.raises(sqlite3.OperationalError, match="no such table"),
        noting_a_full_disk(),
    ):
        journal.execute("SELECT * FROM nowhere")


def test_a_json_file_that_finds_no_room_stays_as_it_was_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "summary.json"
    write_json(file, {"a": 1})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, hard))
    try:
        with pytest.raises(OSError, match=r"File too large: '.*summary.json'"):
            write_json(file, {"a": "x" * 1000})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert read_json(file) == {"a": 1}
    assert list(tmp_path.iterdir()) == [file]

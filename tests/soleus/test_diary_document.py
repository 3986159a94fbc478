"""The commands and the table of docs/diary.md do what the page says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from soleus.__main__ import run
from soleus.diary_csv import read_table
from soleus.diary_words import OPTIONS, entry_named, said_text, short_name
from soleus.errors import ConfigError
from tests.fake_diary import sixty_days

PAGE = (Path(__file__).parents[2] / "docs" / "diary.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^ *(soleus diary (?:log|list) .+)$", PAGE, re.MULTILINE)
(TABLE,) = re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)
NOW_NS = 2**62


@pytest.mark.slow
def test_every_command_of_the_page_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "soleus.toml"
    config.write_text(f'data_dir = "{tmp_path / "data"}"\n', encoding="utf-8")
    for command in COMMANDS:
        assert run([*shlex.split(command)[1:], "--config", str(config)]) == 0
    told = capsys.readouterr().out
    assert len(COMMANDS) == 4
    assert told.count("kept: ") == 3
    for said in ("left, 3 min, pain 7 of 10", "magnesium, 300 mg", "slept 3 of 5; #travel #late"):
        assert told.count(said) == 2


def test_the_table_of_the_page_can_be_read() -> None:
    table = read_table(TABLE, "diary.md")
    assert (len(table.rows), table.faults) == (2, [])
    assert table.rows[1].entry.text == "tired, but no pain"


def test_the_options_of_the_page_are_those_of_the_commands() -> None:
    rows = re.findall(r"^\| `(\w+)` \| \S+ to \S+ \| `(--[a-z-]+)` \|$", PAGE, re.MULTILINE)
    assert dict(rows) == {name: option for name, option in OPTIONS.items() if name in dict(rows)}


def test_an_entry_is_named_by_the_letters_that_no_other_begins_with() -> None:
    entries = sixty_days()
    for entry in entries[:20]:
        assert entry_named(short_name(entry.key), entries, NOW_NS) == entry
        assert entry_named(entry.key, entries, NOW_NS) == entry
    assert entry_named("last", entries, NOW_NS) == entries[-1]
    assert entry_named("last", entries, entries[5].time_ns) == entries[5]
    twins = (entries[0], entries[0])
    for name, among, says in (
        ("zzzz", entries, "no entry is called so"),
        (short_name(entries[0].key)[:3], entries, "no entry is called so"),
        (short_name(entries[0].key), twins, "2 entries begin so"),
        ("last", (), "no entry is called so"),
    ):
        with pytest.raises(ConfigError, match=says):
            entry_named(name, among, NOW_NS)


def test_every_entry_of_a_made_up_diary_is_said_in_one_line() -> None:
    for entry in sixty_days():
        said = said_text(entry)
        assert said or not (entry.text or entry.values or entry.words)
        assert "\n" not in said
        assert "_" not in said

"""What docs/recordings.md shows is what the program reads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ingest.files.opening import RECORDING_SUFFIXES, TABLE_SUFFIXES, is_recording
from ingest.files.scoring_words import Scored, meaning_of
from ingest.files.table_layout import read_table_layout

DOCUMENT = (Path(__file__).parents[2] / "docs/recordings.md").read_text(encoding="utf-8")
LAYOUTS = re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)
ROWS = dict(re.findall(r"^\| ([^|]+) \| (.*) \|$", DOCUMENT, re.MULTILINE))
MEANINGS = {
    "sleep stage": Scored.STAGE,
    "leg movement": Scored.MOVEMENT,
    "apnoea or hypopnoea": Scored.RESPIRATORY,
    "arousal": Scored.AROUSAL,
}
NO_NAMES = {"Sleep stage", "Stage ... sleep\\|2", "Tonic", "Any", "unknown"}


@pytest.mark.parametrize("number", range(len(LAYOUTS)))
def test_every_layout_of_the_document_is_one(number: int, tmp_path: Path) -> None:
    path = tmp_path / "layout.toml"
    path.write_text(LAYOUTS[number], encoding="utf-8")
    assert read_table_layout(path).columns


def test_the_document_has_layouts_and_every_ending() -> None:
    assert len(LAYOUTS) == 3
    assert set(re.findall(r"`(\.[a-z0-9]+)`", DOCUMENT)) == RECORDING_SUFFIXES | TABLE_SUFFIXES


@pytest.mark.parametrize("what", MEANINGS)
def test_every_name_of_the_document_means_what_its_row_says(what: str) -> None:
    names = [name for name in re.findall(r"`([^`]+)`", ROWS[what]) if name not in NO_NAMES]
    assert names
    for name in names:
        meaning = meaning_of(name)
        assert meaning is not None, name
        assert meaning.what is MEANINGS[what], name


def test_a_table_is_a_recording_where_a_layout_stands_beside_it(tmp_path: Path) -> None:
    assert is_recording(tmp_path / "night.edf")
    assert is_recording(tmp_path / "NIGHT.CWA")
    assert not is_recording(tmp_path / "night.csv")
    assert not is_recording(tmp_path / "notes.docx")
    (tmp_path / "night.layout.toml").write_text("", encoding="utf-8")
    assert is_recording(tmp_path / "night.csv")
    assert not is_recording(tmp_path / "events.parquet")

"""The words of the diary: what can be an entry, and what docs/diary.md says of them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ingest.diary_kinds import (
    CHOICES,
    KINDS,
    MOST_WORD,
    MOST_WORDS,
    NUMBERS,
    TAGS,
    WORDS,
    check_entry,
    check_known,
    check_values,
    check_words,
)
from ingest.schema import DIARY, FieldType

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "diary.md").read_text(encoding="utf-8")


def quoted(cell: str) -> tuple[str, ...]:
    return tuple(re.findall(r"`([^`]+)`", cell))


def test_the_document_has_every_kind_with_its_numbers_and_words() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]*) \| ([^|]*) \|$", PAGE, re.MULTILINE)
    told = {kind: (says, quoted(values), quoted(words)) for kind, says, values, words in rows}
    assert told == {kind: (known.says, known.values, known.words) for kind, known in KINDS.items()}


def test_the_document_has_the_bounds_of_every_number_and_the_choices_of_every_word() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\S+) to (\S+) \| `--[a-z-]+` \|$", PAGE, re.MULTILINE)
    bounds = {name: (float(low), float(high)) for name, low, high in rows}
    assert bounds == {name: (one.lowest, one.highest) for name, one in NUMBERS.items()}
    prose = " ".join(PAGE.split())
    for name, choices in CHOICES.items():
        assert f"`{name}` is {', '.join(f'`{choice}`' for choice in choices)}" in prose


def test_every_number_is_a_float_and_every_word_a_string_in_the_database() -> None:
    assert {DIARY.field_type(name) for name in NUMBERS} == {FieldType.FLOAT}
    assert {DIARY.field_type(name) for name in WORDS} == {FieldType.STRING}
    assert {name for known in KINDS.values() for name in known.values} == set(NUMBERS)
    assert {name for known in KINDS.values() for name in known.words} | {TAGS} == set(WORDS)


def test_the_schema_of_a_note_has_the_bounds_of_every_number() -> None:
    note = json.loads((ROOT / "ingest" / "messages" / "note.schema.json").read_text(encoding="utf-8"))
    numbers = note["properties"]["values"]["properties"]
    assert {name: (one["minimum"], one["maximum"]) for name, one in numbers.items()} == {
        name: (one.lowest, one.highest) for name, one in NUMBERS.items()
    }


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_may_be_at_its_bounds_and_not_beyond(name: str) -> None:
    bounds = NUMBERS[name]
    for value in (bounds.lowest, bounds.highest):
        assert check_values({name: value}) == {name: value}
    for value in (bounds.lowest - 0.5, bounds.highest + 0.5):
        with pytest.raises(ValueError, match=rf"values\.{name} is .*, expected "):
            check_values({name: value})


@pytest.mark.parametrize(
    "words",
    [
        {"leg": "middle"},
        {"leg": 1},
        {"Leg": "left"},
        {"kind": "left"},
        {"helped": "x" * (MOST_WORD + 1)},
        {f"w{number}": "x" for number in range(MOST_WORDS + 1)},
        ["left"],
    ],
)
def test_what_are_no_words_is_refused(words: object) -> None:
    with pytest.raises(ValueError, match=r"words.*, expected "):
        check_words(words)


def test_words_are_made_legible_and_an_empty_one_is_left_out() -> None:
    words = {"leg": " left ", "helped": "", "name": " mag\x1bne\nsium", "mood": "calm"}
    assert check_words(words) == {"leg": "left", "name": "mag ne sium", "mood": "calm"}


@pytest.mark.parametrize("kind", ["note", "tag"])
def test_a_note_and_a_tag_are_nothing_without_words_and_a_cramp_is(kind: str) -> None:
    with pytest.raises(ValueError, match="is empty"):
        check_entry(kind, None, " ", {}, {})
    check_entry(kind, None, "", {}, {"tags": "travel"})
    check_entry("cramp", None, "", {}, {})


def test_a_kind_has_its_own_numbers_and_words_and_no_others() -> None:
    check_known("cramp", {"pain_0_10": 3.0}, {"leg": "left", "tags": "x"})
    for kind, values, words in (
        ("crimp", {}, {}), ("cramp", {"dose_mg": 1.0}, {}), ("remedy_off", {}, {"leg": "left"}),
    ):  # fmt: skip
        with pytest.raises(ValueError, match="expected "):
            check_known(kind, values, words)

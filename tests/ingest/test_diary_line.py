"""What a chart says beside an entry of the diary: its text, else what it is of."""

from __future__ import annotations

import pytest

from ingest.night.entries import Entry, TopicKind
from ingest.points import points_of
from ingest.wire import Delivered


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ("two tablets", {"name": "magnesium"}, "two tablets"),
        ("", {"name": "magnesium"}, "magnesium"),
        ("", {"name": "magnesium", "phase": "on"}, "magnesium, on"),
        ("", {"leg": "left"}, ""),
    ],
)
def test_an_entry_without_text_is_called_by_what_it_is_of(text: str, words: dict[str, str], line: str) -> None:
    body = {"kind": "remedy", "time_ns": 1_795_209_000_000_000_000, "text": text, "values": {}, "words": words}
    entry = Entry(TopicKind.DIARY, "p1", "2026-11-20", "", "key", 0, valid=True, body=body)
    (point,) = points_of(Delivered("home", "bedroom", 0, entry))
    assert point.fields["text"] == line

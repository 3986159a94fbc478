"""What is said at bedtime about wearing sensors stands in the document as well."""

from __future__ import annotations

from pathlib import Path

from soleus.wearing import WEARING

DOCUMENT = (Path(__file__).parents[2] / "docs" / "wearing.md").read_text(encoding="utf-8")
MOST_LINES = 8
MOST_COLUMNS = 110


def test_the_short_form_stands_at_the_top_of_the_document() -> None:
    listed = [line.removeprefix("- ") for line in DOCUMENT.splitlines() if line.startswith("- ")][: len(WEARING)]
    assert tuple(listed) == WEARING


def test_the_short_form_is_short() -> None:
    assert len(WEARING) <= MOST_LINES
    assert [line for line in WEARING if len(line) > MOST_COLUMNS] == []


def test_the_document_names_every_reason_not_to_wear_a_sensor() -> None:
    section = DOCUMENT.partition("## When not to")[2].partition("\n## ")[0].lower()
    for reason in ("irradiated", "lymphoedema", "under treatment", "clot", "pacemaker", "rash", "pregnancy"):
        assert reason in section
    assert "not a medical device" in DOCUMENT


def test_every_source_is_cited_and_every_citation_has_a_source() -> None:
    text, _, sources = DOCUMENT.partition("## Sources")
    numbers = {str(n) for n in range(1, 10)}
    cited = {number for number in numbers if f"[{number}]" in text}
    assert cited == {line.partition(".")[0] for line in sources.splitlines() if line[:1] in numbers}

"""The pages that ``make accuracy`` has written keep to the wording that freshly generated ones are tested for."""

from __future__ import annotations

import re
from pathlib import Path

from tests.benchmarks.wording import FORBIDDEN

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [path for name in ("validation.md", "robustness.md") if (path := DOCS / name).exists()]


def test_the_committed_pages_promise_a_patient_nothing() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert "people.**" in text, page
        assert [words for words in FORBIDDEN if re.search(words, text, re.IGNORECASE)] == [], page


def test_the_committed_matrix_is_whole_and_nothing_crashed() -> None:
    for page in PAGES:
        if page.name == "robustness.md":
            assert "720 cells, 0 crashed" in page.read_text(encoding="utf-8")

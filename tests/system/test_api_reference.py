"""The API reference: built out of the docstrings without a warning, and nothing in it is fetched."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import detectors

pytestmark = pytest.mark.system

TOP = Path(__file__).parents[2]
PATIENCE_S = 240
# What a browser would load by itself: scripts, style sheets, pictures, fonts.
LOADED = re.compile(
    r"""(?:\bsrc|<link[^>]*\bhref)\s*=\s*["']?(?:https?:)?//|url\(["']?(?:https?:)?//|@import|\bfetch\("""
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("api")
    done = subprocess.run(
        [sys.executable, "-W", "error", str(TOP / ".ci" / "api_reference.py"), str(folder)],
        cwd=TOP, env={"PYTHONPATH": str(TOP), "PATH": ""}, capture_output=True, text=True, check=False,
        timeout=PATIENCE_S,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return folder


def test_every_public_name_and_every_group_of_criteria_has_its_place(pages: Path) -> None:
    front = (pages / "detectors.html").read_text(encoding="utf-8")
    assert [name for name in detectors.__all__ if f'id="{name}"' not in front] == []
    criteria = (pages / "detectors" / "emg" / "criteria.html").read_text(encoding="utf-8")
    assert 'id="LegMovementCriteria.onset_uv"' in criteria


def test_sections_of_a_docstring_are_headings_and_no_markup_is_left(pages: Path) -> None:
    text = (pages / "detectors" / "pipeline.html").read_text(encoding="utf-8")
    assert ">Parameters</h" in text
    assert "----------" not in text


def test_no_page_loads_anything_from_elsewhere(pages: Path) -> None:
    assert LOADED.search('<link rel="x" href="https://a/b.css">')
    loading = [page.name for page in pages.rglob("*.html") if LOADED.search(page.read_text(encoding="utf-8"))]
    assert loading == []

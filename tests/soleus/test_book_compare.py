"""Nights in a data folder, compared from the command line and by the book."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from dashboards.comparison import Period, Verdict
from detectors.signal import NS_PER_S
from ingest.night.folder import NightFolder
from soleus.__main__ import run
from soleus.book import FolderBook
from soleus.config import load
from tests.night_log import INFO

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

DAY_NS = 86_400 * NS_PER_S
CRAMPS = (4, 3, 5, 4, 3, 5, 1, 0, 1, 0, 1, 0)
SUMMARY = {
    "valid_h": {"left-shin": 7.0},
    "night_grade": "A",
    "one_leg": True,
    "movement_source": "emg",
    "cramp_possible": 0,
    "plm_wasm": 12,
}
BEFORE, AFTER = "2026-09-21..2026-09-26", "2026-09-27..2026-10-02"


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    """Twelve nights of one person, a night of another person and one that goes on, as summaries alone."""
    whose = [("p1", day, cramps, True) for day, cramps in enumerate(CRAMPS)]
    for person, day, cramps, final in [*whose, ("quitten", 2, 50, True), ("p1", 13, 50, False)]:
        start_ns = INFO.start_ns + day * DAY_NS
        kept = NightFolder(tmp_path / "data" / "nights" / f"{person}-{day:02}")
        kept.write_info(replace(INFO, person=person, night=f"{person}-{day:02}", start_ns=start_ns))
        summary = {**SUMMARY, "cramp_probable": cramps}
        end_ns = start_ns + DAY_NS // 3
        kept.write_summary({"start_ns": start_ns, "end_ns": end_ns, "final": final, "summary": summary})
    config = tmp_path / "soleus.toml"
    config.write_text(f'person = "p1"\ndata_dir = "{tmp_path / "data"}"\n', encoding="utf-8")
    return config


def test_the_book_compares_the_final_nights_of_its_person(config_file: Path) -> None:
    config = load(config_file)
    book = FolderBook(config.settings, config.criteria)
    before, after = (
        Period("a", date(2026, 9, 21), date(2026, 9, 26)),
        Period("b", date(2026, 9, 27), date(2026, 10, 31)),
    )
    cramps, periodic = book.compare(before, after)
    assert (cramps.a.n_nights, cramps.a.count, cramps.b.n_nights, cramps.b.count) == (6, 24.0, 6, 3.0)
    assert (cramps.verdict, periodic.verdict) == (Verdict.CHANGED, Verdict.CANNOT_TELL)
    assert (tuple(book.periods()), book.plan()) == ((), None)


def test_the_command_says_what_the_book_says(config_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diary", "compare", BEFORE, AFTER, "--config", str(config_file)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "changed from 24 to 3 over 6 and 6 valid nights" in said
    assert "Ratio 0.1" in said
    assert "more valid nights, both periods together, would tell a rate" in said
    assert run(["diary", "compare", BEFORE, AFTER, "--config", str(config_file), "--json"]) == 0
    cramps, periodic = json.loads(capsys.readouterr().out)
    assert (cramps["verdict"], cramps["nights_more"], periodic["verdict"]) == ("changed", None, "cannot_tell")
    assert cramps["high"] < 1 < periodic["high"]
    assert periodic["nights_more"] > 0

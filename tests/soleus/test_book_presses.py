"""What came late of the button "Cramp now" counts in Weeks as what came in time."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from dashboards.web.tonight_press import Press, Presses
from dashboards.web.weeks_figures import diary_cramps
from detectors.signal import NS_PER_S
from ingest.night.folder import NightFolder
from soleus.book import FolderBook
from soleus.nights import nights_dir
from soleus.settings import Settings
from tests.made_folder import CRITERIA, LASTS_S, made_info

if TYPE_CHECKING:
    from pathlib import Path

NIGHT = made_info(0).night


def ended(top: Path, ago_s: int) -> FolderBook:
    """A book of one night that ended so long ago, without a word in its diary."""
    settings = Settings(person="p1", data_dir=top)
    start_ns = time.time_ns() - (LASTS_S + ago_s) * NS_PER_S
    folder = NightFolder(nights_dir(settings) / NIGHT)
    folder.write_info(replace(made_info(0), start_ns=start_ns))
    end_ns = start_ns + LASTS_S * NS_PER_S
    folder.write_summary({"start_ns": start_ns, "end_ns": end_ns, "final": True, "summary": {}})
    return FolderBook(settings, CRITERIA)


def test_every_press_is_a_cramp_of_its_moment_however_late_it_comes(tmp_path: Path) -> None:
    book = ended(tmp_path, 600)
    presses, now_ns = Presses(book), time.time_ns()
    ages_s = (0.0, 0.001, 700.0, 4_000.0)
    for age_s in ages_s:
        presses.keep(NIGHT, Press("cramp", age_s, f"press-{age_s}"))
    presses.keep_cramp(NIGHT)
    (week,) = book.weeks(1)
    assert diary_cramps(week) == len(ages_s) + 1
    assert (now_ns - week.diary[0].time_ns) / NS_PER_S == pytest.approx(4_000, abs=1)


def test_a_press_of_another_day_is_none_of_this_night(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="another day"):
        Presses(ended(tmp_path, 90_000)).keep_cramp(NIGHT)

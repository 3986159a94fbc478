"""Data folders whose night went the whole way: from the sensors' packets through log and scorer to the journal."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from detectors.criteria import named
from ingest.night.records import NightEnd
from soleus.book import FolderBook
from soleus.nights import nights_dir
from soleus.settings import Settings
from tests.night_log import night_records, score_night, write_night

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.night.folder import NightFolder

NIGHT = "2026-09-21-2230"


def stored_night(top: Path, hours: float, seed: int = 3) -> Settings:
    """Store and score a simulated night; return the settings of its data folder."""
    settings = Settings(person="p1", data_dir=top / "data")
    score_night(write_night(nights_dir(settings) / NIGHT, night_records(hours, seed)), settings)
    return settings


def copy_of(settings: Settings, top: Path) -> Settings:
    """Copy a data folder, so that what is said of its nights is said of the copy alone."""
    shutil.copytree(settings.data_dir, top / "data")
    return Settings(person=settings.person, data_dir=top / "data")


def begun_night(top: Path, hours: float, seed: int = 3) -> tuple[Settings, NightFolder]:
    """Store what a night that has not ended has logged so far; return settings and folder."""
    settings = Settings(person="p1", data_dir=top / "data")
    records = [record for record in night_records(hours, seed) if not isinstance(record, NightEnd)]
    return settings, write_night(nights_dir(settings) / NIGHT, records)


def book_of(settings: Settings) -> FolderBook:
    """Return the book that the pages show."""
    return FolderBook(settings, named("wasm-2016"), simulated=True)

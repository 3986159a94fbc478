"""The nights of a data folder and what their small files say; a file that has not changed is not read again."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from dashboards.book import UNREADABLE, NightCard, SensorView
from ingest.errors import DecodeError
from ingest.night.folder import NightFolder
from soleus.configuration_words import words_of
from soleus.machine import goes_on
from soleus.nights import all_nights, nights_dir
from soleus.stored_progress import read_progress
from soleus.unchanged import Unchanged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ingest.night.folder import NightInfo
    from soleus.settings import Settings

MOST_KEPT = 2000
"""Nights: some years of them, a kilobyte each."""
_EXPECTED = ("cramp_probable", "cramp_possible", "cramp_total_s", "lm", "plms_wasm_per_h", "longest_undisturbed_min")
"""Numbers that a page shows of every night."""


log = logging.getLogger(__name__)


class _Progress(NamedTuple):
    """How far the scoring of a night got; UTC, ns."""

    start_ns: int
    end_ns: int
    final: bool


class Shelf:
    """The nights that a page may show: nothing that a link leads to outside of the data folder.

    Parameters
    ----------
    settings : Settings
        Where the nights are.
    simulated : bool
        Whether all nights in it are simulated.
    """

    def __init__(self, settings: Settings, *, simulated: bool = False) -> None:
        self._settings = settings
        self._simulated = simulated
        self._infos: Unchanged[NightInfo] = Unchanged(MOST_KEPT)
        self._progress: Unchanged[_Progress | None] = Unchanged(MOST_KEPT)
        self._certified: Unchanged[Mapping[str, str]] = Unchanged(MOST_KEPT)
        self._criteria: Unchanged[str] = Unchanged(MOST_KEPT)

    def folders(self) -> Iterator[NightFolder]:
        """Yield every night, newest first."""
        inside = self._settings.data_dir.resolve()
        return (folder for folder in all_nights(self._settings, self.info) if _lies_in(folder, inside))

    def folder(self, night_id: str) -> NightFolder:
        """Return one night.

        Raises
        ------
        KeyError
            If there is none of this name. The name comes from a URL: anything may be in it.
        """
        parent = nights_dir(self._settings)
        # Only what is a name in that very folder is one.
        if not parent.is_dir() or all(path.name != night_id for path in parent.iterdir()):
            raise KeyError(night_id)
        folder = NightFolder(parent / night_id)
        try:
            self.info(folder)
            shown = _lies_in(folder, self._settings.data_dir.resolve())
        except (DecodeError, NotADirectoryError):
            shown = False
        if not shown:
            raise KeyError(night_id)
        return folder

    def info(self, folder: NightFolder) -> NightInfo:
        """Return what is known of a night before its first packet; DecodeError if that cannot be read."""
        return self._infos.of(folder.info_path, folder.read_info)

    def card(self, folder: NightFolder) -> NightCard:
        """Return one line about a night.

        Notes
        -----
        A night runs while a process collects it. One that was cut off and never ended is over, though nobody has said
        a final word on it.
        """
        info = self.info(folder)
        progress = self._progress_of(folder)
        start_ns, end_ns = (info.start_ns, info.start_ns) if progress is None else progress[:2]
        running = (progress is None or not progress.final) and goes_on(folder)
        # No leg can sleep faster than the clock.
        simulated = self._simulated or info.speed != 1.0
        span_ns = (start_ns, end_ns)
        return NightCard(info.night, *span_ns, info.utc_offset_s, running, simulated, info.person)

    def is_final(self, folder: NightFolder) -> bool:
        """Return whether the final word on a night has been said."""
        progress = self._progress_of(folder)
        return progress is not None and progress.final

    def worn(self, folder: NightFolder) -> tuple[SensorView, ...]:
        """Return the sensors of a night as their wearer knows them."""
        return tuple(SensorView(sensor.name, sensor.leg, sensor.site) for sensor in self.info(folder).sensors)

    def completeness(self, folder: NightFolder) -> str:
        """Return the verdict of a night's certificate; empty before there is one, or if it cannot be read."""
        return self._certificate(folder).get("verdict", "")

    def version(self, folder: NightFolder) -> str:
        """Return the version of the program that said the last word on a night, or that began it."""
        return self._certificate(folder).get("version", "") or self.info(folder).version

    def criteria(self, folder: NightFolder) -> str:
        """Return what a night was scored with: the name of the criteria, and every threshold that was changed.

        Empty where nobody has scored it yet.
        """
        return self._criteria.of(folder.path / "config.json", lambda: _criteria_text(folder))

    def _progress_of(self, folder: NightFolder) -> _Progress | None:
        return self._progress.of(folder.path / "summary.json", lambda: _progress(folder))

    def _certificate(self, folder: NightFolder) -> Mapping[str, str]:
        return self._certified.of(folder.path / "certificate.json", lambda: _stated(folder))


def summary_of(folder: NightFolder) -> Mapping[str, object]:
    """Return the numbers of a night; empty before there are any, and reasons alone where they cannot be read."""
    try:
        progress = read_progress(folder)
    except DecodeError:
        return {"reasons": dict.fromkeys(_EXPECTED, UNREADABLE)}
    summary: Mapping[str, object] = {} if progress is None else progress["summary"]
    return summary


def _lies_in(folder: NightFolder, directory: Path) -> bool:
    with os.scandir(folder.path) as entries:
        links = [folder.path / entry.name for entry in entries if entry.is_symlink()]
    if folder.path.is_symlink():
        links.append(folder.path)
    return all(link.resolve().is_relative_to(directory) for link in links)


def _progress(folder: NightFolder) -> _Progress | None:
    try:
        stored = read_progress(folder)
    except DecodeError as error:
        log.warning("the numbers of a night are not shown: %s", error)
        return None
    return None if stored is None else _Progress(stored["start_ns"], stored["end_ns"], stored["final"])


def _stated(folder: NightFolder) -> Mapping[str, str]:
    """Return what of a certificate is shown with the night; a page shows the night even if it cannot be read."""
    try:
        stated = folder.read_certificate() or {}
    except DecodeError:
        return {}
    return {key: stated[key] for key in ("verdict", "version") if isinstance(stated.get(key), str)}


def _criteria_text(folder: NightFolder) -> str:
    try:
        config = folder.read_config() or {}
    except DecodeError:
        return ""
    stored: Any = config.get("criteria")
    if not isinstance(stored, dict) or not isinstance(stored.get("name"), str):
        return ""
    name = stored["name"]
    changed = {
        key: row["value"]
        for key, row in stored.items()
        if isinstance(row, dict) and row.get("origin") != name and "value" in row
    }
    others = config.get("detectors")
    return words_of(name, changed, others if isinstance(others, dict) else {})

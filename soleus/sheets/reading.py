"""A finished night out of its folder, with the wearer's own word on its events out of the journal."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from soleus.book_journal import BookJournal
from soleus.errors import ConfigError
from soleus.nights import journal_path
from soleus.sheets.night_sheets import ScoredNight

if TYPE_CHECKING:
    from detectors.events import Event
    from ingest.night.folder import NightFolder, NightInfo
    from soleus.settings import Settings

CONFIRMED = "confirmed"


def read_scored(folder: NightFolder, settings: Settings) -> ScoredNight:
    """Return a night that was scored.

    Parameters
    ----------
    folder : NightFolder
        The night.
    settings : Settings
        Where the journal is.

    Returns
    -------
    ScoredNight
        Its events and numbers as its files hold them.

    Raises
    ------
    ConfigError
        If it was not scored to its end.
    """
    info, stored = folder.read_info(), folder.read_summary()
    if stored is None or not stored.get("final"):
        msg = f"{folder.path}: was not scored to its end, expected a finished night: soleus replay NIGHT --publish"
        raise ConfigError(msg)
    return ScoredNight(info, _confirmed(folder.read_events(), info, settings), stored)


def _confirmed(events: tuple[Event, ...], info: NightInfo, settings: Settings) -> tuple[Event, ...]:
    """Return events with the wearer's word on them, which is no file's but the journal's."""
    path = journal_path(settings)
    kept = BookJournal(path).events(info) if path.is_file() else ()
    words = {event.key: event.measures[CONFIRMED] for event in kept if CONFIRMED in event.measures}
    return tuple(
        replace(event, measures={**event.measures, CONFIRMED: words[event.key]}) if event.key in words else event
        for event in events
    )

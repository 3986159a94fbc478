"""Somebody who looks after a running night: says how far it got, who delivers, and who stays away."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING

from detectors.signal import S_PER_MIN
from ingest.decoders.base import Status, StatusKind
from ingest.errors import DecodeError
from ingest.night.entries import health_entry
from ingest.night.journal import Journal
from ingest.night.packets import LogFollower
from soleus.alarm import Watchman, disturb
from soleus.build import sensor_spec
from soleus.nights import journal_path
from soleus.presence import Presence

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from ingest.night.entries import Entry
    from ingest.night.folder import NightFolder
    from ingest.timebase import Timebase
    from soleus.alarm import Absence
    from soleus.settings import Settings

# A look must not wait for long: the next one comes in two seconds.
BUSY_S = 1.0
# A disk that stays full all night: the newest absences are told to the broker, the rest stays on the screen.
MOST_UNSAID = 100
TROUBLE = (sqlite3.Error, OSError, DecodeError)


class Attendant:
    """Keeps an eye on the log of a running night, and disturbs somebody when a sensor stays away.

    Parameters
    ----------
    settings : Settings
        Which sensors are worn, and how to say that one is missing.
    folder : NightFolder
        The night.
    timebase : Timebase
        Time of the night.
    console : rich.console.Console
        Where it is said in any case.

    Notes
    -----
    A disk that is full and a journal that is busy are said once, and asked again at the next look: recording does not
    depend on either.
    """

    def __init__(self, settings: Settings, folder: NightFolder, timebase: Timebase, console: Console) -> None:
        self._settings = settings
        self._folder = folder
        self._info = folder.read_info()
        self._timebase = timebase
        self._console = console
        self._follower = LogFollower(folder.packets)
        streams = {sensor.name: sensor_spec(sensor).profile.streams for sensor in settings.sensors}
        self._watchman = Watchman(streams, settings.alarm.after_min * S_PER_MIN, streams)
        self._presence = Presence(streams)
        self._unsaid: list[Entry] = []
        self._troubled: set[str] = set()

    async def look(self) -> str:
        """Read what is new in the log and tell what is due: here, to the broker, and as the settings want it.

        Returns
        -------
        str
            How far the night got; see :func:`status_line`.
        """
        try:
            while records := self._follower.poll():
                self._watchman.feed(record for _, record in records)
                self._presence.feed(record for _, record in records)
                await asyncio.sleep(0)
        except TROUBLE as error:
            self._say_once("log", f"The packet log cannot be read ({error}); it is tried again.")
        # What the log has not taken says nothing about a sensor: on a full disk nobody is away.
        for absence in self._watchman.due(min(self._timebase.mono_ns(), self._presence.latest_ns)):
            await self._tell(absence)
        if not self._console.is_terminal:
            for news in self._presence.news():
                self._print(news)
        await self._with_journal(self._deliver)
        return await self._with_journal(lambda: status_line(self._settings, self._folder, self._presence)) or str(
            self._presence
        )

    async def _tell(self, absence: Absence) -> None:
        values = {"away_s": absence.away_s, "is_over": float(absence.is_over)}
        said = Status(absence.sensor, StatusKind.AWAY, absence.mono_ns, absence.text, values)
        entry = health_entry(said, self._info.person, self._info.night, time_ns=self._timebase.now_ns())
        self._unsaid = [*self._unsaid, entry][-MOST_UNSAID:]
        bell = await disturb(absence, self._settings.alarm)
        self._print(f"{bell}{absence.text}")

    def _deliver(self) -> str:
        if self._unsaid:
            with Journal(journal_path(self._settings), busy_s=BUSY_S) as journal:
                journal.put(self._unsaid)
            self._unsaid = []
        return ""

    async def _with_journal(self, work: Callable[[], str]) -> str:
        """Do something with the journal in a thread; a journal that is busy or full is said once."""
        try:
            done = await asyncio.to_thread(work)
        except TROUBLE as error:
            self._say_once("journal", f"The journal cannot be used ({error}); it is tried again, recording goes on.")
            return ""
        self._troubled.discard("journal")
        return done

    def _say_once(self, what: str, text: str) -> None:
        if what not in self._troubled:
            self._troubled.add(what)
            self._print(text)

    def _print(self, text: str) -> None:
        try:
            self._console.print(text, highlight=False, markup=False)
        except OSError:
            # Standard error may be a file on the disk that is full.
            self._troubled.add("console")

    def close(self) -> None:
        """Close the log."""
        self._follower.close()


def status_line(settings: Settings, folder: NightFolder, presence: Presence) -> str:
    """Say how far a night that is being collected got.

    Parameters
    ----------
    settings : Settings
        Where the journal is.
    folder : NightFolder
        The night.
    presence : Presence
        Who delivers.

    Returns
    -------
    str
        Who delivers, size of the log, and how much of what was found in it is delivered.

    Raises
    ------
    sqlite3.Error, OSError
        If the journal or the log cannot be read now.
    """
    info, log = folder.read_info(), folder.packets
    size_mb = log.stat().st_size / 1e6 if log.exists() else 0.0
    with Journal(journal_path(settings), busy_s=BUSY_S) as journal:
        counts = journal.counts_of(info.person, info.night, info.scoring)
    return f"{presence} · {size_mb:.1f} MB · {counts.entries} facts · {counts.published} delivered"

"""``soleus night``: record, score and deliver until Ctrl-C."""

from __future__ import annotations

import asyncio
import sys
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, TextIO

import click
from rich.console import Console

from ingest.decoders.base import Status, StatusKind
from ingest.night.entries import health_entry
from ingest.night.journal import Journal
from ingest.night.marks import leave_mark
from ingest.night.packets import LogFollower
from ingest.timebase import Timebase
from soleus import options
from soleus.alarm import Watchman, disturb
from soleus.certificate_table import print_certificate
from soleus.collector import collecting
from soleus.config import find, load
from soleus.errors import ConfigError
from soleus.nights import journal_path, start_or_resume
from soleus.supervise import stop_event

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ingest.night.folder import NightFolder
    from soleus.config import Config
    from soleus.settings import Settings

REPORT_EVERY_S = 2.0
EXIT_INTERRUPTED = 130
S_PER_MIN = 60.0


@click.command()
@options.config_file
@click.option(
    "--hours", type=click.FloatRange(min=0, min_open=True), callback=options.finite, help="End after so many hours."
)
@click.option("--hci", hidden=True, help="Transport of a virtual Bluetooth adapter.")
@click.option(
    "--clock",
    type=(click.FloatRange(min=1), int, int),
    hidden=True,
    help="Speed, epoch and origin of a compressed night.",
)
def command(
    config_file: Path | None, hours: float | None, hci: str | None, clock: tuple[float, int, int] | None
) -> int:
    """Collect tonight: record, score and deliver until Ctrl-C.

    What the sensors send is on disk before anything else looks at it. A night that was cut off is
    continued. Ctrl-C ends the night cleanly and keeps everything.
    """
    file = find(config_file)
    config = load(file)
    if file is None or not config.settings.sensors:
        msg = f"{file or 'soleus.toml'}: no [[sensor]] table, expected at least one; see soleus scan"
        raise ConfigError(msg)
    timebase = Timebase() if clock is None else Timebase(*clock)
    return asyncio.run(_collect(config, file, timebase, hours=hours, hci=hci))


async def _collect(config: Config, file: Path, timebase: Timebase, *, hours: float | None, hci: str | None) -> int:
    console = Console(stderr=True)
    folder = start_or_resume(config.settings, speed=timebase.speed, utc_ns=timebase.now_ns())
    console.print(f"Night [bold]{folder.path.name}[/bold] in {folder.path}. Ctrl-C ends it and keeps everything.")
    stop = stop_event()
    loop = asyncio.get_running_loop()
    end_at = None if hours is None else loop.time() + hours * 3600.0
    attendant = Attendant(config.settings, folder, timebase, console)
    async with collecting(config.settings, file, folder, timebase, hci=hci) as collector:
        with (
            console.status("waiting for the sensors") as status,
            marking(folder, console, sys.stdin),
            closing(attendant),
        ):
            while not stop.is_set() and (end_at is None or loop.time() < end_at):
                status.update(status_line(config.settings, folder))
                await attendant.look()
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), REPORT_EVERY_S)
        console.print("Ending the night …")
        complete = await collector.end()
    if not complete:
        console.print("Not everything was scored or delivered; it waits in the night's folder and the journal.")
    console.print(f"Night kept in {folder.path}.")
    stated = folder.read_certificate()
    if stated is not None:
        print_certificate(stated, console)
    return EXIT_INTERRUPTED if stop.is_set() and hours is not None else 0


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
    """

    def __init__(self, settings: Settings, folder: NightFolder, timebase: Timebase, console: Console) -> None:
        self._settings = settings
        self._info = folder.read_info()
        self._timebase = timebase
        self._console = console
        self._follower = LogFollower(folder.packets)
        names = [sensor.name for sensor in settings.sensors]
        self._watchman = Watchman(names, settings.alarm.after_min * S_PER_MIN)

    async def look(self) -> None:
        """Read what is new in the log and tell what is due: here, to the broker, and as the settings want it."""
        while records := self._follower.poll():
            self._watchman.feed(record for _, record in records)
            await asyncio.sleep(0)
        for absence in self._watchman.due(self._timebase.mono_ns()):
            values = {"away_s": absence.away_s, "is_over": float(absence.is_over)}
            said = Status(absence.sensor, StatusKind.AWAY, absence.mono_ns, absence.text, values)
            entry = health_entry(said, self._info.person, self._info.night, time_ns=self._timebase.now_ns())
            with Journal(journal_path(self._settings)) as journal:
                journal.put([entry])
            bell = await disturb(absence, self._settings.alarm)
            self._console.print(f"{bell}{absence.text}", highlight=False)

    def close(self) -> None:
        """Close the log."""
        self._follower.close()


@contextmanager
def marking(folder: NightFolder, console: Console, keyboard: TextIO) -> Iterator[None]:
    """Take each line that is typed, also an empty one, for a marker, where somebody sits at a terminal.

    Parameters
    ----------
    folder : NightFolder
        The night.
    console : rich.console.Console
        Says that the moment was marked.
    keyboard : file
        What is typed.
    """
    loop = asyncio.get_running_loop()

    def typed() -> None:
        line = keyboard.readline()
        if not line:
            loop.remove_reader(keyboard)
            return
        try:
            leave_mark(folder.path, line, "keyboard")
        except OSError as error:
            console.print(f"Not marked: {error}")
        else:
            console.print("Marked.")

    if not keyboard.isatty():
        yield
        return
    console.print("Enter marks this moment; a word before it says what it is.")
    loop.add_reader(keyboard, typed)
    try:
        yield
    finally:
        loop.remove_reader(keyboard)


def status_line(settings: Settings, folder: NightFolder) -> str:
    """Say how far a night that is being collected got.

    Parameters
    ----------
    settings : Settings
        Where the journal is.
    folder : NightFolder
        The night.

    Returns
    -------
    str
        Size of its log, and how much of what was found in it is delivered.
    """
    info, log = folder.read_info(), folder.packets
    size_mb = log.stat().st_size / 1e6 if log.exists() else 0.0
    with Journal(journal_path(settings)) as journal:
        counts = journal.counts_of(info.person, info.night, info.scoring)
    return f"recording: {size_mb:.1f} MB · {counts.entries} facts · {counts.published} delivered"

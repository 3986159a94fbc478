"""``soleus night``: record, score and deliver until Ctrl-C."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click
from rich.console import Console

from ingest.night.journal import Journal
from ingest.timebase import Timebase
from soleus import options
from soleus.collector import collecting
from soleus.config import find, load
from soleus.errors import ConfigError
from soleus.nights import journal_path, start_or_resume
from soleus.supervise import stop_event

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.night.folder import NightFolder
    from soleus.config import Config
    from soleus.settings import Settings

REPORT_EVERY_S = 2.0
EXIT_INTERRUPTED = 130


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
    async with collecting(config.settings, file, folder, timebase, hci=hci) as collector:
        with console.status("waiting for the sensors") as status:
            while not stop.is_set() and (end_at is None or loop.time() < end_at):
                status.update(status_line(config.settings, folder))
                try:
                    await asyncio.wait_for(stop.wait(), REPORT_EVERY_S)
                except TimeoutError:
                    continue
        console.print("Ending the night …")
        complete = await collector.end()
    if not complete:
        console.print("Not everything was scored or delivered; it waits in the night's folder and the journal.")
    console.print(f"Night kept in {folder.path}.")
    return EXIT_INTERRUPTED if stop.is_set() and hours is not None else 0


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

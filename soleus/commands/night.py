"""``soleus night``: record, score and deliver until Ctrl-C."""

from __future__ import annotations

import asyncio
import sys
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, TextIO

import click
from rich.console import Console
from rich.markup import escape

from ingest.night.marks import leave_mark
from ingest.timebase import Timebase
from soleus import options
from soleus.attendance import Attendant
from soleus.certificate_table import print_certificate
from soleus.collector import collecting
from soleus.config import find, load
from soleus.errors import ConfigError
from soleus.nights import start_or_resume
from soleus.supervise import stop_event

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ingest.night.folder import NightFolder
    from soleus.config import Config

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
    # From here on Ctrl-C ends a night in order.
    stop = stop_event()
    console = Console(stderr=True)
    folder = start_or_resume(config.settings, speed=timebase.speed, utc_ns=timebase.now_ns())
    console.print(f"Night [bold]{folder.path.name}[/bold] in {folder.path}. Ctrl-C ends it and keeps everything.")
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
                # What a sensor says may hold brackets, which are no style.
                status.update(escape(await attendant.look()))
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), REPORT_EVERY_S)
        console.print("Ending the night … Ctrl-C again does not wait for scoring and delivery.")
        # One Ctrl-C may come twice, from the terminal and from what started this: only a later one is haste.
        await collector.end_recording()
        complete = await collector.end(hurry=stop_event())
    if not complete:
        console.print("Not everything was scored or delivered; it waits in the night's folder and the journal.")
    console.print(f"Night kept in {folder.path}.")
    stated = folder.read_certificate()
    if stated is not None:
        print_certificate(stated, console)
    return EXIT_INTERRUPTED if stop.is_set() and hours is not None else 0


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

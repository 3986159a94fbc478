"""``soleus privacy``: all of a person's data for the person, or nothing of it left."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import Progress

from soleus import options
from soleus.book_diary import PersonDiary
from soleus.config import load
from soleus.errors import ConfigError
from soleus.handover import Handover, files_of
from soleus.labels.belongings import labels_elsewhere
from soleus.nights import journal_path, nights_dir
from soleus.privacy import belongings, influx_address
from soleus.private_files import PrivateFiles
from soleus.removal import Outcome, Plan, plan, remove
from soleus.result import dumps

if TYPE_CHECKING:
    from collections.abc import Callable

    from soleus.config import Config
    from soleus.privacy import Belongings
    from soleus.settings import Settings

SAYS_NO = 1
MB = 1e6
BEYOND = """Not removed, because it cannot be reached from here: backups, exports, what other computers collected, what
other programs have heard at the broker or stored (Home Assistant), and what a broker still holds for them. The
configuration stays. Removed files can often be restored from a disk that is not encrypted."""

_person = click.option("--person", metavar="NAME", help="Whose data; the person of the configuration if not given.")
_token = click.option(
    "--token-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File with an InfluxDB token that has the right to do this; that of [store] may only write.",
)


@click.group()
def command() -> None:
    """Give a person all of their data, or remove it from this computer, the broker and InfluxDB."""


@command.command("export")
@click.argument("folder", type=click.Path(path_type=Path))
@_person
@_token
@click.option("--edf", is_flag=True, help="Write each night as EDF+ as well, for other programs.")
@options.config_file
@options.output_format("table", "json")
def export_command(
    *, folder: Path, person: str | None, token_file: Path | None, edf: bool, config_file: Path | None, form: str
) -> int:
    """Write everything that is kept of a person into FOLDER, which must be empty or new.

    Night folders, the journal with events and diary, the marks of raters, what InfluxDB holds, a list
    of all files with their hashes, and a README.txt that explains them. What cannot be had is said,
    and the rest is written nevertheless (exit code 1).
    """
    config = load(config_file)
    _expect_empty(folder, config)
    found = belongings(config.settings, person or config.settings.person)
    files = PrivateFiles(folder)
    console = Console(stderr=True)
    with Progress(console=console, disable=form == "json" or not console.is_terminal, transient=True) as bar:
        handover = Handover(files, found, _told(bar, found))
        handover.nights(edf=edf)
        handover.journal(journal_path(config.settings))
        handover.labels(config.settings)
        handover.criteria(config.settings)
        try:
            address = influx_address(config.settings, token_file)
        except ConfigError as error:
            handover.missing.append(str(error))
        else:
            if address is not None:
                handover.points(address)
        handover.finish(config)
    n_bytes = sum(file["bytes"] for file in files.written.values())
    if form == "json":
        n_nights, n_files = len(found.nights), len(files.written)
        told = {"folder": str(folder), "nights": n_nights, "files": n_files, "bytes": n_bytes}
        click.echo(dumps({**told, "missing": handover.missing}))
    else:
        click.echo(f"{folder}: {len(found.nights)} nights, {len(files.written)} files, {n_bytes / MB:.1f} MB")
        _complain("not in it", handover.missing)
    return SAYS_NO if handover.missing else 0


def _told(bar: Progress, found: Belongings) -> Callable[[str, int], None]:
    n_bytes = sum(path.stat().st_size for folder in found.nights for path in files_of(folder))
    tasks = {
        "nights": bar.add_task("nights", total=n_bytes),
        "journal": bar.add_task("journal", total=None),
        "InfluxDB": bar.add_task("InfluxDB", total=None),
    }
    return lambda what, n: bar.update(tasks[what], advance=n)


def _expect_empty(folder: Path, config: Config) -> None:
    if folder.exists() and not folder.is_dir():
        raise click.UsageError(f"{folder}: is a file, expected an empty or a new folder")
    if folder.is_dir() and any(folder.iterdir()):
        raise click.UsageError(f"{folder}: holds files already, expected an empty or a new folder")
    if folder.resolve().is_relative_to(config.settings.data_dir.resolve()):
        raise click.UsageError(f"{folder}: lies in the data folder, expected a folder elsewhere")


@command.command("delete")
@click.option("--night", metavar="NIGHT", help="Remove one night only, by its name.")
@_person
@_token
@click.option("--yes", is_flag=True, help="Do not ask.")
@options.config_file
@options.output_format("table", "json")
def delete_command(
    *, night: str | None, person: str | None, token_file: Path | None, yes: bool, config_file: Path | None, form: str
) -> int:
    """Remove everything that is kept of a person, or one night of it. There is no way back.

    Night folders, the journal with events and diary, the marks of raters, what the broker keeps for
    new listeners, and the points in InfluxDB. What could not be reached is said (exit code 1), and
    the same command tries it again.
    """
    settings = load(config_file).settings
    planned = plan(settings, person or settings.person, night)
    stays = _diary_that_stays(settings, planned) + (labels_elsewhere(settings) if planned.night is None else [])
    if not yes:
        _complain("would stay", stays)
        _ask(planned, nights_dir(settings))
    outcome = remove(settings, planned, token_file)
    if form == "json":
        click.echo(dumps({"removed": outcome.removed, "stays": stays, "failed": outcome.failed}))
    else:
        _show(outcome)
        _complain("stays", stays)
    return SAYS_NO if outcome.failed else 0


def _diary_that_stays(settings: Settings, planned: Plan) -> list[str]:
    """Return a line for each evening under which entries are filed that pages show with the night."""
    diary = PersonDiary.of(settings)
    nights = planned.found.nights if planned.night is not None else ()
    filed = Counter(
        name for night in nights for name in diary.filed_elsewhere(planned.found.person, diary.shelf.card(night))
    )
    return [
        f"{count} {'entry' if count == 1 else 'entries'} of the diary filed under {name}, which pages show with"
        f" {planned.night}: `soleus privacy delete --night {name}` removes all that is filed there"
        for name, count in sorted(filed.items())
    ]


def _ask(planned: Plan, nights: Path) -> None:
    """Show what would go and let the person type their name; ConfigError for anything else."""
    person = planned.found.person
    whole = "everything" if planned.night is None else f"the night {planned.night}"
    click.echo(f"This removes {whole} of {person} for good:", err=True)
    click.echo(f"  {len(planned.found.nights)} night folders in {nights}", err=True)
    click.echo(f"  {planned.n_rows} entries of the journal and outbox", err=True)
    click.echo(f"  {planned.n_acts} acts of raters who marked events in the nights", err=True)
    click.echo("  what the broker keeps, and the points in InfluxDB, where they are configured", err=True)
    click.echo(f"Type the name of the person ({person}) to go on: ", nl=False, err=True)
    typed = sys.stdin.readline().strip()
    if typed != person:
        msg = f"nothing was removed: got {typed!r}, expected {person!r} (or --yes)"
        raise ConfigError(msg)


def _show(outcome: Outcome) -> None:
    for line in outcome.removed:
        click.echo(f"removed: {line}")
    click.echo(BEYOND)
    _complain("NOT removed", outcome.failed)


def _complain(what: str, lines: list[str]) -> None:
    for line in lines:
        click.echo(f"soleus: {what}: {line}", err=True)

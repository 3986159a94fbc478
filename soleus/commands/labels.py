"""``soleus labels``: what raters marked on the page *Label*, out and in."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from soleus import options
from soleus.config import load
from soleus.errors import ConfigError
from soleus.labels.belongings import labels_path
from soleus.labels.ledger import opened
from soleus.labels.reading import read_marks
from soleus.labels.rules import KINDS
from soleus.labels.store import EDF, TSV, LabelStore
from soleus.private_files import OWNER_ONLY
from soleus.result import dumps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dashboards.labelling import Sheet
    from soleus.labels.ledger import Placed
    from soleus.settings import Settings

SCREEN = "-"
_KINDS = tuple(map(str, KINDS))

_recording = click.argument("recording")
_rater = click.option("--rater", required=True, metavar="NAME", help="Whose marks, as on the page.")


@click.group()
def command() -> None:
    """List, write, read and remove what raters marked in recordings.

    A recording is called as on the page: a stored night by its name, a file by its own.
    """


@command.command("list")
@click.argument("recording", required=False)
@options.config_file
@options.output_format("table", "json")
def list_command(*, recording: str | None, config_file: Path | None, form: str) -> None:
    """Say who marked how much in which recording; with --json every mark."""
    settings = load(config_file).settings
    places = _marked(settings, recording)
    store = LabelStore(labels_path(settings), places.__getitem__)
    sheets = [(key, card.rater, store.sheet(key, card.rater)) for key in places for card in store.raters(key)]
    if form == options.JSON:
        click.echo(dumps([_told(key, rater, sheet, places[key]) for key, rater, sheet in sheets]))
        return
    table = Table("recording", "rater", "marks", "acts", "blind", "finished", box=None, pad_edge=False)
    for key, rater, sheet in sheets:
        finished = "yes" if sheet.finished else "no"
        table.add_row(key, rater, str(len(sheet.labels)), str(sheet.n_acts), _blind(sheet), finished)
    Console().print(table)


@command.command("export")
@_recording
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), default=SCREEN)
@_rater
@click.option("--format", "form", type=click.Choice([TSV, EDF]), help="What to write; otherwise as FILE ends, or tsv.")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(tuple(map(str, KINDS))),
    help="Only this class; may be repeated.",
)
@options.config_file
def export_command(
    *, recording: str, file: Path, rater: str, form: str | None, kinds: tuple[str, ...], config_file: Path | None
) -> None:
    """Write the marks of a rater into FILE, or to the screen: a table, or EDF+ with annotations alone.

    Both are read by `soleus evaluate`, `soleus tune` and other programs; `soleus rules` reads a table
    with leg movements alone (--kind leg_movement).
    """
    settings = load(config_file).settings
    store = LabelStore(labels_path(settings), {recording: _where(settings, recording)}.__getitem__)
    _expect_one_of(rater, [card.rater for card in store.raters(recording)], recording)
    content = store.exported(recording, rater, form or (EDF if file.suffix.lower() == f".{EDF}" else TSV), kinds=kinds)
    if str(file) == SCREEN:
        click.echo(content, nl=False)
        return
    try:
        # Marks of somebody's night: nobody else may read them, and no other file is written over.
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except FileExistsError as error:
        raise click.UsageError(f"{file}: is there already, expected the name of a new file") from error
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)


@command.command("import")
@_recording
@click.argument("file", type=click.Path(exists=True, path_type=Path, dir_okay=False, allow_dash=True))
@_rater
@click.option(
    "--recordings",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    metavar="FILE|FOLDER",
    help="Where RECORDING is, as for `soleus serve`; stored nights and what has marks already are known.",
)
@options.channels
@options.layout
@options.salvage
@options.time_zone
@options.config_file
@options.output_format("text", "json")
def import_command(  # noqa: PLR0913 - one parameter per option
    *,
    recording: str,
    file: Path,
    rater: str,
    recordings: tuple[Path, ...],
    channels: Mapping[str, str],
    layout: Path | None,
    salvage: bool,
    time_zone: str | None,
    config_file: Path | None,
    form: str,
) -> None:
    """Add the marks in FILE to those of a rater: any list that `soleus evaluate` reads.

    Marks that the rater has already are not added again. Sleep stages, breathing and arousals are no
    marks, and are left out.
    """
    # Loaded here: what lists or writes marks opens no recording.
    from soleus.labels.places import places_of  # noqa: PLC0415 - see above
    from soleus.reading import Reading  # noqa: PLC0415 - see above

    settings = load(config_file).settings
    content = sys.stdin.buffer.read() if str(file) == SCREEN else file.read_bytes()
    places = places_of(settings, recordings, Reading(tuple(channels.items()), layout, time_zone, salvage))
    with _one_line(recording):
        store, placed = LabelStore(labels_path(settings), places), places(recording)
        before = store.sheet(recording, rater).n_acts
        marks = read_marks(str(file), content, placed)
        n_new = store.imported(recording, rater, str(file), content).n_acts - before
    n_known = len(marks.labels) - n_new
    if form == options.JSON:
        click.echo(dumps({"new": n_new, "known": n_known, "left_out": dict(marks.left_out)}))
        return
    click.echo(f"{n_new} new, {n_known} there already")
    if marks.left_out:
        named = ", ".join(f"{name} ({count})" for name, count in marks.left_out.items())
        click.echo(f"soleus: left out, because they are no marks: {named}", err=True)


@command.command("remove")
@_recording
@click.option("--rater", metavar="NAME", help="Remove the marks of this rater alone.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@options.config_file
def remove_command(*, recording: str, rater: str | None, yes: bool, config_file: Path | None) -> int:
    """Remove what raters marked in a recording for good, with all that was taken back. There is no way back."""
    settings = load(config_file).settings
    _marked(settings, recording)
    with opened(labels_path(settings)) as ledger:
        raters = ledger.raters(recording)
        if rater is not None:
            _expect_one_of(rater, raters, recording)
            raters = [rater]
        n_acts = sum(ledger.stamp(recording, one).n_acts for one in raters)
        if not yes:
            click.echo(f"This removes {n_acts} acts of {', '.join(raters)} in {recording} for good.", err=True)
            click.confirm("Go on?", abort=True, err=True)
        erased = ledger.erase([recording], rater)
    click.echo(f"removed: {erased.n_rows} {'act' if erased.n_rows == 1 else 'acts'} of raters")
    if not erased.overwritten:
        click.echo("soleus: another program is reading the marks: repeat this, so that no byte of them stays", err=True)
    return 0 if erased.overwritten else 1


def _expect_one_of(rater: str, raters: Sequence[str], recording: str) -> None:
    if rater not in raters:
        msg = f"--rater: {rater} marked nothing in {recording}, expected one of: {', '.join(raters)}"
        raise click.UsageError(msg)


def _marked(settings: Settings, recording: str | None) -> Mapping[str, Placed]:
    """Return the recordings with marks, or the one that is named; ConfigError if it has none."""
    path = labels_path(settings)
    if not path.is_file():
        places: Mapping[str, Placed] = {}
    else:
        with opened(path) as ledger:
            places = ledger.recordings()
    if recording is None:
        return places
    if recording not in places:
        msg = f"nobody marked anything in {recording!r}, expected one of: {', '.join(places) or '(none)'}"
        raise ConfigError(msg)
    return {recording: places[recording]}


def _where(settings: Settings, recording: str) -> Placed:
    """Return when a recording with marks began; ConfigError if it has none."""
    kept = _marked(settings, recording)[recording]
    if not kept.person:
        return kept
    # Loaded here: only when a stored night began may have turned out after the first mark.
    from soleus.labels.places import places_of  # noqa: PLC0415 - see above

    now = places_of(settings)(recording)
    # The marks of a night that is gone, and whose name another one has, go out as they were made.
    return now if now.content == kept.content else kept


@contextmanager
def _one_line(recording: str) -> Iterator[None]:
    try:
        yield
    except KeyError as error:
        msg = f"{recording}: is no stored night and has no marks yet, expected one of these, or --recordings with it"
        raise click.UsageError(msg) from error
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _told(key: str, rater: str, sheet: Sheet, placed: Placed) -> Mapping[str, Any]:
    marks: Sequence[Mapping[str, Any]] = [
        {name: value for name, value in label._asdict().items() if name != "key"} for label in sheet.labels
    ]
    return {
        "recording": key,
        "start_ns": placed.start_ns,
        "duration_s": placed.duration_s,
        "rater": rater,
        "acts": sheet.n_acts,
        "blind": sheet.blind,
        "was_open": sheet.was_open,
        "finished": sheet.finished,
        "marks": marks,
    }


def _blind(sheet: Sheet) -> str:
    if not sheet.blind:
        return "no"
    return "not throughout" if sheet.was_open else "yes"

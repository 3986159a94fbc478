"""``soleus export``: stored nights in formats that other programs read."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from soleus import options
from soleus.bids.dataset import Dataset
from soleus.config import load
from soleus.edf_file import RECORDINGS, export_recording, place_of
from soleus.errors import ConfigError
from soleus.export_folder import new_folder
from soleus.exported_text import show_recording
from soleus.nights import all_nights, named_night
from soleus.result import dumps
from soleus.sheets.night_sheets import sheets_of
from soleus.sheets.reading import read_scored
from soleus.sheets.writing import TABLE_FORMS, write_sheets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.night.folder import NightFolder
    from soleus.settings import Settings
    from soleus.sheets.night_sheets import ScoredNight

PRINTED = ("table", "json")
BIDS = "bids"
FORMATS = (*RECORDINGS, *TABLE_FORMS, BIDS)


@click.command()
@click.argument("nights", metavar="NIGHT...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every night that is stored, instead of NIGHT.")
@click.option(
    "--format",
    "forms",
    metavar="FORMAT",
    type=click.Choice([*FORMATS, *PRINTED]),
    multiple=True,
    help="What to write: edf (BDF+ where 16 bits are too few), bdf, csv, parquet or bids; edf if not given. "
    "table and json say how to print the result, and may be given beside it.",
)
@click.option("--edf", "as_edf", is_flag=True, help="The same as --format edf.")
@click.option(options.AS_JSON, "as_json", is_flag=True, help="Print the result as JSON.")
@click.option(
    "--to",
    "target",
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="The file (edf, bdf) or folder to write; otherwise one in the folder of the night.",
)
@click.option("--utc", "in_utc", is_flag=True, help="Say the start in UTC; otherwise in the night's local time (edf).")
@click.option("--force", is_flag=True, help="Replace an earlier export.")
@options.config_file
def command(  # noqa: PLR0913 - one parameter per option
    *,
    nights: tuple[str, ...],
    every: bool,
    forms: tuple[str, ...],
    as_edf: bool,
    as_json: bool,
    target: Path | None,
    in_utc: bool,
    force: bool,
    config_file: Path | None,
) -> None:
    """Write stored nights (each NIGHT is a name or a folder) for other programs.

    edf: every sample of the packet log, placed by the sensors' fitted clocks, with gaps, markers and what was found as
    annotations. csv, parquet: events and the numbers of the nights as tables, and what each column means. bids:
    recordings and events as a data set of EMG.
    """
    form, quiet = _chosen(forms, as_edf=as_edf, as_json=as_json)
    settings = load(config_file).settings
    folders = _folders(settings, nights, every=every)
    if form not in RECORDINGS:
        answer = _write_folder(folders, settings, _home(folders, target, form), form, force=force)
        _say(answer, quiet=quiet)
        return
    if target is not None and (len(folders) > 1 or every):
        _expect_different_names(folders)
        target.mkdir(parents=True, exist_ok=True)
    for folder in folders:
        place = place_of(folder, form, target, many=len(folders) > 1 or every)
        try:
            path, written = export_recording(folder, place, in_utc=in_utc, force=force, quiet=quiet)
        except ConfigError as error:
            if not every:
                raise
            # One night without samples is no reason to keep the others.
            _tell(f"left out: {error}")
            continue
        show_recording(written, path, as_json=quiet)


def _chosen(forms: Sequence[str], *, as_edf: bool, as_json: bool) -> tuple[str, bool]:
    """Return what to write, and whether the result is printed as JSON."""
    files = list(dict.fromkeys([*(form for form in forms if form in FORMATS), *(["edf"] if as_edf else [])]))
    printed = list(dict.fromkeys([*(form for form in forms if form in PRINTED), *(["json"] if as_json else [])]))
    for chosen in (files, printed):
        if len(chosen) > 1:
            msg = f"got --format {' and '.join(chosen)}, expected one of them"
            raise click.UsageError(msg)
    return files[0] if files else "edf", printed == ["json"]


def _folders(settings: Settings, nights: Sequence[str], *, every: bool) -> list[NightFolder]:
    if every == bool(nights):
        msg = f"got {'--all and ' if every else 'no '}NIGHT, expected one of the two: a night or --all"
        raise click.UsageError(msg)
    if not every:
        asked = [named_night(settings, night) for night in nights]
        # A night may be named twice, by its name and by its folder.
        return list({folder.path.resolve(): folder for folder in asked}.values())
    found = list(all_nights(settings))[::-1]
    if not found:
        msg = f"--all: no night in {settings.data_dir}, expected one that was recorded"
        raise ConfigError(msg)
    return found


def _expect_different_names(folders: Sequence[NightFolder]) -> None:
    """Refuse nights of two places whose files would be called the same: one would replace the other."""
    for name, n_folders in Counter(folder.path.name for folder in folders).items():
        if n_folders > 1:
            raise click.UsageError(f"{n_folders} nights are called {name}, expected one of each name in one folder")


def _home(folders: Sequence[NightFolder], target: Path | None, form: str) -> Path:
    """Return where several files go."""
    if target is None:
        if len(folders) > 1:
            msg = f"--format {form} of {len(folders)} nights: expected --to FOLDER"
            raise click.UsageError(msg)
        return folders[0].path / f"export-{form}"
    for folder in folders:
        real, home = target.resolve(), folder.path.resolve()
        if real.is_relative_to(home) and real != home / f"export-{form}":
            msg = f"{target}: lies in the folder of the night, expected export-{form} there or another folder"
            raise click.UsageError(msg)
    return target


def _scored(folders: Sequence[NightFolder], settings: Settings) -> list[tuple[NightFolder, ScoredNight]]:
    """Return the nights that were scored; of several, those that were not are named and left out."""
    if len(folders) == 1:
        return [(folders[0], read_scored(folders[0], settings))]
    found = []
    for folder in folders:
        try:
            found.append((folder, read_scored(folder, settings)))
        except ConfigError as error:
            _tell(f"left out: {error}")
    if not found:
        msg = f"none of {len(folders)} nights was scored to its end, expected one: soleus replay NIGHT --publish"
        raise ConfigError(msg)
    return found


def _tell(line: str) -> None:
    Console(stderr=True).print(line, markup=False, soft_wrap=True)


def _write_folder(
    folders: Sequence[NightFolder], settings: Settings, home: Path, form: str, *, force: bool
) -> dict[str, Any]:
    nights = _scored(folders, settings)
    with new_folder(home, force=force) as part:
        if form == BIDS:
            names = Dataset(part, nights).write(_tell)
        else:
            write_sheets(part, sheets_of(night for _, night in nights), form)
            names = [night.info.night for _, night in nights]
        files = sorted(path.relative_to(part).as_posix() for path in part.rglob("*") if path.is_file())
    n_events = sum(len(night.events) for _, night in nights if night.info.night in names)
    return {"folder": str(home), "format": form, "nights": names, "files": files, "n_events": n_events}


def _say(answer: dict[str, Any], *, quiet: bool) -> None:
    if quiet:
        click.echo(dumps(answer))
        return
    told = f"{len(answer['nights'])} nights, {answer['n_events']} events, {len(answer['files'])} files"
    Console().print(f"{answer['folder']}: {told}", markup=False, soft_wrap=True)

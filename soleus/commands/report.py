"""``soleus report``: a night, or weeks, on paper."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dashboards.report.html import night_html, weeks_html
from dashboards.report.night import night_report
from dashboards.report.night_pdf import night_pdf
from dashboards.report.weeks import weeks_report
from dashboards.report.weeks_pdf import weeks_pdf
from soleus import options
from soleus.book import FolderBook
from soleus.config import load
from soleus.errors import ConfigError
from soleus.nights import named_night, nights_dir
from soleus.result import dumps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ingest.night.folder import NightFolder
    from soleus.settings import Settings

NAME = "report"
WEEKS_NAME = "weeks"
MOST_WEEKS = 26
_PDF, _PAGE = b"%pdf-", b"<!doctype html>"


@dataclass(frozen=True, slots=True)
class _Written:
    """A report in both forms, and what the command says of it."""

    html: str
    pdf: bytes
    facts: Mapping[str, Any]


@click.command()
@click.argument("night", required=False)
@click.option("--weeks", type=click.IntRange(1, MOST_WEEKS), help="Report on so many weeks up to the night instead.")
@click.option("--pdf", type=click.Path(path_type=Path, dir_okay=False), help="Where to write the PDF.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Where to write the HTML.")
@click.option("--force", is_flag=True, help="Replace a file that is there already.")
@options.config_file
@options.output_format("text", "json")
def command(
    *,
    night: str | None,
    weeks: int | None,
    force: bool,
    config_file: Path | None,
    form: str,
    **named: Path | None,
) -> None:
    """Write a NIGHT (its name or its folder; otherwise the newest) for a clinician: one page of PDF, and HTML.

    With --weeks the report is of the weeks that end with the night: what changed, as far as one can tell, and each
    night in a table.

    Without --pdf and --html both are written into the folder of the night, where they replace an earlier report and
    are removed with the night. They hold health data: only you can read them.
    """
    config = load(config_file)
    book = FolderBook(config.settings, config.criteria)
    folder = _folder(config.settings, book, night)
    targets = _targets(folder, NAME if weeks is None else WEEKS_NAME, named)
    for path in targets.values():
        _expect_replaceable(path, folder, force=force)
    written = _night(book, folder) if weeks is None else _weeks(book, folder, weeks)
    for kind, path in targets.items():
        _write(path, written.pdf if kind == "pdf" else written.html.encode())
    if form == "json":
        click.echo(dumps({**written.facts, "files": {kind: str(path) for kind, path in targets.items()}}))
    else:
        click.echo(written.facts["headline"])
        for path in targets.values():
            click.echo(str(path))


def _folder(settings: Settings, book: FolderBook, night: str | None) -> NightFolder:
    """Return the night that is asked for, or the newest one.

    Raises
    ------
    ConfigError
        If there is none, or it lies elsewhere: its events and its diary are in the journal beside the nights.
    """
    if night is None:
        newest = next(iter(book.nights()), None)
        if newest is None:
            msg = f"no night in {nights_dir(settings)}, expected a recorded one (soleus night)"
            raise ConfigError(msg)
        night = newest.night_id
    folder = named_night(settings, night)
    if folder.path.resolve().parent != nights_dir(settings).resolve():
        msg = (
            f"{folder.path}: is not in {nights_dir(settings)}, expected a night whose events and diary are known there"
        )
        raise ConfigError(msg)
    return folder


def _targets(folder: NightFolder, name: str, named: Mapping[str, Path | None]) -> dict[str, Path]:
    """Return which files are written: those that were named, otherwise both in the folder of the night."""
    given = {kind: path for kind, path in named.items() if path is not None}
    return given or {kind: folder.path / f"{name}.{kind}" for kind in ("pdf", "html")}


def _expect_replaceable(path: Path, folder: NightFolder, *, force: bool) -> None:
    """Refuse a target that is a file of the night, or of somebody else; a report can always be had again."""
    real, home = path.resolve(), folder.path.resolve()
    own = {home / f"{name}.{kind}" for name in (NAME, WEEKS_NAME) for kind in ("pdf", "html")}
    if real in own:
        return
    if real.is_relative_to(home.parent):
        msg = f"{path}: lies in the folder of a night, expected another folder, or no --pdf and no --html"
        raise click.UsageError(msg)
    if not path.parent.is_dir():
        raise click.UsageError(f"{path}: {path.parent} is not a folder, expected one to write into")
    if path.exists() and not force:
        raise click.UsageError(f"{path}: exists already, expected a new file (or --force to replace it)")
    if path.exists() and not _is_report(path):
        raise click.UsageError(f"{path}: is no report, expected a new file or an earlier report to replace")


def _is_report(path: Path) -> bool:
    """Return whether a file is empty, a PDF, or a page of HTML."""
    with path.open("rb") as file:
        return file.read(len(_PAGE)).lower().startswith((_PDF, _PAGE)) or not path.stat().st_size


def _night(book: FolderBook, folder: NightFolder) -> _Written:
    report = night_report(book, folder.path.name)
    facts = {
        "night": report.view.card.night_id,
        "headline": report.answer[0],
        "numbers": {one.key: one.value for card in report.cards for one in card.figures},
        "events": [{"id": row.id, "title": row.title, "traces": row.picture is not None} for row in report.events],
        "n_diary": len(report.diary),
    }
    return _Written(night_html(report), night_pdf(report), facts)


def _weeks(book: FolderBook, folder: NightFolder, n_weeks: int) -> _Written:
    report = weeks_report(book, folder.path.name, n_weeks)
    if report is None:
        msg = f"{folder.path.name}: no night of the configured person in these weeks is over, expected one or more"
        raise ConfigError(msg)
    facts = {
        "nights": [one.card.night_id for one in report.nights.figures],
        "headline": report.answer[0],
        "numbers": [
            {"key": panel.name, "middle": panel.middle, "trend": panel.trend, "counted": panel.counted}
            for panel in report.panels
        ],
        "n_diary": len(report.entries),
    }
    return _Written(weeks_html(report), weeks_pdf(report), facts)


def _write(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, as a whole or not at all."""
    # Under a name that nobody has, and for the owner only from the first byte on.
    number, name = tempfile.mkstemp(prefix=".soleus-", suffix=".part", dir=path.parent)
    beside = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)

"""``soleus replay``: a stored night through the same path again."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import Progress

from detectors.signal import NS_PER_S
from ingest.night.folder import NightFolder
from ingest.night.journal import Journal
from ingest.night.packets import read_log
from soleus import __version__, options
from soleus.config import load
from soleus.errors import ConfigError
from soleus.nights import find_night, journal_path
from soleus.result import dumps, event_rows, stream_row
from soleus.result_output import print_tables
from soleus.scoring import NightScoring
from soleus.settings import WORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detectors.criteria import Criteria
    from ingest.night.folder import NightInfo
    from ingest.night.records import Record

PIECE = 20_000


@click.command()
@click.argument("night")
@options.config_file
@options.assignments
@click.option("--scoring", help="Name of this scoring; the night keeps its others (default: the night's own).")
@click.option("--publish", is_flag=True, help="Write the result to the journal, from where it is delivered.")
@options.output_format("table", "json")
def command(
    *,
    night: str,
    config_file: Path | None,
    assignments: tuple[str, ...],
    scoring: str | None,
    publish: bool,
    form: str,
) -> None:
    """Send a stored NIGHT (its name or its folder) through the same path again.

    The same log and the same thresholds give the same events. With --publish what vanished is taken
    back and what is new is delivered.
    """
    config = load(config_file, assignments=assignments)
    folder = NightFolder(Path(night)) if Path(night).is_dir() else find_night(config.settings, night)
    if not folder.info_path.is_file():
        msg = f"{folder.path}: no night.json, expected the folder of a night"
        raise ConfigError(msg)
    info = folder.read_info()
    if scoring is not None:
        if not WORD.fullmatch(scoring):
            msg = f"--scoring is {scoring!r}, expected letters, digits, '.', '_' and '-' only"
            raise click.UsageError(msg)
        info = replace(info, scoring=scoring)
    scored = NightScoring(info, config.criteria)
    for piece in _pieces(folder, quiet=form == "json"):
        scored.feed(piece)
    scored.finish()
    if publish:
        with Journal(journal_path(config.settings)) as journal:
            journal.reconcile(info.person, info.night, info.scoring, scored.final_entries())
    answer = _answer(scored, info, config.criteria)
    if form == "json":
        click.echo(dumps(answer))
    else:
        print_tables(answer, None)


def _pieces(folder: NightFolder, *, quiet: bool) -> Iterator[list[Record]]:
    size = folder.packets.stat().st_size
    piece: list[Record] = []
    with Progress(console=Console(stderr=True), disable=quiet) as bar:
        task = bar.add_task("replaying", total=size)
        for offset, record in read_log(folder.packets):
            piece.append(record)
            if len(piece) == PIECE:
                bar.update(task, completed=offset)
                yield piece
                piece = []
        bar.update(task, completed=size)
    yield piece


def _answer(scored: NightScoring, info: NightInfo, criteria: Criteria) -> dict[str, Any]:
    """Return a replayed night with the keys of ``soleus score``."""
    start_ns, end_ns = scored.span_ns
    start = datetime.fromtimestamp(start_ns / NS_PER_S, UTC).isoformat().replace("+00:00", "Z")
    return {
        "recording": {
            "file": info.night,
            "start": start,
            "duration_s": (end_ns - start_ns) / NS_PER_S,
            "streams": [stream_row(stream, n_samples) for stream, n_samples in scored.streams.items()],
        },
        "criteria": asdict(criteria),
        "version": __version__,
        "events": event_rows(scored.events, start_ns),
        "summary": dict(scored.summary()),
    }

"""``soleus replay``: a stored night through the same path again."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import Progress

from detectors.signal import NS_PER_S
from ingest.night.journal import Journal
from soleus import __version__, options
from soleus.certificate_table import print_certificate
from soleus.config import load
from soleus.effective import effective
from soleus.final_scoring import keep, score_log
from soleus.night_decoding import log_pieces
from soleus.nights import journal_path, named_night
from soleus.result import dumps, event_rows, stream_row
from soleus.result_output import print_tables
from soleus.settings_rules import WORD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from detectors.criteria import Criteria
    from ingest.night.folder import NightFolder, NightInfo
    from ingest.night.records import Record
    from soleus.final_scoring import FinalScoring
    from soleus.scoring import NightScoring


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
    back and what is new is delivered; a night that has ended gets its files anew, unless the scoring
    has another name.
    """
    config = load(config_file, assignments=assignments)
    folder = named_night(config.settings, night)
    info = folder.read_info()
    if scoring is not None:
        if not WORD.fullmatch(scoring):
            msg = f"--scoring is {scoring!r}, expected letters, digits, '.', '_' and '-' only"
            raise click.UsageError(msg)
        info = replace(info, scoring=scoring)
    night_again = _scored(folder, info, config.criteria, quiet=form == "json")
    if publish:
        with Journal(journal_path(config.settings)) as journal:
            journal.put(night_again.facts)
            journal.reconcile(info.person, info.night, info.scoring, night_again.scoring.final_entries())
    if publish and scoring is None and night_again.scoring.ended:
        folder.write_config(effective(config))
        keep(folder, night_again)
    stated = night_again.certificate()
    answer = _answer(night_again.scoring, info, config.criteria)
    if form == "json":
        click.echo(dumps({**answer, "completeness": stated}))
    else:
        print_tables(answer, None)
        print_certificate(stated, Console())


def _scored(folder: NightFolder, info: NightInfo, criteria: Criteria, *, quiet: bool) -> FinalScoring:
    size = folder.packets.stat().st_size
    with Progress(console=Console(stderr=True), disable=quiet) as bar:

        def pieces() -> Iterator[list[Record]]:
            task = bar.add_task("replaying", total=size)
            yield from log_pieces(folder.packets, lambda offset: bar.update(task, completed=offset))
            bar.update(task, completed=size)

        return score_log(pieces, info, criteria)


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

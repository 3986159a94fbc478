"""``soleus replay``: a stored night through the same path again."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import Progress

from detectors.signal import NS_PER_S
from ingest.errors import IngestError
from ingest.night.journal import Journal
from ingest.night.outbox_bound import OutboxGate, OutboxMeter
from soleus import __version__, options
from soleus.certificate_table import print_certificate
from soleus.config import load
from soleus.effective import effective
from soleus.errors import ConfigError
from soleus.final_scoring import keep, score_log
from soleus.night_decoding import log_pieces
from soleus.nights import all_nights, alone, journal_path, named_night
from soleus.result import dumps, event_rows, stream_row
from soleus.result_output import print_tables
from soleus.settings_rules import WORD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from detectors.criteria import Criteria
    from ingest.night.folder import NightFolder, NightInfo
    from ingest.night.records import Record
    from soleus.config import Config
    from soleus.final_scoring import FinalScoring
    from soleus.scoring import NightScoring
    from soleus.settings import Settings


SAYS_NO = 1


@dataclass(frozen=True, slots=True)
class _Replayed:
    """A night that was scored once more; `n_changed` entries of the journal differ from before, if it was published."""

    info: NightInfo
    night: FinalScoring
    n_changed: int | None

    @property
    def published(self) -> str:
        """What the journal has to say to it."""
        if self.n_changed is None:
            return ""
        return f"{self.n_changed} entries changed" if self.n_changed else "nothing changed"

    def plain(self, criteria: Criteria) -> dict[str, Any]:
        """Return it as JSON has it."""
        stated = {**_answer(self.night.scoring, self.info, criteria), "completeness": self.night.certificate()}
        return stated if self.n_changed is None else {**stated, "published": {"changed": self.n_changed}}


@click.command()
@click.argument("nights", nargs=-1, metavar="[NIGHT]...")
@options.config_file
@options.assignments
@click.option("--all", "every", is_flag=True, help="Every night in the data folder, the oldest first.")
@click.option("--scoring", help="Name of this scoring; the night keeps its others (default: the night's own).")
@click.option("--publish", is_flag=True, help="Write the result to the journal, from where it is delivered.")
@options.output_format("table", "json")
def command(
    nights: tuple[str, ...], config_file: Path | None, assignments: tuple[str, ...], form: str, **how: Any
) -> int:
    """Send each stored NIGHT (its name or its folder) through the same path again.

    The same log and the same thresholds give the same events. With --publish what vanished is taken
    back and what is new is delivered, and what is as it was is not sent again; a night that has ended
    gets its files anew, unless the scoring has another name. Several nights are a line each, with
    --format json an object each; one that cannot be replayed is named, and the others go on.
    """
    if how["scoring"] is not None and not WORD.fullmatch(how["scoring"]):
        msg = f"--scoring is {how['scoring']!r}, expected letters, digits, '.', '_' and '-' only"
        raise click.UsageError(msg)
    config = load(config_file, assignments=assignments)
    folders = _chosen(config.settings, nights, every=how["every"])
    with Progress(console=Console(stderr=True), disable=form == "json") as progress:
        bar = _Bar(progress, sum(map(_log_bytes, folders)))
        if len(nights) == 1:
            only = _replayed(folders[0], config, bar, how["scoring"], publish=how["publish"])
            bar.done(folders[0])
        else:
            lines, n_failed = _each(folders, config, bar, form, how)
    if len(nights) == 1:
        _print_one(only, config.criteria, form)
        return 0
    click.echo("".join(f"{line}\n" for line in lines), nl=False)
    return SAYS_NO if n_failed else 0


def _chosen(settings: Settings, nights: Sequence[str], *, every: bool) -> list[NightFolder]:
    if every == bool(nights):
        msg = "which nights? Expected their names, or --all and no name"
        raise click.UsageError(msg)
    return list(all_nights(settings))[::-1] if every else [named_night(settings, night) for night in nights]


def _log_bytes(folder: NightFolder) -> int:
    return folder.packets.stat().st_size if folder.packets.is_file() else 0


class _Bar:
    """How much of all logs has been read."""

    def __init__(self, progress: Progress, n_bytes: int) -> None:
        self._progress = progress
        self._task = progress.add_task("replaying", total=n_bytes)
        self._before = 0

    def pieces(self, folder: NightFolder) -> Iterator[list[Record]]:
        """Read a log from its start, which may happen twice."""
        start = self._before
        self._progress.update(self._task, description=f"replaying {folder.path.name}")
        yield from log_pieces(
            folder.packets, lambda offset: self._progress.update(self._task, completed=start + offset)
        )

    def done(self, folder: NightFolder) -> None:
        self._before += _log_bytes(folder)
        self._progress.update(self._task, completed=self._before)


def _each(
    folders: Sequence[NightFolder], config: Config, bar: _Bar, form: str, how: Mapping[str, Any]
) -> tuple[list[str], int]:
    """Replay nights one after the other, each forgotten before the next; return what to print of them at the end."""
    lines, n_failed = [], 0
    for folder in folders:
        try:
            again = _replayed(folder, config, bar, how["scoring"], publish=how["publish"])
        except (ConfigError, IngestError, OSError) as error:
            n_failed += 1
            click.echo(f"soleus: {error}", err=True)
            continue
        finally:
            bar.done(folder)
        if form == "json":
            click.echo(dumps(again.plain(config.criteria)))
        else:
            told = (f"{len(again.night.scoring.events)} events", again.published)
            lines.append(f"{folder.path.name}: {', '.join(filter(None, told))}")
    return lines, n_failed


def _print_one(again: _Replayed, criteria: Criteria, form: str) -> None:
    if form == "json":
        click.echo(dumps(again.plain(criteria)))
        return
    print_tables(_answer(again.night.scoring, again.info, criteria), None)
    print_certificate(again.night.certificate(), Console())
    if again.published:
        click.echo(f"In the journal: {again.published}.")


def _replayed(folder: NightFolder, config: Config, bar: _Bar, scoring: str | None, *, publish: bool) -> _Replayed:
    info = folder.read_info()
    info = info if scoring is None else replace(info, scoring=scoring)
    if not publish:
        night = score_log(lambda: bar.pieces(folder), info, config.criteria)
        return _Replayed(info, night, None)
    # A night that goes on would be taken back from where this reading ends.
    with alone(folder.path / "night.lock", "a collector is at work on this night"):
        night = score_log(lambda: bar.pieces(folder), info, config.criteria)
        n_changed = _publish(night, info, config.settings)
        if scoring is None and night.scoring.ended:
            folder.write_config(effective(config))
            keep(folder, night)
    return _Replayed(info, night, n_changed)


def _publish(night: FinalScoring, info: NightInfo, settings: Settings) -> int:
    """Make the journal say what a night says; return how many entries that changed."""
    with Journal(journal_path(settings)) as journal:
        gate = OutboxGate(OutboxMeter(journal, settings.effective_delivery, settings.outbox.max_bytes))
        n_changed = journal.put(gate.admit(night.facts))
        whose = (info.person, info.night, info.scoring)
        n_changed += journal.reconcile(*whose, night.scoring.final_entries(), kinds=gate.kinds)
    if gate.is_full:
        msg = "soleus: the outbox is full: the night's epochs and health were left out; again when it has emptied"
        click.echo(msg, err=True)
    return n_changed


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

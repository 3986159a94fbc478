"""``soleus outbox``: what waits for delivery."""

from __future__ import annotations

import json
import sqlite3
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table
from rich.text import Text

from detectors.signal import NS_PER_S
from ingest.errors import DecodeError
from ingest.night.journal import Journal
from ingest.night.outbox import Backlog, Outbox, Tally
from soleus import options
from soleus.config import load
from soleus.nights import journal_path
from soleus.outbox import BUSY_S, EMPTIED_BY, age, size_bytes, state_of
from soleus.sending import expect_no_night, send_waiting
from soleus.verdicts import terminal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

    from soleus.outbox import OutboxState

SAYS_NO = 1
# What fits a screen; with --format json there is everything.
MOST_NIGHTS = 10
MOST_REASONS = 10
# Of the last nights the battery's use is read from the journal, and what is recent may still be confirmed again.
LEAST_FORGET_DAYS = 30
NS_PER_DAY = 86_400 * NS_PER_S
DONE = {
    "retried": "{} that were set aside wait again.",
    "delivered": "{} were delivered.",
    "forgotten": "{} epochs and health messages were delivered long ago and are no longer in the journal.",
}
_NOTHING = Outbox(Tally("all", 0, 0, 0, 0, 0), (), (), ())


@click.command()
@options.config_file
@click.option("--retry", is_flag=True, help="Let what was set aside wait again; first mend why it was.")
@click.option(
    "--forget",
    "forget_days",
    type=click.FloatRange(min=LEAST_FORGET_DAYS),
    callback=options.finite,
    help="Remove epochs and health from the journal that were delivered more than so many days ago.",
)
@click.option("--send", is_flag=True, help="Send what waits now, where no night is being collected.")
@options.output_format("table", "json")
def command(config_file: Path | None, form: str, *, retry: bool, forget_days: float | None, send: bool) -> int:
    """Say what waits for delivery, what was sent, what is confirmed and what was set aside.

    Can be asked at any time, also while a night runs, and changes nothing without --retry, --forget or --send.
    Exit code 1 if something was set aside, has waited for more than an hour, or if the outbox is full.
    Events, summaries and the diary are never forgotten, and the night's folder keeps everything.
    """
    settings = load(config_file).settings
    path = journal_path(settings)
    if not path.is_file():
        return _tell(_NOTHING, state_of(Backlog(), settings, now_ns=0), path, form, {})
    for option, given in (("--forget", forget_days is not None), ("--send", send)):
        if given:
            expect_no_night(settings, option)
    done: dict[str, int] = {}
    try:
        with Journal(path, busy_s=BUSY_S) as journal:
            if retry:
                done["retried"] = journal.retry()
            if forget_days is not None:
                before_ns = time.time_ns() - round(forget_days * NS_PER_DAY)
                done["forgotten"] = journal.thin(settings.effective_delivery, before_ns=before_ns)
            if send:
                done["delivered"] = send_waiting(journal, settings)
            backlog = journal.backlog(settings.effective_delivery)
            outbox = journal.outbox(settings.effective_delivery)
    except sqlite3.Error as error:
        # Another process holds it for long, the disk is full, or it may only be read.
        msg = f"{path}: {error}"
        raise DecodeError(msg) from error
    return _tell(outbox, state_of(backlog, settings, now_ns=time.time_ns()), path, form, done)


def _tell(outbox: Outbox, state: OutboxState, path: Path, form: str, done: Mapping[str, int]) -> int:
    if form == "json":
        click.echo(json.dumps({**_answer(outbox, state, path), **done}))
    else:
        console = terminal()
        for what, number in done.items():
            console.print(DONE[what].format(number))
        if path.is_file():
            _print(console, outbox, state, path)
        else:
            console.print(f"There is no journal yet at {path}: nothing was recorded, and nothing waits.", markup=False)
    return 0 if state.is_well else SAYS_NO


def _answer(outbox: Outbox, state: OutboxState, path: Path) -> dict[str, Any]:
    oldest = state.backlog.oldest
    return {
        "ok": state.is_well,
        "journal": {"file": str(path), "exists": path.is_file(), "bytes": size_bytes(path)},
        "delivery": str(state.delivery),
        "emptied_by": EMPTIED_BY[state.delivery],
        "total": outbox.total._asdict(),
        "kinds": [tally._asdict() for tally in outbox.kinds],
        "nights": [tally._asdict() for tally in outbox.nights],
        "waiting_bytes": state.fullness.waiting_bytes,
        "max_bytes": state.fullness.most_bytes,
        "fill": state.fullness.fill.name.lower(),
        "oldest": None if oldest is None else {**oldest._asdict(), "age_s": state.age_s},
        "set_aside": [aside._asdict() for aside in outbox.set_aside],
    }


def _print(console: Console, outbox: Outbox, state: OutboxState, path: Path) -> None:
    console.print(f"Journal {path}, {size_bytes(path) / 1e6:.1f} MB on the disk.", markup=False)
    console.print(f"Its outbox is emptied by {EMPTIED_BY[state.delivery]}. {state.fullness}.\n")
    console.print(_table("kind", [*outbox.kinds, outbox.total]))
    # The newest night, and every one of which something is left.
    left = [night for number, night in enumerate(outbox.nights) if number == 0 or night.waiting or night.set_aside]
    console.print(_table("night", left[:MOST_NIGHTS]))
    n_more = len(outbox.nights) - len(left[:MOST_NIGHTS])
    if n_more:
        console.print(f"{n_more} more nights, {max(len(left) - MOST_NIGHTS, 0)} of them with something left.")
    if (oldest := state.backlog.oldest) is not None:
        since = datetime.fromtimestamp(oldest.since_ns / NS_PER_S, UTC).astimezone()
        console.print(f"The oldest that waits is of kind {oldest.kind}, since {since:%Y-%m-%d %H:%M:%S}.")
    for aside in outbox.set_aside[:MOST_REASONS]:
        reason = _legible(aside.reason) or "no reason was given"
        line = Text(f"set aside: {aside.entries} of kind {aside.kind}: {reason}")
        console.print(line.append(f"\n  for example {_legible(aside.key)}", style="dim"))
    for seen, advice in state.faults():
        console.print(Text(f"{seen}\n", style="yellow").append(f"  -> {advice}"))
    if state.is_well:
        waits = f"; the oldest has waited for {age(state.age_s)}" if state.age_s is not None else ""
        console.print(Text(f"All is well{waits}.", style="green"))


def _legible(text: str) -> str:
    """Return a text without what a terminal would obey: reasons come from others."""
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()


def _table(what: str, tallies: Sequence[Tally]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(what)
    for column in ("entries", "waiting", "sent", "confirmed", "set aside"):
        table.add_column(column, justify="right")
    for name, *numbers in tallies:
        table.add_row(Text(name), *(str(number) for number in numbers))
    return table

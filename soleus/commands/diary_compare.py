"""``soleus diary compare`` and ``soleus diary plan``: whether a count changed, and a plan to find out."""

from __future__ import annotations

import importlib
import re
import secrets
import time
from datetime import date, timedelta
from typing import TYPE_CHECKING

import click
from rich.table import Table
from rich.text import Text

from dashboards.comparison import Period, Phase, Verdict
from dashboards.web.compare_words import comparison_json
from dashboards.web.period_words import period_text
from soleus import options
from soleus.config import load
from soleus.errors import ConfigError
from soleus.evenings import evening_here
from soleus.helped.planning import Shape, draw_plan, entries_of
from soleus.helped.wording import NAMES, more_text
from soleus.result import dumps
from soleus.verdicts import terminal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console

    from dashboards.comparison import Comparison, Plan
    from soleus.book import FolderBook

_DATES = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})")
_SEEDS = 10_000
NO_ADVICE = (
    "Do not start, stop or change a medicine because of these numbers, or for a plan; ask a health professional first."
)
WASHOUT = "On evenings of a wash-out do what comes next; their nights are not compared."


@click.command("compare")
@click.argument("first", required=False)
@click.argument("second", required=False)
@options.config_file
@options.output_format("table", "json")
def compare_command(first: str | None, second: str | None, *, config_file: Path | None, form: str) -> None:
    """Compare the counts of two periods: soleus diary compare 2026-10-01..2026-10-21 magnesium.

    A period is the name that the diary has for it, or its first and last evening. Without any, the evenings on and off
    of the plan are compared. Counts are per valid hour; nights vary, and the interval says how far one can tell.
    """
    book = _book(config_file)
    try:
        a, b = _sides(book, first, second)
        found = book.compare(a, b)
    except ValueError as error:
        raise ConfigError(str(error)) from error
    if form == "json":
        click.echo(dumps([comparison_json(one) for one in found]))
        return
    console = terminal()
    for one in found:
        _print(one, console)
    console.print(Text(NO_ADVICE, style="dim"))


@click.command("plan")
@click.argument("name", required=False)
@click.option("--first", metavar="DATE", help="First evening; today if not given.")
@click.option("--pairs", type=int, default=3, show_default=True, help="Pairs of blocks, one on and one off.")
@click.option("--evenings", type=int, default=7, show_default=True, help="Evenings of a block.")
@click.option("--washout", type=int, default=2, show_default=True, help="Evenings after a change that do not count.")
@click.option("--seed", type=int, help="Draws the same order again; drawn itself if not given.")
@click.option("--dry-run", is_flag=True, help="Show the plan and keep nothing.")
@options.config_file
@options.output_format("table", "json")
def plan_command(
    *, name: str | None, seed: int | None, dry_run: bool, config_file: Path | None, form: str, **asked: int | str | None
) -> None:
    """Draw a plan of evenings with and without NAME, in random order, and keep it in the diary.

    Without NAME the plan that there is is shown. The blocks come in pairs, so that weeks that change on their own weigh
    on both; `soleus diary compare` compares what they have.
    """
    book = _book(config_file)
    if name is None:
        plan = book.plan()
        if plan is None:
            msg = "the diary has no plan, expected a name: soleus diary plan magnesium"
            raise ConfigError(msg)
    else:
        drawn = secrets.randbelow(_SEEDS) if seed is None else seed
        try:
            plan = _drawn(name, drawn, asked)
            if not dry_run:
                _keep(book, plan, drawn)
        except ValueError as error:
            raise ConfigError(str(error)) from error
    if form == "json":
        click.echo(dumps(_plan_json(plan)))
    else:
        _print_plan(plan, terminal())


def _book(config_file: Path | None) -> FolderBook:
    """Import the nights when they are asked for: who writes a line into the diary at night need not wait for them."""
    config = load(config_file)
    book: FolderBook = importlib.import_module("soleus.book").FolderBook(config.settings, config.criteria)
    return book


def _drawn(name: str, seed: int, asked: dict[str, int | str | None]) -> Plan:
    first = evening_here(time.time_ns()) if asked["first"] is None else _date(str(asked["first"]))
    n_pairs, n_evenings, n_washout = (int(asked[key] or 0) for key in ("pairs", "evenings", "washout"))
    return draw_plan(name, first, Shape(n_pairs, n_evenings, n_washout), seed)


def _keep(book: FolderBook, plan: Plan, seed: int) -> None:
    kept = book.plan()
    if kept is not None and kept != plan:
        last = kept.blocks[-1].last
        if plan.blocks[0].first <= last:
            msg = f"the plan of {kept.name} lasts until {last}, expected one that begins later (--first)"
            raise ValueError(msg)
    for entry in entries_of(plan, seed):
        book.write(entry)


def _sides(book: FolderBook, first: str | None, second: str | None) -> tuple[Period, Period]:
    if first is not None and second is not None:
        known = book.periods()
        return _period(first, known), _period(second, known)
    plan = book.plan() if first is None else None
    sides = None if plan is None else (plan.period(Phase.OFF), plan.period(Phase.ON))
    if sides is None or sides[0] is None or sides[1] is None:
        msg = "two periods are needed, expected names of the diary or dates such as 2026-10-01..2026-10-21"
        raise ValueError(msg)
    return sides[0], sides[1]


def _period(text: str, known: Sequence[Period]) -> Period:
    dates = _DATES.fullmatch(text)
    if dates is not None:
        return Period(text, _date(dates[1]), _date(dates[2]))
    named = [period for period in known if period.name == text]
    if len(named) != 1:
        listed = "; ".join(period_text(period) for period in known) or "none"
        msg = (
            f"{len(named)} periods are called {text!r}, expected one, or dates as in 2026-10-01..2026-10-21; the diary"
        )
        msg += f" has: {listed}"
        raise ValueError(msg)
    return named[0]


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        msg = f"got {text!r}, expected a date such as 2026-10-01"
        raise ValueError(msg) from error


def _print(one: Comparison, console: Console) -> None:
    table = Table(box=None, pad_edge=False, title=NAMES[one.measure].capitalize(), title_justify="left")
    told = one.verdict is not Verdict.TOO_FEW
    for column in ("", "recorded", "valid nights", "valid hours", *(("count", "per hour") if told else ())):
        table.add_column(column, justify="right" if column else "left")
    for side in (one.a, one.b):
        rate = "-" if side.per_h is None else f"{side.per_h:.2f}"
        numbers = (str(side.n_nights), str(side.n_valid_nights), f"{side.valid_h:.1f}", f"{side.count:g}", rate)
        table.add_row(Text(period_text(side.period)), *(numbers if told else numbers[:3]))
    console.print(table)
    console.print(Text(one.why))
    if one.p_real is not None and told:
        ratio = "not known" if one.ratio is None else f"{one.ratio:.2f}"
        low = "no limit" if one.low is None else f"{one.low:.2f}"
        high = "no limit" if one.high is None else f"{one.high:.2f}"
        console.print(
            Text(f"Ratio {ratio} (95 %: {low} to {high}); probability of a real difference {100 * one.p_real:.0f} %.")
        )
    if one.nights_more is not None and one.to_tell is not None:
        console.print(Text(more_text(one.nights_more, one.to_tell)))
    console.print()


def _plan_json(plan: Plan) -> dict[str, object]:
    blocks = [{"phase": one.phase, "first": str(one.first), "last": str(one.last)} for one in plan.blocks]
    return {"name": plan.name, "blocks": blocks}


def _print_plan(plan: Plan, console: Console) -> None:
    console.print(Text(plan.name, style="bold"))
    for one in plan.blocks:
        evenings = "1 evening" if one.n_evenings == 1 else f"{one.n_evenings} evenings"
        console.print(Text(f"{one.first:%a} {one.first} to {one.last:%a} {one.last}  {one.phase:8} {evenings}"))
    ends = plan.blocks[-1].last + timedelta(days=1)
    console.print(Text(f"Over on {ends}. {WASHOUT}"))
    console.print(Text(NO_ADVICE, style="dim"))

"""``soleus diary``: write down what was felt, taken and done, look at it, and correct it."""

from __future__ import annotations

import importlib
import json
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import click
from rich.text import Text

from dashboards.diary import CHOICES, KINDS, NUMBERS, Written
from detectors.signal import NS_PER_S
from ingest.diary_kinds import TAGS, WOKE, check_known
from soleus import options
from soleus.book_diary import PersonDiary
from soleus.commands.diary_files import export_command, import_command
from soleus.config import load
from soleus.diary_csv import written_table
from soleus.diary_words import OPTIONS, entry_json, entry_named, line_of, said_text, short_name
from soleus.entered_time import corrected_ns, entered_ns, shown_time
from soleus.errors import ConfigError
from soleus.verdicts import terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from dashboards.diary import DiaryEntry

NS_PER_DAY = 86_400 * NS_PER_S
LATEST_DAYS = 14.0
MOST_DAYS = 40_000.0
_DAY_LETTERS = 16

_entry_id = click.argument("entry_id", metavar="ID")
_at = click.option("--at", metavar="TIME", help="When: 02:40, 'yesterday 22:15' or '2026-11-20 02:40'.")
_text = click.option("--text", metavar="TEXT", help="In your own words.")


class _Said(NamedTuple):
    """Numbers and words by name."""

    values: Mapping[str, float]
    words: Mapping[str, str]


def _said(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option for each number and word of the diary."""
    for name, option in reversed(OPTIONS.items()):
        kinds = ", ".join(kind for kind, known in KINDS.items() if name in {*known.values, *known.words}) or "any kind"
        bounds = NUMBERS.get(name)
        if name == WOKE:
            about = "Whether it woke you, or you were awake already (cramp)."
            command = click.option(f"{option}/--not-{option[2:]}", name, default=None, help=about)(command)
        elif bounds is not None:
            about = f"{bounds.lowest:g} to {bounds.highest:g} ({kinds})."
            command = click.option(option, name, type=float, metavar="N", callback=options.finite, help=about)(command)
        elif name in CHOICES:
            command = click.option(option, name, type=click.Choice(CHOICES[name]), help=f"Of {kinds}.")(command)
        else:
            about = "Words with blanks between them" if name == TAGS else "In words"
            command = click.option(option, name, metavar="TEXT", help=f"{about} ({kinds}).")(command)
    return command


@click.group()
def command() -> None:
    """Keep a diary of cramps, of what may bring them and of what was tried.

    What is written here is on the pages, and travels to MQTT and InfluxDB like everything else: with
    the next night, or with `soleus outbox --send`.
    """


@command.command("log")
@click.argument("kind", type=click.Choice(tuple(KINDS)))
@_at
@_text
@_said
@options.config_file
@options.output_format("text", "json")
def log_command(
    *, kind: str, at: str | None, text: str | None, config_file: Path | None, form: str, **said: Any
) -> None:
    """Write one entry: soleus diary log cramp --at 02:40 --leg left --minutes 3 --pain 7.

    Without --at it is of this moment. The same entry twice at the same time, or within a minute, is one.
    """
    diary = _diary(config_file)
    new = _parts(said)
    with _refused_as_option():
        check_known(kind, new.values, new.words)
        entry = Written(kind, _time_ns(at), text or "", new.values, new.words)
        _say(diary.write(entry), form, "kept")


@command.command("edit")
@_entry_id
@click.option("--kind", type=click.Choice(tuple(KINDS)), help="Another kind.")
@_at
@_text
@click.option("--clear", multiple=True, type=click.Choice([one[2:] for one in OPTIONS.values()]), help="Leave out.")
@_said
@options.config_file
@options.output_format("text", "json")
def edit_command(*, entry_id: str, config_file: Path | None, form: str, **given: Any) -> None:
    """Change one entry; what it said before is kept with it. ID is what `soleus diary list` shows, or `last`.

    A time of the day is the one nearest to that of the entry: of a cramp three nights ago, 02:55 of
    that night.
    """
    diary = _diary(config_file)
    if not any(one not in {None, ()} for one in given.values()):
        raise click.UsageError("nothing to change was given, expected an option such as --at or --pain")
    old = entry_named(entry_id, diary.everything(), time.time_ns())
    with _refused_as_option():
        entry = _amended(old, **given)
        _say(diary.amend(old.key, entry), form, "changed")


@command.command("remove")
@_entry_id
@options.config_file
@options.output_format("text", "json")
def remove_command(*, entry_id: str, config_file: Path | None, form: str) -> None:
    """Take one entry back. The journal on this computer keeps what it said; `soleus privacy` removes for good."""
    diary = _diary(config_file)
    old = entry_named(entry_id, diary.everything(), time.time_ns())
    with _refused_as_option():
        diary.strike(old.key)
    _say(old, form, "taken back")


@command.command("list")
@click.option(
    "--days",
    type=click.FloatRange(min=0, min_open=True, max=MOST_DAYS),
    default=LATEST_DAYS,
    show_default=True,
    callback=options.finite,
    help="How far back.",
)
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Only this kind; may be repeated.")
@options.config_file
@options.output_format("text", "json", "csv")
def list_command(*, days: float, kinds: Sequence[str], config_file: Path | None, form: str) -> None:
    """Print the latest entries, and the marks of buttons in the night."""
    now_ns = time.time_ns()
    found = _diary(config_file).between(now_ns - round(days * NS_PER_DAY), now_ns + NS_PER_DAY)
    entries = [entry for entry in found if not kinds or entry.kind in kinds]
    if form == "json":
        click.echo(json.dumps([entry_json(entry) for entry in entries]))
    elif form == "csv":
        click.echo(written_table([entry for entry in entries if entry.key]), nl=False)
    elif entries:
        _print(entries)
    else:
        click.echo(f"Nothing was written in the last {days:g} days.")


def _when_called(name: str, summary: str) -> click.Command:
    """Return a command of ``diary_compare``, which is imported when it is called.

    The mathematics takes seconds to load, and a cramp at night is to be written down at once.
    """

    @click.pass_context
    def call(context: click.Context) -> Any:
        module = importlib.import_module("soleus.commands.diary_compare")
        real: click.Command = getattr(module, f"{name}_command")
        with real.make_context(context.info_name, list(context.args), parent=context.parent) as called:
            return real.invoke(called)

    every = {"ignore_unknown_options": True, "allow_extra_args": True, "allow_interspersed_args": False}
    return click.Command(name, callback=call, short_help=summary, add_help_option=False, context_settings=every)


command.add_command(export_command)
command.add_command(import_command)
command.add_command(_when_called("compare", "Compare the counts of two periods."))
command.add_command(_when_called("plan", "Draw a plan of evenings with and without something, in random order."))


def _diary(config_file: Path | None) -> PersonDiary:
    return PersonDiary.of(load(config_file).settings)


def _parts(said: Mapping[str, Any]) -> _Said:
    values = {name: float(value) for name in NUMBERS if (value := said.get(name)) is not None}
    return _Said(values, {name: word for name, word in said.items() if name not in NUMBERS and word is not None})


def _time_ns(at: str | None, old: DiaryEntry | None = None) -> int | None:
    if at is None:
        return None
    try:
        return entered_ns(at) if old is None else corrected_ns(at, old.time_ns)
    except ValueError as error:
        msg = f"--at: {error}"
        raise ValueError(msg) from error


def _amended(
    old: DiaryEntry, *, kind: str | None, at: str | None, text: str | None, clear: Sequence[str], **said: Any
) -> Written:
    """Return what an entry is to say; a number or word that the diary does not know came over MQTT, and stays."""
    new = _parts(said)
    stays = {name for name in (*old.values, *old.words) if OPTIONS.get(name, "")[2:] not in clear}
    values = {**{name: value for name, value in old.values.items() if name in stays}, **new.values}
    words = {**{name: word for name, word in old.words.items() if name in stays}, **new.words}
    named = kind or old.kind
    if kind not in {None, old.kind}:
        check_known(named, values, words)
    elif named in KINDS:
        check_known(named, new.values, new.words)
    return Written(named, _time_ns(at, old), old.text if text is None else text, values, words)


@contextmanager
def _refused_as_option() -> Iterator[None]:
    """Say of what cannot be an entry how it is called on the command line."""
    try:
        yield
    except KeyError as error:
        msg = "the entry was removed meanwhile, expected one that `soleus diary list` shows"
        raise ConfigError(msg) from error
    except ValueError as error:
        fault = str(error)
        for name, option in OPTIONS.items():
            fault = fault.replace(f"values.{name} ", f"{option} ").replace(f"words.{name} ", f"{option} ")
        raise ConfigError(fault) from error


def _say(entry: DiaryEntry, form: str, done: str) -> None:
    click.echo(json.dumps(entry_json(entry)) if form == "json" else f"{done}: {line_of(entry)}")


def _print(entries: Sequence[DiaryEntry]) -> None:
    console = terminal()
    for entry in entries:
        changed = f"  (changed {len(entry.history)}x)" if entry.history else ""
        line = Text(f"{shown_time(entry.time_ns)[:_DAY_LETTERS]}  {short_name(entry.key) or '-':8}  ")
        console.print(line.append(f"{entry.kind:<12}", style="bold").append(f"{said_text(entry)}{changed}"))

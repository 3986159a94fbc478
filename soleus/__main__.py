"""The command line: one table of commands, and the one place where an error becomes a line.

Exit codes: 0 done, 1 ran but the result says no, 2 bad input or configuration, 130 interrupted. Input is
refused where it is read; any other error is a fault of the program and ends it with a traceback and 1.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING

import click

from ingest.errors import IngestError
from soleus import __version__
from soleus.errors import ConfigError
from soleus.interrupts import interrupts_held

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_DONE = 0
EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 130

ABOUT = """Soleus listens to leg-worn EMG and acceleration sensors overnight.

It marks leg movements and cramp-like contractions and shows what they did to the night. It is a
research tool and not a medical device.
"""

# A command's module is imported only when it is named, so that `--help` and `--version` stay fast and a
# module that cannot be imported takes no other command down with it.
COMMANDS = {
    "demo": "Play a simulated night from two sensors to a page in the browser.",
    "setup": "Ask a few questions and write a commented soleus.toml.",
    "scan": "List the leg sensors in range.",
    "check": "Check before bed whether each sensor is good for tonight.",
    "doctor": "Look whether this computer is set up.",
    "night": "Collect tonight: record, score and deliver until Ctrl-C.",
    "serve": "Show the nights in the browser.",
    "store": "Write what arrives over MQTT into InfluxDB.",
    "outbox": "Say what waits for delivery, and what was set aside.",
    "replay": "Send a stored night through the same path again.",
    "decode": "Turn the packets of a sensor into samples, gaps and status.",
    "certificate": "State what of a night is there, what is missing, and why.",
    "report": "Write a night, or weeks, for a clinician: PDF and HTML.",
    "diary": "Keep a diary: log, list, edit, remove, import, export.",
    "export": "Write stored nights for other programs: EDF+, tables, BIDS.",
    "score": "Score recordings, one or thousands.",
    "tune": "Choose thresholds on scored recordings, and say how sure that is.",
    "evaluate": "Say how well events agree with what people scored.",
    "labels": "List, write and read what raters marked.",
    "rules": "Apply the WASM or AASM rules to a list of events.",
    "simulate": "Write a simulated night together with its truth.",
    "example": "Copy a small simulated recording to try things with.",
    "privacy": "Give a person all of their data, or remove it.",
    "config": "Print every effective setting and where it comes from.",
}
# Commands that only the program itself starts; run like the others and listed nowhere.
INTERNAL: tuple[str, ...] = ()


def load(name: str) -> click.Command:
    """Import one command.

    Parameters
    ----------
    name : str
        A key of `COMMANDS`, or one of `INTERNAL`.

    Returns
    -------
    click.Command
        What its module calls ``command``.

    Raises
    ------
    TypeError
        If that is not a click command.
    """
    command = importlib.import_module(f"soleus.commands.{name.replace('-', '_')}").command
    if not isinstance(command, click.Command):
        msg = f"soleus.commands.{name}.command is {command!r}, expected a click command"
        raise TypeError(msg)
    return command


def assemble(args: Sequence[str]) -> click.Group:
    """Return the command group for one command line.

    Parameters
    ----------
    args : sequence of str
        The words of the command line; the command among them is imported, the others only listed.

    Returns
    -------
    click.Group
        The group.
    """
    settings = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
    group = click.Group("soleus", help=ABOUT, context_settings=settings, no_args_is_help=True)
    # The first one: `export` after `diary` is a word of that command's own.
    called = next((word for word in args if word in COMMANDS), None)
    for name, summary in COMMANDS.items():
        group.add_command(load(name) if name == called else click.Command(name, short_help=summary), name)
    for name in INTERNAL:
        if name in args:
            group.add_command(load(name), name)
    traceback = click.Option(["--traceback"], is_flag=True, expose_value=False, help="Show where an error came from.")
    group.params.append(traceback)
    return click.version_option(__version__, prog_name="soleus", message="%(prog)s %(version)s")(group)


def explain(error: Exception) -> str:
    """Return an error as one line.

    Parameters
    ----------
    error : Exception
        What was raised.

    Returns
    -------
    str
        One line, without the program's name.
    """
    if isinstance(error, click.UsageError) and error.ctx is not None:
        return f"{error.format_message().rstrip('.')} (see {error.ctx.command_path} --help)"
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return " ".join(str(error).split())


def run(args: Sequence[str]) -> int:
    """Run one command line.

    Parameters
    ----------
    args : sequence of str
        The words after the program's name.

    Returns
    -------
    int
        The exit code.
    """
    try:
        # Inside an import Ctrl-C is a traceback at worst, and at best an exit that says nothing (CPython keeps in mind
        # that it was inside of what `exec` runs, as dataclasses are made, and ends itself by the signal).
        with interrupts_held():
            group = assemble(args)
    except KeyboardInterrupt:
        click.echo("soleus: interrupted before anything began", err=True)
        return EXIT_INTERRUPTED
    try:
        result = group.main(list(args), prog_name="soleus", standalone_mode=False)
        sys.stdout.flush()
    except (click.Abort, KeyboardInterrupt):
        return EXIT_INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return EXIT_BAD_INPUT
    except (BrokenPipeError, SystemExit) as error:
        if not isinstance(error, BrokenPipeError) and not isinstance(error.__context__, BrokenPipeError):
            raise
        # The reader (head, less) has what it wanted: click makes an exit of that. The interpreter must not complain
        # when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_DONE
    except (click.ClickException, ConfigError, IngestError, OSError) as error:
        if "--traceback" in args:
            raise
        click.echo(f"soleus: {explain(error)}", err=True)
        return EXIT_BAD_INPUT
    return result if isinstance(result, int) else EXIT_DONE


def main() -> None:
    """Run the command line of this process and exit."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()

"""Options that several commands share."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from collections.abc import Callable

AS_JSON = "--json"
JSON = "json"
DETECTOR = "--detector"

config_file = click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Configuration file; otherwise $SOLEUS_CONFIG, ./soleus.toml or ~/.config/soleus/soleus.toml.",
)


def _named_detectors(context: click.Context, _parameter: click.Parameter, names: tuple[str, ...]) -> None:
    context.meta[DETECTOR] = names


def _with_detectors(context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Return what is set on the command line, the detectors that are switched on first."""
    return (*(f"detectors={name}" for name in context.meta[DETECTOR]), *values)


def assignments(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--set`` and ``--detector`` to a command, which takes both as ``assignments``.

    Parameters
    ----------
    command : callable
        The function of the command.

    Returns
    -------
    callable
        The same with two options.
    """
    thresholds = click.option(
        "--set",
        "assignments",
        metavar="GROUP.FIELD=VALUE",
        multiple=True,
        callback=_with_detectors,
        help="Change one threshold, for example leg_movement.onset_uv=6; may be repeated.",
    )
    # Eager: they are known when --set is read.
    detectors = click.option(
        DETECTOR,
        metavar="NAME",
        multiple=True,
        is_eager=True,
        expose_value=False,
        callback=_named_detectors,
        help="Switch on an installed detector of somebody else's; may be repeated.",
    )
    return thresholds(detectors(command))


criteria = click.option(
    "--criteria",
    metavar="NAME_OR_FILE",
    help="Named set of thresholds (wasm-2016), or a configuration file that chooses them.",
)


def finite(_context: click.Context, _parameter: click.Parameter, value: float | None) -> float | None:
    """Refuse what is written like a number and lies in no range: the callback of an option that takes a float.

    Raises
    ------
    click.BadParameter
        If the value is not a finite number.
    """
    if value is not None and not math.isfinite(value):
        msg = f"{value} is not a number of hours, seconds or times."
        raise click.BadParameter(msg)
    return value


def _channels(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Return what each label of a file should have been."""
    labels = {}
    for value in values:
        label, equals, channel = (part.strip() for part in value.rpartition("="))
        if not (label and equals and channel):
            msg = f"got {value!r}, expected LABEL=CHANNEL, for example 'EMG4=EMG TA-L'."
            raise click.BadParameter(msg)
        labels[label] = channel
    return labels


def _takes(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Return which kind of event is judged as which other."""
    # Loaded here: few commands know events.
    from detectors.events import EventKind  # noqa: PLC0415 - see above

    kinds = {}
    for value in values:
        taken, _, kind = (part.strip() for part in value.partition("="))
        try:
            kinds[EventKind(taken).value] = EventKind(kind).value
        except ValueError:
            msg = f"got {value!r}, expected KIND=KIND with kinds of events, for example plugin_lab_spasm=cramp."
            raise click.BadParameter(msg) from None
    return kinds


def _zone(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse a time zone that there is not, once and not for every recording."""
    if value is not None:
        # Loaded here: few commands read recordings.
        from ingest.errors import DecodeError  # noqa: PLC0415 - see above
        from ingest.files.wall_clock import zone_of  # noqa: PLC0415 - see above

        try:
            zone_of(value)
        except DecodeError as error:
            raise click.BadParameter(str(error)) from error
    return value


time_zone = click.option(
    "--time-zone",
    metavar="ZONE",
    callback=_zone,
    help="Where it was recorded (Europe/Berlin, +02:00), for files that do not say; otherwise their times are UTC.",
)


channels = click.option(
    "--channel",
    "channels",
    metavar="LABEL=CHANNEL",
    multiple=True,
    callback=_channels,
    help="Say what a channel is whose label is not understood, for example 'EMG4=EMG TA-L'; may be repeated.",
)
layout = click.option(
    "--layout",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="LAYOUT.toml",
    help="What the columns of a table of samples are; otherwise the layout that stands beside it.",
)
salvage = click.option(
    "--salvage",
    is_flag=True,
    help="Score what is whole of a damaged Axivity or GENEActiv file; a line on stderr says what was left out.",
)
takes = click.option(
    "--take",
    "takes",
    metavar="KIND=KIND",
    multiple=True,
    callback=_takes,
    help="Judge events of one kind as another, for example plugin_lab_spasm=cramp; may be repeated.",
)


def output_format(*forms: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the options ``--format`` and ``--json``, its short form; the command takes both as ``form``.

    Parameters
    ----------
    *forms : str
        What there is to choose from, ``json`` among it; the first is the default.

    Returns
    -------
    callable
        The decorator of both.
    """
    chosen = click.option(
        "--format",
        "form",
        type=click.Choice(forms),
        callback=_one_form,
        default=forms[0],
        show_default=True,
        help="How to print the result.",
    )
    # Eager: it is known when --format is read, wherever it stands on the line.
    short = click.option(
        AS_JSON, is_flag=True, is_eager=True, expose_value=False, callback=_as_json, help="The same as --format json."
    )
    return lambda command: chosen(short(command))


def _as_json(context: click.Context, _parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's form
    context.meta[AS_JSON] = value


def _one_form(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """Return the form that both options agree on."""
    if not context.meta[AS_JSON]:
        return value
    if value != JSON and context.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE:
        msg = f"got --format {value} and {AS_JSON}, expected one of them."
        raise click.UsageError(msg, context)
    return JSON

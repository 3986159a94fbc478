"""Options that several commands share."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

config_file = click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Configuration file; otherwise $SOLEUS_CONFIG, ./soleus.toml or ~/.config/soleus/soleus.toml.",
)
assignments = click.option(
    "--set",
    "assignments",
    metavar="GROUP.FIELD=VALUE",
    multiple=True,
    help="Change one threshold, for example leg_movement.onset_uv=6; may be repeated.",
)
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


def output_format(*forms: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the ``--format`` option; the command takes it as ``form``.

    Parameters
    ----------
    *forms : str
        What there is to choose from; the first is the default.

    Returns
    -------
    callable
        The option's decorator.
    """
    return click.option(
        "--format",
        "form",
        type=click.Choice(forms),
        default=forms[0],
        show_default=True,
        help="How to print the result.",
    )

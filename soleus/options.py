"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

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

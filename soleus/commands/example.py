"""``soleus example``: a small recording to try things with."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import click

FILES = ("night.edf", "truth.tsv")


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--force", is_flag=True, help="Replace what an earlier run has written.")
def command(*, folder: Path, force: bool) -> None:
    """Copy a small simulated recording to DIR: night.edf, and what truly happens to truth.tsv.

    Ten minutes of both legs, EMG at 250 Hz and acceleration at 25 Hz. It was made by a program (`soleus
    simulate` makes others) and is nobody's sleep: what is found in it says nothing about people.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        if (folder / name).exists() and not force:
            raise click.UsageError(f"{folder / name}: exists already, expected a new folder (or --force to replace it)")
    for name in FILES:
        (folder / name).write_bytes((resources.files("soleus") / "example" / name).read_bytes())
    click.echo(
        f"{folder / FILES[0]}: ten simulated minutes of both legs; {folder / FILES[1]}: what truly happens in them"
    )

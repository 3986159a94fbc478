"""``soleus certificate``: what of a night is there, what is not and why, and whether it was changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from rich.console import Console

from ingest.night.certificate import changed_files, file_hashes
from soleus import options
from soleus.certificate_table import print_certificate
from soleus.config import load
from soleus.errors import ConfigError
from soleus.night_decoding import certified
from soleus.nights import named_night
from soleus.result import dumps

if TYPE_CHECKING:
    from pathlib import Path

EXIT_CHANGED = 1


@click.command()
@click.argument("night")
@options.config_file
@click.option("--check", is_flag=True, help="Compare the night's files with the hashes of the certificate.")
@options.output_format("table", "json")
def command(*, night: str, config_file: Path | None, check: bool, form: str) -> int:
    """State what of a NIGHT (its name or its folder) is there, what is missing, and why.

    A night that is not finished gets its certificate from its packet log. With --check the answer is no
    (exit code 1) if a file is missing or is not the one that the certificate was made for.
    """
    folder = named_night(load(config_file).settings, night)
    stated = folder.read_certificate()
    if check:
        if stated is None:
            msg = f"{folder.path}: no certificate.json, expected a night that was finished"
            raise ConfigError(msg)
        changed = changed_files(folder.path, stated)
        if form == "json":
            click.echo(dumps({"unchanged": not changed, "changed": changed}))
        else:
            click.echo("\n".join(changed) or f"{len(stated['files'])} files are as they were certified.")
        return EXIT_CHANGED if changed else 0
    if stated is None:
        stated = {**certified(folder.packets, folder.read_info()), "files": file_hashes(folder.path)}
    if form == "json":
        click.echo(dumps(stated))
    else:
        print_certificate(stated, Console())
    return 0

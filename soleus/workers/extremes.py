"""Makes lowest and highest samples of a night that has none; started by whoever holds the lock and waits for it."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import click

from ingest.errors import DecodeError
from ingest.night.folder import NightFolder
from soleus.errors import ConfigError
from soleus.pyramids import make_extremes

log = logging.getLogger(__name__)


@click.command()
@click.argument("night", type=click.Path(path_type=Path, exists=True, file_okay=False))
def main(night: Path) -> None:
    """Read one night and write its extremes."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s extremes: %(message)s")
    try:
        make_extremes(NightFolder(night))
    except (DecodeError, ConfigError) as error:
        log.error("%s", error)  # noqa: TRY400 - what is wrong with the log is one line
        sys.exit(2)


if __name__ == "__main__":
    main()

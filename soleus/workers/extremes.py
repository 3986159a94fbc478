"""Makes lowest and highest samples of a night that has none; started by whoever holds the lock and waits for it."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from ingest.night.folder import NightFolder
from soleus.pyramids import make_extremes


@click.command()
@click.argument("night", type=click.Path(path_type=Path, exists=True, file_okay=False))
def main(night: Path) -> None:
    """Read one night and write its extremes."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s extremes: %(message)s")
    make_extremes(NightFolder(night))


if __name__ == "__main__":
    main()

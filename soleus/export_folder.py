"""A folder of exported files: written whole beside its place, put there when it is, and replaced only if it is ours."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

OWNER_ONLY = 0o600
OWNER_ONLY_FOLDER = 0o700


@contextmanager
def new_folder(target: Path, *, force: bool) -> Iterator[Path]:
    """Give a folder to write into; its files are at `target` when the block ends, and nowhere if it fails.

    Parameters
    ----------
    target : Path
        Where the files go; a new or empty folder, or with `force` one that holds nothing but an earlier export.
    force : bool
        Whether an earlier export is replaced.

    Yields
    ------
    Path
        An empty folder beside `target`.

    Raises
    ------
    click.UsageError
        If something is there that must not be replaced.
    """
    if target.exists() and not target.is_dir():
        raise click.UsageError(f"{target}: is a file, expected a folder")
    there = _files(target)
    if there and not force:
        raise click.UsageError(f"{target}: exists already, expected a new folder (or --force to replace it)")
    # The folder itself, where `target` is a link to one, or the one that somebody is in.
    real = target.resolve()
    real.parent.mkdir(mode=OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
    # Under a name that nobody has: what is called as the folder and ".part" may be somebody's own.
    part = Path(tempfile.mkdtemp(prefix=".soleus-", suffix=".part", dir=real.parent))
    try:
        yield part
        foreign = sorted(there - _files(part))
        if foreign:
            msg = f"{target}: holds {foreign[0]}, which this export does not write; expected only an earlier export"
            raise click.UsageError(msg)
        _keep_private(part)
        if real.exists():
            shutil.rmtree(real)
        part.replace(real)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _files(folder: Path) -> set[str]:
    """Return the files in a folder and below, by their path in it."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def _keep_private(folder: Path) -> None:
    """Let only the owner read what is exported, wherever it lies."""
    for path in folder.rglob("*"):
        path.chmod(OWNER_ONLY_FOLDER if path.is_dir() else OWNER_ONLY)

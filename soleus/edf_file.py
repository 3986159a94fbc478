"""Where the recording of a night is written, and what it may replace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click
from rich.console import Console
from rich.progress import Progress

from soleus.exporting import NightExport

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.night.folder import NightFolder
    from soleus.exported import Export

RECORDING: Final = "night.edf"
RECORDINGS: Final = ("edf",)
# The first field of every EDF file.
EDF_VERSION = b"0       "


def export_recording(
    folder: NightFolder, target: Path | None, *, in_utc: bool, force: bool, quiet: bool
) -> tuple[Path, Export]:
    """Write a night as one file.

    Parameters
    ----------
    folder : NightFolder
        The night.
    target : Path or None
        The file; one in the folder of the night if None.
    in_utc : bool
        Whether the file says its start in UTC.
    force : bool
        Whether an earlier export is replaced.
    quiet : bool
        Whether no progress is shown.

    Returns
    -------
    tuple of (Path, Export)
        The file, and what is in it.

    Raises
    ------
    click.UsageError
        If something is there that must not be replaced.
    """
    path = folder.path / RECORDING if target is None else target
    _expect_replaceable(path, folder, force=force)
    info = folder.read_info()
    size = folder.packets.stat().st_size
    with Progress(console=Console(stderr=True), disable=quiet, transient=True) as bar:
        task = bar.add_task("exporting", total=size)
        night = NightExport(folder, info, lambda offset: bar.update(task, completed=offset))
        return path, night.write(path, folder.read_events(), in_utc=in_utc)


def _expect_replaceable(path: Path, folder: NightFolder, *, force: bool) -> None:
    """Refuse a target that is not an earlier export: a file of the night cannot be had again."""
    real, home = path.resolve(), folder.path.resolve()
    if real.is_relative_to(home) and real != home / RECORDING:
        raise click.UsageError(f"{path}: lies in the folder of the night, expected {RECORDING} there or another folder")
    if not path.exists():
        return
    if not force:
        raise click.UsageError(f"{path}: exists already, expected a new file (or --force to replace it)")
    if not path.is_file() or (path.stat().st_size and not _is_edf(path)):
        raise click.UsageError(f"{path}: is no EDF file, expected a new file or an earlier export to replace")


def _is_edf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(EDF_VERSION)) == EDF_VERSION

"""Where the recording of a night is written, and what it may replace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import click
from rich.console import Console
from rich.progress import Progress

from ingest.files.edf_header import BDF_VERSION, EDF_VERSION
from soleus.exporting import BDF_SUFFIX, NightExport

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.night.folder import NightFolder
    from soleus.exported import Export

RECORDING: Final = "night.edf"
RECORDING_24_BITS: Final = f"night{BDF_SUFFIX}"
RECORDINGS: Final = ("edf", "bdf")


class Place(NamedTuple):
    """Where a recording is written.

    Parameters
    ----------
    path : Path
        The file.
    is_named : bool
        Whether somebody named it: then its ending says how many bits it has, and otherwise the night does.
    """

    path: Path
    is_named: bool


def place_of(folder: NightFolder, form: str, target: Path | None, *, many: bool) -> Place:
    """Return where the recording of a night is written.

    Parameters
    ----------
    folder : NightFolder
        The night.
    form : str
        ``edf``, which is of 24 bits where 16 are too few, or ``bdf``.
    target : Path or None
        A file, or a folder; the folder of the night if None.
    many : bool
        Whether `target` is a folder even if there is none yet, for several nights.

    Raises
    ------
    click.UsageError
        If the file is named as what it is not to be.
    """
    if target is None:
        return Place(folder.path / (RECORDING if form == "edf" else RECORDING_24_BITS), is_named=False)
    if many or target.is_dir():
        return Place(target / f"{folder.path.name}.{form}", is_named=False)
    if form == "bdf" and target.suffix != BDF_SUFFIX:
        raise click.UsageError(f"{target}: is to be BDF+, expected a name that ends in {BDF_SUFFIX}")
    return Place(target, is_named=True)


def export_recording(
    folder: NightFolder, place: Place, *, in_utc: bool, force: bool, quiet: bool
) -> tuple[Path, Export]:
    """Write a night as one file.

    Parameters
    ----------
    folder : NightFolder
        The night.
    place : Place
        Where; see :func:`place_of`.
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
    path = place.path
    _expect_replaceable(path, folder, force=force)
    info = folder.read_info()
    size = folder.packets.stat().st_size
    with Progress(console=Console(stderr=True), disable=quiet, transient=True) as bar:
        task = bar.add_task("exporting", total=size)
        night = NightExport(folder, info, lambda offset: bar.update(task, completed=offset))
        if not place.is_named and night.needs_24_bits and path.suffix != BDF_SUFFIX:
            path = path.with_suffix(BDF_SUFFIX)
            _expect_replaceable(path, folder, force=force)
        return path, night.write(path, folder.read_events(), in_utc=in_utc)


def _expect_replaceable(path: Path, folder: NightFolder, *, force: bool) -> None:
    """Refuse a target that is not an earlier export: a file of the night cannot be had again."""
    real, home = path.resolve(), folder.path.resolve()
    if real.is_relative_to(home) and real not in {home / RECORDING, home / RECORDING_24_BITS}:
        raise click.UsageError(f"{path}: lies in the folder of the night, expected {RECORDING} there or another folder")
    if not path.parent.is_dir():
        raise click.UsageError(f"{path}: {path.parent} is not a folder, expected one to write into")
    if not path.exists():
        return
    if not force:
        raise click.UsageError(f"{path}: exists already, expected a new file (or --force to replace it)")
    if not path.is_file() or (path.stat().st_size and not _is_edf(path)):
        raise click.UsageError(f"{path}: is no EDF file, expected a new file or an earlier export to replace")


def _is_edf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(EDF_VERSION)) in {EDF_VERSION, BDF_VERSION}

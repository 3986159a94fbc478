"""``soleus export``: a stored night in a format that other programs read."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from soleus import options
from soleus.config import load
from soleus.exporting import NightExport
from soleus.nights import named_night
from soleus.result import dumps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ingest.night.folder import NightFolder
    from soleus.exported import Export, Exported

RECORDING = "night.edf"
# A clock that is off costs less than a thousandth.
MOST_LOST = 0.01
# The first field of every EDF file.
EDF_VERSION = b"0       "


@click.command()
@click.argument("night")
@click.option(
    "--edf",
    is_flag=True,
    expose_value=False,
    help="Write EDF+: 16 bits, continuous, gaps as annotations. The only format so far, and so the default.",
)
@click.option(
    "--to",
    "target",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"Where to write it; otherwise {RECORDING} in the folder of the night.",
)
@click.option("--utc", "in_utc", is_flag=True, help="Say the start in UTC; otherwise in the night's local time.")
@click.option("--force", is_flag=True, help="Replace an earlier export.")
@options.config_file
@options.output_format("table", "json")
def command(
    *,
    night: str,
    target: Path | None,
    in_utc: bool,
    force: bool,
    config_file: Path | None,
    form: str,
) -> None:
    """Write a stored NIGHT (its name or its folder) as one file for other programs.

    Every sample of the packet log is in it, placed by the sensors' fitted clocks. Where there is none the line is
    flat and an annotation says so; markers and what was found are annotations too.
    """
    folder = named_night(load(config_file).settings, night)
    path = folder.path / RECORDING if target is None else target
    _expect_replaceable(path, folder, force=force)
    written = _written(folder, path, in_utc=in_utc, quiet=form == "json")
    if form == "json":
        click.echo(dumps({"file": str(path), **asdict(written), "start": written.start.isoformat()}))
    else:
        _show(written, path)


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


def _written(folder: NightFolder, path: Path, *, in_utc: bool, quiet: bool) -> Export:
    info = folder.read_info()
    size = folder.packets.stat().st_size
    with Progress(console=Console(stderr=True), disable=quiet, transient=True) as bar:
        task = bar.add_task("exporting", total=size)
        night = NightExport(folder, info, lambda offset: bar.update(task, completed=offset))
        return night.write(path, folder.read_events(), in_utc=in_utc)


def _show(written: Export, path: Path) -> None:
    table = Table("channel", "sensor", "rate", "step", "missing", "off time", "scored")
    for one in written.channels:
        table.add_row(
            one.label,
            one.sensor,
            f"{one.fs_hz:g} Hz",
            f"{one.step:.4g} {one.unit}",
            f"{one.missing_s:.1f} s",
            f"{one.worst_ms:.2f} ms",
            "yes" if one.scored else "no",
        )
    console = Console()
    console.print(table)
    for one in written.channels:
        for line in losses(one):
            console.print(line, markup=False)
    console.print(
        f"{path}: {written.duration_s:.0f} s from {written.start:%Y-%m-%d %H:%M:%S %z}, {written.n_gaps} gaps, "
        f"{written.n_notes} annotations",
        markup=False,
        soft_wrap=True,
    )
    if not written.final:
        console.print(
            "The night still goes on; this is what there is so far. In the morning: soleus export --force",
            markup=False,
            soft_wrap=True,
        )


def losses(one: Exported) -> Iterator[str]:
    """Say what of a channel is not in the file as it was sent.

    Parameters
    ----------
    one : Exported
        The channel.

    Yields
    ------
    str
        A line, if there is anything to say.
    """
    if one.n_clipped or one.n_repeated or one.n_left_out:
        yield (
            f"{one.label}: {one.n_clipped} samples beyond the range, {one.n_repeated} repeated and "
            f"{one.n_left_out} left out to keep time"
        )
    if one.n_overlap:
        yield f"{one.label}: {one.n_overlap} samples overlap earlier ones and are not in the file"
    lost = (one.n_clipped + one.n_left_out + one.n_overlap) / one.n_samples
    if lost > MOST_LOST:
        yield f"Warning: {one.label} lacks {lost:.0%} of its {one.n_samples} samples"

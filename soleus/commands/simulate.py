"""``soleus simulate``: a simulated night and its truth, as files."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from detectors.simulate import CLEAN, HARD, simulate_night
from ingest.files.edf import write_edf
from ingest.files.edf_channels import MUSCLES
from soleus.options import finite

if TYPE_CHECKING:
    from collections.abc import Iterable

    from detectors.simulate import TruthEvent

RECORDING = "night.edf"
TRUTH = "truth.tsv"
COLUMNS = ("onset", "duration", "trial_type", "leg", "clear", "series", "amplitude_uv")


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--hours",
    type=click.FloatRange(min=0.01, max=24),
    callback=finite,
    default=8.0,
    show_default=True,
    help="Length of the night.",
)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed of the simulated legs.")
@click.option(
    "--regime", type=click.Choice((CLEAN.name, HARD.name)), default="clean", show_default=True, help="Kind of night."
)
@click.option(
    "--muscles",
    default="ta",
    show_default=True,
    help=f"EMG channels of each leg, separated by commas: {', '.join(MUSCLES)}.",
)
@click.option("--force", is_flag=True, help="Replace what an earlier run has written.")
def command(*, folder: Path, hours: float, seed: int, regime: str, muscles: str, force: bool) -> None:
    """Write a simulated night of both legs to DIR: night.edf, and what truly happens to truth.tsv.

    The same seed gives the same files. Numbers found on simulated nights say that the code works and
    nothing about people.
    """
    sites = tuple(map(_muscle, muscles.split(",")))
    night = simulate_night(hours, seed, regime, muscles=sites)
    recording, truth = folder / RECORDING, folder / TRUTH
    for path in (recording, truth):
        if path.exists() and not force:
            raise click.UsageError(f"{path}: exists already, expected a new folder (or --force to replace it)")
    folder.mkdir(parents=True, exist_ok=True)
    part = recording.with_suffix(".part")
    console = Console(stderr=True)
    columns = (TextColumn(RECORDING), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=1.0)
        write_edf(part, night, progress=lambda share: bar.update(task, completed=share))
    write_truth(truth, night.truth)
    # Last, so that a folder with a night.edf is complete.
    part.replace(recording)
    click.echo(f"{recording}: {hours:g} h, {sum(event.clear for event in night.truth)} clear events in {truth}")


def write_truth(path: Path, events: Iterable[TruthEvent]) -> None:
    """Write what truly happens as tab-separated text.

    Parameters
    ----------
    path : Path
        The file; an existing one is replaced.
    events : iterable of TruthEvent
        In order of time. ``onset`` and ``duration`` are written in s; ``clear`` is 1 where a detector is
        expected to find the event, ``series`` the number of its periodic series, ``amplitude_uv`` its level.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow(COLUMNS)
        table.writerows(map(_row, events))


def _row(event: TruthEvent) -> tuple[str | int, ...]:
    series = "" if event.series is None else event.series
    times = (f"{event.onset_s:.6f}", f"{event.duration_s:.6f}")
    return (*times, event.kind.value, event.leg.value, int(event.clear), series, f"{event.amplitude_uv:.3f}")


def _muscle(code: str) -> str:
    name = MUSCLES.get(code.strip().lower())
    if name is None:
        raise click.UsageError(f"--muscles: got {code!r}, expected some of {', '.join(MUSCLES)}")
    return name

"""``soleus simulate``: a simulated night and its truth, as files."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from detectors.simulate import REGIMES, simulate_night, split_of
from ingest.files.edf_channels import MUSCLES
from ingest.files.edf_writing import write_edf
from soleus.options import finite

if TYPE_CHECKING:
    from collections.abc import Iterable

    from detectors.simulate import SimulatedNight, TruthEvent

RECORDING = "night.edf"
TRUTH = "truth.tsv"
PARAMETERS = "truth.json"
COLUMNS = (
    "onset", "duration", "trial_type", "leg", "clear", "series", "amplitude_uv", "rise_10", "angle_deg", "cause",
)  # fmt: skip
PARAMETERS_VERSION = 1


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
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="Seed of the simulated legs; 0 to 999 draw from the ranges for tests, 1000 to 1999 from those for tuning.",
)
@click.option("--regime", type=click.Choice(REGIMES), default="clean", show_default=True, help="Kind of night.")
@click.option(
    "--muscles",
    default="ta",
    show_default=True,
    help=f"EMG channels of each leg, separated by commas: {', '.join(MUSCLES)}.",
)
@click.option("--force", is_flag=True, help="Replace what an earlier run has written.")
def command(*, folder: Path, hours: float, seed: int, regime: str, muscles: str, force: bool) -> None:
    """Write a simulated night of both legs to DIR: night.edf, and what truly happens to truth.tsv.

    truth.json has what the night was made from, and when its sleeper sleeps or its sensors are not worn.
    The same seed gives the same files. Numbers found on simulated nights say that the code works and
    nothing about people.
    """
    sites = tuple(map(_muscle, muscles.split(",")))
    night = simulate_night(hours, seed, regime, muscles=sites)
    recording, truth, parameters = folder / RECORDING, folder / TRUTH, folder / PARAMETERS
    for path in (recording, truth, parameters):
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
    write_parameters(parameters, night)
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
        expected to find the event, ``series`` the number of its periodic series, ``amplitude_uv`` its level,
        ``rise_10`` when it has reached 10 % of that (s), ``angle_deg`` how far the leg turns, ``cause`` what
        makes it.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow(COLUMNS)
        table.writerows(map(_row, events))


def write_parameters(path: Path, night: SimulatedNight) -> None:
    """Write what a night was made from, its sleep stages and what its stretches are like, as JSON.

    Parameters
    ----------
    path : Path
        The file; an existing one is replaced.
    night : SimulatedNight
        The night.
    """
    stages = [
        {"onset_s": round(span.onset_s, 3), "end_s": round(span.end_s, 3), "stage": span.stage} for span in night.stages
    ]
    spans = [
        {"kind": span.kind, "leg": span.leg, "onset_s": round(span.onset_s, 3), "end_s": round(span.end_s, 3)}
        for span in night.spans
    ]
    split = split_of(night.seed)
    told = {"version": PARAMETERS_VERSION, "split": split, **night.parameters, "stages": stages, "spans": spans}
    # JSON has no infinity; a pause that never ends is null.
    path.write_text(json.dumps(_finite(told), indent=1, allow_nan=False) + "\n", encoding="utf-8")


def _finite(value: object) -> object:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _row(event: TruthEvent) -> tuple[str | int, ...]:
    series = "" if event.series is None else event.series
    times = (f"{event.onset_s:.6f}", f"{event.duration_s:.6f}")
    rise = f"{event.rise_10_s:.6f}" if event.rise_10_s else ""
    level = (f"{event.amplitude_uv:.3f}", rise, f"{event.angle_deg:.2f}")
    return (*times, event.kind.value, event.leg.value, int(event.clear), series, *level, event.cause or "")


def _muscle(code: str) -> str:
    name = MUSCLES.get(code.strip().lower())
    if name is None:
        raise click.UsageError(f"--muscles: got {code!r}, expected some of {', '.join(MUSCLES)}")
    return name

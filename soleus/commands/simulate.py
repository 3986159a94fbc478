"""``soleus simulate``: a simulated night as a file, and the truth about it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from detectors.simulate import simulate_night
from ingest.files.edf import write_edf
from soleus.errors import ConfigError

if TYPE_CHECKING:
    from detectors.simulate import SimulatedNight

HEADER = "onset\tduration\ttrial_type\tleg\tclear\tseries\tamplitude_uv"


@click.command(short_help="Write a simulated night together with its truth.")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@click.option("--hours", type=click.FloatRange(0, 24, min_open=True), default=8.0, show_default=True, help="Length.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Same seed, same night.")
@click.option("--regime", default="clean", show_default=True, help="Kind of night: clean or hard.")
@click.option(
    "--muscle",
    "muscles",
    multiple=True,
    default=("tibialis anterior",),
    show_default=True,
    help="EMG channel of each leg; may be repeated.",
)
@click.option("--force", is_flag=True, help="Overwrite files that exist.")
def command(*, directory: Path, hours: float, seed: int, regime: str, muscles: tuple[str, ...], force: bool) -> None:
    """Write DIR/night.edf and DIR/truth.tsv: both legs for a night, and what really happens in it.

    The signals are simulated. How well they are scored says that the code works; it says nothing
    about people.
    """
    files = [directory / name for name in ("night.edf", "truth.tsv")]
    standing = next((file for file in files if file.exists()), None)
    if standing is not None and not force:
        msg = f"{standing}: exists already; choose another folder, or overwrite it with --force"
        raise ConfigError(msg)
    night = simulate_night(hours, seed=seed, regime=regime, muscles=muscles)
    directory.mkdir(parents=True, exist_ok=True)
    columns = (TextColumn("simulating {task.fields[hours]:g} h"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("simulating", total=1.0, hours=hours)
        write_edf(files[0], night, progress=lambda share: bar.update(task, completed=share))
    files[1].write_text(truth_table(night), encoding="utf-8")
    click.echo(f"{files[0]}\n{files[1]}", err=True)


def truth_table(night: SimulatedNight) -> str:
    """Return the truth of a night as tab-separated lines.

    Parameters
    ----------
    night : SimulatedNight
        The night.

    Returns
    -------
    str
        Onset and duration in seconds, kind, leg, whether it stands clear of the noise, number of
        its series, level in µV.
    """
    rows = [
        (
            f"{event.onset_s:.6f}",
            f"{event.duration_s:.6f}",
            event.kind.value,
            event.leg.value,
            str(int(event.clear)),
            "" if event.series is None else str(event.series),
            f"{event.amplitude_uv:.3f}",
        )
        for event in night.truth
    ]
    return "\n".join([HEADER, *("\t".join(row) for row in rows)]) + "\n"

"""What is printed of a night that was exported as a recording."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from soleus.result import dumps

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from soleus.exported import Export, Exported

# A clock that is off costs less than a thousandth.
MOST_LOST = 0.01


def show_recording(written: Export, path: Path, *, as_json: bool) -> None:
    """Print what is in a file.

    Parameters
    ----------
    written : Export
        What is in it.
    path : Path
        Where it is.
    as_json : bool
        For a program instead of a person.
    """
    if as_json:
        click.echo(dumps({"file": str(path), **asdict(written), "start": written.start.isoformat()}))
        return
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
    for line in (line for one in written.channels for line in losses(one)):
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

"""The page of the robustness matrix."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.accuracy.matrix import ECG_UV, FS_HZ, HOURS, LEGS, LINE_UV, LOST_SHARES, NOISE_UV, SEEDS
from benchmarks.accuracy.text import NOTHING, table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Row = dict[str, Any]

CRASH = "CRASH"
INTRODUCTION = """\
Written by `make accuracy`. **Simulated signals only: these numbers say whether the code holds, and nothing about
people.** Each cell is F1 of the clear leg movements of {nights} simulated night(s) of {minutes:.0f} min, matched
one to one at an intersection over union of 0.3. Movements that do not stand clear of a cell's noise, or of which more
than half is lost, count neither way; a cell with much noise is about fewer and stronger movements than one with little.
"""
MARGINS: dict[str, tuple[str, Sequence[float]]] = {
    "noise_uv": ("noise {:g} µV", NOISE_UV),
    "fs_hz": ("{:g} Hz", FS_HZ),
    "lost_share": ("{:.0%} of the samples lost", LOST_SHARES),
    "line_uv": ("hum {:g} µV", LINE_UV),
    "ecg_uv": ("heart beats {:g} µV", ECG_UV),
    "legs": ("{:g} leg(s)", LEGS),
}


def matrix_page(cells: Sequence[Row]) -> str:
    """Return ``docs/robustness.md``."""
    crashed = [cell for cell in cells if cell["error"]]
    parts = [
        "# Robustness",
        "",
        INTRODUCTION.format(minutes=HOURS * 60, nights=len(SEEDS)),
        f"{len(cells)} cells, {len(crashed)} crashed, lowest {_lowest(cells)}.",
        "",
        "## Mean over all cells with …",
        "",
        margins(cells),
        "",
        *_grids(cells),
    ]
    parts += [f"## Crashed: {_named(cell)}\n\n```\n{cell['error']}```\n" for cell in crashed]
    return "\n".join(parts).rstrip() + "\n"


def margins(cells: Sequence[Row]) -> str:
    """Return the mean of all cells that share one value."""
    rows = []
    for name, (words, values) in MARGINS.items():
        for value in values:
            scored = [c["f1"] for c in cells if c[name] == value and c["f1"] is not None]
            if scored:
                rows.append((words.format(value), f"{np.mean(scored):.3f}", f"{min(scored):.2f}"))
    return table(("cells with", "mean F1", "lowest"), rows)


def _grids(cells: Sequence[Row]) -> list[str]:
    by_place = {tuple(cell[name] for name in MARGINS): cell for cell in cells}
    parts = []
    for legs, ecg_uv in product(LEGS, ECG_UV):
        heart = f"heart beats of {ecg_uv:g} µV" if ecg_uv else "no heart beats"
        head = ("noise, hum", *(f"{fs_hz:g} Hz {share:.0%}" for fs_hz, share in product(FS_HZ, LOST_SHARES)))
        rows = [
            (
                f"{noise_uv:g} µV, {line_uv:g} µV",
                *(
                    _shown(by_place.get((noise_uv, fs_hz, share, line_uv, ecg_uv, legs)))
                    for fs_hz, share in product(FS_HZ, LOST_SHARES)
                ),
            )
            for noise_uv, line_uv in product(NOISE_UV, LINE_UV)
        ]
        parts += [f"## {'Both legs' if legs > 1 else 'One leg'}, {heart}", "", table(head, rows), ""]
    return parts


def _shown(cell: Mapping[str, Any] | None) -> str:
    if cell is None:
        return ""
    if cell["error"]:
        return CRASH
    return NOTHING if cell["f1"] is None else f"{cell['f1']:.2f}"


def _lowest(cells: Sequence[Row]) -> str:
    scored = [cell for cell in cells if cell["f1"] is not None]
    if not scored:
        return NOTHING
    worst = min(scored, key=lambda cell: cell["f1"])
    return f"{worst['f1']:.2f} ({_named(worst)})"


def _named(cell: Mapping[str, Any]) -> str:
    return ", ".join(words.format(cell[name]) for name, (words, _) in MARGINS.items())

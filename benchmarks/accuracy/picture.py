"""The picture of the validation page: few and large marks, so that it can be read on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from benchmarks.accuracy.aims import CRAMP_MIN, F1_MIN
from benchmarks.accuracy.conditions import CONDITIONS
from benchmarks.accuracy.evaluation import class_nights, peer_nights, plms_indices
from detectors.evaluate.classes import MOVEMENT, SHOWN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

    from detectors.evaluate import Interval

    Nights = Mapping[str, Sequence[dict[str, Any]]]

# Okabe and Ito's colours, which people who see few colours can tell apart.
OURS, PEER, AIM = "#0072B2", "#E69F00", "#555555"
SIZE_IN = (5.2, 9.6)
DPI = 150
FONT_PT = 12
PEER_WAY = "psgscoring"


def draw(nights: Nights, path: Path) -> None:
    """Write the picture.

    Parameters
    ----------
    nights : mapping of str to sequence of dict
        Simulated nights by condition.
    path : Path
        A PNG file; replaced.
    """
    with mpl.rc_context({"font.size": FONT_PT, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=SIZE_IN, layout="constrained")
        movements, cramps, index = figure.subplots(3, 1, height_ratios=(1.3, 0.9, 1.3))
        _movements(movements, nights)
        _cramps(cramps, nights)
        _index(index, nights)
        figure.suptitle("Simulated nights: no evidence about people", fontsize=FONT_PT, fontweight="bold")
        figure.savefig(path, dpi=DPI, metadata={"Software": None})


def _movements(axes: Axes, nights: Nights) -> None:
    names = [one.name for one in CONDITIONS if class_nights(nights.get(one.name, ()), MOVEMENT).n_true]
    peers = {one.name for one in CONDITIONS if one.has_emg}
    for row, name in enumerate(names):
        counts = class_nights(nights[name], MOVEMENT)
        _mark(axes, row - 0.13, counts.f1, counts.f1_interval, OURS)
        if name in peers:
            other = peer_nights(nights[name], PEER_WAY)
            _mark(axes, row + 0.17, other.f1, other.f1_interval, PEER)
        _aim(axes, row, F1_MIN.get(name))
    _rows(axes, names, "Leg movements: F1 at IoU 0.3")
    for label, colour in (("Soleus", OURS), ("psgscoring", PEER)):
        axes.plot([], [], "o", color=colour, label=label)
    axes.plot([], [], "|", color=AIM, markersize=14, label="aim")
    axes.legend(loc="lower left", fontsize=FONT_PT - 2, frameon=False)


def _cramps(axes: Axes, nights: Nights) -> None:
    names = [one.name for one in CONDITIONS if one.has_emg and class_nights(nights.get(one.name, ()), SHOWN).n_true]
    for row, name in enumerate(names):
        counts = class_nights(nights[name], SHOWN)
        _mark(axes, row, counts.sensitivity, counts.sensitivity_exact, OURS)
        axes.annotate(f"{counts.hits} of {counts.n_true}", (0.02, row - 0.28), va="center", fontsize=FONT_PT - 2)
        _aim(axes, row, CRAMP_MIN.get(name))
    _rows(axes, names, "Cramp-like: clear ones found")


def _index(axes: Axes, nights: Nights) -> None:
    largest = 1.0
    for name, marker in (("clean", "o"), ("hard", "^"), ("healthy", "s")):
        if there := nights.get(name):
            index = plms_indices(there)
            axes.plot(index.true, index.found, marker, markersize=7, alpha=0.7, label=name)
            largest = max(largest, float(index.true.max()), float(index.found.max()))
    line = np.array([0.0, 1.05 * largest])
    axes.plot(line, line, color=AIM, linewidth=1)
    axes.set(xlabel="true, per hour", ylabel="found, per hour", xlim=line, ylim=line)
    axes.set_title("Index of periodic movements, each night", fontsize=FONT_PT, loc="left")
    axes.legend(fontsize=FONT_PT - 2, frameon=False)


def _mark(axes: Axes, row: float, value: float | None, interval: Interval, colour: str) -> None:
    if value is None:
        return
    if np.isfinite(interval.low):
        axes.plot(interval, (row, row), color=colour, linewidth=3, alpha=0.5, solid_capstyle="butt")
    axes.plot([value], [row], "o", color=colour, markersize=8)


def _aim(axes: Axes, row: float, aim: float | None) -> None:
    if aim is not None:
        axes.plot([aim], [row], "|", color=AIM, markersize=18)


def _rows(axes: Axes, names: Sequence[str], title: str) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set(xlim=(0.0, 1.02), ylim=(len(names) - 0.5, -0.5))
    axes.grid(axis="x", alpha=0.3)
    axes.set_title(title, fontsize=FONT_PT, loc="left")

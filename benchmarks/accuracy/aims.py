"""What was aimed at, and whether it is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from benchmarks.accuracy.evaluation import class_nights, plms_indices
from benchmarks.accuracy.text import MS_PER_S, error, false_rate, sensitivity, share, table
from detectors.evaluate.classes import MOVEMENT, PROBABLE, SHOWN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Row = dict[str, Any]
    Nights = Mapping[str, Sequence[Row]]

F1_MIN = {"clean": 0.95, "hard": 0.85}
CRAMP_MIN = {"clean": 0.95, "hard": 0.85}
ONSET_MS = 30.0
FALSE_HARD_PER_H = 1.0 / 20.0
INDEX_PER_H = 2.0


class Aim(NamedTuple):
    """One aim, the figure that decides it, and whether it is reached."""

    what: str
    aim: str
    figure: str
    reached: bool


def aims(nights: Nights) -> list[Aim]:
    """Return every aim that the conditions at hand decide."""
    found = []
    for name in ("clean", "hard"):
        if there := nights.get(name):
            found += _movement_aims(name, there) + _cramp_aims(name, there)
    if "clean" in nights and "healthy" in nights:
        quiet = class_nights([*nights["clean"], *nights["healthy"]], SHOWN)
        figure = f"{quiet.false} in {quiet.hours:.0f} h, {false_rate(quiet)} per h"
        found.append(Aim("clean and healthy: false cramp-like events", "none", figure, not quiet.false))
    if artefact := nights.get("artefact"):
        false = class_nights(artefact, PROBABLE)
        figure = f"{false.false} in {false.hours:.0f} h, {false_rate(false)} per h"
        found.append(Aim("artefact: probable cramp-like events", "none", figure, not false.false))
    return found


def aims_table(nights: Nights) -> str:
    """Return the aims as a table."""
    rows = [(aim.what, aim.aim, aim.figure, "yes" if aim.reached else "NO") for aim in aims(nights)]
    return table(("what", "aim", "measured", "reached"), rows)


def _movement_aims(name: str, nights: Sequence[Row]) -> list[Aim]:
    movements = class_nights(nights, MOVEMENT)
    onset = movements.onset_error
    off = np.abs(plms_indices(nights).differences)
    f1 = movements.f1 or 0.0
    return [
        Aim(
            f"{name}: F1 of leg movements",
            f"at least {F1_MIN[name]}",
            share(movements.f1, movements.f1_interval),
            f1 >= F1_MIN[name],
        ),
        Aim(
            f"{name}: median onset error of leg movements",
            f"within {ONSET_MS:.0f} ms",
            error(onset),
            abs(onset.median) * MS_PER_S <= ONSET_MS,
        ),
        Aim(
            f"{name}: index of periodic movements (WASM), every night",
            f"within {INDEX_PER_H:.0f}/h",
            f"median {np.median(off):.1f}/h off, largest {off.max():.1f}/h, {(off <= INDEX_PER_H).sum()} of {len(off)}",
            bool((off <= INDEX_PER_H).all()),
        ),
    ]


def _cramp_aims(name: str, nights: Sequence[Row]) -> list[Aim]:
    cramps = class_nights(nights, SHOWN)
    found = [
        Aim(
            f"{name}: sensitivity for clear cramps, probable or possible",
            f"at least {CRAMP_MIN[name]}",
            sensitivity(cramps),
            (cramps.sensitivity or 0.0) >= CRAMP_MIN[name],
        )
    ]
    if name == "hard":
        figure = f"{cramps.false} in {cramps.hours:.0f} h, {false_rate(cramps)} per h"
        what = "hard: false cramp-like events besides held contractions"
        found.append(Aim(what, "at most 1 in 20 h", figure, cramps.false_per_h <= FALSE_HARD_PER_H))
    return found

"""The same night through other programs: psgscoring and NeuroKit2."""

from __future__ import annotations

import statistics
import sys
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.speed.processes import folder, said
from benchmarks.speed.rows import Row, at_least
from detectors.simulate import simulate_night

if TYPE_CHECKING:
    from pathlib import Path

PSGSCORING_FASTER, NEUROKIT2_FASTER = 3.0, 100.0
MODULE = "benchmarks.speed.one_night"
SEED = 3
# An hour did not end within ten minutes.
NEUROKIT2_MIN, MIN_PER_H = 10.0, 60.0
# psgscoring gives the first 200 movements unless it is told otherwise; the accuracy tables ask for every one.
ALL_EVENTS = ("psgscoring-all",)


def night_array(hours: float) -> Path:
    """Return one EMG channel of each leg of a simulated night, shape (2, n_samples), made once per computer."""
    path = folder() / f"{hours:g}h" / "emg.npy"
    if not path.exists():
        print(f"simulating the EMG of a night of {hours:g} h once ...", file=sys.stderr)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        legs = simulate_night(hours, SEED, "clean").legs
        np.save(path, np.stack([leg.emg(0, leg.n_emg)[:, 0] for leg in legs]).astype(np.float32))
    return path


def psgscoring_rows(hours: float, runs: int) -> list[Row]:
    """Hold a night, 2 legs with a channel of EMG each, against psgscoring: for what both find, and with everything on.

    The aim is judged where both are asked for the same; what else Soleus finds stands beside it.
    """
    night = str(night_array(hours))
    taken: dict[str, list[float]] = {name: [] for name in ("soleus-movements", "soleus", "psgscoring", *ALL_EVENTS)}
    for _ in range(runs):
        for program, seconds in taken.items():
            seconds.append(said(MODULE, program, night)["cpu_s"])
    what = f"score a night of {hours:g} h, 2 legs x 1 EMG channel at 500 Hz"
    like, more = f"{what}, leg movements and series, as asked of both", f"{what}, everything on"
    come, every = "psgscoring.analyze_plm, as it comes", "psgscoring.analyze_plm, every event asked for"
    return [
        _faster(like, come, (taken["soleus-movements"], taken["psgscoring"]), PSGSCORING_FASTER),
        *(_faster(like, every, (taken["soleus-movements"], taken[name]), PSGSCORING_FASTER) for name in ALL_EVENTS),
        _faster(more, f"{come}: leg movements and series alone", (taken["soleus"], taken["psgscoring"]), None),
    ]


def _faster(what: str, against: str, taken: tuple[list[float], list[float]], aim: float | None) -> Row:
    """Return the row of how many times faster the first of two programs was, in seconds of processor of each run."""
    faster = statistics.median(peer / ours for ours, peer in zip(*taken, strict=True))
    ours_s, peer_s = map(statistics.median, taken)
    return Row(
        what,
        against,
        f"{faster:.3g} times faster ({ours_s:.2f} s of processor, {peer_s:.2f} s)",
        "" if aim is None else f"{aim:g} times or more",
        None if aim is None else at_least(faster, aim),
        {"times_faster": faster, "cpu_s": ours_s, "anchor_cpu_s": peer_s},
    )


def neurokit2_row(hours: float, runs: int) -> Row:
    """Hold the same night against NeuroKit2, which is given a few minutes of one leg, scaled to hours and legs.

    What it takes grows faster than the length of the signal: scaled like this it looks faster than it is.
    """
    night = str(night_array(hours))
    ours, peers = [], []
    for _ in range(runs):
        ours.append(said(MODULE, "soleus", night)["cpu_s"])
        few_s = said(MODULE, "neurokit2", night, "--hours", str(NEUROKIT2_MIN / MIN_PER_H))["cpu_s"]
        peers.append(2 * hours * MIN_PER_H / NEUROKIT2_MIN * few_s)
    against = f"neurokit2.emg_process on {NEUROKIT2_MIN:g} minutes of one leg, scaled to the night; one run"
    return _faster("the same night, everything on", against, (ours, peers), NEUROKIT2_FASTER)

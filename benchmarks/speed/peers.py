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
    """Hold a night, 2 legs with a channel of EMG each, against psgscoring asked in its two ways."""
    night = str(night_array(hours))
    taken: dict[str, list[float]] = {"soleus": [], "psgscoring": [], "psgscoring-all": []}
    for _ in range(runs):
        for program, seconds in taken.items():
            seconds.append(said(MODULE, program, night)["cpu_s"])
    words = {"psgscoring": "as it comes", "psgscoring-all": "every event asked for, as the accuracy tables ask"}
    rows = []
    for program, how in words.items():
        faster = statistics.median(peer / ours for peer, ours in zip(taken[program], taken["soleus"], strict=True))
        ours_s, peer_s = statistics.median(taken["soleus"]), statistics.median(taken[program])
        rows.append(
            Row(
                f"score a night of {hours:g} h, 2 legs x 1 EMG channel at 500 Hz, everything on",
                f"psgscoring.analyze_plm, {how}",
                f"{faster:.1f} times faster ({ours_s:.2f} s of processor, {peer_s:.2f} s)",
                f"{PSGSCORING_FASTER:g} times or more",
                at_least(faster, PSGSCORING_FASTER),
                {"times_faster": faster, "cpu_s": ours_s, "anchor_cpu_s": peer_s},
            )
        )
    return rows


def neurokit2_row(hours: float, runs: int) -> Row:
    """Hold the same night against NeuroKit2, which is given one hour of one leg, scaled by hours and legs."""
    night = str(night_array(hours))
    ratios, ours, peers = [], [], []
    for _ in range(runs):
        ours.append(said(MODULE, "soleus", night)["cpu_s"])
        peers.append(2 * hours * said(MODULE, "neurokit2", night, "--hours", "1")["cpu_s"])
        ratios.append(peers[-1] / ours[-1])
    faster = statistics.median(ratios)
    return Row(
        "the same night",
        "neurokit2.emg_process on one hour of one leg, scaled",
        f"{faster:.0f} times faster ({statistics.median(ours):.2f} s of processor, {statistics.median(peers):.0f} s)",
        f"{NEUROKIT2_FASTER:g} times or more",
        at_least(faster, NEUROKIT2_FASTER),
        {"times_faster": faster, "cpu_s": statistics.median(ours), "anchor_cpu_s": statistics.median(peers)},
    )

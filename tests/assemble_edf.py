"""Recordings with known times, put together from real surface EMG.

``python tests/assemble_edf.py HERMESCB WALKING`` cuts the excerpts in ``tests/data`` out of the two data sets;
the functions put recordings together from the excerpts.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import edfio
import numpy as np
from scipy.signal import resample_poly

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    Signal = NDArray[np.float64]

DATA = Path(__file__).parent / "data"
TIBIALIS = DATA / "hermescb_ta" / "tibialis_anterior.npz"
WALKING = DATA / "walking" / "walking.npz"
FS_HZ = 500
STEP_UV = 0.1
# In these two the tibialis anterior rests while the vastus lateralis holds (1.5 to 3 µV in 20 to 200 Hz).
RESTING = (23, 5)
# People whose hold of the tibialis anterior lasts for the whole ten seconds.
HOLDING = (1, 2, 3, 7, 11, 12, 13, 14, 15, 16, 20, 21, 26, 29)
TIBIALIS_COLUMN = 2
JOINT_S = 0.5
# One touchdown goes over into another.
JOINT_OF_CYCLES_S = 0.02
EDGE_S = 0.1


class Placed(NamedTuple):
    """A contraction and when it was put where."""

    onset_s: float
    end_s: float


class Movement(NamedTuple):
    """A piece of a hold: whose, from where, how long, and how much weaker it is made."""

    person: int
    from_s: float
    length_s: float
    scale: float


# Holds have 50 to 200 µV RMS; movements in sleep are weaker, so the pieces are scaled down, to 15 to 80 µV RMS.
MOVEMENTS = (
    Movement(1, 2.0, 1.0, 0.5),
    Movement(2, 3.0, 1.5, 0.25),
    Movement(3, 1.0, 2.0, 0.5),
    Movement(7, 4.0, 2.5, 0.2),
    Movement(11, 2.0, 3.0, 0.15),
    Movement(12, 1.0, 3.5, 0.6),
    Movement(13, 5.0, 4.0, 0.25),
    Movement(14, 2.0, 5.0, 0.4),
    Movement(16, 1.0, 6.0, 0.3),
    Movement(20, 3.0, 1.2, 0.2),
    Movement(21, 6.0, 2.2, 0.4),
    Movement(29, 4.0, 4.5, 0.15),
    Movement(26, 3.0, 2.0, 0.1),
)
SUSTAINED = (15, 26, 2, 13, 20, 29)
FIRST_S, EVERY_S, SUSTAINED_AT_S = 75.0, 25.0, 410.0
TOTAL_S = 600.0


def cross_faded(pieces: Iterable[Signal], joint_s: float = JOINT_S) -> Signal:
    """Join pieces so that each fades into the next with constant power."""
    first, *others = pieces
    n = round(joint_s * FS_HZ)
    rising = np.sin(np.linspace(0, np.pi / 2, n))
    whole = first.copy()
    for piece in others:
        whole[-n:] = whole[-n:] * rising[::-1] + piece[:n] * rising
        whole = np.concatenate([whole, piece[n:]])
    return whole


def edged(piece: Signal) -> Signal:
    """Let a piece rise from nothing and fall to nothing."""
    n = round(EDGE_S * FS_HZ)
    rising = (1 - np.cos(np.linspace(0, np.pi, n))) / 2
    shape = np.ones(len(piece))
    shape[:n], shape[-n:] = rising, rising[::-1]
    return piece * shape


def excerpts(path: Path) -> dict[str, Signal]:
    """Return what is in an archive, µV."""
    with np.load(path) as stored:
        return {name: stored[name] * STEP_UV for name in stored.files}


def rest(length_s: float, *, turned: bool = False) -> Signal:
    """Return resting EMG: fifteen real seconds, forwards and backwards, again and again."""
    real = excerpts(TIBIALIS)
    quiet = [real[f"rest_{person}"] for person in RESTING]
    turn = cross_faded([*quiet, *(piece[::-1] for piece in quiet)])
    n = round(length_s * FS_HZ)
    many = cross_faded([turn[::-1] if turned else turn] * (n // len(turn) + 2))
    return many[:n]


def night(sustained_scale: float = 1.0) -> tuple[Signal, list[Placed], Placed]:
    """Return ten minutes of one leg, µV, with the times of its movements and of its sustained contraction."""
    real = excerpts(TIBIALIS)
    signal = rest(TOTAL_S)
    placed = []
    for number, movement in enumerate(MOVEMENTS):
        begin = round(movement.from_s * FS_HZ)
        piece = real[f"hold_{movement.person}"][begin : begin + round(movement.length_s * FS_HZ)]
        placed.append(_add(signal, movement.scale * edged(piece), FIRST_S + EVERY_S * number))
    sustained = cross_faded(real[f"hold_{person}"] for person in SUSTAINED)
    return signal, placed, _add(signal, sustained_scale * edged(sustained), SUSTAINED_AT_S)


def walk(muscle: str, rest_s: float, walk_s: float) -> Signal:
    """Return rest and then walking: five real gait cycles again and again, µV."""
    cycles = excerpts(WALKING)[muscle]
    n = round(walk_s * FS_HZ)
    walking = cross_faded([cycles] * (n // len(cycles) + 2), JOINT_OF_CYCLES_S)
    return np.concatenate([rest(rest_s), walking[:n]])


def write(path: Path, signals: Mapping[str, Signal]) -> Path:
    """Write EMG channels as a recorder would, in steps of 0.1 µV."""
    channels = [
        edfio.EdfSignal.from_digital(
            np.rint(signal / STEP_UV).astype(np.int16)[: len(signal) // FS_HZ * FS_HZ],
            FS_HZ,
            label=label,
            physical_dimension="uV",
            physical_range=(-3276.8, 3276.7),
        )
        for label, signal in signals.items()
    ]
    edfio.Edf(channels, recording=edfio.Recording(startdate=date(2026, 3, 14))).write(path)
    return path


def _add(signal: Signal, piece: Signal, onset_s: float) -> Placed:
    begin = round(onset_s * FS_HZ)
    signal[begin : begin + len(piece)] += piece
    return Placed(onset_s, onset_s + len(piece) / FS_HZ)


def _stored(signal: Signal, factor: int) -> NDArray[np.int16]:
    """Return a signal at 500 Hz in steps of 0.1 µV."""
    slower: Signal = resample_poly(signal.astype(np.float64), 1, factor)
    return np.rint(slower / STEP_UV).astype(np.int16)


def cut_tibialis(folder: Path) -> dict[str, NDArray[np.int16]]:
    """Return rest and holds of the tibialis anterior."""
    cut = {}
    for kind, task, people in (("rest", "EMG_VL", RESTING), ("hold", "EMG_TA", HOLDING)):
        for person in people:
            with np.load(folder / f"ID{person:02d}.npz") as recording:
                cut[f"{kind}_{person}"] = _stored(recording[task][:, TIBIALIS_COLUMN], 2000 // FS_HZ)
    return cut


def cut_walking(folder: Path) -> dict[str, NDArray[np.int16]]:
    """Return the whole gait cycles, from one touchdown to the fifth after it."""
    emg = np.genfromtxt(folder / "walk_emg.csv", delimiter=",", names=True)
    touchdowns_s = np.genfromtxt(folder / "walk_cycles.csv", delimiter=",", skip_header=1)[:, 0]
    inside = (emg["time"] >= touchdowns_s[0]) & (emg["time"] < touchdowns_s[-1])
    return {muscle: _stored(emg[muscle][inside], 1000 // FS_HZ) for muscle in ("TA", "GM", "GL")}


if __name__ == "__main__":
    np.savez_compressed(TIBIALIS, allow_pickle=False, **cut_tibialis(Path(sys.argv[1])))
    np.savez_compressed(WALKING, allow_pickle=False, **cut_walking(Path(sys.argv[2])))

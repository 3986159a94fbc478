"""The robustness matrix (science.md 8.3): one short night per cell, one number per cell."""

from __future__ import annotations

import traceback
from dataclasses import replace
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from benchmarks.accuracy.nights import CRITERIA
from benchmarks.playing import emg_source, played
from detectors.criteria import named
from detectors.evaluate import pooled, tally
from detectors.events import EventKind
from detectors.matching import match
from detectors.recording import Recording
from detectors.signal import NS_PER_S
from detectors.simulate import named_regime, simulate_night

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from detectors.evaluate import Tally
    from detectors.events import Event
    from detectors.signal import Stream
    from detectors.simulate import LegSignal, Regime, SimulatedNight

    Losses = dict[Stream, list[tuple[int, int]]]

NOISE_UV = (1.0, 3.0, 5.0, 8.0, 12.0)
FS_HZ = (200.0, 250.0, 500.0, 1000.0)
LINE_UV = (0.0, 10.0, 50.0)
ECG_UV = (0.0, 30.0)
LOST_SHARES = (0.0, 0.02, 0.1)
LEGS = (1, 2)
HOURS = 0.4
SEEDS = (0,)
# Movements often enough that a short night has about twenty clear ones on each leg.
SERIES_GAP_S = 90.0
ISOLATED_PER_H = 20.0
AMPLITUDE_UV = (12.0, 200.0)
# A burst of lost packets lasts about so long.
LOST_S = (0.2, 2.0)
IOU_MIN = 0.3
# A movement of which more than this share is missing is not expected to be found.
MISSING_MAX = 0.5
# A movement is clear from three times the level that reaches the published rise above the noise (WASM 2016).
CLEAR_FACTOR, CLEAR_ONSET_UV, CLEAR_S = 3.0, 8.0, 0.7


class Cell(NamedTuple):
    """One cell of the matrix."""

    noise_uv: float
    fs_hz: float
    lost_share: float
    line_uv: float
    ecg_uv: float
    legs: int


def signals(*, quick: bool) -> list[tuple[float, float, float, float]]:
    """Return noise (µV), rate (Hz), hum (µV) and heart (µV) of each signal; the corners only if it must be quick."""
    axes: tuple[Sequence[float], ...] = (NOISE_UV, FS_HZ, LINE_UV, ECG_UV)
    return list(product(*(axis[:: len(axis) - 1] if quick else axis for axis in axes)))


def signal_cells(noise_uv: float, fs_hz: float, line_uv: float, ecg_uv: float) -> dict[str, Any]:
    """Score the cells that share a signal: each share of lost samples, one leg and two.

    Returns
    -------
    dict
        ``cells``: one row per cell with F1 of clear leg movements at IoU 0.3, or with the error that
        scoring ended with.
    """
    regime = _regime(noise_uv, line_uv, ecg_uv)
    nights = [simulate_night(HOURS, seed, regime, emg_fs_hz=fs_hz) for seed in SEEDS]
    signals_uv = [[leg.emg(0, leg.n_emg)[:, 0] for leg in night.legs] for night in nights]
    rows = []
    for lost_share, legs in product(LOST_SHARES, LEGS):
        cell = Cell(noise_uv, fs_hz, lost_share, line_uv, ecg_uv, legs)
        row: dict[str, Any] = {**cell._asdict(), "f1": None, "n_true": 0, "error": None}
        try:
            scored = [_scored(night, data, cell) for night, data in zip(nights, signals_uv, strict=True)]
        except Exception:  # noqa: BLE001 - whatever a cell crashes with is what the matrix is there to show
            row["error"] = traceback.format_exc(limit=-3)
        else:
            counts = pooled([leg for night in scored for leg in night])
            row |= {"f1": counts.f1, "n_true": counts.n_true}
        rows.append(row)
    return {"cells": rows}


def _scored(night: SimulatedNight, data_uv: Sequence[NDArray[np.float32]], cell: Cell) -> list[Tally]:
    """Score one night of a cell and count each leg."""
    legs = night.legs[: cell.legs]
    sources = tuple(emg_source(leg.leg, data, cell.fs_hz) for leg, data in zip(legs, data_uv, strict=False))
    losses = {
        source.stream: lost((night.seed, number), cell, source.n_samples) for number, source in enumerate(sources)
    }
    score = played(Recording("matrix", 0, sources), named(CRITERIA), losses)
    return [_tally(leg, score.events, losses[source.stream], cell) for leg, source in zip(legs, sources, strict=True)]


def lost(seed: tuple[int, int], cell: Cell, n_samples: int) -> list[tuple[int, int]]:
    """Return the lost samples of a leg, ``[start, stop)``, in order and apart from each other."""
    if not cell.lost_share:
        return []
    rng = np.random.default_rng((*seed, round(1000 * cell.lost_share)))
    middle_s = sum(LOST_S) / 2.0
    runs = []
    at_s = 0.0
    while True:
        at_s += float(rng.exponential(middle_s * (1.0 - cell.lost_share) / cell.lost_share))
        stop_s = at_s + float(rng.uniform(*LOST_S))
        start, stop = round(at_s * cell.fs_hz), round(stop_s * cell.fs_hz)
        if stop >= n_samples:
            return runs
        if not runs or start > runs[-1][1]:
            runs.append((start, stop))
        at_s = stop_s


def _tally(leg: LegSignal, events: Sequence[Event], losses: list[tuple[int, int]], cell: Cell) -> Tally:
    missing = np.array(losses, dtype=np.float64).reshape(-1, 2) / cell.fs_hz
    movements = [event for event in leg.truth if event.kind == EventKind.LEG_MOVEMENT]
    spans = np.array([(one.onset_s, one.end_s) for one in movements], dtype=np.float64).reshape(-1, 2)
    amplitude_uv = np.array([one.amplitude_uv for one in movements])
    least_uv = CLEAR_FACTOR * (cell.noise_uv + max(CLEAR_ONSET_UV, cell.noise_uv))
    gone_s = np.clip(
        np.minimum(spans[:, None, 1], missing[None, :, 1]) - np.maximum(spans[:, None, 0], missing[None, :, 0]), 0, None
    ).sum(axis=1)
    length_s = spans[:, 1] - spans[:, 0]
    clear = (amplitude_uv >= least_uv) & (length_s >= CLEAR_S) & (gone_s <= MISSING_MAX * length_s)
    found = [
        (event.onset_ns / NS_PER_S, event.end_ns / NS_PER_S)
        for event in events
        if event.kind is EventKind.LEG_MOVEMENT and event.leg is leg.leg
    ]
    return tally(
        np.array(found, dtype=np.float64).reshape(-1, 2),
        spans[clear],
        partial(match, iou_min=IOU_MIN),
        neutral=spans[~clear],
        hours=HOURS,
    )


def _regime(noise_uv: float, line_uv: float, ecg_uv: float) -> Regime:
    """Return clean nights with many movements, and noise, hum and heart as the cell asks."""
    clean = named_regime("clean")
    return replace(
        clean,
        name="matrix",
        emg=replace(clean.emg, noise_uv=(noise_uv,) * 2, line_uv=(line_uv,) * 2, ecg_uv=(ecg_uv,) * 2),
        movements=replace(
            clean.movements, series_gap_s=SERIES_GAP_S, isolated_per_h=ISOLATED_PER_H, amplitude_uv=AMPLITUDE_UV
        ),
    )

"""Tracks and raw samples that fit the events of the synthetic night."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dashboards.signals import ExtremesView, RawView, TrackView
from detectors.events import Event, EventKind
from detectors.signal import NS_PER_S, Leg, Quantity, Unit
from detectors.track import TrackName
from tests.synthetic_night import GAP_S, RESTING_UV, SENSORS, START_NS, sensor_of, to_ns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

EMG_FS_HZ = 500.0
ACC_FS_HZ = 50.0
HOP_S = 0.01


def _shape(onset_s: float, end_s: float, t_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rise, hold and decay between 0 and 1."""
    length_s = end_s - onset_s
    rise = np.clip((t_s - onset_s) / min(0.15 * length_s + 0.1, 3.0), 0, 1)
    fall = np.clip((end_s - t_s) / min(0.3 * length_s + 0.1, 20.0), 0, 1)
    return rise * fall


def envelope_uv(night: Sequence[Event], leg: Leg, t_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the muscle's level without noise, uV."""
    level = np.full(len(t_s), RESTING_UV)
    for event in night:
        if event.leg is leg and event.kind in {EventKind.LEG_MOVEMENT, EventKind.CRAMP}:
            onset_s, end_s = ((t_ns - START_NS) / NS_PER_S for t_ns in (event.onset_ns, event.end_ns))
            low, high = np.searchsorted(t_s, (onset_s - 1, end_s + 1))
            near = t_s[low:high]
            level[low:high] += event.measures["peak_uv"] * _shape(onset_s, end_s, near)
    return level


def tilt_deg(night: Sequence[Event], leg: Leg, t_s: NDArray[np.float64]) -> NDArray[np.float64]:
    tilt = np.full(len(t_s), 82.0 if leg is Leg.LEFT else 76.0)
    side = 1.0
    for event in night:
        onset_s, end_s = ((t_ns - START_NS) / NS_PER_S for t_ns in (event.onset_ns, event.end_ns))
        if event.kind is EventKind.SHIFT and event.leg is leg:
            side = -side
            tilt += side * event.measures["shift_deg"] * 0.4 * np.clip((t_s - onset_s) / (end_s - onset_s), 0, 1)
        if event.kind is EventKind.BED_EXIT:
            tilt[(t_s >= onset_s) & (t_s < end_s)] = 12.0
    return tilt


def tracks(night: Sequence[Event], duration_s: int) -> tuple[TrackView, ...]:
    rng = np.random.default_rng(5)
    t_s = np.arange(duration_s, dtype=np.float64)
    found = []
    for sensor in SENSORS:
        noise = rng.gamma(30, 1 / 30, duration_s)
        level = envelope_uv(night, sensor.leg, t_s) * noise
        movement_g = 0.003 + 0.0025 * (level - RESTING_UV) * rng.gamma(2, 0.5, duration_s) * (level < 60)
        columns = {
            TrackName.ENVELOPE_UV: level,
            TrackName.RESTING_UV: RESTING_UV + 0.15 * np.sin(t_s / 2500),
            TrackName.MOVEMENT_G: np.abs(movement_g) * noise,
            TrackName.TILT_DEG: tilt_deg(night, sensor.leg, t_s) + rng.normal(0, 0.3, duration_s),
        }
        for name, values in columns.items():
            column = values.astype(np.float32)
            if sensor.leg is Leg.LEFT:
                column[int(GAP_S[0]) : int(GAP_S[1])] = np.nan
            found.append(TrackView(sensor.name, sensor.leg, name, START_NS, 1.0, column))
    return tuple(found)


def raw(
    night: Sequence[Event], leg: Leg, span_ns: tuple[int, int]
) -> tuple[tuple[RawView, ...], tuple[TrackView, ...]]:
    """Return signals and tracks of a span; the left leg's gap splits them in two."""
    signals: list[RawView] = []
    fine: list[TrackView] = []
    gap_ns = (to_ns(GAP_S[0]), to_ns(GAP_S[1]))
    if leg is not Leg.LEFT or span_ns[1] <= gap_ns[0] or span_ns[0] >= gap_ns[1]:
        pieces = [span_ns]
    else:
        pieces = [(span_ns[0], gap_ns[0]), (gap_ns[1], span_ns[1])]
    for piece_ns in pieces:
        if piece_ns[0] < piece_ns[1]:
            own_signals, own_tracks = _piece(night, leg, piece_ns)
            signals += own_signals
            fine += own_tracks
    return tuple(signals), tuple(fine)


def _piece(night: Sequence[Event], leg: Leg, span_ns: tuple[int, int]) -> tuple[list[RawView], list[TrackView]]:
    rng = np.random.default_rng(span_ns[0] % 2**32)
    begin_s, stop_s = ((t_ns - START_NS) / NS_PER_S for t_ns in span_ns)
    emg_t_s, acc_t_s = (np.arange(begin_s, stop_s, 1 / fs_hz) for fs_hz in (EMG_FS_HZ, ACC_FS_HZ))
    level = envelope_uv(night, leg, emg_t_s)
    emg = rng.normal(0, 1, len(level)) * level
    tilt = np.deg2rad(tilt_deg(night, leg, acc_t_s))
    shake = rng.normal(0, 0.004, (len(tilt), 3)) * np.sqrt(envelope_uv(night, leg, acc_t_s))[:, np.newaxis]
    acc = np.column_stack((np.sin(tilt), 0.2 * np.ones_like(tilt), np.cos(tilt))) + shake
    power = np.convolve(emg**2, np.ones(75) / 75, mode="full")[: len(emg)]
    rms = np.sqrt(power)[:: round(EMG_FS_HZ * HOP_S)]
    sensor, start_ns = sensor_of(leg), span_ns[0]
    emg_data, acc_data = emg[:, np.newaxis].astype(np.float32), acc.astype(np.float32)
    signals = [
        RawView(sensor, leg, Quantity.EMG, Unit.MICROVOLT, ("emg",), start_ns, EMG_FS_HZ, emg_data),
        RawView(sensor, leg, Quantity.ACCELERATION, Unit.G, ("x", "y", "z"), start_ns, ACC_FS_HZ, acc_data),
    ]
    tracks = [
        TrackView(sensor, leg, TrackName.ENVELOPE_UV, start_ns, HOP_S, rms.astype(np.float32)),
        TrackView(sensor, leg, TrackName.RESTING_UV, start_ns, HOP_S, np.full(len(rms), RESTING_UV, np.float32)),
    ]
    return signals, tracks


def extremes(night: Sequence[Event], leg: Leg, span_ns: tuple[int, int], n_buckets: int) -> tuple[ExtremesView, ...]:
    """Return lowest and highest of EMG and acceleration; NaN while the left leg is silent."""
    if span_ns[0] >= span_ns[1]:
        return ()
    n = max(1, min(n_buckets, round((span_ns[1] - span_ns[0]) / NS_PER_S * ACC_FS_HZ)))
    hop_s = (span_ns[1] - span_ns[0]) / NS_PER_S / n
    t_s: NDArray[np.float64] = np.linspace(0, n * hop_s, n, endpoint=False) + (span_ns[0] - START_NS) / NS_PER_S
    rng = np.random.default_rng(span_ns[0] % 2**32)
    level = envelope_uv(night, leg, t_s)
    tilt = np.deg2rad(tilt_deg(night, leg, t_s))
    shake = (0.012 * np.sqrt(level))[:, np.newaxis]
    still = np.column_stack((np.sin(tilt), 0.2 * np.ones(n), np.cos(tilt)))
    spread = (level * rng.uniform(2.2, 3.6, n))[:, np.newaxis]
    silent = (t_s + hop_s > GAP_S[0]) & (t_s < GAP_S[1]) & (leg is Leg.LEFT)
    found = []
    for quantity, unit, axes, low, high in (
        (Quantity.EMG, Unit.MICROVOLT, ("emg",), -spread, spread),
        (Quantity.ACCELERATION, Unit.G, ("x", "y", "z"), still - shake, still + shake),
    ):
        ends = [np.where(silent[:, np.newaxis], np.nan, values).astype(np.float32) for values in (low, high)]
        found.append(ExtremesView(sensor_of(leg), leg, quantity, unit, axes, span_ns[0], hop_s, ends[0], ends[1]))
    return tuple(found)

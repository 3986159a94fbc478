"""Muscles, legs and envelopes with known times, and the shortest way from them to events."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from detectors.chain import Parts
from detectors.criteria import Criteria, named
from detectors.emg.cramp import CrampDetector
from detectors.emg.features import EmgFeatures
from detectors.emg.leg_movement import EmgLegMovementDetector
from detectors.framing import EMG_HOP_S, MOTION_HOP_S, grid_of
from detectors.motion.features import MotionFeatures
from detectors.motion.leg_movement import MotionLegMovementDetector
from detectors.recording import steady_clock
from detectors.signal import NS_PER_S, Gap, Leg, Quantity, SampleBlock, Stream, Unit
from detectors.track import Track, TrackName

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from detectors.chain import Detector
    from detectors.events import Event

CRITERIA = named("wasm-2016")
GRAVITY_M_S2 = 9.81


def changed(group: str, **fields: float) -> Criteria:
    return replace(CRITERIA, **{group: replace(getattr(CRITERIA, group), **fields)})


def emg_stream(fs_hz: float = 500.0) -> Stream:
    return Stream("left-shin", Leg.LEFT, "tibialis anterior", Quantity.EMG, Unit.MICROVOLT, ("ta",), fs_hz)


def motion_stream(fs_hz: float = 50.0) -> Stream:
    axes = ("x", "y", "z")
    return Stream("left-ankle", Leg.LEFT, "ankle", Quantity.ACCELERATION, Unit.G, axes, fs_hz)


def emg_parts(criteria: Criteria = CRITERIA) -> Parts:
    return Parts(
        lambda stream: EmgFeatures(stream, criteria),
        (lambda stream: EmgLegMovementDetector(stream, criteria), lambda stream: CrampDetector(stream, criteria)),
    )


def motion_parts(criteria: Criteria = CRITERIA) -> Parts:
    return Parts(
        lambda stream: MotionFeatures(stream, criteria),
        (lambda stream: MotionLegMovementDetector(stream, criteria),),
    )


def run(
    parts: Parts, stream: Stream, data: np.ndarray[Any, Any], *, block_s: float = 60.0
) -> tuple[list[Event], dict[TrackName, np.ndarray[Any, Any]]]:
    """Return the events of all detectors by onset, and the values of every track."""
    clock, length = steady_clock(0, stream.fs_hz), round(block_s * stream.fs_hz)
    blocks = [SampleBlock(stream, clock, at, data[at : at + length]) for at in range(0, len(data), length)]
    return run_items(parts, stream, blocks)


def run_items(
    parts: Parts, stream: Stream, items: Iterable[SampleBlock | Gap]
) -> tuple[list[Event], dict[TrackName, np.ndarray[Any, Any]]]:
    features, detectors = parts.features(stream), [build(stream) for build in parts.detectors]
    outputs = [output for item in items for output in features.feed(item)] + features.finish()
    events = [event for output in outputs for detector in detectors for event in detector.feed(output)]
    events += [event for detector in detectors for event in detector.finish()]
    tracks: dict[TrackName, list[np.ndarray[Any, Any]]] = {}
    for output in outputs:
        if isinstance(output, Track):
            tracks.setdefault(output.name, []).append(output.values)
    joined = {name: np.concatenate(values) for name, values in tracks.items()}
    return sorted(events, key=lambda event: event.onset_ns), joined


def muscle(n_samples: int, fs_hz: float, seed: int = 7) -> np.ndarray[Any, Any]:
    """Gaussian noise with the spectrum of surface EMG and an RMS of 1."""
    hz = np.fft.rfftfreq(n_samples, 1 / fs_hz)
    shape = hz / np.sqrt((hz**2 + 40.0**2) * (hz**2 + 90.0**2) ** 2)
    white = np.random.default_rng(seed).normal(size=n_samples)
    shaped = np.fft.irfft(np.fft.rfft(white) * shape, n_samples)
    return shaped / shaped.std()


def emg(
    duration_s: float, bursts: Sequence[tuple[float, float, float]], *, fs_hz: float = 500.0, noise_uv: float = 1.5
) -> np.ndarray[Any, Any]:
    """Resting noise with bursts of (onset s, duration s, amplitude µV), shape (n_samples, 1)."""
    n_samples = round(duration_s * fs_hz)
    rest, active = np.random.default_rng(3).normal(0, noise_uv, n_samples), muscle(n_samples, fs_hz)
    for onset_s, length_s, amplitude_uv in bursts:
        inside = slice(round(onset_s * fs_hz), round((onset_s + length_s) * fs_hz))
        rest[inside] += amplitude_uv * active[inside]
    return rest[:, np.newaxis]


def turned(
    duration_s: float, turns: Sequence[tuple[float, float, float, float]], *, fs_hz: float = 50.0
) -> np.ndarray[Any, Any]:
    """A shank that turns by (onset s, degrees, seconds out, seconds back or 0 to stay), shape (n_samples, 3), g."""
    t_s = np.arange(round(duration_s * fs_hz)) / fs_hz
    angle, tangential = np.zeros_like(t_s), np.zeros_like(t_s)
    for onset_s, degrees, out_s, back_s in turns:
        turn = np.radians(degrees) * _minimum_jerk((t_s - onset_s) / out_s)
        if back_s:
            turn = turn - np.radians(degrees) * _minimum_jerk((t_s - onset_s - out_s) / back_s)
        angle += turn
        tangential += 0.35 / GRAVITY_M_S2 * np.gradient(np.gradient(turn, t_s), t_s)
    g = np.stack([np.sin(angle) + tangential, np.zeros_like(angle), np.cos(angle)], axis=1)
    return g + np.random.default_rng(3).normal(0, 0.004, g.shape)


def _minimum_jerk(share: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    u = np.clip(share, 0, 1)
    return u**3 * (10 - 15 * u + 6 * u * u)


def envelope_tracks(
    stream: Stream,
    envelope_uv: np.ndarray[Any, Any],
    *,
    resting_uv: float = 2.0,
    lf_hf: float = 0.1,
    line: float = 0.05,
    flags: int = 0,
) -> list[Track]:
    """Tracks as the EMG features would give them, frame by frame."""
    grid, clock = grid_of(stream.fs_hz, EMG_HOP_S), steady_clock(0, stream.fs_hz)
    tracks = []
    for at in range(0, len(envelope_uv), grid.hops_per_frame):
        values = np.asarray(envelope_uv[at : at + grid.hops_per_frame], float)
        slow = {TrackName.RESTING_UV: resting_uv, TrackName.LF_HF_RATIO: lf_hf, TrackName.LINE_RATIO: line}
        one, many = np.full(1, flags, np.uint16), np.full(len(values), flags, np.uint16)
        start = at * grid.hop
        tracks += [Track(stream, clock, n, start, grid.frame, np.array([v]), one) for n, v in slow.items()]
        tracks.append(Track(stream, clock, TrackName.POWER_UV2, start, grid.hop, values**2, many))
        tracks.append(Track(stream, clock, TrackName.ENVELOPE_UV, start, grid.hop, values, many))
    return tracks


def movement_tracks(
    stream: Stream, movement_g: np.ndarray[Any, Any], *, resting_g: float = 0.004, mad_g: float = 0.0005
) -> list[Track]:
    """Tracks as the motion features would give them, frame by frame; gravity does not change."""
    grid, clock = grid_of(stream.fs_hz, MOTION_HOP_S), steady_clock(0, stream.fs_hz)
    slow = {TrackName.RESTING_MOVEMENT_G: resting_g, TrackName.RESTING_MOVEMENT_MAD_G: mad_g}
    slow |= {TrackName.GRAVITY_X_G: 0.0, TrackName.GRAVITY_Y_G: 0.0, TrackName.GRAVITY_Z_G: 1.0}
    tracks = []
    for at in range(0, len(movement_g), grid.hops_per_frame):
        values = np.asarray(movement_g[at : at + grid.hops_per_frame], float)
        one, many = np.zeros(1, np.uint16), np.zeros(len(values), np.uint16)
        start = at * grid.hop
        tracks += [Track(stream, clock, n, start, grid.frame, np.array([v]), one) for n, v in slow.items()]
        tracks.append(Track(stream, clock, TrackName.MOVEMENT_G, start, grid.hop, values, many))
    return tracks


def found(detector: Detector, items: Iterable[Track | Gap]) -> list[Event]:
    return [event for item in items for event in detector.feed(item)] + detector.finish()


def seconds(event: Event) -> tuple[float, float]:
    return event.onset_ns / NS_PER_S, event.end_ns / NS_PER_S

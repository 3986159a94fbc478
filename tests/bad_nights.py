"""What can be wrong with the EMG of a leg at home: mains, heart beat, pops, electrodes that come off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from detectors.emg.electrode import ElectrodeDetector
from detectors.emg.features import EmgFeatures
from detectors.recording import steady_clock
from detectors.signal import SampleBlock, Stream
from detectors.track import Track, TrackName
from tests.made_legs import CRITERIA, emg_parts, emg_stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.criteria import Criteria
    from detectors.events import Event

QRS_S = 0.012


def hum(duration_s: float, amplitude_uv: float, mains_hz: float = 50.0, fs_hz: float = 500.0) -> np.ndarray[Any, Any]:
    """Mains with a second harmonic, shape (n_samples, 1); 0.03 Hz off, as mains is."""
    t_s = np.arange(round(duration_s * fs_hz)) / fs_hz
    phase = 2 * np.pi * (mains_hz + 0.03) * t_s
    return (amplitude_uv * (np.sin(phase) + 0.1 * np.sin(2 * phase + 1)))[:, np.newaxis]


def heart(duration_s: float, height_uv: float, per_minute: float, fs_hz: float = 500.0) -> np.ndarray[Any, Any]:
    """QRS complexes whose rate wanders by 5 % with breath, shape (n_samples, 1)."""
    t_s = np.arange(round(duration_s * fs_hz)) / fs_hz
    hz = per_minute / 60
    beats = hz * t_s + 0.05 * hz / 0.25 / (2 * np.pi) * np.sin(2 * np.pi * 0.25 * t_s)
    since_s = (beats - np.round(beats)) / hz
    shape = np.exp(-((since_s / QRS_S) ** 2)) - 0.5 * np.exp(-(((since_s - 2 * QRS_S) / QRS_S) ** 2))
    return (height_uv * shape)[:, np.newaxis]


def pops(
    duration_s: float, at_s: Sequence[float], height_uv: float, decay_s: float = 0.05, fs_hz: float = 500.0
) -> np.ndarray[Any, Any]:
    """Steps that decay, shape (n_samples, 1)."""
    t_s = np.arange(round(duration_s * fs_hz)) / fs_hz
    total = np.zeros(len(t_s))
    for onset_s in at_s:
        after = np.clip(t_s - onset_s, 0, 60 * decay_s)
        total += np.where(t_s >= onset_s, height_uv * np.exp(-after / decay_s), 0.0)
    return total[:, np.newaxis]


def white(duration_s: float, level_uv: float, fs_hz: float = 500.0, seed: int = 11) -> np.ndarray[Any, Any]:
    """Flat noise, shape (n_samples, 1)."""
    return np.random.default_rng(seed).normal(0.0, level_uv, (round(duration_s * fs_hz), 1))


def measured(
    data: np.ndarray[Any, Any], fs_hz: float = 500.0, criteria: Criteria = CRITERIA
) -> tuple[dict[TrackName, np.ndarray[Any, Any]], np.ndarray[Any, Any]]:
    """Return the values of every track, and the flags of the frames."""
    stream = emg_stream(fs_hz)
    features = EmgFeatures(stream, criteria)
    block = SampleBlock(stream, steady_clock(0, fs_hz), 0, data)
    tracks = [item for item in (*features.feed(block), *features.finish()) if isinstance(item, Track)]
    values = {name: np.concatenate([t.values for t in tracks if t.name is name]) for name in {t.name for t in tracks}}
    return values, np.concatenate([t.quality for t in tracks if t.name is TrackName.RESTING_UV])


def all_parts(criteria: Criteria = CRITERIA) -> Any:
    """The parts of ``made_legs.emg_parts`` and the electrode's detector."""
    parts = emg_parts(criteria)

    def electrode(stream: Stream) -> ElectrodeDetector:
        return ElectrodeDetector(stream, criteria)

    return type(parts)(parts.features, (*parts.detectors, electrode))


def of_kind(events: Sequence[Event], kind: str) -> list[Event]:
    return [event for event in events if event.kind == kind]

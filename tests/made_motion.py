"""Jerks, tremors and whole patterns of a leg in acceleration, with known times."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from detectors.chain import Parts
from detectors.framing import MOTION_HOP_S, grid_of
from detectors.motion.features import MotionFeatures
from detectors.recording import steady_clock
from detectors.track import Track, TrackName
from tests.made_legs import CRITERIA, motion_stream, movement_tracks, run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from detectors.chain import Detector
    from detectors.criteria import Criteria
    from detectors.events import Event
    from detectors.signal import Stream

Samples = np.ndarray[Any, Any]
TREMOR_HZ = 8.0


def shaken(samples: Samples, jerks: Sequence[tuple[float, float, float]], *, fs_hz: float = 50.0) -> Samples:
    """Add jerks along x of (onset s, size g, length s): once forth and back."""
    t_s = np.arange(len(samples)) / fs_hz
    out = samples.copy()
    for onset_s, size_g, length_s in jerks:
        share = np.clip((t_s - onset_s) / length_s, 0, 1)
        out[:, 0] += size_g * np.sin(2 * np.pi * share) * np.sin(np.pi * share)
    return out


def trembling(samples: Samples, onset_s: float, length_s: float, size_g: float, *, fs_hz: float = 50.0) -> Samples:
    """Add a tremor along y."""
    t_s = np.arange(len(samples)) / fs_hz
    out = samples.copy()
    inside = (t_s >= onset_s) & (t_s < onset_s + length_s)
    out[inside, 1] += size_g * np.sin(2 * np.pi * TREMOR_HZ * t_s[inside])
    return out


def events_of(
    detector: Callable[[Stream, Criteria], Detector],
    samples: Samples,
    *,
    fs_hz: float = 50.0,
    criteria: Criteria = CRITERIA,
) -> list[Event]:
    return run(parts_of(detector, criteria=criteria), motion_stream(fs_hz), samples)[0]


def parts_of(*detectors: Callable[[Stream, Criteria], Detector], criteria: Criteria = CRITERIA) -> Parts:
    def built(detector: Callable[[Stream, Criteria], Detector]) -> Callable[[Stream], Detector]:
        return lambda stream: detector(stream, criteria)

    return Parts(lambda stream: MotionFeatures(stream, criteria), tuple(built(detector) for detector in detectors))


def motion_tracks(
    movement_g: Samples,
    fast: Mapping[TrackName, Samples] | None = None,
    slow: Mapping[TrackName, Samples] | None = None,
    *,
    fs_hz: float = 50.0,
) -> list[Track]:
    """Tracks as the features would give them, with more per hop, and per frame in place of rest."""
    stream, clock, tracks = motion_stream(fs_hz), steady_clock(0, fs_hz), []
    grid = grid_of(fs_hz, MOTION_HOP_S)
    for track in movement_tracks(stream, movement_g):
        frame = track.start // grid.frame
        if slow and track.name in slow:
            tracks.append(replace(track, values=slow[track.name][frame : frame + 1]))
            continue
        if track.name is TrackName.MOVEMENT_G:
            first, n_hops = track.start // grid.hop, len(track.values)
            extra = {name: values for name, values in (slow or {}).items() if name is TrackName.TREMOR_G}
            one = np.zeros(1, np.uint16)
            tracks += [
                Track(stream, clock, name, frame * grid.frame, grid.frame, values[frame : frame + 1], one)
                for name, values in extra.items()
            ]
            tracks += [
                replace(track, name=name, values=values[first : first + n_hops])
                for name, values in (fast or {}).items()
            ]
        tracks.append(track)
    return tracks

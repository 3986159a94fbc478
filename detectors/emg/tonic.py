"""Weak sustained activity in the EMG of one muscle (science.md 3.5, the second track)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from detectors.emg.features import emg_band
from detectors.emg.pieces import FramePiece, PieceFinder
from detectors.emg.slow import SLOW, Rises, SlowTracks
from detectors.events import Event, EventKind, EventQuality, Step
from detectors.framing import EMG_HOP_S, grid_of
from detectors.resting import quantile
from detectors.runs import Run, Trace
from detectors.signal import Gap
from detectors.timing import Timing
from detectors.track import Flag, Track, TrackName

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from detectors.criteria import Criteria
    from detectors.emg.tonic_criteria import TonicCriteria
    from detectors.signal import Clock, Stream

_READ = frozenset({*SLOW, TrackName.POWER_UV2})
# A second with one of these says nothing about the muscle.
_UNKNOWN = int(Flag.SATURATED | Flag.FLAT | Flag.LINE | Flag.ELECTRODE_OFF | Flag.DISABLED)
_HALF = 0.5


class TonicDetector:
    """Find low-level sustained muscle activity: rises to a few times rest that creep in over tens of seconds.

    Parameters
    ----------
    stream : Stream
        One channel of EMG.
    criteria : Criteria
        ``tonic``, and the band of ``leg_movement``.

    Notes
    -----
    Reads the flags of ``resting_uv``, ``lf_hf_ratio``, ``line_ratio`` and ``power_uv2``. The gated
    resting level would creep along with such a rise, so a low quantile of the last ten minutes
    stands for rest. Events are ``tonic`` with ``low`` 1; they are no cramps and never counted as
    such. Other measures: ``duration_s``, ``peak_uv``, ``mean_uv`` and ``median_uv`` of the RMS over
    ``window_s``, ``resting_uv`` (that quantile), ``ratio`` (median to it), ``lf_hf`` and
    ``line_ratio`` where they could be measured, ``band_low_hz``, ``band_high_hz``. Whether the leg
    moved or stood, whether a cramp-like contraction covers it, and whether an awakening followed,
    is for where channels meet. Edges are known to half a second.
    """

    def __init__(self, stream: Stream, criteria: Criteria) -> None:
        self._stream = stream
        self._criteria = criteria.tonic
        self._grid = grid_of(stream.fs_hz, EMG_HOP_S)
        self._frame_s = self._grid.frame / stream.fs_hz
        self._band = emg_band(stream.fs_hz, criteria.leg_movement)
        self._timing = Timing(stream, self._grid.hop, 0)
        self._rises = Rises(
            (self._criteria.high_uv, self._criteria.high_ratio),
            (self._criteria.rise_uv, self._criteria.rise_ratio),
            criteria.leg_movement.max_resting_uv,
        )
        quiet = math.floor(self._criteria.bridged_s / self._frame_s) + 1
        self._finder = PieceFinder(quiet, self._frames(self._criteria.max_s))
        self._window = self._frames(self._criteria.window_s)
        self._slow = SlowTracks(self._grid)
        self._level = SlowLevel(self._criteria, self._frame_s, criteria.resting.floor_uv)
        self._flags = Trace(np.uint16)
        self._power, self._rms_uv, self._levels_uv = Trace(), Trace(), Trace()
        self._rejected: list[Event] = []
        self._first = self._stop = 0
        self._full_from = self._window - 1
        self._clock: Clock | None = None

    @property
    def settled(self) -> int:
        """Sample index before which no later event will begin."""
        frame = self._stop // self._grid.hops_per_frame if self._finder.onset is None else self._finder.onset
        return max(frame - self._window, 0) * self._grid.frame

    def feed(self, item: Track | Gap) -> list[Event]:
        """Take one track, or a gap.

        Parameters
        ----------
        item : Track or Gap
            In the order in which the features give them.

        Returns
        -------
        list of Event
            Rises that are over, or that are as long as one event may be.
        """
        if isinstance(item, Gap):
            return self._events(self._finder.close(), EventQuality.LOW)
        if item.name not in _READ:
            return []
        events: list[Event] = []
        if item.start > self._stop * self._grid.hop:
            events = self._events(self._finder.close(), EventQuality.LOW)
        if item.name in SLOW:
            self._slow.note(item)
            if item.name is TrackName.RESTING_UV:
                self._flags.append(item.start // item.hop, item.quality)
        elif len(item.values):
            events += self._found(item)
        return events

    def finish(self) -> list[Event]:
        """Return the rise that was still there at the end of the signal."""
        return self._events(self._finder.close(), EventQuality.GOOD)

    def rejected(self) -> list[Event]:
        """Return the rises that a rule turned down since the last call, and forget them."""
        rejected, self._rejected = self._rejected, []
        return rejected

    def _found(self, track: Track) -> list[Event]:
        first, per_frame = track.start // track.hop, self._grid.hops_per_frame
        if first != self._stop:
            self._first = first
        self._stop, self._clock = first + len(track.values), track.clock
        if first % per_frame or len(track.values) % per_frame:
            return []
        frame = first // per_frame
        rows = track.values.reshape(-1, per_frame)
        if frame != self._power.stop:
            self._full_from = frame + self._window - 1
        self._power.append(frame, np.add.reduce(rows, axis=1) / per_frame)
        rms_uv = self._windowed(frame, len(rows))
        known = (self._flags.between(frame, frame + len(rows)) & _UNKNOWN) == 0
        known[: max(self._full_from - frame, 0)] = False
        levels_uv = self._level.feed(frame, rms_uv, known)
        self._rms_uv.append(frame, rms_uv)
        self._levels_uv.append(frame, levels_uv)
        above = known & (rms_uv > self._rises.above(levels_uv)[1])
        events = self._events(self._finder.feed(above, frame), EventQuality.GOOD)
        keep = (frame + len(rows) if self._finder.onset is None else self._finder.onset) - self._window
        for trace in (self._power, self._rms_uv, self._levels_uv, self._flags):
            trace.forget_before(keep)
        self._slow.forget_before(keep * per_frame)
        return events

    def _windowed(self, frame: int, n_frames: int) -> NDArray[np.float64]:
        """Return the RMS over the window that ends with each frame; what is not known counts as zero."""
        power = self._power.padded(frame - self._window + 1, frame + n_frames)
        total = power[self._window - 1 :].copy()
        for back in range(1, self._window):
            total += power[self._window - 1 - back : len(power) - back]
        return np.sqrt(total / self._window)

    def _events(self, stretches: Iterable[FramePiece], quality: EventQuality) -> list[Event]:
        events: list[Event] = []
        for stretch in stretches:
            if (stretch.end - stretch.onset) * self._frame_s < self._criteria.min_s:
                continue
            event = self._judged(stretch, quality)
            (events if all(step.held for step in event.why) else self._rejected).append(event)
        return events

    def _judged(self, stretch: FramePiece, quality: EventQuality) -> Event:
        """Measure a rise and compare it with every rule."""
        criteria, per_frame = self._criteria, self._grid.hops_per_frame
        rms_uv = self._rms_uv.between(stretch.onset, stretch.end)
        level_uv = float(self._levels_uv.between(stretch.onset, stretch.onset + 1)[0])
        high_uv, rise_uv = (float(limit[0]) for limit in self._rises.above(np.array([level_uv])))
        run = Run(stretch.onset * per_frame, stretch.end * per_frame)
        ratios = {
            "lf_hf": self._slow.median_ratio(TrackName.LF_HF_RATIO, run),
            "line_ratio": self._slow.median_ratio(TrackName.LINE_RATIO, run),
        }
        duration_s = (stretch.end - stretch.onset) * self._frame_s
        measures = {
            "low": 1.0,
            "duration_s": duration_s,
            "peak_uv": float(rms_uv.max()),
            "mean_uv": float(rms_uv.mean()),
            "median_uv": quantile(rms_uv, _HALF),
            "resting_uv": level_uv,
            "ratio": quantile(rms_uv, _HALF) / level_uv,
            "band_low_hz": self._band[0],
            "band_high_hz": self._band[1],
        } | {name: value for name, value in ratios.items() if not math.isnan(value)}
        steps = [
            Step("rise_uv", measures["peak_uv"], rise_uv, held=True),
            Step("min_s", duration_s, criteria.min_s, held=True),
            Step("high_uv", measures["median_uv"], high_uv, measures["median_uv"] <= high_uv),
        ]
        limits = {"lf_hf": ("max_lf_hf", criteria.max_lf_hf), "line_ratio": ("max_line_share", criteria.max_line_share)}
        for name, (rule, limit) in limits.items():
            if name in measures:
                steps.append(Step(rule, measures[name], limit, measures[name] <= limit))
        return self._event(stretch, measures, quality, tuple(steps))

    def _event(
        self, stretch: FramePiece, measures: dict[str, float], quality: EventQuality, why: tuple[Step, ...]
    ) -> Event:
        clock = self._clock
        if clock is None:
            msg = f"{self._stream.sensor}: a rise before the first track"
            raise ValueError(msg)
        # What a window says is true of its middle.
        late = (self._window - 1) * self._grid.frame // 2
        first, stop = self._first * self._grid.hop, self._stop * self._grid.hop
        onset, end = (min(max(frame * self._grid.frame - late, first), stop) for frame in (stretch.onset, stretch.end))
        times_ns = self._timing.times_ns(clock, onset, end)
        return Event(EventKind.TONIC, self._stream.sensor, self._stream.leg, *times_ns, measures, quality, why)

    def _frames(self, seconds: float) -> int:
        return max(1, round(seconds / self._frame_s))


class SlowLevel:
    """A low quantile of the last minutes, measured on a grid.

    Parameters
    ----------
    criteria : TonicCriteria
        Lengths and share.
    frame_s : float
        Length of a frame, s.
    floor_uv : float
        Lowest level, µV.
    """

    def __init__(self, criteria: TonicCriteria, frame_s: float, floor_uv: float) -> None:
        self._floor_uv = floor_uv
        self._share = criteria.level_share
        self._step = max(1, round(criteria.level_step_s / frame_s))
        self._size = max(1, round(criteria.level_s / frame_s))
        self._seed = max(1, round(criteria.seed_s / frame_s))
        self._waiting: list[NDArray[np.float64]] = []
        self._held = np.empty(0)
        self._level_uv = np.inf

    def feed(self, first: int, rms_uv: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Take frames and return the level in force in each of them, which comes from earlier ones; infinite at first.

        Parameters
        ----------
        first : int
            Number of the first frame.
        rms_uv : ndarray of float64, shape (n_frames,)
            RMS of each frame, µV.
        known : ndarray of bool, shape (n_frames,)
            Whether to believe it.

        Returns
        -------
        ndarray of float64, shape (n_frames,)
            Level, µV.
        """
        levels_uv = np.empty(len(rms_uv))
        at = 0
        while at < len(rms_uv):
            stop = min(len(rms_uv), at + self._step - (first + at) % self._step)
            levels_uv[at:stop] = self._level_uv
            self._waiting.append(rms_uv[at:stop][known[at:stop]])
            if (first + stop) % self._step == 0:
                self._held = np.concatenate((self._held, *self._waiting))[-self._size :]
                self._waiting = []
                if len(self._held) >= self._seed:
                    self._level_uv = max(quantile(self._held, self._share), self._floor_uv)
            at = stop
        return levels_uv

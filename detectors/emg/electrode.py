"""An electrode that is off the skin: seconds that show it, and the events they make (science.md 7.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detectors.events import Event, EventKind, Step
from detectors.framing import EMG_HOP_S, grid_of
from detectors.resting import quantile
from detectors.signal import Gap
from detectors.timing import Timing
from detectors.track import Flag, Track, TrackName

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.criteria import Criteria
    from detectors.signal import Clock, Stream

# The reference is taken anew so many times in the time that it is taken from.
_REFERENCES = 5
_HALF = 0.5
# Mains with a strong signal, mains alone, a loud signal, rising drift, falling drift.
_N_COUNTS = 5
# Of the parts of the spectrum the first lies below the band, and the second is its lowest quarter.
_FIRST_UPPER = 2


class ElectrodeWatch:
    """Say of every second whether the electrode is off.

    Parameters
    ----------
    frame_s : float
        Length of a frame, s.
    criteria : Criteria
        ``electrode``, ``quality.max_line_share`` and ``line``.
    top_hz : float
        What is recorded reaches up to here, Hz.

    Notes
    -----
    Any of three rules: mains fills the band (for a while if the signal has become much stronger by
    it, for a minute if it is stronger than a cable's hum); the raw signal drifts; the noise has
    become several times stronger and is flat, as that of no muscle is. Dry skin adds drift to the noise,
    which is then flat in its upper part only; that can be told from muscle where the sensor records
    beyond the muscle's own band. A device that reports an open electrode itself does so by a gap.
    Each rule needs its time before it speaks, and uses nothing later.
    """

    def __init__(self, frame_s: float, criteria: Criteria, top_hz: float) -> None:
        self._criteria = criteria.electrode
        self._max_line_share = criteria.quality.max_line_share
        self._line = criteria.line
        self._frame_s = frame_s
        self._sees_noise = top_hz >= criteria.electrode.noise_top_hz
        self._counts = [0] * _N_COUNTS
        self._history: NDArray[np.float64] | None = None
        self._last_mean_uv = np.nan
        self._quiet: list[NDArray[np.float64]] = []
        self._due = self._frames(criteria.electrode.reference_s) // _REFERENCES
        self._seen: list[NDArray[np.float64]] = []
        self._reference_uv = np.inf

    def restart(self) -> None:
        """Forget the seconds before; the next frame follows nothing."""
        self._counts = [0] * _N_COUNTS
        self._history = None
        self._last_mean_uv = np.nan

    def feed(
        self,
        mean_uv: NDArray[np.float64],
        shares: NDArray[np.float64],
        rms_uv: NDArray[np.float64],
        noise: NDArray[np.float64],
    ) -> NDArray[np.bool_]:
        """Judge the next frames.

        Parameters
        ----------
        mean_uv : ndarray of float64, shape (n_frames,)
            Mean of the raw samples, µV.
        shares : ndarray of float64, shape (n_frames, 2)
            Share of mains in the band, of each frame alone and averaged.
        rms_uv : ndarray of float64, shape (n_frames,)
            RMS of the band, µV.
        noise : ndarray of float64, shape (n_frames, n_parts)
            Mean power in parts of the spectrum; 0 where contact is good.

        Returns
        -------
        ndarray of bool, shape (n_frames,)
            Whether the electrode is off.
        """
        n_frames = len(rms_uv)
        drifts = self._drifts(mean_uv)
        flat = self._flat(noise)
        strong = rms_uv[:, np.newaxis] > np.array([self._line.weak_uv, self._line.strong_uv])
        mains, mains_alone = ((shares > self._max_line_share) & strong).T
        criteria = self._criteria
        hums = shares.max(axis=1) > self._line.treat_from
        ratio = np.where(hums, criteria.noise_hum_ratio, criteria.noise_ratio)
        alone = self._lasting(1, mains_alone) >= self._frames(criteria.line_alone_s)
        off = np.empty(n_frames, np.bool_)
        at = 0
        while at < n_frames:
            part = slice(at, min(n_frames, at + self._due))
            usual_uv, level_uv = self._reference_uv, rms_uv[part]
            least_uv = np.maximum(ratio[part] * usual_uv, criteria.poor_contact_uv)
            hums_for = self._lasting(0, mains[part] & (level_uv > criteria.line_ratio * usual_uv))
            loud_for = self._lasting(2, level_uv > least_uv)
            off[part] = alone[part] | drifts[part] | (hums_for >= self._frames(criteria.line_s))
            noisy = flat[part] & (loud_for >= self._frames(criteria.noise_s))
            off[part] |= noisy & (loud_for <= self._frames(criteria.noise_max_s))
            self._refer(level_uv, off[part])
            at = part.stop
        return off

    def _frames(self, seconds: float) -> int:
        return max(1, round(seconds / self._frame_s))

    def _lasting(self, number: int, held: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Return for how many frames something has held."""
        if not held.any():
            self._counts[number] = 0
            return np.zeros(len(held), np.intp)
        numbers = np.arange(len(held))
        ends = np.where(held, -1 - self._counts[number], numbers)
        lasting = numbers - np.maximum.accumulate(ends)
        self._counts[number] = int(lasting[-1])
        return lasting

    def _drifts(self, mean_uv: NDArray[np.float64]) -> NDArray[np.bool_]:
        change = np.diff(mean_uv, prepend=self._last_mean_uv)
        self._last_mean_uv = float(mean_uv[-1])
        limit = self._criteria.drift_uv_per_s * self._frame_s
        rising, falling = self._lasting(3, change > limit), self._lasting(4, change < -limit)
        return np.maximum(rising, falling) >= self._frames(self._criteria.drift_s)

    def _flat(self, noise: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return whether the spectrum of the last seconds together is flat."""
        n_sum = self._frames(self._criteria.noise_s)
        if self._history is None:
            if not noise.any():
                return np.zeros(len(noise), np.bool_)
            self._history = np.zeros((n_sum - 1, noise.shape[1]))
        known = np.concatenate((self._history, noise))
        self._history = known[len(noise) :]
        sums = known[: len(noise)].copy()
        for at in range(1, n_sum):
            sums += known[at : at + len(noise)]
        if not self._history.any():
            self._history = None
        return self._is_noise(sums)

    def _is_noise(self, parts: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return whether spectra are those of an electrode."""
        criteria, least = self._criteria, parts.min(axis=1)
        flat: NDArray[np.bool_] = parts.max(axis=1) <= criteria.noise_flatness * least
        if self._sees_noise:
            upper = parts[:, _FIRST_UPPER:]
            lowest = upper.min(axis=1)
            level = upper.max(axis=1) <= criteria.noise_upper_flatness * lowest
            flat |= level & (parts[:, _FIRST_UPPER - 1] <= criteria.noise_slope * lowest)
        heard: NDArray[np.bool_] = flat & (least > 0)
        return heard

    def _refer(self, rms_uv: NDArray[np.float64], off: NDArray[np.bool_]) -> None:
        """Note frames, and take the reference anew when it is time."""
        self._seen.append(rms_uv[~off])
        self._due -= len(rms_uv)
        if self._due:
            return
        self._due = self._frames(self._criteria.reference_s) // _REFERENCES
        heard, self._seen = np.concatenate(self._seen), []
        # The few seconds before the rule spoke say nothing about what is usual.
        if len(heard) >= self._due * _HALF:
            self._quiet = [*self._quiet[1 - _REFERENCES :], heard]
            self._reference_uv = quantile(np.concatenate(self._quiet), self._criteria.reference_quantile)


class ElectrodeDetector:
    """Turn seconds without an electrode into events.

    Parameters
    ----------
    stream : Stream
        One channel of EMG.
    criteria : Criteria
        ``electrode.max_span_s``, and ``quality.max_line_share``.

    Notes
    -----
    Reads the flags and the ``line_ratio`` of :class:`detectors.emg.features.EmgFeatures`. Measures:
    ``duration_s`` and ``line_ratio``. A longer time comes in pieces, so that nothing else has to
    wait for its end. The rules need some seconds before they speak: the electrode came off that
    much earlier.
    """

    def __init__(self, stream: Stream, criteria: Criteria) -> None:
        self._stream = stream
        self._max_line_share = criteria.quality.max_line_share
        self._grid = grid_of(stream.fs_hz, EMG_HOP_S)
        self._timing = Timing(stream, self._grid.hop, 0)
        self._longest = max(1, round(criteria.electrode.max_span_s * stream.fs_hz / self._grid.frame))
        self._onset: int | None = None
        self._lines: list[float] = []
        self._stop = 0
        self._clock: Clock | None = None

    @property
    def settled(self) -> int:
        """Sample index before which no later event will begin."""
        return (self._stop if self._onset is None else self._onset) * self._grid.frame

    def feed(self, item: Track | Gap) -> list[Event]:
        """Take one track, or a gap, and return the spans that ended."""
        if isinstance(item, Gap):
            return self._closed()
        if item.name is not TrackName.LINE_RATIO or not len(item.values):
            return []
        first = item.start // item.hop
        events = self._closed() if first > self._stop else []
        off = (item.quality & Flag.ELECTRODE_OFF.value) != 0
        for at in range(len(off)) if self._onset is not None or off.any() else ():
            self._stop, self._clock = first + at, item.clock
            if not off[at] or (self._onset is not None and self._stop - self._onset >= self._longest):
                events += self._closed()
            if off[at]:
                self._onset = self._stop if self._onset is None else self._onset
                self._lines.append(float(item.values[at]))
        self._stop, self._clock = first + len(off), item.clock
        return events

    def finish(self) -> list[Event]:
        """Return the span that was still open."""
        return self._closed()

    def rejected(self) -> list[Event]:
        """Return nothing: a second is without electrode or it is not."""
        return []

    def _closed(self) -> list[Event]:
        """End the span that is open."""
        if self._onset is None or self._clock is None:
            return []
        onset, stop = self._onset * self._grid.frame, self._stop * self._grid.frame
        line = sum(self._lines) / len(self._lines)
        measures = {"duration_s": (stop - onset) / self._stream.fs_hz, "line_ratio": line}
        self._onset, self._lines = None, []
        times_ns = self._timing.times_ns(self._clock, onset, stop)
        why = (Step("max_line_share", line, self._max_line_share, held=True),) if line > self._max_line_share else ()
        return [Event(EventKind.ELECTRODE_OFF, self._stream.sensor, self._stream.leg, *times_ns, measures, why=why)]

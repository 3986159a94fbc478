"""Where the wide band exceeds its noise, found in the stretches that were kept of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detectors.emg.potential import Signal
from detectors.emg.wide import limit_uv, wide_sections
from detectors.filters import SectionFilter
from detectors.framing import EMG_HOP_S, grid_of
from detectors.runs import Run, RunFinder, Trace
from detectors.track import TrackName

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detectors.emg.brief_criteria import TwitchCriteria
    from detectors.signal import Gap, Stream
    from detectors.track import Track

# A stretch of the signal is filtered anew; so much of its beginning shows the filter rather than the muscle.
_SETTLING_S = 0.25
# So much signal around a run has to be known before it is judged, besides the longest twitch.
_MARGIN_S = 0.1
# A second that is passed on because of the next one comes one frame late, and one frame is kept for certainty.
_LATE_FRAMES = 2


class Peaks:
    """Find runs of peaks that lie closer together than two twitches do.

    Parameters
    ----------
    stream : Stream
        One channel of EMG.
    criteria : TwitchCriteria
        Band, limits and distances.

    Notes
    -----
    Reads ``waveform_uv`` and ``wide_noise_uv``. Runs come out once everything that a rule looks at
    is known around them, and have to be taken one by one: what follows may forget their signal.
    """

    def __init__(self, stream: Stream, criteria: TwitchCriteria) -> None:
        self._fs_hz = stream.fs_hz
        self._criteria = criteria
        self._frame = grid_of(stream.fs_hz, EMG_HOP_S).frame
        self._filter = SectionFilter(wide_sections(stream.fs_hz, criteria))
        self._finder = RunFinder(self._samples(criteria.merge_s))
        self._longest = self._samples(criteria.max_s)
        self._sigma, self._raw, self._filtered = Trace(), Trace(), Trace()
        self._waiting: list[Track] = []
        self._runs: list[Run] = []
        self._masked_until = 0
        self.resumed: int | None = 0
        self.margin = self._longest + self._samples(_MARGIN_S)

    @property
    def noise_stop(self) -> int:
        """Sample index up to which the noise is known."""
        return self._sigma.stop * self._frame

    def note(self, track: Track) -> None:
        """Keep a stretch of the signal, or the noise."""
        if track.name is TrackName.WIDE_NOISE_UV:
            self._sigma.append(track.start // track.hop, track.values)
        elif len(track.values):
            self._waiting.append(track)

    def ready(self, reached: int) -> Iterator[Run]:
        """Yield the runs around which everything is known, given that all is up to sample `reached`."""
        while self._waiting and self._waiting[0].stop <= reached:
            yield from self._continued(self._waiting.pop(0))
        certain = self._certain(reached)
        while self._runs and self._runs[0].end + self.margin <= certain:
            yield self._runs.pop(0)

    def close(self) -> Iterator[Run]:
        """Yield all runs: the signal ends here."""
        while self._waiting:
            yield from self._continued(self._waiting.pop(0))
        yield from self._ended()

    def resume(self, gap: Gap) -> None:
        """Note where the signal goes on."""
        self.resumed = None if gap.n_missing is None else gap.first_missing + gap.n_missing

    @property
    def stop(self) -> int:
        """Sample index after the last sample that was kept."""
        return self._filtered.stop

    def open_from(self, reached: int) -> int:
        """Return the sample before which no later twitch has its first peak."""
        runs = self._runs if self._finder.onset is None else [*self._runs, Run(self._finder.onset, self.stop)]
        could_be = [run.onset for run in runs if run.end - run.onset < self._longest]
        return min([*could_be, self._certain(reached)])

    def next_after(self, run: Run) -> int | None:
        """Return the first peak of the next run, as far as it is known."""
        onsets = [other.onset for other in self._runs if other.onset >= run.end]
        if self._finder.onset is not None:
            onsets.append(self._finder.onset)
        return min(onsets, default=None)

    def sigma_uv(self, sample: int) -> float:
        """Return the noise in force at a sample, µV."""
        frame = sample // self._frame
        return float(self._sigma.between(frame, frame + 1)[0])

    def signal(self, start: int, stop: int) -> Signal:
        """Return what is known of the signal in ``[start, stop)``."""
        start = max(start, self._filtered.start)
        return Signal(start, self._raw.between(start, stop), self._filtered.between(start, stop), self._fs_hz)

    def forget_before(self, sample: int) -> None:
        """Drop what lies before a sample."""
        self._raw.forget_before(sample)
        self._filtered.forget_before(sample)
        self._sigma.forget_before(sample // self._frame)

    def _certain(self, reached: int) -> int:
        return reached - _LATE_FRAMES * self._frame

    def _continued(self, track: Track) -> Iterator[Run]:
        """Filter the next samples and look for peaks in them."""
        if track.start != self._filtered.stop or track.start == self.resumed:
            yield from self._ended()
            self._filter.restart()
            aside_s = self._criteria.boundary_s if track.start == self.resumed else _SETTLING_S
            self._masked_until = track.start + self._samples(aside_s)
        filtered = self._filter.feed(track.values[:, np.newaxis])[:, 0]
        self._raw.append(track.start, track.values)
        self._filtered.append(track.start, filtered)
        frames = (track.start + np.arange(len(filtered))) // self._frame
        sigma_uv = self._sigma.between(int(frames[0]), int(frames[-1]) + 1)
        above = np.abs(filtered) > limit_uv(sigma_uv, self._fs_hz, self._criteria)[frames - frames[0]]
        above[: max(self._masked_until - track.start, 0)] = False
        self._runs += self._finder.feed(above, above, track.start)

    def _ended(self) -> Iterator[Run]:
        """Yield the runs of a stretch that is over."""
        self._runs += self._finder.close()
        while self._runs:
            yield self._runs.pop(0)

    def _samples(self, seconds: float) -> int:
        return max(1, round(seconds * self._fs_hz))

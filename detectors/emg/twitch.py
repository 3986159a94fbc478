"""Twitches in the EMG of one muscle (science.md 4.2)."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from detectors.emg import potential
from detectors.emg.peaks import Peaks
from detectors.emg.potential import Extent
from detectors.emg.slow import SLOW, SlowTracks
from detectors.emg.wide import limit_uv, wide_band, wide_sections
from detectors.events import Event, EventKind, Step
from detectors.filters import band_delay_s
from detectors.framing import EMG_HOP_S, grid_of
from detectors.runs import Run, Trace
from detectors.signal import Gap
from detectors.timing import Timing
from detectors.track import Flag, Track, TrackName

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detectors.criteria import Criteria
    from detectors.signal import Clock, Stream


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A twitch that passed every rule that it can be held against alone."""

    time_s: float
    onset: int
    event: Event


class TwitchDetector:
    """Find single potentials and short bursts in a muscle at rest.

    Parameters
    ----------
    stream : Stream
        One channel of EMG.
    criteria : Criteria
        ``twitch``; ``quality`` for the name of one rule.

    Notes
    -----
    Reads ``waveform_uv`` and ``wide_noise_uv`` of :class:`detectors.emg.wide.WideBand`, and
    ``power_uv2`` and ``resting_uv``. Measures: ``duration_s`` from the first potential to the last,
    ``width_s`` (its widest potential's time above three sigmas), ``width_class`` (1 fasciculation-like, 2 brief burst,
    3 jerk), ``peak_uv``, ``peak_to_peak_uv``, ``n_potentials``, ``noise_uv``, ``band_low_hz``,
    ``band_high_hz`` and ``transient``: 1 below ``shape_fs_hz``, where the event is a brief EMG
    transient and has neither ``width_s`` nor a class. What lasts ``max_s`` or more is for the leg
    movement detector. A twitch waits for ``beat_window_s``, because only what follows tells whether
    it was a heart beat. Whether other channels saw the same sample, or the leg moved, is for where
    channels meet.
    """

    def __init__(self, stream: Stream, criteria: Criteria) -> None:
        self._stream = stream
        self._criteria = criteria.twitch
        self._clip_share = criteria.quality.clip_share
        self._grid = grid_of(stream.fs_hz, EMG_HOP_S)
        self._shaped = stream.fs_hz >= criteria.twitch.shape_fs_hz
        self._band = wide_band(stream.fs_hz, criteria.twitch)
        delay_s = band_delay_s(wide_sections(stream.fs_hz, criteria.twitch), *self._band, stream.fs_hz)
        self._delay = round(delay_s * stream.fs_hz)
        self._timing = Timing(stream, 1, self._delay)
        self._slow = SlowTracks(self._grid)
        self._power = Trace()
        self._peaks = Peaks(stream, criteria.twitch)
        self._held: list[_Candidate] = []
        self._lately: list[tuple[float, float]] = []
        self._rejected: list[Event] = []
        self._last_end = self._settled = 0
        self._clock: Clock | None = None

    @property
    def settled(self) -> int:
        """Sample index before which no later event will begin."""
        return self._settled

    def feed(self, item: Track | Gap) -> list[Event]:
        """Take one track, or a gap.

        Parameters
        ----------
        item : Track or Gap
            In the order in which the features give them.

        Returns
        -------
        list of Event
            Twitches that are decided.
        """
        if isinstance(item, Gap):
            events = self._closed()
            self._peaks.resume(item)
            return events
        self._clock = item.clock
        if item.name in SLOW:
            self._slow.note(item)
        elif item.name is TrackName.POWER_UV2:
            self._power.append(item.start // item.hop, item.values)
            return self._decided()
        elif item.name in {TrackName.WAVEFORM_UV, TrackName.WIDE_NOISE_UV}:
            # Nothing is decided before the power has come, which is the last of each span.
            self._peaks.note(item)
        return []

    def finish(self) -> list[Event]:
        """Return the twitches that were still waiting."""
        return self._closed()

    def rejected(self) -> list[Event]:
        """Return the peaks that a rule turned down since the last call, and forget them."""
        rejected, self._rejected = self._rejected, []
        return rejected

    def _decided(self) -> list[Event]:
        """Return what is decided by now."""
        reached = self._power.stop * self._grid.hop
        if self._stream.fs_hz < self._criteria.min_fs_hz:
            self._settled = reached
            return []
        reached = min(reached, self._peaks.noise_stop)
        for run in self._peaks.ready(reached):
            self._judge(run, None)
        open_from = self._peaks.open_from(reached)
        events = self._not_of_the_heart(open_from)
        first = min([open_from - self._peaks.margin, *(candidate.onset for candidate in self._held[:1])])
        self._settled = max(self._settled, first - self._delay)
        keep = open_from - 2 * self._peaks.margin
        self._peaks.forget_before(keep)
        self._power.forget_before(keep // self._grid.hop)
        self._slow.forget_before(keep // self._grid.hop)
        return events

    def _closed(self) -> list[Event]:
        """End the signal here, and return everything that was waiting."""
        for run in self._peaks.close():
            self._judge(run, self._peaks.stop)
        return self._not_of_the_heart(None)

    def _judge(self, run: Run, gap_at: int | None) -> None:
        """Measure a run of peaks and compare it with every rule but that of the heart."""
        criteria, fs_hz = self._criteria, self._stream.fs_hz
        longest = max(1, round(criteria.max_s * fs_hz))
        left, self._last_end = max(run.onset - longest, self._last_end), run.end
        if run.end - run.onset >= longest:
            long_s = (run.end - run.onset) / fs_hz
            step = Step("max_s", long_s, criteria.max_s, held=False)
            self._rejected.append(self._event(Extent(*run, 0), {"duration_s": long_s}, (step,)))
            return
        isolated = self._isolated(run)
        if not isolated.held:
            self._lately.append((run.onset / fs_hz, 0.0))
            self._rejected.append(
                self._event(Extent(*run, 0), {"duration_s": (run.end - run.onset) / fs_hz}, (isolated,))
            )
            return
        right = run.end + longest
        near = self._peaks.signal(left, min(right, self._peaks.next_after(run) or right))
        sigma_uv = self._peaks.sigma_uv(run.onset)
        limit = float(limit_uv(np.array([sigma_uv]), fs_hz, criteria)[0])
        measures = potential.amplitudes(near, run, limit, criteria)
        level_uv = max(criteria.width_sigma * sigma_uv, criteria.width_share * measures["peak_uv"])
        reach = potential.extent(near, run, (level_uv, limit), criteria)
        measures |= {"duration_s": (reach.stop - reach.start) / fs_hz, "noise_uv": sigma_uv}
        measures |= {"band_low_hz": self._band[0], "band_high_hz": self._band[1], "transient": float(not self._shaped)}
        if self._shaped:
            measures["width_s"] = reach.widest / fs_hz
            measures["width_class"] = float(potential.width_class(measures["width_s"], criteria))
        self._lately.append((run.onset / fs_hz, measures["peak_uv"]))
        why = [*self._size_steps(measures, limit), isolated]
        for steps in self._place_steps(run, reach, gap_at):
            if not all(step.held for step in why):
                break
            why += steps
        event = self._event(reach, measures, tuple(why))
        if all(step.held for step in why):
            self._held.append(_Candidate(run.onset / fs_hz, reach.start - self._delay, event))
        else:
            self._rejected.append(event)

    def _size_steps(self, measures: dict[str, float], limit: float) -> list[Step]:
        """Return the comparisons of height and width."""
        criteria = self._criteria
        named = ("peak_uv", "peak_sigma") if self._shaped else ("transient_uv", "transient_sigma")
        rule = named[0] if limit == getattr(criteria, named[0]) else named[1]
        steps = [Step(rule, measures["peak_uv"], limit, held=True)]
        if self._shaped:
            width_s = measures["width_s"]
            steps.append(Step("min_width_s", width_s, criteria.min_width_s, width_s >= criteria.min_width_s))
        duration_s = measures["duration_s"]
        return [*steps, Step("max_s", duration_s, criteria.max_s, duration_s < criteria.max_s)]

    def _place_steps(self, run: Run, reach: Extent, gap_at: int | None) -> Iterator[list[Step]]:
        """Yield the comparisons with what lies around; when one failed the others need not be made."""
        criteria, margin = self._criteria, self._peaks.margin
        apart = [] if self._peaks.resumed is None else [reach.start - self._peaks.resumed]
        apart += [] if gap_at is None else [gap_at - reach.stop]
        apart_s = min(apart, default=margin) / self._stream.fs_hz
        yield [Step("boundary_s", apart_s, criteria.boundary_s, apart_s >= criteria.boundary_s)]
        hops = Run(reach.start // self._grid.hop, reach.stop // self._grid.hop + 1)
        if self._slow.flagged(hops, Flag.SATURATED.value):
            yield [Step("clip_share", 1.0, self._clip_share, held=False)]
        around = self._peaks.signal(run.onset - margin, run.end + margin)
        yield [potential.energy_step(around, run, criteria)]
        yield potential.artefact_steps(around, reach, criteria)

    def _isolated(self, run: Run) -> Step:
        """Return the comparison of what lies before and after with the resting level."""
        criteria, hop = self._criteria, self._grid.hop
        width = max(1, round(criteria.isolation_s * self._stream.fs_hz / hop))
        # Filters ring as long as peaks are merged to one potential.
        aside = round(criteria.refractory_s * self._stream.fs_hz)
        before, after = (run.onset - aside) // hop, (run.end + aside) // hop + 1
        power = (self._power.between(before - width, before), self._power.between(after, after + width))
        loudest_uv = math.sqrt(max((float(values.mean()) for values in power if len(values)), default=0.0))
        resting_uv = self._slow.resting_at_uv(run.onset // hop)
        limit = resting_uv + max(criteria.isolation_uv, criteria.isolation_ratio * resting_uv)
        return Step("isolation_uv", loudest_uv, limit, loudest_uv < limit)

    def _not_of_the_heart(self, known_until: int | None) -> list[Event]:
        """Return the twitches that no heart beat explains, once all around them is known."""
        window_s = self._criteria.beat_window_s
        until_s = math.inf if known_until is None else known_until / self._stream.fs_hz - window_s
        events: list[Event] = []
        while self._held and self._held[0].time_s < until_s:
            this = self._held.pop(0)
            first, last = (bisect_left(self._lately, (this.time_s + edge_s, 0.0)) for edge_s in (-window_s, window_s))
            near = np.array(self._lately[first:last])
            step = potential.heart_step(near[:, 0], near[:, 1], this.event.measures["peak_uv"], self._criteria)
            del self._lately[:first]
            event = replace(this.event, why=(*this.event.why, step))
            (events if step.held else self._rejected).append(event)
        return events

    def _event(self, reach: Extent, measures: dict[str, float], why: tuple[Step, ...]) -> Event:
        clock = self._clock
        if clock is None:
            msg = f"{self._stream.sensor}: a twitch before the first track"
            raise ValueError(msg)
        onset = max(reach.start - self._delay, 0)
        times_ns = self._timing.times_ns(clock, onset, onset + reach.stop - reach.start)
        return Event(EventKind.TWITCH, self._stream.sensor, self._stream.leg, *times_ns, measures, why=why)

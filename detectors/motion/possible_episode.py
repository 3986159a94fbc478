"""Patterns of leg activity out of quiet sleep that a person may recognise as a cramp, and confirm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detectors.events import Event, EventKind, EventQuality, Step, StepRole
from detectors.framing import MOTION_HOP_S, grid_of
from detectors.motion.brief_criteria import MAX_CONFIDENCE
from detectors.motion.episode_frames import EpisodeFrames, Row
from detectors.motion.episode_terms import (
    Pattern,
    Terms,
    angles_deg,
    longest_held,
    longest_tremor,
    mean_direction,
    n_bursts,
)
from detectors.motion.features import GRAVITY
from detectors.runs import Run, Trace
from detectors.timing import Timing
from detectors.track import Track, TrackName

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.criteria import Criteria
    from detectors.signal import Clock, Gap, Stream

_SLOW = frozenset({TrackName.RESTING_MOVEMENT_G, TrackName.TREMOR_G, *GRAVITY})


class PossibleEpisodeDetector:
    """Find what may be a possible episode (science.md 3.7): low in confidence by design, for the person to confirm.

    After at least ``quiet_s`` without movement the leg moves abruptly; within ``window_s`` there are
    at least ``min_terms`` of many bursts, a leg held elsewhere, a tremor, and a person upright; within
    ``max_s`` the leg is quiet again. Whether somebody is upright is for
    :class:`detectors.night.possible_episodes.PossibleEpisodes` to say, which turns down what has too
    few terms then; what could not have enough is turned down here. A cramp need not move the leg at
    all, while going to the toilet, walking about, a restless turn and a bad dream look the same: such
    an episode is never counted as a cramp.

    Parameters
    ----------
    stream : Stream
        Acceleration of three axes.
    criteria : Criteria
        ``possible_episode`` and ``motion`` are used.

    Notes
    -----
    Reads the tracks of :class:`detectors.motion.features.MotionFeatures`. Measures of a
    ``possible_episode``: ``duration_s``, ``until_quiet_s`` from the onset to the last movement,
    ``quiet_before_s``, ``peak_g``, ``turn_deg``, ``n_bursts``, ``held_s``, ``tremor_s``, the terms
    ``term_bursts``, ``term_held`` and ``term_tremor`` (0 or 1), and ``confidence``, which the fourth
    term, a person upright, may raise later. Where packets are lost inside it the event ends there,
    with low quality, while ``until_quiet_s`` goes on.
    """

    def __init__(self, stream: Stream, criteria: Criteria) -> None:
        self._stream, self._criteria = stream, criteria.possible_episode
        self._onset_g = criteria.motion.onset_g
        self._grid = grid_of(stream.fs_hz, MOTION_HOP_S)
        self._timing = Timing(stream, self._grid.hop, round(criteria.motion.delay_s * stream.fs_hz))
        self._frames = EpisodeFrames()
        self._movement = Trace()
        self._slow: dict[TrackName, NDArray[np.float64]] = {}
        self._resting_g = 0.0
        self._open: Pattern | None = None
        self._quiet_from: int | None = None
        self._first = self._stop = 0
        self._clock: Clock | None = None
        self._events: list[Event] = []
        self._rejected: list[Event] = []

    @property
    def settled(self) -> int:
        """Sample index before which no later event will begin."""
        return self._timing.sample(self._stop if self._open is None else self._open.onset_hop)

    def feed(self, item: Track | Gap) -> list[Event]:
        """Take one track, or a gap.

        Parameters
        ----------
        item : Track or Gap
            In the order in which the features give them.

        Returns
        -------
        list of Event
            Episodes after which the leg is quiet again.
        """
        if isinstance(item, Track):
            if item.name in _SLOW:
                self._slow[item.name] = item.values
            elif item.name is TrackName.MOVEMENT_G and len(item.values):
                return self._moved(item)
        return []

    def finish(self) -> list[Event]:
        """Return what is found at the end: nothing, since the leg is not known to be quiet again."""
        self._drop(self._stop // self._grid.hops_per_frame)
        return []

    def rejected(self) -> list[Event]:
        """Return the candidates that a rule turned down since the last call, and forget them."""
        rejected, self._rejected = self._rejected, []
        return rejected

    def _moved(self, track: Track) -> list[Event]:
        per_frame, first, n_hops = self._grid.hops_per_frame, track.start // track.hop, len(track.values)
        self._bridge(first)
        slow, self._slow = self._slow, {}
        frame, stop = first // per_frame, (first + n_hops - 1) // per_frame + 1
        rows = track.values.reshape(stop - frame, -1)
        top_g = np.maximum.reduce(rows, axis=1)
        unknown = np.full(len(rows), np.nan)
        self._frames.append(frame, Row(top_g, *(slow.get(name, unknown) for name in (TrackName.TREMOR_G, *GRAVITY))))
        self._movement.append(first, track.values)
        self._stop, self._clock = first + n_hops, track.clock
        resting_g = slow.get(TrackName.RESTING_MOVEMENT_G, np.full(len(rows), self._resting_g))
        self._resting_g = float(resting_g[-1])
        for at in np.flatnonzero(top_g > resting_g + self._onset_g).tolist():
            self._advance(frame + at)
            above = np.flatnonzero(rows[at] > resting_g[at] + self._onset_g)
            start = max(first, (frame + at) * per_frame)
            self._note(frame + at, start + int(above[0]), start + int(above[-1]) + 1)
        self._advance(self._stop // per_frame)
        self._forget()
        events, self._events = self._events, []
        return events

    def _bridge(self, first: int) -> None:
        """Look at the hops that are missing before hop `first`."""
        frame = first // self._grid.hops_per_frame
        if self._quiet_from is None:
            self._quiet_from, self._first = frame, first
        elif (missing := first - self._stop) > 0:
            if missing * self._grid.hop > self._criteria.max_hole_s * self._stream.fs_hz:
                self._drop(self._stop // self._grid.hops_per_frame)
                self._quiet_from = frame
            elif self._open is not None:
                self._open.cut_hop = self._open.cut_hop or self._stop
                self._movement.append(self._stop, np.full(missing, np.nan))
            self._first = first

    def _note(self, frame: int, onset_hop: int, end_hop: int) -> None:
        """Note a frame in which the leg moves."""
        quiet_frames = frame - (self._quiet_from or 0)
        if self._open is not None:
            self._open.last_frame, self._open.end_hop = frame, end_hop
        elif quiet_frames >= self._n_frames(self._criteria.quiet_s):
            self._open = Pattern(frame, onset_hop, self._first, quiet_frames, frame, end_hop)
        self._quiet_from = frame + 1

    def _advance(self, frame: int) -> None:
        """Decide what is due before `frame` begins."""
        criteria = self._criteria
        while (pattern := self._open) is not None:
            if not pattern.abrupt:
                if frame < pattern.frame + self._n_frames(criteria.abrupt_s):
                    return
                self._judge_onset(pattern)
                continue
            quiet_at = pattern.last_frame + 1 + self._n_frames(criteria.end_quiet_s)
            window_at = pattern.frame + self._n_frames(criteria.window_s)
            late_at = pattern.frame + self._n_frames(criteria.max_s)
            due = min(quiet_at, late_at) if pattern.terms else min(quiet_at, window_at)
            if frame < due:
                return
            if pattern.terms is None:
                pattern.terms = self._terms(pattern, due)
            if due in (quiet_at, late_at) or not self._may_be_enough(pattern.terms):
                self._close(pattern, due)

    def _judge_onset(self, pattern: Pattern) -> None:
        criteria, frame = self._criteria, pattern.frame
        row = self._frames.between(frame, frame + self._n_frames(criteria.abrupt_s))
        peak_g = float(np.nanmax(row.top_g))
        pattern.turn_deg = max(angles_deg(row, mean_direction(self._before(frame))))
        by_force, by_turn = peak_g >= criteria.abrupt_g, pattern.turn_deg >= criteria.abrupt_deg
        either = StepRole.ALTERNATIVE
        quiet_s = pattern.quiet_frames * self._grid.frame / self._stream.fs_hz
        pattern.abrupt = (
            Step("quiet_s", quiet_s, criteria.quiet_s, held=True),
            Step("abrupt_g", peak_g, criteria.abrupt_g, by_force, either),
            Step("abrupt_deg", pattern.turn_deg, criteria.abrupt_deg, by_turn, either),
        )
        if not (by_force or by_turn):
            self._close(pattern, frame + self._n_frames(criteria.abrupt_s))

    def _before(self, frame: int) -> Row:
        stop = frame - self._n_frames(self._criteria.guard_s)
        return self._frames.between(stop - self._n_frames(self._criteria.mean_s), stop)

    def _terms(self, pattern: Pattern, stop: int) -> Terms:
        """Measure the terms from the onset to frame `stop`."""
        criteria, per_frame = self._criteria, self._grid.hops_per_frame
        row = self._frames.between(pattern.frame, stop)
        quiet = self._frames.between(pattern.frame - self._n_frames(criteria.quiet_s), pattern.frame)
        movement_g = self._movement.between(pattern.onset_hop, stop * per_frame)
        frame_s = self._grid.frame / self._stream.fs_hz
        held = longest_held(row, mean_direction(self._before(pattern.frame)), criteria.held_deg)
        return Terms(
            n_bursts(movement_g, criteria, self._grid.hop / self._stream.fs_hz),
            held * frame_s,
            longest_tremor(row, quiet, criteria) * frame_s,
        )

    def _may_be_enough(self, terms: Terms) -> bool:
        """Say whether there are enough terms if a person upright is the one that acceleration of a leg cannot tell."""
        return sum(self._seen(terms)) + 1 >= self._criteria.min_terms

    def _seen(self, terms: Terms) -> tuple[bool, bool, bool]:
        limits = self._criteria
        return terms.n_bursts >= limits.min_bursts, terms.held_s >= limits.held_s, terms.tremor_s >= limits.tremor_s

    def _drop(self, frame: int) -> None:
        """End what is open where the signal does."""
        pattern = self._open
        if pattern is None:
            return
        if not pattern.abrupt:
            known_s = (frame - pattern.frame) * self._grid.frame / self._stream.fs_hz
            pattern.abrupt = (Step("abrupt_s", known_s, self._criteria.abrupt_s, held=False),)
        elif pattern.terms is None:
            pattern.terms = self._terms(pattern, frame)
        self._close(pattern, frame)

    def _close(self, pattern: Pattern, frame: int) -> None:
        """End a pattern at a frame; it is an episode if every rule was looked at and holds."""
        self._open = None
        terms, why = pattern.terms, pattern.abrupt
        if terms is not None:
            why = (*why, *self._steps(pattern, terms, frame))
        event = self._event(pattern, terms or Terms(0, 0.0, 0.0), why)
        ended = all(step.held for step in why if step.role is StepRole.REQUIRED)
        found = terms is not None and ended and self._may_be_enough(terms)
        (self._events if found else self._rejected).append(event)

    def _steps(self, pattern: Pattern, terms: Terms, frame: int) -> tuple[Step, ...]:
        criteria, seen = self._criteria, self._seen(terms)
        either, info = StepRole.ALTERNATIVE, StepRole.INFORMATION
        frame_s = self._grid.frame / self._stream.fs_hz
        quiet_s = (frame - pattern.last_frame - 1) * frame_s
        quiet = quiet_s >= criteria.end_quiet_s
        # Once the leg is quiet, more quiet would only have been waited for.
        ending = info if quiet else StepRole.REQUIRED
        return (
            Step("end_quiet_s", quiet_s, criteria.end_quiet_s, quiet, ending),
            Step("max_s", (frame - pattern.frame) * frame_s, criteria.max_s, quiet, info),
            Step("min_bursts", terms.n_bursts, criteria.min_bursts, seen[0], either),
            Step("held_s", terms.held_s, criteria.held_s, seen[1], either),
            Step("tremor_s", terms.tremor_s, criteria.tremor_s, seen[2], either),
        )

    def _event(self, pattern: Pattern, terms: Terms, why: tuple[Step, ...]) -> Event:
        clock, criteria, hop_s = self._clock, self._criteria, self._grid.hop / self._stream.fs_hz
        if clock is None:
            msg = f"{self._stream.sensor}: a pattern was found before any sample"
            raise ValueError(msg)
        stop_hop = pattern.cut_hop or pattern.end_hop + 1
        run = Run(pattern.onset_hop, min(pattern.end_hop, stop_hop))
        onset, end = self._timing.span(run, pattern.first_hop, stop_hop)
        bursts, held, tremor = (float(term) for term in self._seen(terms))
        confidence = criteria.base_confidence + criteria.weight_held * held + criteria.weight_tremor * tremor
        measures = {
            "duration_s": (end - onset) / self._stream.fs_hz,
            "until_quiet_s": (pattern.end_hop - pattern.onset_hop) * hop_s,
            "quiet_before_s": pattern.quiet_frames * self._grid.frame / self._stream.fs_hz,
            "peak_g": float(np.nanmax(self._movement.between(run.onset, run.end), initial=0.0)),
            "turn_deg": pattern.turn_deg,
            "n_bursts": float(terms.n_bursts),
            "held_s": terms.held_s,
            "tremor_s": terms.tremor_s,
            "term_bursts": bursts,
            "term_held": held,
            "term_tremor": tremor,
            "confidence": min(confidence, MAX_CONFIDENCE),
        }
        quality = EventQuality.GOOD if pattern.cut_hop is None else EventQuality.LOW
        who = (EventKind.POSSIBLE_EPISODE, self._stream.sensor, self._stream.leg)
        return Event(*who, *self._timing.times_ns(clock, onset, end), measures, quality, why)

    def _forget(self) -> None:
        """Drop what no pattern needs any more."""
        keep = self._stop if self._open is None else self._open.onset_hop
        self._movement.forget_before(keep)
        criteria = self._criteria
        back_s = max(criteria.quiet_s, criteria.mean_s + criteria.guard_s)
        self._frames.forget_before(keep // self._grid.hops_per_frame - self._n_frames(back_s) - 1)

    def _n_frames(self, seconds: float) -> int:
        return max(1, round(seconds * self._stream.fs_hz / self._grid.frame))

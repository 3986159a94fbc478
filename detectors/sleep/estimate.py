"""An estimate of sleep and wake from how the legs move and lie."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.annotations import Span, nanoseconds
from detectors.events import EventKind
from detectors.quality.epoch_tally import EPOCH_S
from detectors.signal import S_PER_H, S_PER_MIN
from detectors.sleep.basis import SleepBasis, basis_of, seconds
from detectors.sleep.grid import Grid, Motion, cleaned_motion, raw_motion
from detectors.sleep.votes import votes
from detectors.sleep.window import sleep_window

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from detectors.criteria import Criteria
    from detectors.events import Event
    from detectors.sleep.course import Frames, MotionCourse
    from detectors.sleep.criteria import SleepCriteria


class SleepSpan(NamedTuple):
    """A stretch of sleep or wake, ``[onset, end)``, UTC ns; uncertain where the two votes differ."""

    onset_ns: int
    end_ns: int
    asleep: bool
    uncertain: bool


@dataclass(frozen=True, slots=True)
class SleepEstimate:
    """Sleep and wake of a night, as the legs look.

    Parameters
    ----------
    night : Span
        The time in bed that was looked at, UTC ns.
    window : Span or None
        The window that sleep was looked for in; None if there is none.
    period : Span or None
        From the onset of sleep to the end of its last epoch; None if nobody slept.
    spans : tuple of SleepSpan
        Sleep and wake by onset, in whole epochs of 30 s of the night; what is missing is not known.
    uncleaned : tuple of SleepSpan
        The same from activity that isolated movements were not taken out of, for comparison.
    """

    night: Span
    window: Span | None
    period: Span | None
    spans: tuple[SleepSpan, ...]
    uncleaned: tuple[SleepSpan, ...]

    @property
    def uncertain(self) -> tuple[Span, ...]:
        """Where the two votes differ, inside the sleep period."""
        return tuple(Span(span.onset_ns, span.end_ns) for span in self.spans if span.uncertain)

    def basis(self) -> SleepBasis:
        """Return sleep and wake in the form that the numbers of a night are computed from."""
        sleep, wake = (
            [Span(span.onset_ns, span.end_ns) for span in self.spans if span.asleep is asleep]
            for asleep in (True, False)
        )
        return basis_of("estimate", sleep, wake, self.night)

    def numbers(self) -> dict[str, float]:
        """Return what says how sure the estimate is.

        Returns
        -------
        dict of str to float
            ``uncertain_share_est`` (of the known sleep period), ``sleep_unknown_est_min`` (in bed without
            a signal) and ``tst_uncleaned_est_h`` (sleep with isolated movements left in).
        """
        known_s, bed_s = _seconds(self.spans), seconds(self.night)
        numbers = {
            "sleep_unknown_est_min": (bed_s - known_s) / S_PER_MIN,
            "tst_uncleaned_est_h": _seconds(span for span in self.uncleaned if span.asleep) / S_PER_H,
        }
        if self.period is not None:
            first_ns, last_ns = self.period
            inside_s = _seconds(s for s in self.spans if first_ns <= s.onset_ns < last_ns)
            numbers["uncertain_share_est"] = _seconds(self.uncertain) / inside_s
        return numbers


def estimate_sleep(
    courses: Sequence[MotionCourse],
    movements: Sequence[Span],
    overrides: Sequence[Span],
    night: Span,
    criteria: Criteria,
) -> SleepEstimate | None:
    """Estimate sleep and wake from the acceleration of the legs (SLEEP-LEG, science.md 6.3).

    Parameters
    ----------
    courses : sequence of MotionCourse
        One per acceleration sensor, without what was not worn; none for a night of EMG alone.
    movements : sequence of Span
        Isolated movements, UTC ns, as of :func:`isolated_movements`: they are taken out of the
        activity, for periodic movements are part of sleep.
    overrides : sequence of Span
        What is wake in any case, UTC ns: vertical legs, steps, prolonged activity, the button.
    night : Span
        Time in bed, UTC ns: from lights off to lights on where that is known.
    criteria : Criteria
        ``sleep`` and ``posture`` are used.

    Returns
    -------
    SleepEstimate or None
        None without acceleration, or with less than ``min_known_s`` of it.

    Notes
    -----
    Nobody has compared such an estimate from the ankle with polysomnography: the published rules it
    is made of are for the wrist, and only one threshold was given for the ankle. A person who lies
    awake without moving counts as asleep. No stages of sleep can be told.
    """
    uncleaned = before_cleaning(courses, overrides, night, criteria)
    return None if uncleaned is None else cleaned_estimate(uncleaned, movements, criteria)


@dataclass(frozen=True, slots=True)
class Uncleaned:
    """A night with isolated movements left in: what does not depend on which movements were found.

    Parameters
    ----------
    grid : Grid
        Epochs and bins.
    courses : tuple of Frames
        The legs that gave a signal.
    window : tuple of int or None
        The window that sleep lies in, epochs ``[first, stop)``.
    overrides : tuple of Span
        What is wake in any case, UTC ns.
    spans : tuple of SleepSpan
        Sleep and wake.
    """

    grid: Grid
    courses: tuple[Frames, ...]
    window: tuple[int, int] | None
    overrides: tuple[Span, ...]
    spans: tuple[SleepSpan, ...]


def before_cleaning(
    courses: Sequence[MotionCourse], overrides: Sequence[Span], night: Span, criteria: Criteria
) -> Uncleaned | None:
    """Return a night before isolated movements are taken out of it, with the parameters of :func:`estimate_sleep`."""
    grid = Grid(night, criteria.sleep.bin_s)
    if grid.n_epochs * EPOCH_S < criteria.sleep.min_known_s:
        return None
    measured = [(frames, raw_motion(frames, grid, criteria)) for frames in (course.frames() for course in courses)]
    legs = [(frames, raw) for frames, raw in measured if raw.known.any()]
    if not legs:
        return None
    known = np.logical_or.reduce([raw.known for _, raw in legs])
    if int(known.sum()) * EPOCH_S < criteria.sleep.min_known_s:
        return None
    bins = sleep_window([raw.angle_deg for _, raw in legs], criteria.sleep)
    window = None if bins is None else (-(-bins[0] // grid.bins_per_epoch), bins[1] // grid.bins_per_epoch)
    spans, _ = _scored([raw for _, raw in legs], grid, window, overrides, criteria.sleep)
    return Uncleaned(grid, tuple(frames for frames, _ in legs), window, tuple(overrides), spans)


def cleaned_estimate(night: Uncleaned, movements: Sequence[Span], criteria: Criteria) -> SleepEstimate:
    """Return the estimate of a night with isolated movements taken out, with the parameters of `estimate_sleep`."""
    grid, window = night.grid, night.window
    legs = [cleaned_motion(frames, grid, movements, criteria) for frames in night.courses]
    spans, period = _scored(legs, grid, window, night.overrides, criteria.sleep)
    in_window = None if window is None else grid.span(*window)
    return SleepEstimate(grid.span(0, grid.n_epochs), in_window, period, spans, night.spans)


def isolated_movements(events: Iterable[Event], criteria: Criteria) -> list[Span]:
    """Return the movements that are taken out of the activity (science.md 6.3).

    Parameters
    ----------
    events : iterable of Event
        Events of the night; ``leg_movement`` of any sensor is used.
    criteria : Criteria
        ``sleep`` is used.

    Returns
    -------
    list of Span
        Movements of ``isolated_min_s`` to ``isolated_max_s`` that leave the leg as it was and have
        no other movement of the same leg near them. What two sensors of a leg saw at the same time
        is one movement; both legs may move together.
    """
    sleep = criteria.sleep
    apart_ns = nanoseconds(sleep.isolated_apart_s)
    legs: dict[str, list[Event]] = {}
    for event in sorted(events, key=lambda event: event.onset_ns):
        if event.kind is EventKind.LEG_MOVEMENT:
            legs.setdefault(event.leg, []).append(event)
    found: list[Span] = []
    for movements in legs.values():
        groups: list[list[Event]] = []
        ends_ns: list[int] = []
        for event in movements:
            if groups and event.onset_ns < ends_ns[-1]:
                groups[-1].append(event)
                ends_ns[-1] = max(ends_ns[-1], event.end_ns)
            else:
                groups.append([event])
                ends_ns.append(event.end_ns)
        spans = [Span(group[0].onset_ns, end_ns) for group, end_ns in zip(groups, ends_ns, strict=True)]
        for number, (span, group) in enumerate(zip(spans, groups, strict=True)):
            near = number > 0 and span.onset_ns - spans[number - 1].end_ns < apart_ns
            near |= number + 1 < len(spans) and spans[number + 1].onset_ns - span.end_ns < apart_ns
            if not near and _leaves_the_leg(span, group, sleep):
                found.append(span)
    return sorted(found)


def _leaves_the_leg(span: Span, group: Sequence[Event], criteria: SleepCriteria) -> bool:
    length_ns = span.end_ns - span.onset_ns
    short = nanoseconds(criteria.isolated_min_s) <= length_ns <= nanoseconds(criteria.isolated_max_s)
    turned_deg = max(event.measures.get("orientation_change_deg", 0.0) for event in group)
    return short and turned_deg < criteria.isolated_change_deg


def _scored(
    legs: Sequence[Motion],
    grid: Grid,
    window: tuple[int, int] | None,
    overrides: Sequence[Span],
    criteria: SleepCriteria,
) -> tuple[tuple[SleepSpan, ...], Span | None]:
    """Return sleep and wake, and the sleep period."""
    said = votes(legs, criteria)
    awake = grid.touched(overrides)
    asleep = said.known & said.quiet & ~awake
    uncertain = said.known & (said.inactive != said.quiet) & ~awake
    first, stop = window or (0, 0)
    onset = _onset(asleep[first:stop], criteria)
    period = None
    inside = np.zeros(grid.n_epochs, np.bool_)
    if onset is not None:
        last = first + int(np.flatnonzero(asleep[first:stop])[-1]) + 1
        inside[first + onset : last] = True
        period = grid.span(first + onset, last)
    return _spans(grid, said.known, asleep & inside, uncertain & inside), period


def _onset(asleep: NDArray[np.bool_], criteria: SleepCriteria) -> int | None:
    """Return the first epoch of sleep that is followed by ten minutes with at most one of wake."""
    length = round(criteria.onset_s / EPOCH_S)
    wake_before = np.concatenate(([0], np.cumsum(~asleep)))
    wake_s = (wake_before[length:] - wake_before[:-length]) * EPOCH_S
    onsets = np.flatnonzero((wake_s <= criteria.onset_wake_s) & asleep[: len(wake_s)])
    return int(onsets[0]) if len(onsets) else None


def _spans(
    grid: Grid, known: NDArray[np.bool_], asleep: NDArray[np.bool_], uncertain: NDArray[np.bool_]
) -> tuple[SleepSpan, ...]:
    if not len(known):
        return ()
    same = (known[1:] == known[:-1]) & (asleep[1:] == asleep[:-1]) & (uncertain[1:] == uncertain[:-1])
    edges = [0, *(np.flatnonzero(~same) + 1).tolist(), len(known)]
    return tuple(
        SleepSpan(*grid.span(first, stop), bool(asleep[first]), bool(uncertain[first]))
        for first, stop in pairwise(edges)
        if known[first]
    )


def _seconds(spans: Iterable[Span | SleepSpan]) -> float:
    return sum(seconds(Span(span.onset_ns, span.end_ns)) for span in spans)

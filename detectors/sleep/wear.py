"""Where a motion sensor was not worn: lying somewhere, or on a leg that nobody is in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from detectors.annotations import Span
from detectors.events import Event, EventKind, EventQuality, Step, StepRole, holds
from detectors.signal import NS_PER_S
from detectors.sleep.micromotion import Micromotion, micromotion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from detectors.criteria import Criteria
    from detectors.sleep.course import Frames, MotionCourse
    from detectors.sleep.criteria import WearCriteria

_MINUTE_S: Final = 60.0
_MINUTE_NS: Final = 60 * NS_PER_S
# A minute is known if at least this share of its frames is there.
_KNOWN_SHARE: Final = 0.5
# Minutes that are summed at once.
_TOGETHER: Final = 240


class _Still(NamedTuple):
    """A stretch without movement: its frames ``[first, stop)`` and how still they are."""

    first: int
    stop: int
    sd_g: float
    range_g: float


@dataclass(frozen=True, slots=True)
class _Minutes:
    """Sums of the frames of each minute; what is not known has no frames."""

    edges: NDArray[np.intp]
    known: NDArray[np.bool_]
    lowest_g: NDArray[np.float64]
    highest_g: NDArray[np.float64]
    total_g: NDArray[np.float64]
    squares_g2: NDArray[np.float64]
    count: NDArray[np.float64]


def not_worn(course: MotionCourse, electrode_off: Sequence[Span], criteria: Criteria) -> list[Event]:
    """Return where a sensor was not worn (science.md 7.2).

    Parameters
    ----------
    course : MotionCourse
        The night of one acceleration sensor.
    electrode_off : sequence of Span
        Where an EMG electrode of the same leg was off, UTC ns.
    criteria : Criteria
        ``wear`` is used.

    Returns
    -------
    list of Event
        Events of kind ``not_worn``, to the minute. Measures: ``duration_s``, ``sd_g``, ``range_g``,
        ``handling_deg``, ``electrode_off_share`` and, where the sensor is fine enough to tell,
        ``respiration_ratio`` and ``pulse_ratio``.

    Notes
    -----
    A sleeping leg can lie as still as a table. So stillness is not enough: either breath and heart
    beat do not show in a sensor that could show them, or an electrode is off, or the sensor was
    handled before or after and is too coarse to show either. A sensor that lies on the mattress
    beside a sleeper feels the breath and counts as worn. Tried on simulated signals only.
    """
    return [event for event in still_stretches(course, electrode_off, criteria) if holds(event.why)]


def still_stretches(course: MotionCourse, electrode_off: Sequence[Span], criteria: Criteria) -> list[Event]:
    """Return all stretches that are still for long enough, worn or not; those that are worn have a step that failed.

    Parameters
    ----------
    course : MotionCourse
        The night of one acceleration sensor.
    electrode_off : sequence of Span
        Where an EMG electrode of the same leg was off, UTC ns.
    criteria : Criteria
        ``wear`` is used.

    Returns
    -------
    list of Event
        Events as of :func:`not_worn`.
    """
    frames = course.frames()
    known = np.isfinite(frames.spread_g)
    if not known.all():
        return []
    wear = criteria.wear
    return [_judged(frames, still, electrode_off, wear) for still in _still(frames, wear)]


def _still(frames: Frames, criteria: WearCriteria) -> list[_Still]:
    """Find the stretches that are covered by still windows of the least length."""
    width = round(criteria.min_s / _MINUTE_S)
    minutes = _minutes(frames)
    if minutes is None or len(minutes.known) < width:
        return []
    sd_g, range_g = _sd_and_range(minutes, width)
    windows = sliding_window_view(minutes.known, width).all(axis=1)
    windows &= (sd_g < criteria.max_sd_g) & (range_g < criteria.max_range_g)
    stretches: list[_Still] = []
    edges = np.flatnonzero(np.diff(np.concatenate(([0], windows.astype(int), [0]))))
    for first, after in zip(edges[0::2].tolist(), edges[1::2].tolist(), strict=True):
        frames_of = (int(minutes.edges[first]), int(minutes.edges[after + width - 1]))
        still = _Still(*frames_of, float(sd_g[first:after].max()), float(range_g[first:after].max()))
        overlaps = bool(stretches) and still.first < stretches[-1].stop
        stretches.append(_joined(stretches.pop(), still) if overlaps else still)
    return stretches


def _joined(earlier: _Still, later: _Still) -> _Still:
    return _Still(earlier.first, later.stop, max(earlier.sd_g, later.sd_g), max(earlier.range_g, later.range_g))


def _minutes(frames: Frames) -> _Minutes | None:
    """Sum the frames of each minute of the course."""
    if not len(frames.start_ns):
        return None
    number = (frames.start_ns - frames.start_ns[0]) // _MINUTE_NS
    n_minutes = int(number[-1]) + 1
    edges = np.searchsorted(number, np.arange(n_minutes + 1))
    count = np.diff(edges).astype(np.float64)
    lowest_g, highest_g, total_g, squares_g2 = (
        np.full((n_minutes, frames.gravity_g.shape[1]), empty) for empty in (np.inf, -np.inf, 0.0, 0.0)
    )
    # Some hours at a time, so that memory does not grow with the night.
    for at in range(0, n_minutes, _TOGETHER):
        held = at + np.flatnonzero(count[at : at + _TOGETHER])
        if not len(held):
            continue
        first, stop = edges[held[0]], edges[held[-1] + 1]
        gravity_g, inner = frames.gravity_g[first:stop].astype(np.float64), edges[held] - first
        lowest_g[held] = np.minimum.reduceat(gravity_g, inner)
        highest_g[held] = np.maximum.reduceat(gravity_g, inner)
        total_g[held] = np.add.reduceat(gravity_g, inner)
        power_g2 = gravity_g**2 + frames.spread_g[first:stop].astype(np.float64)[:, np.newaxis] ** 2
        squares_g2[held] = np.add.reduceat(power_g2, inner)
    known = count * frames.frame_s >= _KNOWN_SHARE * _MINUTE_S
    return _Minutes(edges, known, lowest_g, highest_g, total_g, squares_g2, count)


def _sd_and_range(minutes: _Minutes, width: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the largest SD over the axes, and the largest range of the frames' means, of every window."""
    count = np.maximum(sliding_window_view(minutes.count, width).sum(axis=1), 1.0)[:, np.newaxis]
    mean_g = sliding_window_view(minutes.total_g, width, axis=0).sum(axis=2) / count
    variance_g2 = sliding_window_view(minutes.squares_g2, width, axis=0).sum(axis=2) / count - mean_g**2
    highest_g = sliding_window_view(minutes.highest_g, width, axis=0).max(axis=2)
    lowest_g = sliding_window_view(minutes.lowest_g, width, axis=0).min(axis=2)
    return np.sqrt(np.maximum(variance_g2, 0.0)).max(axis=1), (highest_g - lowest_g).max(axis=1)


def _judged(frames: Frames, still: _Still, electrode_off: Sequence[Span], criteria: WearCriteria) -> Event:
    """Return a still stretch with everything that says whether somebody is in it."""
    frame_ns = round(frames.frame_s * NS_PER_S)
    span = Span(int(frames.start_ns[still.first]), int(frames.start_ns[still.stop - 1]) + frame_ns)
    signs = micromotion(frames, slice(still.first, still.stop), criteria)
    handling_deg = max(
        _turned_deg(frames, criteria, before=still.first), _turned_deg(frames, criteria, after=still.stop)
    )
    off_share = _share(span, electrode_off)
    duration_s = (span.end_ns - span.onset_ns) / NS_PER_S
    off = off_share >= criteria.electrode_off_share
    measures = {
        "duration_s": duration_s,
        "sd_g": still.sd_g,
        "range_g": still.range_g,
        "handling_deg": handling_deg,
        "electrode_off_share": off_share,
        **signs.measures(),
    }
    # Alternatives stand in one row, after what only describes.
    decisive = (
        *_evidence(signs, criteria),
        *_handling(handling_deg, criteria, alive=signs.seen(criteria)),
        Step("electrode_off_share", off_share, criteria.electrode_off_share, off, StepRole.ALTERNATIVE),
    )
    why = (
        Step("min_s", duration_s, criteria.min_s, held=True),
        Step("max_sd_g", still.sd_g, criteria.max_sd_g, held=True),
        Step("max_range_g", still.range_g, criteria.max_range_g, held=True),
        *sorted(decisive, key=lambda step: step.role is StepRole.ALTERNATIVE),
    )
    return Event(EventKind.NOT_WORN, frames.sensor, frames.leg, *span, measures, EventQuality.GOOD, why)


def _evidence(signs: Micromotion, criteria: WearCriteria) -> tuple[Step, ...]:
    """Compare breath and heart beat; the stronger one decides where the sensor is fine enough to show either."""
    limits = {
        "respiration_ratio": ("min_respiration_ratio", criteria.min_respiration_ratio),
        "pulse_ratio": ("min_pulse_ratio", criteria.min_pulse_ratio),
    }
    steps = [
        Step(rule, value, limit, value < limit, StepRole.INFORMATION)
        for (rule, limit), value in ((limits[name], value) for name, value in signs.measures().items())
    ]
    # With both above, no threshold alone makes the difference.
    if steps and signs.fine and sum(not step.held for step in steps) < len(limits):
        steps.sort(key=lambda step: step.value / step.threshold)
        steps[-1] = steps[-1]._replace(role=StepRole.ALTERNATIVE)
    return tuple(steps)


def _handling(handling_deg: float, criteria: WearCriteria, *, alive: bool) -> tuple[Step, ...]:
    """Compare how far the sensor was turned, which says nothing of one that shows life."""
    role = StepRole.INFORMATION if alive else StepRole.ALTERNATIVE
    return (Step("handling_deg", handling_deg, criteria.handling_deg, handling_deg >= criteria.handling_deg, role),)


def _turned_deg(
    frames: Frames, criteria: WearCriteria, *, before: int | None = None, after: int | None = None
) -> float:
    """Return how far the sensor was turned this way and that just before a frame, or just after one, degrees."""
    reach = max(1, round(criteria.handling_s / frames.frame_s))
    part = (
        slice(max(before - reach, 0), before + 1)
        if before is not None
        else slice(max((after or 0) - 1, 0), (after or 0) + reach)
    )
    g = frames.gravity_g[part].astype(np.float64)
    length = np.sqrt((g * g).sum(axis=1))
    cosines = (g[1:] * g[:-1]).sum(axis=1) / np.maximum(length[1:] * length[:-1], np.finfo(float).tiny)
    # Only turns that are more than the noise of a frame add up.
    turns_deg = np.degrees(np.arccos(np.clip(cosines, -1.0, 1.0)))
    return float(turns_deg[turns_deg >= criteria.least_turn_deg].sum())


def _share(span: Span, others: Sequence[Span]) -> float:
    """Return the share of a stretch that others cover."""
    clipped = sorted((max(o.onset_ns, span.onset_ns), min(o.end_ns, span.end_ns)) for o in others)
    covered_ns, until_ns = 0, span.onset_ns
    for onset_ns, end_ns in clipped:
        covered_ns += max(end_ns - max(onset_ns, until_ns), 0)
        until_ns = max(until_ns, end_ns)
    return covered_ns / (span.end_ns - span.onset_ns)

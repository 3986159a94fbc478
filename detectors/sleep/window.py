"""The window that sleep lies in, and the time in bed, from how the legs lie."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.annotations import Span, nanoseconds
from detectors.sleep.grid import Grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from detectors.criteria import Criteria
    from detectors.sleep.course import MotionCourse
    from detectors.sleep.criteria import SleepCriteria

_FEWEST_BINS: Final = 2
# Windows whose medians are taken at once, so that memory does not grow with the hours.
_TOGETHER: Final = 2048


def sleep_window(angles_deg: Sequence[NDArray[np.float64]], criteria: SleepCriteria) -> tuple[int, int] | None:
    """Find the window that sleep lies in (HDCZA, science.md 6.1).

    Parameters
    ----------
    angles_deg : sequence of ndarray of float64, shape (n_bins,)
        The angle of every leg; NaN where it is not known.
    criteria : SleepCriteria
        Thresholds.

    Returns
    -------
    tuple of int or None
        Bins ``[first, stop)``; None if no leg lies still for long enough.

    Notes
    -----
    A bin is still if every leg that is known then is still. Time that is not known does not count,
    neither for the length of a block nor for a gap between two.
    """
    stills = [still_bins(angle_deg, criteria) for angle_deg in angles_deg]
    known = np.flatnonzero(np.logical_or.reduce([np.isfinite(angle) for angle in angles_deg]))
    moving = np.logical_or.reduce(
        [np.isfinite(angle) & ~still for angle, still in zip(angles_deg, stills, strict=True)]
    )
    edges = np.flatnonzero(np.diff(np.concatenate(([0], (~moving[known]).astype(int), [0]))))
    window: list[tuple[int, int]] = []
    for first, stop in zip(edges[0::2].tolist(), edges[1::2].tolist(), strict=True):
        if (stop - first) * criteria.bin_s <= criteria.block_s:
            continue
        near = bool(window) and (first - window[-1][1]) * criteria.bin_s < criteria.gap_s
        window.append((window.pop()[0], stop) if near else (first, stop))
    if not window:
        return None
    first, stop = max(window, key=lambda block: block[1] - block[0])
    return int(known[first]), int(known[stop - 1]) + 1


def still_bins(angle_deg: NDArray[np.float64], criteria: SleepCriteria) -> NDArray[np.bool_]:
    """Return where a leg is still: where the rolling median of the angle's change is small.

    Parameters
    ----------
    angle_deg : ndarray of float64, shape (n_bins,)
        Angle of the leg; NaN where it is not known.
    criteria : SleepCriteria
        Thresholds.

    Returns
    -------
    ndarray of bool, shape (n_bins,)
        Whether it is known and still.
    """
    still = np.zeros(len(angle_deg), np.bool_)
    known = np.flatnonzero(np.isfinite(angle_deg))
    if len(known) < _FEWEST_BINS:
        return still
    change_deg = np.abs(np.diff(angle_deg[known]))
    # So many angles have one change fewer between them, an odd number, so that the median is in the middle.
    width = round(criteria.median_s / criteria.bin_s) - 1
    reflected = np.pad(np.append(change_deg, change_deg[-1]), (width | 1) // 2, mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(reflected, width | 1)
    # A median copies what it is of.
    parts = [np.median(windows[at : at + _TOGETHER], axis=1) for at in range(0, len(windows), _TOGETHER)]
    median_deg = np.concatenate(parts)
    wanted_deg = float(np.quantile(median_deg, criteria.window_quantile)) * criteria.window_ratio
    limit_deg = min(max(wanted_deg, criteria.window_least_deg), criteria.window_most_deg)
    still[known] = median_deg < limit_deg
    return still


def time_in_bed(courses: Sequence[MotionCourse], recording: Span, criteria: Criteria) -> Span:
    """Return the time in bed where nobody said when the light was out: while the legs do not get vertical.

    Parameters
    ----------
    courses : sequence of MotionCourse
        One per acceleration sensor.
    recording : Span
        The recording, UTC ns.
    criteria : Criteria
        ``posture`` and ``sleep`` are used.

    Returns
    -------
    Span
        From the first stretch of ``in_bed_s`` without a vertical leg to the end of the last one; the
        recording if there is none.

    Notes
    -----
    A leg that lies on a sofa is in bed too, as far as it can tell.
    """
    grid = Grid(recording, criteria.sleep.bin_s)
    if not grid.n_bins:
        return recording
    known, vertical = np.zeros(grid.n_bins, np.bool_), np.zeros(grid.n_bins, np.bool_)
    nearest = math.cos(math.radians(criteria.posture.upright_deg))
    for course in courses:
        frames = course.frames()
        number = (frames.start_ns - recording.onset_ns) // nanoseconds(grid.bin_s)
        used = (number >= 0) & (number < grid.n_bins)
        g = [np.bincount(number[used], axis[used], minlength=grid.n_bins) for axis in frames.gravity_g.T]
        length = np.sqrt(g[0] ** 2 + g[1] ** 2 + g[2] ** 2)
        known |= length > 0
        vertical |= (length > 0) & (np.abs(g[int(criteria.posture.long_axis)]) >= nearest * length)
    places = np.flatnonzero(known)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], (~vertical[places]).astype(int), [0]))))
    lying = [
        (int(places[first]), int(places[stop - 1]) + 1)
        for first, stop in zip(edges[0::2].tolist(), edges[1::2].tolist(), strict=True)
        if (stop - first) * criteria.sleep.bin_s >= criteria.sleep.in_bed_s
    ]
    if not lying:
        return recording
    bin_ns = nanoseconds(grid.bin_s)
    first_ns = recording.onset_ns + lying[0][0] * bin_ns
    # What is left of the last half minute belongs to the last bin.
    last = recording.end_ns if lying[-1][1] == grid.n_bins else recording.onset_ns + lying[-1][1] * bin_ns
    return Span(first_ns, last)

"""The line through the packets that arrived soonest: how a sensor's time runs against the computer's.

A packet arrives some time after its last sample was taken, never before. So the smallest differences
between arrival and device time, the lower envelope, show the device's time as the computer sees it.
"""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detectors.signal import NS_PER_S

_Floats = NDArray[np.float64]

MEMORY_NS = 600 * NS_PER_S
"""The line goes through the minima of this long."""
REJECT_NS = 50_000_000.0
"""A minimum this far above the envelope saw only delayed packets."""
NS_PER_MS = 1_000_000


class Minimum(NamedTuple):
    """The packet that arrived soonest in one window: device time, and arrival minus device time, ns."""

    device_ns: int
    delay_ns: int


class ClockQuality(NamedTuple):
    """How well the time of one segment of one stream is known.

    Parameters
    ----------
    offset_ns : int
        UTC minus device time at the last packets, ns.
    slope_ppm : float
        By how much a second of the device is longer than one of the computer, parts per million; for a
        stream without a device clock a second is as many samples as its nominal rate says.
    spread_ms : float
        Standard deviation of the soonest packets about the line, ms.
    n_minima : int
        How many windows the line goes through; 0 if the time does not come from arrivals.
    """

    offset_ns: int
    slope_ppm: float
    spread_ms: float
    n_minima: int


class Pace(NamedTuple):
    """How steady a device time is, and so how its line is found.

    Parameters
    ----------
    window_ns : int
        One minimum is kept per so much of the device's time.
    most_slope : float
        A steeper line is a mistake.
    least_span_ns : int
        Below this the slope of the line is noise and stays as it was.
    n_step : int
        So many minima in a row above the line are a loss that nobody saw; 0 if there can be none.
    """

    window_ns: int
    most_slope: float
    least_span_ns: int
    n_step: int = 0


CRYSTAL = Pace(10 * NS_PER_S, 200e-6, 60 * NS_PER_S)
"""A device with a clock: crystals are better than 200 ppm."""
SAMPLE_COUNT = Pace(5 * NS_PER_S, 0.2, 20 * NS_PER_S, n_step=12)
"""A device without one, whose samples are its clock: cheap sensors miss their nominal rate by several percent."""


class Envelope:
    """The lower envelope of arrival minus device time, and the line through it.

    Parameters
    ----------
    pace : Pace
        How steady the device time is.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._minima: deque[Minimum] = deque()
        self.slope = 0.0
        self.is_fitted = False

    def __bool__(self) -> bool:
        return bool(self._minima)

    def note(self, device_ns: int, delay_ns: int) -> None:
        """Take a packet: device time of its end, and how much later in UTC it arrived, ns."""
        minimum = Minimum(device_ns, delay_ns)
        window_ns = self._pace.window_ns
        if not self._minima or device_ns // window_ns > self._minima[-1].device_ns // window_ns:
            self._minima.append(minimum)
        elif delay_ns - self._minima[-1].delay_ns < self._trend_ns(device_ns - self._minima[-1].device_ns):
            self._minima[-1] = minimum
        while self._minima[-1].device_ns - self._minima[0].device_ns > MEMORY_NS:
            self._minima.popleft()

    def soonest_ns(self, device_ns: int, within_ns: int) -> int | None:
        """Return the smallest delay of the time `within_ns` before `device_ns`, or None if none was seen."""
        return min((m.delay_ns for m in self._minima if device_ns - m.device_ns <= within_ns), default=None)

    def start_with(self, slope: float) -> None:
        """Hold this for the slope until more is known."""
        self._turn(slope)

    def fit(self) -> None:
        """Turn the line through the minima, if they reach far enough."""
        if self._pace.n_step:
            self._fit_from_below()
        x_ns, delay_ns = self._near()
        if x_ns[-1] - x_ns[0] >= self._pace.least_span_ns:
            from_mean_ns = x_ns - x_ns.mean()
            self._turn(float((from_mean_ns * delay_ns).sum() / (from_mean_ns * from_mean_ns).sum()))

    def host_ns(self, device_ns: int) -> int:
        """Return UTC of a device time on the line."""
        last = self._minima[-1]
        x_ns, delay_ns = self._near()
        offset_ns = float(np.mean(delay_ns - self.slope * x_ns))
        return device_ns + last.delay_ns + round(offset_ns + self.slope * (device_ns - last.device_ns))

    def quality(self) -> ClockQuality:
        """Return how well the line fits; all zero before the first packet."""
        if not self._minima:
            return ClockQuality(0, 0.0, 0.0, 0)
        x_ns, delay_ns = self._near()
        last_ns = self._minima[-1].device_ns
        spread_ms = float(np.std(delay_ns - self.slope * x_ns)) / NS_PER_MS
        return ClockQuality(self.host_ns(last_ns) - last_ns, self.slope * 1e6, spread_ms, len(x_ns))

    def _trend_ns(self, elapsed_ns: int) -> float:
        """How much of a delay the line explains within a window; that of a crystal explains nothing there."""
        return self.slope * elapsed_ns if self._pace.n_step else 0.0

    def _turn(self, slope: float) -> None:
        self.is_fitted = True
        self.slope = min(max(slope, -self._pace.most_slope), self._pace.most_slope)

    def _all(self) -> tuple[_Floats, _Floats]:
        """All minima: device time and delay, ns, counted from the last one."""
        last = self._minima[-1]
        x_ns = np.array([minimum.device_ns - last.device_ns for minimum in self._minima], dtype=np.float64)
        delay_ns = np.array([minimum.delay_ns - last.delay_ns for minimum in self._minima], dtype=np.float64)
        return x_ns, delay_ns

    def _near(self) -> tuple[_Floats, _Floats]:
        """Minima near the lower envelope."""
        x_ns, delay_ns = self._all()
        residual_ns = delay_ns - self.slope * x_ns
        near = residual_ns <= residual_ns.min() + REJECT_NS
        return x_ns[near], delay_ns[near]

    def _fit_from_below(self) -> None:
        """Find a line of unknown slope under the minima; begin again after a loss that nobody saw."""
        x_ns, delay_ns = self._all()
        if x_ns[-1] - x_ns[0] < self._pace.least_span_ns:
            return
        self._turn(_slope_from_below(x_ns, delay_ns))
        residual_ns = delay_ns - self.slope * x_ns
        above = residual_ns > residual_ns.min() + REJECT_NS
        if above[-self._pace.n_step :].all():
            self._minima = deque(list(self._minima)[-self._pace.n_step :])
            self._turn(_slope_from_below(*self._all()))


def _slope_from_below(x_ns: _Floats, delay_ns: _Floats) -> float:
    """Slope of the line under all points that comes closest to them: a side of their lower convex hull."""
    hull: list[tuple[float, float]] = []
    for x, y in zip(x_ns.tolist(), delay_ns.tolist(), strict=True):
        while len(hull) > 1 and _turns_right(hull[-2], hull[-1], (x, y)):
            hull.pop()
        hull.append((x, y))
    middle = float(x_ns.mean())
    left, right = next(side for side in pairwise(hull) if side[1][0] >= middle)
    return (right[1] - left[1]) / (right[0] - left[0])


def _turns_right(first: tuple[float, float], middle: tuple[float, float], last: tuple[float, float]) -> bool:
    """Tell whether `middle` is on or above the line from `first` to `last`."""
    return (middle[1] - first[1]) * (last[0] - first[0]) >= (last[1] - first[1]) * (middle[0] - first[0])

"""A night of one leg on the half minutes and five-second bins that sleep is judged in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from detectors.annotations import Span, nanoseconds
from detectors.quality.epoch_tally import EPOCH_S
from detectors.sleep.course import inside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from detectors.criteria import Criteria
    from detectors.sleep.course import Frames

EPOCH_NS: Final = nanoseconds(EPOCH_S)
# An epoch is known if at least this share of it is there.
KNOWN_SHARE: Final = 0.5
_Z: Final = 2


@dataclass(frozen=True, slots=True)
class Grid:
    """Epochs of 30 s and bins of some seconds, counted from the beginning of the night.

    Parameters
    ----------
    night : Span
        The night, UTC ns; a last part of less than an epoch is left out.
    bin_s : float
        Length of a bin, a part of 30 s.
    """

    night: Span
    bin_s: float

    @property
    def n_epochs(self) -> int:
        """Number of whole epochs."""
        return max(self.night.end_ns - self.night.onset_ns, 0) // EPOCH_NS

    @property
    def bins_per_epoch(self) -> int:
        """Bins in an epoch."""
        return round(EPOCH_S / self.bin_s)

    @property
    def n_bins(self) -> int:
        """Number of bins in all whole epochs."""
        return self.n_epochs * self.bins_per_epoch

    def span(self, first: int, stop: int) -> Span:
        """Return the time of the epochs ``[first, stop)``."""
        return Span(self.night.onset_ns + first * EPOCH_NS, self.night.onset_ns + stop * EPOCH_NS)

    def touched(self, spans: Sequence[Span]) -> NDArray[np.bool_]:
        """Return which epochs some stretches lie in, even in part; one without length lies in one epoch."""
        found = np.zeros(self.n_epochs, np.bool_)
        for span in spans:
            first = (span.onset_ns - self.night.onset_ns) // EPOCH_NS
            last = (max(span.end_ns - 1, span.onset_ns) - self.night.onset_ns) // EPOCH_NS
            found[max(first, 0) : max(last + 1, 0)] = True
        return found


class Motion(NamedTuple):
    """What one leg does.

    Parameters
    ----------
    angle_deg : ndarray of float64, shape (n_bins,)
        Angle of the leg; NaN where it is not known.
    activity : ndarray of float64, shape (n_epochs,)
        Integral of the activity over each epoch, g s; NaN where it is not known.
    """

    angle_deg: NDArray[np.float64]
    activity: NDArray[np.float64]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Whether each epoch is known."""
        bins = np.isfinite(self.angle_deg).reshape(len(self.activity), -1).any(axis=1)
        known: NDArray[np.bool_] = np.isfinite(self.activity) & bins
        return known


def raw_motion(frames: Frames, grid: Grid, criteria: Criteria) -> Motion:
    """Put the frames of one leg on the grid.

    Parameters
    ----------
    frames : Frames
        The course of the leg.
    grid : Grid
        Epochs and bins.
    criteria : Criteria
        The long axis of ``posture`` is used.

    Returns
    -------
    Motion
        Angle and activity.

    Notes
    -----
    The angle is that of the z axis above the horizontal. Where z lies along the leg it would not
    see the leg roll, and the x axis stands in for it.
    """
    everything = np.ones(len(frames.start_ns), np.bool_)
    return Motion(_angle_deg(frames, grid, everything, _axis(criteria)), _activity(frames, grid, everything))


def cleaned_motion(frames: Frames, grid: Grid, movements: Sequence[Span], criteria: Criteria) -> Motion:
    """Put the frames of one leg on the grid, isolated movements taken out.

    Parameters
    ----------
    frames : Frames
        The course of the leg.
    grid : Grid
        Epochs and bins.
    movements : sequence of Span
        Isolated movements, UTC ns.
    criteria : Criteria
        ``sleep`` and the long axis of ``posture`` are used.

    Returns
    -------
    Motion
        Angle and activity. What is taken out of the activity counts as rest; the angle of a bin comes
        from the frames that are left, if there are any.
    """
    margin_ns = nanoseconds(criteria.sleep.isolated_margin_s)
    frame_ns = nanoseconds(frames.frame_s)
    wide = [Span(m.onset_ns - margin_ns - frame_ns + 1, m.end_ns + margin_ns) for m in movements]
    kept = ~inside(frames.start_ns, wide)
    return Motion(_angle_deg(frames, grid, kept, _axis(criteria)), _activity(frames, grid, kept))


def _axis(criteria: Criteria) -> int:
    return _Z if int(criteria.posture.long_axis) != _Z else 0


def _angle_deg(frames: Frames, grid: Grid, kept: NDArray[np.bool_], axis: int) -> NDArray[np.float64]:
    """Return the angle of an axis above the horizontal in every bin."""
    number = (frames.start_ns - grid.night.onset_ns) // nanoseconds(grid.bin_s)
    used = kept & (number >= 0) & (number < grid.n_bins)
    number, gravity_g = number[used], frames.gravity_g[used]
    sums = [np.bincount(number, gravity_g[:, column], minlength=grid.n_bins) for column in range(gravity_g.shape[1])]
    across = np.sqrt(sum((column**2 for n, column in enumerate(sums) if n != axis), np.zeros(grid.n_bins)))
    known = np.bincount(number, minlength=grid.n_bins) > 0
    return np.where(known, np.degrees(np.arctan2(sums[axis], across)), np.nan)


def _activity(frames: Frames, grid: Grid, kept: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the activity of every epoch, what was taken out counting as rest."""
    number = (frames.start_ns - grid.night.onset_ns) // EPOCH_NS
    used = (number >= 0) & (number < grid.n_epochs) & np.isfinite(frames.activity_g)
    count = np.bincount(number[used], minlength=grid.n_epochs)
    total = np.bincount(number[used], np.where(kept, frames.activity_g, 0.0)[used], minlength=grid.n_epochs)
    known = count * frames.frame_s >= KNOWN_SHARE * EPOCH_S
    return np.where(known, total / np.maximum(count, 1) * EPOCH_S, np.nan)

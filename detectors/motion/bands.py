"""The bands of the acceleration: movement, jerk, tremor and pulse, per hop and per frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.butterworth import steady_state
from detectors.envelope import Hops
from detectors.filters import SlidingMean, band_pass, hop_means
from detectors.kernels import filter_rows
from detectors.resting import Spans
from detectors.track import TrackName

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.criteria import Criteria
    from detectors.framing import Grid, Piece
    from detectors.signal import Stream

_HALF: Final = 0.5
_TOGETHER: Final = 2


@dataclass(frozen=True, slots=True)
class Bands:
    """What the bands hold in one piece.

    Parameters
    ----------
    hops : Hops
        The whole hops of the piece, with the RMS of the movement band.
    fast : dict of TrackName to ndarray of float64, shape (n_hops,)
        What else is measured once per hop, g.
    frames : dict of TrackName to ndarray of float64, shape (n_frames,)
        What is measured once per frame, g.
    """

    hops: Hops
    fast: dict[TrackName, NDArray[np.float64]]
    frames: dict[TrackName, NDArray[np.float64]]


def possible_band(low_hz: float, high_hz: float, nyquist_share: float, fs_hz: float) -> tuple[float, float] | None:
    """Return a pass band as far as the sampling rate allows it.

    Parameters
    ----------
    low_hz, high_hz : float
        The wanted edges, Hz.
    nyquist_share : float
        The upper edge lies at most at this share of the sampling rate.
    fs_hz : float
        Sampling rate, Hz.

    Returns
    -------
    tuple of float or None
        The edges, Hz; None if nothing is left between them.

    Examples
    --------
    >>> possible_band(2.0, 20.0, 0.45, 25.0)
    (2.0, 11.25)
    >>> possible_band(5.0, 12.0, 0.45, 10.0) is None
    True
    """
    high_hz = min(high_hz, nyquist_share * fs_hz)
    return (low_hz, high_hz) if low_hz < high_hz else None


class MotionBands:
    """Filter three axes into bands and measure the length of the vector in each.

    Parameters
    ----------
    stream : Stream
        Three axes, in g.
    criteria : Criteria
        ``motion``, ``jerk`` and ``possible_episode`` name the bands; ``resting`` how often the
        resting level looks.
    grid : Grid
        Hops and frames.
    """

    def __init__(self, stream: Stream, criteria: Criteria, grid: Grid) -> None:
        motion, jerk, episode = criteria.motion, criteria.jerk, criteria.possible_episode
        order, share, fs_hz = motion.filter_order, motion.nyquist_share, stream.fs_hz
        hop_s = grid.hop / fs_hz
        self._grid = grid
        self._activity_g = motion.activity_g
        top_hz = min(motion.band_high_hz, share * fs_hz)
        self._movement = _AxisFilter(band_pass(order, motion.band_low_hz, top_hz, fs_hz))
        self._movement_window = SlidingMean(hops_in(motion.envelope_s, hop_s))
        self._turn = _Turn(hops_in(motion.turn_s, hop_s))
        wanted = {
            TrackName.JERK_G: (jerk.band_low_hz, jerk.band_high_hz),
            TrackName.TREMOR_G: (episode.tremor_low_hz, episode.tremor_high_hz),
            TrackName.PULSE_G: (motion.pulse_low_hz, motion.pulse_high_hz),
        }
        possible = {name: possible_band(*edges, share, fs_hz) for name, edges in wanted.items()}
        self._others = {
            name: _AxisFilter(band_pass(order, *edges, fs_hz)) for name, edges in possible.items() if edges is not None
        }
        self._jerk_window = SlidingMean(hops_in(jerk.envelope_s, hop_s))
        self._unsettled = 0
        self._sample_every = max(1, round(criteria.resting.sample_s / hop_s))
        self.values_per_s = 1 / (self._sample_every * hop_s)

    def feed(self, piece: Piece, axes: NDArray[np.float64]) -> Bands | None:
        """Measure the next piece; None if it does not fill a hop.

        Parameters
        ----------
        piece : Piece
            Where the samples lie.
        axes : ndarray of float64, shape (3, n_samples)
            The samples of the piece, g.

        Returns
        -------
        Bands or None
            One value per whole hop, and per frame or part of one.
        """
        if piece.restart:
            self._restart()
        hop = self._grid.hop
        lead = -piece.start % hop
        n_hops = (axes.shape[1] - lead) // hop
        inside = slice(lead, lead + max(n_hops, 0) * hop)
        power = self._movement.power(axes)
        powers = {name: band.power(axes)[inside] for name, band in self._others.items()}
        if n_hops < 1:
            return None
        power = power[inside]
        n_frames = max(1, n_hops // self._grid.hops_per_frame)
        magnitude = np.sqrt(power).reshape(n_frames, -1)
        frames = {TrackName.ACTIVITY_G: frame_means(np.maximum(magnitude - self._activity_g, 0.0))}
        for name, band_power in powers.items():
            if name is not TrackName.JERK_G:
                frames[name] = np.sqrt(frame_means(band_power.reshape(n_frames, -1)))
        fast = {TrackName.TURN_G: self._turn.feed(_hop_means(axes[:, inside], hop))}
        if TrackName.JERK_G in powers:
            jerk = hop_means(powers[TrackName.JERK_G], hop)
            fast[TrackName.JERK_G] = np.sqrt(self._jerk_window.feed(jerk))
        hop_power = hop_means(power, hop)
        settling = min(self._unsettled, n_hops)
        self._unsettled -= settling
        envelope = np.sqrt(self._movement_window.feed(hop_power))
        return Bands(
            Hops((piece.start + lead) // hop, inside, hop_power, envelope, settling),
            fast,
            frames,
        )

    def spans(self, hops: Hops, usable: NDArray[np.bool_]) -> Spans:
        """Pick the values that the resting level looks at, given whether each frame is usable."""
        rows = hops.envelope.reshape(len(usable), -1)
        first = self._sample_every - 1
        skipped = -(-max(hops.settling - first, 0) // self._sample_every)
        return Spans(rows[:, first + skipped * self._sample_every :: self._sample_every], usable)

    def _restart(self) -> None:
        for band in (self._movement, *self._others.values()):
            band.restart()
        self._movement_window.restart()
        self._jerk_window.restart()
        self._turn.restart()
        # Not more than a frame: behind the first whole one pieces are as long as it happens.
        self._unsettled = min(self._movement_window.width, self._grid.hops_per_frame)


class _AxisFilter:
    """A causal filter of several rows that starts in the steady state of their first samples.

    Its sections run two at a time, as one filter of fourth order: that takes a third of the time of
    ``sosfilt`` for the few samples of a live block and two thirds for long ones. The rounding stays
    below ten nanog even at 500 Hz; more than two sections together would not be safe.
    """

    def __init__(self, sections: NDArray[np.float64]) -> None:
        self._filters = [_multiplied(sections[at : at + _TOGETHER]) for at in range(0, len(sections), _TOGETHER)]
        self._steady: list[NDArray[np.float64]] = []
        gain = 1.0
        for b, a in self._filters:
            self._steady.append(gain * steady_state(b, a))
            gain *= b.sum() / a.sum()
        self._states: list[NDArray[np.float64]] = []

    def restart(self) -> None:
        """Forget everything; the next sample is the first."""
        self._states = []

    def power(self, axes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Filter the next samples and return the square of the vector's length for each."""
        if not self._states:
            # The first sample is the same however the stream is cut, the mean of a first block is not.
            self._states = [axes[:, :1] * steady for steady in self._steady]
        for number, (b, a) in enumerate(self._filters):
            axes, self._states[number] = filter_rows(b, a, axes, self._states[number])
        power: NDArray[np.float64] = np.add.reduce(axes * axes, axis=0)
        return power


def _multiplied(sections: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return numerator and denominator of one filter that does what some sections do one after the other."""
    numerator = denominator = np.ones(1)
    for section in sections:
        numerator, denominator = np.convolve(numerator, section[:3]), np.convolve(denominator, section[3:])
    return numerator, denominator


class _Turn:
    """How far the mean of the last hops lies from that of as many hops before them.

    Where the leg has stopped this is over after twice the window; the band-pass rings for a second.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._tail: NDArray[np.float64] | None = None

    def restart(self) -> None:
        """Forget everything; the next hop is the first."""
        self._tail = None

    def feed(self, hops: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return one distance, g, for each of the next hops, shape (3, n_hops)."""
        width, n_new = self._width, hops.shape[1]
        if self._tail is None:
            # As if the leg had been where it is found.
            self._tail = np.repeat(hops[:, :1], 2 * width - 1, axis=1)
        known = np.concatenate((self._tail, hops), axis=1)
        self._tail = known[:, n_new:]
        sums = known[:, : width + n_new].copy()
        for at in range(1, width):
            sums += known[:, at : at + width + n_new]
        apart = sums[:, width:] - sums[:, :n_new]
        distance: NDArray[np.float64] = np.sqrt(np.add.reduce(apart * apart, axis=0)) / width
        return distance


def frame_means(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean along the last axis; np.mean costs five times as much on fifty values."""
    means: NDArray[np.float64] = np.add.reduce(rows, axis=-1) / rows.shape[-1]
    return means


def _hop_means(axes: NDArray[np.float64], hop: int) -> NDArray[np.float64]:
    return axes if hop == 1 else frame_means(axes.reshape(len(axes), -1, hop))


def hops_in(window_s: float, hop_s: float) -> int:
    """Return how many hops come closest to a window, at least one; half a hop counts as one.

    Parameters
    ----------
    window_s, hop_s : float
        Lengths, s.

    Returns
    -------
    int
        Number of hops.

    Examples
    --------
    >>> hops_in(0.05, 0.02)
    3
    """
    return max(1, int(window_s / hop_s + _HALF))

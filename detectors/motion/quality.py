"""What is wrong with acceleration: single samples that cannot be, rails, axes that do not follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.track import Flag

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.motion.criteria import MotionCriteria

# Samples that the first sample after a restart is judged by: the middle one of three is not a single spike.
_FIRST: Final = 3
# A rail that is not symmetric, or is calibrated, is not hit at the very same value on both sides.
_RAIL_TOLERANCE: Final = 0.98


class SpikeHold:
    """Replace jumps that do not last by the sample before them.

    A leg cannot be 20 g away for one sample and back in the next; a loose contact or a broken
    packet can. A jump that lasts longer than ``spike_s`` is believed, so that a real impact is
    late by that much and otherwise unchanged.

    Parameters
    ----------
    criteria : MotionCriteria
        ``spike_g`` and ``spike_s``.
    fs_hz : float
        Sampling rate, Hz.
    """

    def __init__(self, criteria: MotionCriteria, fs_hz: float) -> None:
        self._spike_g = criteria.spike_g
        self._longest = max(1, int(criteria.spike_s * fs_hz))
        self._last: NDArray[np.float64] | None = None
        self._held = 0

    def restart(self) -> None:
        """Forget everything; the next sample is the first."""
        self._last, self._held = None, 0

    def feed(self, axes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the next samples, shape (3, n_samples), n_samples at least 1, without spikes."""
        last = (
            np.sort(axes[:, :_FIRST], axis=1)[:, axes[:, :_FIRST].shape[1] // 2] if self._last is None else self._last
        )
        top_g, bottom_g = max(axes.max(), last.max()), min(axes.min(), last.min())
        if top_g - bottom_g > self._spike_g:
            axes = self._held_back(axes, last)
        else:
            self._held = 0
        self._last = axes[:, -1].copy()
        return axes

    def _held_back(self, axes: NDArray[np.float64], last: NDArray[np.float64]) -> NDArray[np.float64]:
        before = np.concatenate((last[:, np.newaxis], axes[:, :-1]), axis=1)
        jumps = np.flatnonzero((np.abs(axes - before) > self._spike_g).any(axis=0)).tolist()
        out = axes.copy()
        decided = 0
        for jump in [0, *jumps] if self._held else jumps:
            if jump < decided:
                continue
            at = jump
            while at < out.shape[1]:
                trusted = last if at == 0 else out[:, at - 1]
                far = bool((np.abs(out[:, at] - trusted) > self._spike_g).any())
                if not far or self._held >= self._longest:
                    self._held = 0
                    break
                out[:, at] = trusted
                self._held += 1
                at += 1
            decided = at + 1
        return out


class FrameQuality:
    """Say for each frame what is wrong with it (science.md 7.2).

    Parameters
    ----------
    criteria : MotionCriteria
        ``range_g``, ``clip_margin_g``, ``rail_g`` and ``rail_samples`` for the rails; ``stuck_g``,
        ``stuck_s`` and ``stuck_beside_g`` for an axis that does not follow; ``dead_g``.

    Notes
    -----
    A sensor rarely tells its range. One that stays at the very same value of ``rail_g`` or more for
    ``rail_samples`` samples, and was never beyond it, has found it; from then on frames within
    ``clip_margin_g`` of it are clipped, before that within ``clip_margin_g`` of ``range_g``.
    An axis is stuck when its values have not varied for ``stuck_s`` while another axis has, and
    until they vary again. Constant values alone prove nothing: a coarse sensor at rest has them.
    """

    def __init__(self, criteria: MotionCriteria) -> None:
        self._criteria = criteria
        self._peak_g = self._rail_g = 0.0
        self._constant_s = np.zeros(3)
        self._followed = np.zeros(3, np.bool_)

    def feed(
        self, frames: NDArray[np.float64], gravity: NDArray[np.float64], deviation: NDArray[np.float64], frame_s: float
    ) -> NDArray[np.uint16]:
        """Return the flags of consecutive frames.

        Parameters
        ----------
        frames : ndarray of float64, shape (3, n_frames, n_samples)
            The samples, g.
        gravity, deviation : ndarray of float64, shape (3, n_frames)
            Mean and standard deviation of each frame, g.
        frame_s : float
            Length of a frame, s.

        Returns
        -------
        ndarray of uint16, shape (n_frames,)
            :class:`Flag` bits.
        """
        criteria = self._criteria
        flags = np.zeros(frames.shape[1], np.uint16)
        constant = deviation < criteria.stuck_g
        if constant.any():
            same = (frames == frames[:, :, :1]).all(axis=(0, 2))
            flags[same & ((gravity * gravity).sum(axis=0) < criteria.dead_g**2)] = Flag.FLAT.value
            flags |= self._stuck(constant, deviation, frame_s)
        else:
            self._constant_s[:] = 0.0
            self._followed[:] = False
        if max(frames.max(), -frames.min()) >= criteria.rail_g:
            flags |= self._clipped(frames)
        return flags

    def _stuck(self, constant: NDArray[np.bool_], deviation: NDArray[np.float64], frame_s: float) -> NDArray[np.uint16]:
        beside = np.maximum.reduce(deviation, axis=0) >= self._criteria.stuck_beside_g
        flags = np.zeros(len(beside), np.uint16)
        for at, (still, moved) in enumerate(zip(constant.T, beside, strict=True)):
            self._constant_s = np.where(still, self._constant_s + frame_s, 0.0)
            self._followed = still & (self._followed | moved)
            if (self._followed & (self._constant_s >= self._criteria.stuck_s)).any():
                flags[at] = Flag.STUCK.value
        return flags

    def _clipped(self, frames: NDArray[np.float64]) -> NDArray[np.uint16]:
        criteria = self._criteria
        flags = np.zeros(frames.shape[1], np.uint16)
        peaks_g = np.abs(frames).max(axis=(0, 2))
        for at in np.flatnonzero(peaks_g >= criteria.rail_g).tolist():
            self._peak_g = max(self._peak_g, float(peaks_g[at]))
            self._rail_g = max(self._rail_g, _held_g(frames[:, at], criteria.rail_samples, criteria.rail_g))
            found = self._rail_g >= _RAIL_TOLERANCE * self._peak_g
            limit_g = (self._rail_g if found else criteria.range_g) - criteria.clip_margin_g
            if peaks_g[at] > limit_g:
                flags[at] = Flag.CLIPPED.value
        return flags


def _held_g(axes: NDArray[np.float64], n_samples: int, least_g: float) -> float:
    """Return the largest size of a value that an axis keeps for so many samples; 0 if there is none."""
    n_starts = axes.shape[1] - n_samples + 1
    if n_starts < 1:
        return 0.0
    size_g = np.abs(axes[:, :n_starts])
    kept = size_g >= least_g
    for later in range(1, n_samples):
        kept &= axes[:, later : later + n_starts] == axes[:, :n_starts]
    return float(np.where(kept, size_g, 0.0).max())

"""Breath and heart beat in the acceleration of a still leg: whether there is somebody in it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.sleep.course import Frames
    from detectors.sleep.criteria import WearCriteria

_N_AXES: Final = 3
# Neighbouring lines of the spectrum that are averaged: breathing is not a tone.
_SMOOTHED: Final = 3


@dataclass(frozen=True, slots=True)
class Micromotion:
    """Signs of life in a still stretch; None where the sensor is too coarse, or it was not measured.

    Parameters
    ----------
    respiration_ratio : float or None
        Strongest peak in the band of breathing over the median of the band, on the axis that shows it best.
    pulse_ratio : float or None
        Median RMS of a frame in the band of the heart beat over what the noise between breaths would have there.
    fine : bool
        Whether a faint breath would stand out of the noise.
    """

    respiration_ratio: float | None
    pulse_ratio: float | None
    fine: bool

    def seen(self, criteria: WearCriteria) -> bool:
        """Return whether breath or heart beat shows."""
        breath, pulse = self.respiration_ratio, self.pulse_ratio
        return (breath is not None and breath >= criteria.min_respiration_ratio) or (
            pulse is not None and pulse >= criteria.min_pulse_ratio
        )

    def missing(self, criteria: WearCriteria) -> bool:
        """Return whether a sensor that would show even a faint breath shows neither."""
        return self.fine and not self.seen(criteria)

    def measures(self) -> dict[str, float]:
        """Return what was measured, by name."""
        values = {"respiration_ratio": self.respiration_ratio, "pulse_ratio": self.pulse_ratio}
        return {name: value for name, value in values.items() if value is not None}


def micromotion(frames: Frames, part: slice, criteria: WearCriteria) -> Micromotion:
    """Look for breath and heart beat in a still stretch.

    Parameters
    ----------
    frames : Frames
        The night.
    part : slice
        The stretch; breath is looked for in the frames' means, which a breath takes several of.
    criteria : WearCriteria
        Bands and ratios.

    Returns
    -------
    Micromotion
        The signs.
    """
    if float(np.median(frames.spread_g[part])) < criteria.coarse_g:
        return Micromotion(None, None, fine=False)
    density_g2 = _density_g2(_evenly(frames, part), criteria, frames.frame_s)
    if density_g2 is None or not (density_g2 > 0).all():
        return Micromotion(None, None, fine=False)
    noise_g2 = np.median(density_g2, axis=0)
    respiration = float((density_g2.max(axis=0) / noise_g2).max())
    # A put-down inside the stretch rings in a few frames, and would be the heart of a table in a mean.
    power_g2 = float(np.median(frames.pulse_g[part].astype(np.float64) ** 2))
    pulse = math.sqrt(power_g2 / (float(noise_g2.sum()) * criteria.pulse_width_hz))
    breath_g2 = criteria.faint_breath_g**2 / (2 * criteria.breath_width_hz)
    # A faint breath is as strong as the noise or stronger where it shows.
    fine = breath_g2 >= float(noise_g2.max())
    return Micromotion(respiration, pulse if math.isfinite(pulse) else None, fine)


def _evenly(frames: Frames, part: slice) -> NDArray[np.float64]:
    """Return gravity once per frame, straight lines standing for what is missing, shape (n_frames, 3)."""
    start_ns, gravity_g = frames.start_ns[part], frames.gravity_g[part]
    number = (start_ns - start_ns[0]) / NS_PER_S / frames.frame_s
    every = np.arange(round(float(number[-1])) + 1)
    return np.stack([np.interp(every, number, gravity_g[:, axis]) for axis in range(_N_AXES)], axis=1)


def _density_g2(gravity_g: NDArray[np.float64], criteria: WearCriteria, frame_s: float) -> NDArray[np.float64] | None:
    """Return the smoothed power density in the band of breathing, g²/Hz, shape (n_lines, 3)."""
    length = round(criteria.respiration_segment_s / frame_s)
    if len(gravity_g) < length:
        return None
    segments = sliding_window_view(gravity_g, length, axis=0)[:: length // 2]
    window = np.hanning(length)
    lines = np.fft.rfft((segments - segments.mean(axis=2, keepdims=True)) * window, axis=2)
    density = (np.abs(lines) ** 2).mean(axis=0).T * (2 * frame_s / (window * window).sum())
    smoothed: NDArray[np.float64] = sliding_window_view(density, _SMOOTHED, axis=0).mean(axis=2)
    inner = np.fft.rfftfreq(length, frame_s)[_SMOOTHED // 2 : -(_SMOOTHED // 2)]
    return smoothed[(inner >= criteria.respiration_low_hz) & (inner <= criteria.respiration_high_hz)]

"""Tracks: what is measured along a stream, what pages draw and detectors compare."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag, StrEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.signal import Clock, Stream


class TrackName(StrEnum):
    """What a track holds."""

    POWER_UV2 = "power_uv2"
    ENVELOPE_UV = "envelope_uv"
    RESTING_UV = "resting_uv"
    LF_HF_RATIO = "lf_hf_ratio"
    RISE_RATIO = "rise_ratio"
    LINE_RATIO = "line_ratio"
    WAVEFORM_UV = "waveform_uv"
    WIDE_NOISE_UV = "wide_noise_uv"
    MOVEMENT_G = "movement_g"
    RESTING_MOVEMENT_G = "resting_movement_g"
    RESTING_MOVEMENT_MAD_G = "resting_movement_mad_g"
    TURN_G = "turn_g"
    JERK_G = "jerk_g"
    TREMOR_G = "tremor_g"
    ACTIVITY_G = "activity_g"
    SPREAD_G = "spread_g"
    PULSE_G = "pulse_g"
    TILT_DEG = "tilt_deg"
    GRAVITY_X_G = "gravity_x_g"
    GRAVITY_Y_G = "gravity_y_g"
    GRAVITY_Z_G = "gravity_z_g"


class Flag(IntFlag):
    """What is wrong with one value of a track; several may hold."""

    GOOD = 0
    SATURATED = 1
    FLAT = 2
    LINE = 4
    MOTION = 8
    UNSETTLED = 16
    DISABLED = 32
    NOISE_STEP = 64
    ELECTRODE_OFF = 128
    POP = 256
    ECG = 512
    LINE_HIGH = 1024
    POOR_CONTACT = 2048
    CLIPPED = 4096
    STUCK = 8192


@dataclass(frozen=True, slots=True)
class Track:
    """One value per hop, derived from a stream: what pages draw and detectors compare.

    Parameters
    ----------
    stream : Stream
        The stream it is derived from.
    clock : Clock
        The clock in force at the last hop.
    name : TrackName
        What the values are; the unit is in the name.
    start : int
        Sample index of the first hop's first sample. A track is contiguous; a start that does
        not follow the previous stop means that hops are missing between them.
    hop : int
        Samples per value. Value ``i`` belongs to samples ``[start + i*hop, start + (i+1)*hop)``
        and uses nothing after them.
    values : ndarray of float64, shape (n_hops,)
        The values.
    quality : ndarray of uint16, shape (n_hops,)
        :class:`Flag` bits per value.
    """

    stream: Stream
    clock: Clock
    name: TrackName
    start: int
    hop: int
    values: NDArray[np.float64]
    quality: NDArray[np.uint16]

    @property
    def stop(self) -> int:
        """Sample index after the last hop."""
        return self.start + self.hop * len(self.values)

"""A leg whose every sample says which one it is, so that a test can tell what arrived."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

EMG_UV_PER_COUNT, G_PER_COUNT = 0.25, 1 / 8192
# Counts of a 16-bit sample that are used; the rest of the range is left to saturation.
SPAN = 30_000


@dataclass(frozen=True, slots=True)
class CountingLeg:
    """EMG and the x axis count samples, modulo 30 000."""

    duration_s: float
    emg_fs_hz: float = 500.0
    acceleration_fs_hz: float = 50.0

    @property
    def n_emg(self) -> int:
        return round(self.duration_s * self.emg_fs_hz)

    @property
    def n_acceleration(self) -> int:
        return round(self.duration_s * self.acceleration_fs_hz)

    def emg(self, start: int, stop: int) -> NDArray[np.floating]:
        return (np.arange(start, stop) % SPAN * EMG_UV_PER_COUNT)[:, None]

    def acceleration(self, start: int, stop: int) -> NDArray[np.floating]:
        x = np.arange(start, stop) % SPAN * G_PER_COUNT
        return np.stack([x, np.zeros_like(x), np.ones_like(x)], axis=1)

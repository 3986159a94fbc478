"""A second is saturated when it rests at its extreme, not when it has one."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.emg.quality import sample_flags
from detectors.proposed.emg import QUALITY
from detectors.track import Flag


@pytest.mark.parametrize(
    ("fs_hz", "n_clipped", "saturated"), [(100, 1, 0), (100, 2, 0), (100, 3, 1), (500, 4, 0), (500, 5, 1)]
)
def test_one_per_cent_of_a_second_and_three_samples_at_the_rail_are_saturation(
    fs_hz: int, n_clipped: int, saturated: int
) -> None:
    second = np.random.default_rng(4).normal(0, 200, (1, fs_hz))
    second[0, 20 : 20 + n_clipped] = 2000.0
    flags, _ = sample_flags(second, QUALITY)
    assert bool(flags[0] & Flag.SATURATED) == bool(saturated)

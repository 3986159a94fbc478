"""Thresholds over a resting level that is not known."""

from __future__ import annotations

import numpy as np

from detectors.emg.slow import Rises


def test_a_share_of_nothing_is_no_threshold_where_the_level_is_not_known() -> None:
    rises = Rises((8.0, 0.0), (2.0, 0.0), 50.0)
    onset_uv, offset_uv = rises.above(np.array([2.0, 60.0, np.inf]))
    assert onset_uv.tolist() == [10.0, np.inf, np.inf]
    assert offset_uv.tolist() == [4.0, np.inf, np.inf]

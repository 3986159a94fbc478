"""Valid half minutes make the same stretches together, whether they are joined at once or one by one."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.annotations import Span
from detectors.quality.valid_hours import ValidEpochs, joined
from detectors.signal import NS_PER_S


@pytest.mark.parametrize("seed", range(20))
def test_epochs_make_the_stretches_that_joining_them_makes(seed: int) -> None:
    random = np.random.default_rng(seed)
    # Half seconds, so that many lie exactly one second apart.
    onsets_ns = np.sort(random.integers(0, 60, seed)) * (NS_PER_S // 2)
    ends_ns = onsets_ns + random.integers(0, 8, seed) * (NS_PER_S // 2)
    epochs = ValidEpochs.of([(*pair, 1.0, True) for pair in zip(onsets_ns.tolist(), ends_ns.tolist(), strict=True)])
    assert epochs.stretches() == joined(map(Span, epochs.onset_ns.tolist(), epochs.end_ns.tolist()))

"""How much of many stretches lies in others is the same counted at once and one by one."""

from __future__ import annotations

import numpy as np

from detectors.annotations import Span, common_ns
from detectors.quality.valid_hours import joined
from detectors.sleep.basis import lies_in
from detectors.span_row import SpanRow


def drawn(random: np.random.Generator, n: int) -> list[Span]:
    onsets_ns = random.integers(0, 1000, n).tolist()
    return [Span(onset_ns, onset_ns + int(random.integers(0, 60))) for onset_ns in onsets_ns]


def test_what_lies_in_stretches_is_what_they_share_one_by_one() -> None:
    random = np.random.default_rng(5)
    for n in (0, 1, 4, 12):
        spans, asked = drawn(random, n), drawn(random, 200)
        apart, row = joined(spans, touching_s=0.0), SpanRow(spans)
        onset_ns, end_ns = np.array(asked, np.int64).T
        shared = [sum(common_ns(one, span) for span in apart) for one in asked]
        assert row.common_ns(onset_ns, end_ns).tolist() == shared
        assert row.holds(onset_ns).tolist() == [lies_in(one.onset_ns, apart) for one in asked]
        assert bool(row) == bool(spans)

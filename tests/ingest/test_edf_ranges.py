"""Whatever range and step a channel has, the header of an exported night holds it and the values come back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.files.edf_numbers import EDF_BYTES, STORED_RANGE
from ingest.files.edf_steps import FARTHEST, PREFIXES, Scale, Survey, scale_of

FIELD = 8


def scale_for(values: np.ndarray, coarsest: float = np.inf, *, counts: bool = False) -> Scale:
    survey = Survey()
    survey.feed(values.astype(np.float32))
    return scale_of(survey, coarsest=coarsest, can_be_prefixed=counts)


def returned(scale: Scale, values: np.ndarray) -> np.ndarray:
    stored = scale.stored(values.astype(np.float32)).astype(float)
    back: np.ndarray = (scale.low + (stored - STORED_RANGE[EDF_BYTES][0]) * scale.step) * scale.factor
    return back


def fits(number: float) -> bool:
    return len(np.format_float_positional(number, trim="-")) <= FIELD


@pytest.mark.slow
@settings(max_examples=100)
@given(
    st.floats(-9.6e6, 9.6e6),
    st.floats(-9.6e6, 9.6e6),
    st.sampled_from([0.0, 0.01, 0.25, 1.0, 1000.0, 16_384.0, 3e6]),
    st.sampled_from([0.5, np.inf]),
)
@example(-1000.0, 1000.0, 2000.0, np.inf)
@example(9e6, 9.6e6, 1000.0, np.inf)
@example(-9.6e6, -9.6e6, 0.0, np.inf)
@example(39.0, 916.0, 0.0, np.inf)
@example(-1e-9, 1e-9, 0.0, np.inf)
def test_every_range_has_a_scale_that_fits_the_header(low: float, high: float, step: float, coarsest: float) -> None:
    values = np.array([low, high] if step == 0.0 else [round(low / step) * step, round(high / step) * step])
    values = np.clip(values, -FARTHEST, FARTHEST)
    scale = scale_for(values, coarsest)
    assert scale.low < scale.high
    assert fits(scale.low)
    assert fits(scale.high)
    if coarsest == np.inf or np.ptp(values) <= coarsest * 65_000:
        finest = 2.1 * max(np.ptp(values), np.abs(values).max()) / 65_534
        # Eight characters with a sign tell the ends of a range to 5e-6, a sixth of a step.
        most = max(0.51 * finest, 0.17 * scale.step, 2e-3 * np.abs(values).max(), 1e-5)
        assert np.abs(returned(scale, values) - values).max() <= most


@pytest.mark.parametrize(("rail", "coarsest"), [(8191.75, 0.5), (1000.0, np.inf), (2000.0, np.inf)])
def test_a_channel_that_only_sits_on_its_rails_keeps_them_exactly(rail: float, coarsest: float) -> None:
    values = np.array([-rail, rail] * 5)
    np.testing.assert_allclose(returned(scale_for(values, coarsest), values), values, atol=0.5)


@pytest.mark.parametrize("most", [2e7, 2e9, 2e12])
def test_counts_that_are_too_large_are_counted_in_thousands_or_more(most: float) -> None:
    values = np.linspace(-most, most, 50)
    scale = scale_for(values, counts=True)
    assert PREFIXES[scale.factor] in {"k", "M", "G"}
    assert scale.n_clipped == 0
    np.testing.assert_allclose(returned(scale, values), values, atol=most / 30_000)


def test_microvolts_that_are_too_large_are_clipped_and_counted() -> None:
    values = np.array([-1e9, 0.0, 1.0, 1e9])
    scale = scale_for(values, 0.5)
    assert scale.factor == 1.0
    scale.stored(values)
    assert scale.n_clipped == 2

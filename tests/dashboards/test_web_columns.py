"""The binary columns: what was put in comes out, and no peak is lost."""

from __future__ import annotations

import json

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboards.web.columns import Column, encode, min_max

VALUES = arrays.arrays(np.float32, st.integers(0, 50), elements=st.floats(width=32, allow_nan=True))


@pytest.mark.slow
@settings(max_examples=40)
@given(st.lists(st.tuples(st.text(max_size=4), VALUES), max_size=3))
def test_columns_come_back_bit_for_bit(given_columns: list[tuple[str, np.ndarray]]) -> None:
    blob = encode([Column({"name": name}, values) for name, values in given_columns])
    size = int.from_bytes(blob[:4], "little")
    header = json.loads(blob[4 : 4 + size])
    assert size % 4 == 0
    assert [column["name"] for column in header["columns"]] == [name for name, _ in given_columns]
    for column, (_, values) in zip(header["columns"], given_columns, strict=True):
        found = np.frombuffer(blob, "<f4", column["n"], 4 + size + column["offset"])
        np.testing.assert_array_equal(found, values)


@pytest.mark.slow
@given(
    arrays.arrays(
        np.float32, st.tuples(st.integers(1, 200), st.integers(1, 3)), elements=st.floats(-1e3, 1e3, width=32)
    ),
    st.integers(1, 60),
)
def test_buckets_keep_the_extremes_of_every_axis(data: np.ndarray, n_buckets: int) -> None:
    reduced = min_max(data, n_buckets)
    assert len(reduced.low) == len(reduced.high) <= n_buckets
    np.testing.assert_array_equal(reduced.low.min(axis=0), data.min(axis=0))
    np.testing.assert_array_equal(reduced.high.max(axis=0), data.max(axis=0))
    assert (len(reduced.low) - 1) * reduced.bucket < len(data) <= len(reduced.low) * reduced.bucket


def test_an_empty_signal_has_no_buckets() -> None:
    assert len(min_max(np.empty((0, 3), np.float32), 10).low) == 0

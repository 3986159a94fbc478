"""A whole night of one sensor as lowest and highest, and what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.fakes import NIGHT_ID, FakeNightBook
from tests.synthetic_night import to_ns

if TYPE_CHECKING:
    from starlette.testclient import TestClient

EXTREMES = f"/api/night/{NIGHT_ID}/extremes"


def test_each_axis_comes_as_lowest_and_highest_of_each_bucket(client: TestClient) -> None:
    body = client.get(f"{EXTREMES}?sensor=right-shin&from=12600&to=12900&buckets=300").content
    size = int.from_bytes(body[:4], "little")
    header, data = json.loads(body[4 : 4 + size]), body[4 + size :]
    found = {
        (c["quantity"], c["axis"], c["extreme"]): (c, np.frombuffer(data, "<f4", c["n"], c["offset"]))
        for c in header["columns"]
    }
    sent = FakeNightBook().extremes(NIGHT_ID, "right-shin", to_ns(12_600), to_ns(12_900), 300)
    assert len(found) == sum(2 * len(stream.axes) for stream in sent)
    for stream in sent:
        for i, axis in enumerate(stream.axes):
            for extreme, values in (("low", stream.low), ("high", stream.high)):
                facts, shown = found[stream.quantity, axis, extreme]
                np.testing.assert_array_equal(shown, values[:, i])
                assert (facts["start_s"], facts["hop_s"]) == (12_600.0, stream.hop_s)


@pytest.mark.parametrize(
    ("query", "code", "words"),
    [
        ("sensor=third-leg&from=0&to=9", 404, "no such sensor"),
        ("from=0&to=9", 400, "sensor is missing"),
        ("sensor=left-shin&from=9&to=0", 400, "expected more than 0"),
        ("sensor=left-shin&from=0&to=200000", 400, "at most 172800 s"),
        ("sensor=left-shin&from=0&to=9&buckets=0", 400, "buckets is '0', expected a whole number from 1 to 8000"),
        ("sensor=left-shin&from=0&to=9&buckets=8001", 400, "expected a whole number"),
        ("sensor=left-shin&from=0&to=9&buckets=-1", 400, "expected a whole number"),
        ("sensor=left-shin&from=0&to=9&buckets=1e3", 400, "expected a whole number"),
        ("sensor=left-shin&from=0&to=9&buckets=%s" % ("9" * 5000), 400, "expected a whole number"),
    ],
)
def test_a_bad_request_for_extremes_is_refused_in_one_line(
    client: TestClient, query: str, code: int, words: str
) -> None:
    answer = client.get(f"{EXTREMES}?{query}")
    assert answer.status_code == code
    assert words in answer.json()["error"]
    assert "\n" not in answer.json()["error"]

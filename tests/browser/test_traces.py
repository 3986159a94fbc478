"""What is drawn of a track: few points, and every peak among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes import NIGHT_ID

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = pytest.mark.system

DRAWN = """async ([name, first, n, peaks, gap, from, to]) => {
  const { Trace } = await import("/static/trace.js");
  const values = new Float32Array(n).fill(1);
  for (const at of peaks) values[at] = 9;
  values.fill(NaN, ...gap);
  const whose = { name, sensor: "a", leg: "left", start_s: 0, hop_s: 1 };
  const trace = new Trace({ ...whose, first: 0, values: values.slice(0, first) });
  trace.append({ first, values: values.slice(first) });
  const [x, y] = trace.points(from, to);
  return { x, y };
}"""


@pytest.fixture
def drawn(open_page: Callable[..., Page], base_url: str) -> Callable[..., dict[str, list[Any]]]:
    page = open_page()
    page.goto(f"{base_url}/night/{NIGHT_ID}")
    page.wait_for_selector("#charts[data-ready]")

    def points(*arguments: object) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = page.evaluate(DRAWN, list(arguments))
        return found

    return points


def test_a_night_is_drawn_in_as_many_points_as_a_screen_has_pixels_with_every_peak(
    drawn: Callable[..., dict[str, list[Any]]],
) -> None:
    found = drawn("envelope_uv", 20_000, 28_800, [0, 12_345, 28_799], [14_000, 16_000], 0, 28_800)
    assert len(found["x"]) == len(found["y"]) <= 1600
    assert [value for value in found["y"] if value not in {1, None}] == [9, 9, 9]
    assert 100 < found["y"].count(None) < 120
    at_s = found["x"][found["y"].index(9, 1)]
    assert abs(at_s - 12_345.5) < 20


def test_zoomed_in_every_value_is_drawn_where_it_was_measured(drawn: Callable[..., dict[str, list[Any]]]) -> None:
    found = drawn("movement_g", 300, 28_800, [1000], [5, 6], 900, 1100)
    assert 200 <= len(found["x"]) <= 203
    assert found["x"][found["y"].index(9000)] == 1000.5


def test_what_is_added_later_replaces_what_was_there_from_then_on(
    drawn: Callable[..., dict[str, list[Any]]],
) -> None:
    found = drawn("tilt_deg", 3, 10, [2, 3], [9, 10], 0, 10)
    assert found["y"] == [1, 1, 9, 9, 1, 1, 1, 1, 1, None]

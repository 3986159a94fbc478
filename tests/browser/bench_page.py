"""What the tests of the bench do with its page."""

from __future__ import annotations

import math
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING

from dashboards.bench import Studio
from dashboards.bench_values import Asked, Setting
from tests.browser.conftest import serving
from tests.fake_bench import ONSET, SCORER, WASM, FakeBench
from tests.fake_labels import FakeLabels
from tests.fakes import FakeNightBook

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playwright.sync_api import Locator, Page

    from dashboards.bench_values import Answer, CurvePoint

DRAWN = "bench: from the hand to the picture"
SETTLED = "#bench[data-settled][aria-busy=false]"
WAIT_S = 60.0
NEWER = (
    f"""([drawn]) => document.querySelector("{SETTLED}") && performance.getEntriesByName({DRAWN!r}).length >= drawn"""
)
PICTURE = "() => [...document.querySelectorAll('#strips canvas')].map(one => one.toDataURL()).join()"

# Where something is painted in the first strip, just above its middle; its left upper corner is ground.
PAINTED = """() => {
  const { width, height } = document.querySelector("#strips canvas");
  const { data } = document.querySelector("#strips canvas").getContext("2d").getImageData(0, 0, width, height);
  const colour = (x, y) => data.slice(4 * (y * width + x), 4 * (y * width + x) + 4).join();
  const columns = Array.from({ length: width }, (_, x) => x);
  return [width, columns.filter((x) => colour(x, Math.round(height * 0.4)) !== colour(0, 0))];
}"""


@dataclass(slots=True)
class GatedBench(FakeBench):
    """A bench that answers when a test lets it.

    Parameters
    ----------
    looks, points : Event
        Whether it may answer, and draw a curve.
    """

    looks: Event = field(default_factory=Event)
    points: Event = field(default_factory=Event)

    def look(self, asked: Asked) -> Answer:
        answer = FakeBench.look(self, asked)
        assert self.looks.wait(WAIT_S)
        return answer

    def curve(self, asked: Asked, threshold: str, values: Sequence[float]) -> Iterator[CurvePoint]:
        for n, point in enumerate(FakeBench.curve(self, asked, threshold, values)):
            if n:
                assert self.points.wait(WAIT_S)
            yield point


@contextmanager
def benched(bench: FakeBench) -> Iterator[str]:
    with serving(FakeNightBook(), studio=Studio(bench, FakeLabels())) as url:
        yield url


def open_bench(page: Page, base_url: str, query: str = "") -> None:
    page.goto(f"{base_url}/bench{query}")
    page.wait_for_selector(SETTLED)


def slider(page: Page, name: str = ONSET) -> Locator:
    return page.locator(f'.threshold[data-name="{name}"] input[type=range]')


def settle(page: Page, n_hands: int) -> list[float]:
    """Wait until so many moves of the hand were drawn and all was scored; return how long each took, ms."""
    page.wait_for_function(NEWER, arg=[n_hands])
    found = page.evaluate(f"performance.getEntriesByName({DRAWN!r}).map(one => one.duration)")
    return [float(one) for one in found]


def drag(page: Page, thumb: Locator, shares: Sequence[float]) -> None:
    """Drag a slider by mouse from where it is through shares of its length."""
    thumb.scroll_into_view_if_needed()
    box = thumb.bounding_box()
    assert box is not None
    low, high, now = float(thumb.get_attribute("min") or 0), float(thumb.get_attribute("max") or 0), thumb.input_value()
    at = (float(now) - low) / (high - low)
    page.mouse.move(box["x"] + 10 + (box["width"] - 20) * at, box["y"] + box["height"] / 2)
    page.mouse.down()
    for share in shares:
        page.mouse.move(box["x"] + 10 + (box["width"] - 20) * share, box["y"] + box["height"] / 2)
    page.mouse.up()


def tile(page: Page, name: str) -> float:
    """Return a number as the page shows it."""
    return float(page.locator(f'.tile[data-number="{name}"] data').inner_text())


def expected(bench: FakeBench, keys: Sequence[str], value: str) -> dict[str, float | None]:
    """Return what the page has to show with an onset threshold."""
    answer = FakeBench.look(bench, Asked(tuple(keys), Setting(WASM, ((ONSET, value),)), "leg_movement", SCORER))
    return {number.name: number.value for number in answer.agreement}


def percentile_95(values: Sequence[float]) -> float:
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]

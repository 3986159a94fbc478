"""How soon the bench shows what a hand moved: ``soleus serve`` and the browser of the tests.

``python -m benchmarks.studio.dragging --nights 1 30``: simulated nights of 8 h with two legs, from the event of the
hand to the picture that shows its value or a newer one.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from playwright.sync_api import sync_playwright

from benchmarks.studio.__main__ import kept_folder, nights
from tests.browser.bench_page import DRAWN, drag, open_bench, percentile_95, settle, slider
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.fake_bench import ONSET
from tests.served import served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

HOURS: Final = 8.0
N_DIFFERENT: Final = 3
"""Nights that differ; of more recordings several are the same night, which costs the same."""
AIMS_MS: Final = {1: 100.0, 30: 1000.0}
HELD: Final = (ONSET, "leg_movement.offset_uv")
"""The threshold that the page takes in hand first, and one at whose values nobody looked while nights were opened."""
READY_MS: Final = 900_000
VIEW: Final = {"width": 1280, "height": 900}
# There and back over half of the slider, as a hand does that looks for something.
SWINGS: Final = tuple(0.1 + share / 100 for share in (*range(0, 50, 2), *range(50, 0, -2)))


@dataclass(frozen=True, slots=True)
class Dragged:
    """What was measured.

    Parameters
    ----------
    threshold : str
        What was dragged.
    n_nights : int
        Recordings in view.
    n_events : int
        Events that were found at the end.
    n_moves : int
        Moves of the hand.
    median_ms, p95_ms, most_ms : float
        From the event of the hand to the picture, ms.
    opened_s : float
        From the address to the first full score, s.
    aim_ms : float or None
        What the 95th percentile should be below, ms.
    """

    threshold: str
    n_nights: int
    n_events: int
    n_moves: int
    median_ms: float
    p95_ms: float
    most_ms: float
    opened_s: float
    aim_ms: float | None


def made_nights(n: int) -> list[Path]:
    """Return folders of simulated nights; what is not there yet is made, once per computer.

    Parameters
    ----------
    n : int
        How many.
    """
    return nights(kept_folder(HOURS), n, N_DIFFERENT, HOURS)


def dragged(browser: Browser, n_nights: int) -> Iterator[Dragged]:
    """Drag thresholds of the leg movements over some nights.

    Parameters
    ----------
    browser : Browser
        Where.
    n_nights : int
        Recordings in view.

    Yields
    ------
    Dragged
        Of one threshold as soon as they are opened, and of another one after it.
    """
    chosen = [word for path in made_nights(n_nights) for word in ("--recordings", str(path))]
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), *chosen) as url:
        page = browser.new_context(viewport=VIEW).new_page()  # type: ignore[arg-type] # width and height
        page.set_default_timeout(READY_MS)
        begun_s = time.monotonic()
        open_bench(page, url)
        opened_s = time.monotonic() - begun_s
        for threshold in HELD:
            drag(page, slider(page, threshold), SWINGS)
            found = settle(page, len(SWINGS))
            n_events = sum(
                int(n) for n in page.locator("#strips li").evaluate_all("all => all.map(one => one.dataset.found)")
            )
            times_ms = statistics.median(found), percentile_95(found), max(found)
            yield Dragged(threshold, n_nights, n_events, len(found), *times_ms, opened_s, AIMS_MS.get(n_nights))
            page.evaluate(f"performance.clearMeasures({DRAWN!r})")
        page.context.close()


def main() -> None:
    """Measure, and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, nargs="+", default=sorted(AIMS_MS))
    arguments = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=list(ARGUMENTS))
        rows = [asdict(one) for n_nights in arguments.nights for one in dragged(browser, n_nights)]
        browser.close()
    print(json.dumps({"rows": rows, "load": os.getloadavg()[0]}, indent=1))


if __name__ == "__main__":
    main()

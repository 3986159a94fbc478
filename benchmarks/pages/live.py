"""The live view in a browser: does it hold its pace, and what does that cost; ``python -m benchmarks.pages.live``.

Six channels of EMG at 1 kHz, made up as they are asked for, go through the real server into the page *Tonight* of a
headless Chromium, which draws in software: a computer with a graphics chip needs less.
"""

from __future__ import annotations

import argparse
import asyncio
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil
from playwright.sync_api import sync_playwright

from dashboards.web.places import TONIGHT
from soleus.web import serving
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.fake_live import LiveScene
from tests.fakes import FakeNightBook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

N_CHANNELS = 6
FS_HZ = 1000.0
AIM_FRAMES_PER_S = 25.0
AIM_PERCENT = 30.0
SECONDS = 15.0
SETTLE_S = 4.0
"""The first pictures compile the scripts."""
BEGUN_S = 3_000
READY_MS = 30_000
WIDTH, HEIGHT = 1280, 800
PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class LiveCost:
    """What the live view did.

    Parameters
    ----------
    frames_per_s : float
        Pictures drawn, 1/s.
    samples_per_s : float
        Samples of each channel that reached the page, 1/s.
    browser_percent : float
        Processor time of all processes of the browser, percent of one core.
    """

    frames_per_s: float
    samples_per_s: float
    browser_percent: float

    def line(self) -> str:
        """Return it as a line to read."""
        return (
            f"{N_CHANNELS} channels at {FS_HZ:g} Hz: {self.frames_per_s:.1f} frames per second "
            f"(aim {AIM_FRAMES_PER_S:g}), "
            f"{self.samples_per_s:.0f} samples per second and channel, "
            f"browser {self.browser_percent:.0f} % of a core (aim under {AIM_PERCENT:g})"
        )


@contextmanager
def running_night(scene: LiveScene) -> Iterator[str]:
    """Serve a night that runs by the clock, in a thread; yield the address of its pages.

    Parameters
    ----------
    scene : LiveScene
        What the sensors measure.
    """
    begun_s = time.monotonic()
    book = FakeNightBook(
        so_far_s=BEGUN_S, running=True, scene=scene, now_s=lambda: BEGUN_S + time.monotonic() - begun_s
    )
    ready, addresses = threading.Event(), []
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        async with serving(book, "127.0.0.1", 0) as url:
            addresses.append(url)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), name="pages")
    thread.start()
    ready.wait()
    try:
        yield addresses[0].rstrip("/")
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def live_cost(browser: Browser, seconds: float = SECONDS, span_s: int = 10) -> LiveCost:
    """Watch the live view for a while.

    Parameters
    ----------
    browser : Browser
        A browser of this process, with no other page open.
    seconds : float
        How long, s.
    span_s : int
        Length of the traces: 10, 30 or 60 s.

    Returns
    -------
    LiveCost
        What it did.
    """
    with running_night(LiveScene(N_CHANNELS, FS_HZ)) as url:
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(f"{url}{TONIGHT}")
        page.wait_for_selector("#tonight[data-drawn]", timeout=READY_MS)
        page.locator(f'[data-span="{span_s}"]').click()
        page.wait_for_timeout(SETTLE_S * 1000)
        before = _state(page), _processor_s(), time.perf_counter()
        page.wait_for_timeout(seconds * 1000)
        after = _state(page), _processor_s(), time.perf_counter()
        page.close()
    passed_s = after[2] - before[2]
    drawn, samples = (after[0][which] - before[0][which] for which in ("drawn", "samples"))
    return LiveCost(drawn / passed_s, samples / passed_s, PERCENT * (after[1] - before[1]) / passed_s)


def _state(page: Page) -> dict[str, float]:
    found: dict[str, float] = page.evaluate(
        """async () => {
            const { shown, strips } = await import("/static/tonight.js");
            const [first] = strips.values();
            return { drawn: shown.drawn, samples: first.lines[0].ring.n };
        }"""
    )
    return found


def _processor_s() -> float:
    """Return the processor time of every process of the browser so far, s."""
    total_s = 0.0
    for process in psutil.Process().children(recursive=True):
        try:
            if "chrom" in process.name():
                times = process.cpu_times()
                total_s += times.user + times.system
        except psutil.NoSuchProcess:
            continue
    return total_s


def main() -> None:
    """Print what the live view does."""
    parser = argparse.ArgumentParser(description="The live view in a headless browser.")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--span", type=int, choices=(10, 30, 60), default=10)
    arguments = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=list(ARGUMENTS))
        print(live_cost(browser, arguments.seconds, arguments.span).line())
        browser.close()


if __name__ == "__main__":
    main()

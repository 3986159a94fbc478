"""``make bench ARGS="--only pages"``: the pages in a browser; prints JSON that benchmarks/bench.py writes down."""

from __future__ import annotations

import argparse
import json

from playwright.sync_api import sync_playwright

from benchmarks.pages.live import AIM_FRAMES_PER_S, AIM_PERCENT, FS_HZ, N_CHANNELS, live_cost
from benchmarks.pages.nights import book_of, stored
from benchmarks.pages.painting import Bench
from tests.browser.conftest import ARGUMENTS, CHROMIUM, serving


def main() -> None:
    """Measure, and print rows of a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    settings, _ = stored()
    book = book_of(settings)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=list(ARGUMENTS))
        with serving(book) as url:
            bench = Bench(browser, url, book, arguments.runs)
            rows = [painted.row() for painted in (*bench.night(), bench.weeks(), bench.raw())]
            rows.append(("an empty page", f"{bench.empty_ms():.0f} ms", ""))
        live = live_cost(browser)
        browser.close()
    rows += [
        (
            f"live, {N_CHANNELS} channels at {FS_HZ:g} Hz",
            f"{live.frames_per_s:.1f} frames per second",
            f"{AIM_FRAMES_PER_S:g} or more",
        ),
        ("processor of the browser for that", f"{live.browser_percent:.0f} % of a core", f"under {AIM_PERCENT:g} %"),
    ]
    print(json.dumps({"rows": rows, "runs": arguments.runs}))


if __name__ == "__main__":
    main()

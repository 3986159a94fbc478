"""How soon a page shows its data, beside a bare uPlot page with the same data, in the same browser and run."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dashboards.web.night_json import event_id
from detectors.events import EventKind
from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.sync_api import Browser, Page, Route

    from dashboards.book import NightBook
    from detectors.events import Event

READY_MS = 60_000
VIEW = {"width": 1280, "height": 800}
BARE = "/bare"
WINDOW_S, ELSEWHERE_S = 30.0, 300.0
NIGHT_AIM_MS, WEEKS_AIM_MS, RAW_AIM_MS = 500.0, 1000.0, 300.0
# Tells when a picture is on the screen: two frames after what it waits for is there, and not before the browser's own
# word on its first picture.
WATCH = """
window.paintedAfter = (selector) => new Promise((done) => {
  const told = (at) => {
    const [first] = performance.getEntriesByName("first-contentful-paint");
    if (first) done(Math.max(at, first.startTime));
    else requestAnimationFrame(() => told(at));
  };
  const look = () => document.querySelector(selector)
    ? requestAnimationFrame(() => requestAnimationFrame(() => told(performance.now())))
    : requestAnimationFrame(look);
  look();
});
"""
# Everything of the blob in one plot for each column, on a page that does nothing else.
BARE_PAGE = """<!doctype html><html lang="en"><title>bare</title>
<link rel="stylesheet" href="/static/uplot/uPlot.min.css">
<body><script src="/static/uplot/uPlot.iife.js"></script><script>
const draw = (values) => new uPlot(
  { width: 1200, height: 100, series: [{}, { stroke: "#31557f" }], scales: { x: { time: false } } },
  [values.map((_, i) => i), values], document.body);
const columns = (blob) => {
  const size = new DataView(blob).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(blob, 4, size)));
  return head.columns.map((c) => [...new Float32Array(blob, 4 + size + c.offset, c.n)]);
};
const metrics = (text) => JSON.parse(text).metrics.map((metric) => metric.values);
fetch(%(data)s).then(async (answer) => {
  const isJson = answer.headers.get("content-type").includes("json");
  for (const values of isJson ? metrics(await answer.text()) : columns(await answer.arrayBuffer())) draw(values);
  document.body.dataset.ready = "";
});
</script></body></html>"""
EMPTY_PAGE = '<!doctype html><html lang="en"><title>empty</title><p>empty</p></html>'
OPEN = """async (event) => {
  const from = performance.now();
  document.querySelector(`a[data-event="${CSS.escape(event)}"]`).click();
  return (await window.paintedAfter("#detail[data-ready]")) - from;
}"""


@dataclass(frozen=True, slots=True)
class Painted:
    """What was measured.

    Parameters
    ----------
    what : str
        What was shown.
    ours_ms, bare_ms : float
        Median until it was painted, and until a bare page with the same data was, ms.
    ratio : float
        Median of the ratio of neighbouring runs.
    aim_ms : float or None
        What it should be below, ms.
    """

    what: str
    ours_ms: float
    bare_ms: float
    ratio: float
    aim_ms: float | None

    def row(self) -> tuple[str, str, str]:
        """Return a row of the table."""
        told = f"{self.ours_ms:.0f} ms, bare {self.bare_ms:.0f} ms, ratio {self.ratio:.1f}"
        return self.what, told, "" if self.aim_ms is None else f"under {self.aim_ms:g} ms"


@dataclass(frozen=True, slots=True)
class Bench:
    """A server with nights, and a browser.

    Parameters
    ----------
    browser : Browser
        The browser.
    url : str
        Of the server.
    book : NightBook
        What it shows.
    runs : int
        Of which the median counts; the first one besides, which fills caches, does not.
    """

    browser: Browser
    url: str
    book: NightBook
    runs: int

    def night(self) -> tuple[Painted, Painted]:
        """Measure the page of the newest night, with nothing in the browser's cache.

        Returns
        -------
        tuple of Painted
            When its numbers and its charts are there, which come with the page; and when scripts have drawn them.
        """
        view = self.book.night(self.book.nights()[0].night_id)
        said = f"a night of 8 h, {len(view.sensors)} channels, {len(view.events)} events"
        path = f"/night/{view.card.night_id}"
        data = f"/api{path}/tracks"
        # The hint stands below the charts: where it is, they are.
        first = self._pages(f"{said}, first paint with data", path, "#chart-hint", data, NIGHT_AIM_MS)
        return first, self._pages(f"{said}, charts that can be zoomed", path, "#charts[data-painted]", data)

    def empty_ms(self) -> float:
        """Measure an empty page: what every other one has to begin with, ms."""
        taken_ms = []
        for _ in range(self.runs):
            page = self._page()
            page.route(f"**{BARE}", lambda route: route.fulfill(body=EMPTY_PAGE, content_type="text/html"))
            page.goto(f"{self.url}{BARE}", wait_until="commit")
            taken_ms.append(float(page.evaluate("window.paintedAfter('p')")))
            page.context.close()
        return statistics.median(taken_ms)

    def weeks(self) -> Painted:
        """Measure the page of thirty nights."""
        return self._pages(
            "30 nights of 300 events", "/weeks?n=30", "#raster[data-ready]", "/api/weeks?n=30", WEEKS_AIM_MS
        )

    def raw(self) -> Painted:
        """Measure how soon the raw samples around an event are there, for events that nobody opened before."""
        night_id = self.book.nights()[0].night_id
        events = [event for event in self.book.night(night_id).events if event.kind is EventKind.LEG_MOVEMENT]
        chosen = events[:: len(events) // (self.runs + 2)][1 : self.runs + 2]
        pairs = [self._opened(night_id, event) for event in chosen][1:]
        return _painted(f"an event with {WINDOW_S:g} s and more of raw samples at 1 kHz", pairs, RAW_AIM_MS)

    def _opened(self, night_id: str, event: Event) -> tuple[float, float]:
        page = self._page()
        page.goto(f"{self.url}/night/{night_id}")
        page.wait_for_selector("#charts[data-ready]", timeout=READY_MS)
        page.evaluate("document.querySelectorAll('details').forEach(group => group.open = true)")
        ours_ms = float(page.evaluate(OPEN, event_id(event)))
        page.context.close()
        # Another stretch of the same night: what was read a moment ago is at hand.
        onset_s = (event.onset_ns - self.book.night(night_id).card.start_ns) / NS_PER_S
        from_s = max(0.0, onset_s - ELSEWHERE_S)
        span = f"from={from_s:.3f}&to={from_s + WINDOW_S:.3f}"
        return ours_ms, self._first_paint(
            BARE, "body[data-ready]", f"/api/night/{night_id}/raw?sensor={event.sensor}&{span}"
        )

    def _pages(self, what: str, path: str, ready: str, data: str, aim_ms: float | None = None) -> Painted:
        pairs = [
            (self._first_paint(path, ready), self._first_paint(BARE, "body[data-ready]", data))
            for _ in range(self.runs + 1)
        ]
        return _painted(what, pairs[1:], aim_ms)

    def _first_paint(self, path: str, ready: str, data: str = "") -> float:
        """Return the time from the address to the picture, ms."""
        page = self._page()
        if data:
            page.route(f"**{BARE}", lambda route: _bare(route, data))
        page.goto(f"{self.url}{path}", wait_until="commit")
        taken_ms = float(page.evaluate(f"window.paintedAfter({ready!r})"))
        page.context.close()
        return taken_ms

    def _page(self) -> Page:
        page = self.browser.new_context(viewport=VIEW).new_page()  # type: ignore[arg-type] # width and height
        page.set_default_timeout(READY_MS)
        page.add_init_script(WATCH)
        return page


def _bare(route: Route, data: str) -> Any:
    return route.fulfill(body=BARE_PAGE % {"data": repr(data)}, content_type="text/html")


def _painted(what: str, pairs: Sequence[tuple[float, float]], aim_ms: float | None) -> Painted:
    ours, bare = zip(*pairs, strict=True)
    ratio = statistics.median(one / other for one, other in pairs)
    return Painted(what, statistics.median(ours), statistics.median(bare), ratio, aim_ms)

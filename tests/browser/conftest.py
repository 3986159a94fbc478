"""A real browser, a real server on a free loopback port, and pages that may talk to nothing else."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import uvicorn
from playwright.sync_api import expect, sync_playwright

from dashboards.web.app import create_app
from dashboards.web.guard import LOOPBACK_HOSTS
from soleus.web_connections import Impatient
from tests.fakes import FakeNightBook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from playwright.sync_api import Browser, Page

    from dashboards.bench import Studio
    from dashboards.book import NightBook
    from dashboards.web.login import Login

# Chromium without a window of its own, as Debian has it: what the window shows takes ten times the processor of a page.
CHROMIUM = "/usr/bin/chromium-headless-shell"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # No name resolves: what the page needs is on loopback or it is a fault.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
STOP_S = 60.0
PATIENCE_MS = 60_000
# What a page is expected to show is waited for as long as what is done with it.
expect.set_options(timeout=PATIENCE_MS)
# What was on its way when a page was left, or closed, and what a page asked for when its server had ended before it.
LEFT, ENDED = "net::ERR_ABORTED", "net::ERR_CONNECTION_REFUSED"
REFUSED, UNUSED = "csp", "was preloaded"


@contextmanager
def serving(
    book: NightBook,
    *,
    login: Login | None = None,
    hosts: Sequence[str] = LOOPBACK_HOSTS,
    studio: Studio | None = None,
) -> Iterator[str]:
    """Serve a book; the socket listens before the server runs, so nobody has to wait for it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        # As the program's own server does: the second packet of an answer would wait 40 ms.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        config = uvicorn.Config(
            create_app(book, hosts=hosts, login=login, studio=studio),
            http=Impatient,
            log_level="error",
            lifespan="off",
            ws="none",
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="night page")
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(STOP_S)
            assert not thread.is_alive()


# Not for the whole session: while Playwright's own loop is up, no asynchronous test can run.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, args=list(ARGUMENTS), timeout=PATIENCE_MS
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with serving(FakeNightBook()) as url:
        yield url


@dataclass(frozen=True, slots=True)
class Watched:
    """A page, and everything that it asked for or complained about."""

    page: Page
    requests: list[str]
    complaints: list[str]

    def assert_quiet(self) -> None:
        assert self.complaints == []
        assert [url for url in self.requests if not url.startswith("http://127.0.0.1:")] == []


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open pages in contexts of their own; at the end none of them may have complained or asked elsewhere."""
    opened: list[Watched] = []

    def open_in(*, width: int = 1280, **options: object) -> Page:
        options.setdefault("color_scheme", "light")
        # Without JavaScript a browser refuses the modules that a page names ahead, and misses who asks for its data.
        scripts = options.get("java_script_enabled", True)
        quiet = {LEFT, ENDED} if scripts else {LEFT, ENDED, REFUSED}
        unsaid = (ENDED,) if scripts else (ENDED, UNUSED)
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)  # type: ignore[arg-type] # passed through
        watched = Watched(context.new_page(), [], [])
        watched.page.on("request", lambda request: watched.requests.append(request.url))
        watched.page.on(
            "requestfailed",
            lambda request: watched.complaints.append(request.url) if request.failure not in quiet else None,
        )
        watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
        watched.page.on(
            "console",
            lambda message: (
                watched.complaints.append(message.text)
                if message.type in {"error", "warning"} and not any(words in message.text for words in unsaid)
                else None
            ),
        )
        context.set_default_timeout(PATIENCE_MS)
        opened.append(watched)
        return watched.page

    yield open_in
    for watched in opened:
        watched.page.context.close()
    for watched in opened:
        watched.assert_quiet()

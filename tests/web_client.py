"""The web app as a browser on this computer reaches it, and one on another computer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.testclient import TestClient

from dashboards.web.app import create_app
from dashboards.web.guard import LOOPBACK_HOSTS
from dashboards.web.limits import ALL_TRIES_AT_ONCE, ALL_TRIES_PER_S, TRIES_AT_ONCE, TRIES_PER_S, Buckets, Tries
from dashboards.web.login import Login
from dashboards.web.sessions import Password, Sessions
from tests.fakes import FakeNightBook

if TYPE_CHECKING:
    from httpx2 import Response
    from starlette.applications import Starlette

    from dashboards.bench import Studio

PASSWORD = "correct horse battery"  # noqa: S105 - of no real thing
HERE = "192.0.2.7"


def client_of(book: FakeNightBook, studio: Studio | None = None, **options: bool) -> TestClient:
    """Return a client of the pages that show a book."""
    return TestClient(create_app(book, studio=studio), base_url="http://127.0.0.1", **options)


@dataclass(slots=True)
class Clock:
    """A time that a test sets, s."""

    s: float = 1e9

    def __call__(self) -> float:
        return self.s


@dataclass(frozen=True, slots=True)
class Far:
    """A browser on another computer, and the door that it stands at.

    Parameters
    ----------
    client : TestClient
        The browser.
    login : Login
        The door.
    clock : Clock
        Its time.
    """

    client: TestClient
    login: Login
    clock: Clock

    def form_token(self) -> str:
        """Return what the form of the page brings back."""
        found = re.search(r'name="token" value="(\w+)"', self.client.get("/login").text)
        assert found
        return found[1]

    def sign_in(self, password: str = PASSWORD, goal: str = "/") -> Response:
        """Fill in the form as a browser does."""
        form = {"token": self.form_token(), "next": goal, "password": password}
        return self.client.post("/login", data=form, follow_redirects=False)


def make_tries(clock: Clock) -> Tries:
    return Tries(
        Buckets(TRIES_AT_ONCE, TRIES_PER_S, now_s=clock), Buckets(ALL_TRIES_AT_ONCE, ALL_TRIES_PER_S, now_s=clock)
    )


def make_login(clock: Clock) -> Login:
    return Login(Password(PASSWORD, cost=2), Sessions(clock), make_tries(clock))


def far_app(book: FakeNightBook | None = None) -> tuple[Starlette, Login, Clock]:
    """Return the app as others reach it."""
    clock = Clock()
    login = make_login(clock)
    everywhere = (*LOOPBACK_HOSTS, "0.0.0.0")  # noqa: S104 - no socket listens
    return create_app(book or FakeNightBook(), hosts=everywhere, login=login), login, clock


def far_from(app: Starlette, login: Login, clock: Clock, *, address: str = "192.0.2.99", scheme: str = "http") -> Far:
    """Return one more browser at a door."""
    return Far(TestClient(app, base_url=f"{scheme}://{HERE}:8642", client=(address, 50_000)), login, clock)


def far_client(book: FakeNightBook | None = None, *, scheme: str = "http") -> Far:
    """Return a browser that has to sign in."""
    return far_from(*far_app(book), scheme=scheme)

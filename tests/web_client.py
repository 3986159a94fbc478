"""The web app as a browser on this computer reaches it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.testclient import TestClient

from dashboards.web.app import create_app

if TYPE_CHECKING:
    from tests.fakes import FakeNightBook


def client_of(book: FakeNightBook, **options: bool) -> TestClient:
    """Return a client of the pages that show a book."""
    return TestClient(create_app(book), base_url="http://127.0.0.1", **options)

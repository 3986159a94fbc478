"""What the tests of the pages share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fakes import FakeNightBook
from tests.web_client import client_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.testclient import TestClient


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    """Return a client of two synthetic nights."""
    with client_of(FakeNightBook()) as client:
        yield client

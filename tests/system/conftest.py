"""What holds for every test with real servers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.system.known_secrets import leaks

if TYPE_CHECKING:
    from collections.abc import Iterator


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the nights that take minutes: begun last, they would leave the other processors with nothing to do."""
    items.sort(key=_patience_s, reverse=True)


def _patience_s(item: pytest.Item) -> float:
    own = item.get_closest_marker("timeout")
    return float(own.args[0]) if own is not None else 0.0


@pytest.fixture(scope="module", autouse=True)
def no_secret_in_what_a_run_leaves(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Look, after the tests of a file, for secrets in all that they wrote: logs, journals, night folders."""
    # The clock of a file system may be a tick behind.
    began_s = time.time() - 1.0
    yield
    assert leaks(tmp_path_factory.getbasetemp(), began_s) == []

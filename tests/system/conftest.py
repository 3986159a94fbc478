"""What holds for every test with real servers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.system.known_secrets import leaks

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module", autouse=True)
def no_secret_in_what_a_run_leaves(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Look, after the tests of a file, for secrets in all that they wrote: logs, journals, night folders."""
    # The clock of a file system may be a tick behind.
    began_s = time.time() - 1.0
    yield
    assert leaks(tmp_path_factory.getbasetemp(), began_s) == []

"""What several files here begin with: a journal, and the embedded broker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ingest.night.journal import Journal
from tests.broker_process import broker_process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ingest.address import BrokerAddress


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.db") as opened:
        yield opened


@pytest.fixture(scope="module")
def broker() -> Iterator[BrokerAddress]:
    with broker_process() as address:
        yield address

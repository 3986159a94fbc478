"""What holds for every test with real servers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.system.house import at_home
from tests.system.known_secrets import leaks
from tests.system.servers import influx, mosquitto

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.system.house import House
    from tests.system.servers import Influx, Mosquitto


# Files that take a minute: begun last, they would leave the other processors with nothing to do. Those that keep to the
# clock of a Bluetooth service are not all begun at once.
LONGEST = (
    "test_fault_night", "test_time_to_resume", "test_before_bed", "test_demo", "test_delivery_chaos",
    "test_bluez_recorder", "test_accessibility", "test_chaos", "test_airspace", "test_collector", "test_load",
    "test_delivery", "test_full_disk_night",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    return LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST)


@pytest.fixture(scope="module", autouse=True)
def no_secret_in_what_a_run_leaves(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Look, after the tests of a file, for secrets in all that they wrote: logs, journals, night folders."""
    # The clock of a file system may be a tick behind.
    began_s = time.time() - 1.0
    yield
    assert leaks(tmp_path_factory.getbasetemp(), began_s) == []


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    with mosquitto(tmp_path_factory.mktemp("mosquitto") / "home") as server:
        yield server


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influx]:
    with influx(tmp_path_factory.mktemp("influx")) as server:
        yield server


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with at_home(tmp_path) as house:
        yield house

"""Nights that are replayed and published again change nothing in a real database, and what does differ gets there.

Four nights of three simulated minutes each stand for a year; the year itself is in tests/ingest/test_year_of_nights.py.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from detectors.signal import NS_PER_S
from ingest.night.entries import Delivery
from ingest.night.records import NightEnd, NightStart, TimePair
from tests.night_log import INFO, night_records, write_night
from tests.system.house import at_home
from tests.system.servers import ROOT, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ingest.night.records import Record
    from tests.system.house import House

pytestmark = pytest.mark.system

NIGHTS = 4
HOURS = 0.05
DAY_NS = 24 * 3600 * NS_PER_S
WITHIN_S = 180.0


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    (tmp_path / "data").mkdir()
    store = "[store]\nurl = 'http://127.0.0.1:8086'\n"
    (tmp_path / "soleus.toml").write_text(f"delivery = 'store'\ndata_dir = '{tmp_path}/data'\n{store}")
    for number in range(NIGHTS):
        path = tmp_path / "data/nights" / f"2026-09-{10 + number}-223000"
        records = [at_day(number, record) for record in night_records(HOURS, seed=number)]
        write_night(path, records, replace(INFO, start_ns=INFO.start_ns + number * DAY_NS))
    with at_home(tmp_path, journal="data/journal.sqlite") as house:
        yield house


def at_day(number: int, record: Record) -> Record:
    if isinstance(record, NightStart | TimePair | NightEnd):
        return replace(record, utc_ns=record.utc_ns + number * DAY_NS)
    return record


def replay(folder: Path, *options: str) -> list[int]:
    """Replay every night, publish it, and return how many entries changed in each."""
    argv = ["-m", "soleus", "replay", "--all", "--publish", "--json", "--config", str(folder / "soleus.toml"), *options]
    done = subprocess.run(
        [sys.executable, *argv], cwd=ROOT, capture_output=True, text=True, timeout=WITHIN_S, check=False
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line)["published"]["changed"] for line in done.stdout.splitlines()]


def dump(house: House) -> dict[str, list[Any]]:
    """Return every row of every measurement, with all tags and fields."""
    names = [row["name"] for row in house.database.rows("SHOW MEASUREMENTS")]
    return {name: sorted(house.database.rows(f'SELECT * FROM "{name}"'), key=repr) for name in names}  # noqa: S608 - names from the database


def test_replaying_every_night_again_changes_nothing_in_the_database(house: House, tmp_path: Path) -> None:
    house.store.start()
    house.relay.start()
    first = replay(tmp_path)
    assert len(first) == NIGHTS
    assert min(first) > 0
    wait_until(lambda: not house.journal.waiting(Delivery.STORE), "every night is stored", within_s=WITHIN_S)
    before = dump(house)
    assert {"leg_event", "leg_epoch", "night", "sensor_health"} <= before.keys()
    assert len({row["time"] for row in before["night"]}) == NIGHTS

    assert replay(tmp_path) == [0] * NIGHTS
    assert house.journal.waiting(Delivery.STORE) == house.journal.waiting(Delivery.BROKER) == []
    assert dump(house) == before

    assert sum(replay(tmp_path, "--set", "leg_movement.onset_uv=30")) > 0
    wait_until(lambda: not house.journal.waiting(Delivery.STORE), "what differs is stored", within_s=WITHIN_S)
    assert dump(house) != before

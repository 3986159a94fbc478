"""The statements of docs/influxdb.md on how long to keep what, run against a real InfluxDB 1.6."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import pytest

from detectors.events import Epoch
from detectors.signal import NS_PER_S, Leg, Quantity
from ingest.influx import InfluxWriter, Verdict
from ingest.night.entries import epoch_entry
from ingest.points import points_of
from ingest.schema_documentation import PATH
from ingest.wire import Delivered
from tests.system.servers import Influx, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.system

KEEP, CONTINUOUS, ONCE, *REMOVE = re.findall(
    r"^```sql\n(.*?)\n```", PATH.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)
TEN_MINUTES_NS = 600 * NS_PER_S
DAY_NS = 24 * 3600 * NS_PER_S


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influx]:
    server = Influx(tmp_path_factory.mktemp("influx"))
    conf = server.home / "influxdb.conf"
    head, _, _ = conf.read_text().partition("[continuous_queries]")
    conf.write_text(f'{head}[continuous_queries]\n  enabled = true\n  run-interval = "1s"\n')
    try:
        server.begin()
        yield server
    finally:
        server.end()


def write_hour(database: Influx, start_ns: int) -> None:
    """Write an hour of epochs of two legs; every tenth was taken back."""
    lines = []
    for number in range(120):
        for leg in (Leg.LEFT, Leg.RIGHT):
            measures = {"envelope_mean_uv": float(number), "envelope_max_uv": 100.0 + number, "valid_s": 30.0}
            epoch = Epoch(f"{leg}-shin", leg, Quantity.EMG, start_ns + number * 30 * NS_PER_S, 30.0, measures)
            entry = epoch_entry(epoch, "p1", "n1", "default")
            (point,) = points_of(Delivered("home", "bedroom", 0, entry))
            line = point.line()
            lines.append(line.replace("valid=1i", "valid=0i") if number % 10 == 0 else line)
    with InfluxWriter(database.address()) as writer:
        assert writer.write(lines).verdict is Verdict.ACCEPTED


def thin(database: Influx, start_ns: int) -> list[dict[str, Any]]:
    hour = f"time >= {start_ns} AND time < {start_ns + 3600 * NS_PER_S}"
    return database.rows(f"SELECT * FROM leg_epoch_10min WHERE {hour} AND leg = 'left'")  # noqa: S608 - our numbers


def assert_thinned_out(rows: list[dict[str, Any]]) -> None:
    assert [row["envelope_max_uv"] for row in rows] == [119.0, 139.0, 159.0, 179.0, 199.0, 219.0]
    # 18 of 20 epochs count; 0 and 10 were taken back, so the mean of the first ten minutes is that of the others.
    assert rows[0]["envelope_mean_uv"] == pytest.approx((190 - 10) / 18)
    assert {row["valid_s"] for row in rows} == {540.0}
    whose = {(row["site"], row["person"], row["scoring"], row["kind"], row["sensor"]) for row in rows}
    assert whose == {("home", "p1", "default", "emg", "left-shin")}


def test_each_statement_of_the_document_does_what_it_says(database: Influx) -> None:
    now_ns = time.time_ns()
    late_ns, month_ns = ((now_ns - days * DAY_NS) // TEN_MINUTES_NS * TEN_MINUTES_NS for days in (1, 100))
    for start_ns in (late_ns, month_ns, now_ns - 500 * DAY_NS):
        write_hour(database, start_ns)

    database.command(KEEP)
    (policy,) = database.rows("SHOW RETENTION POLICIES ON soleus")
    assert (policy["duration"], policy["shardGroupDuration"], policy["default"]) == ("0s", "2016h0m0s", True)

    database.command(CONTINUOUS)
    wait_until(lambda: len(thin(database, late_ns)) == 6, "last night is thinned out by itself")
    assert_thinned_out(thin(database, late_ns))
    assert thin(database, month_ns) == []

    dates = iter((month_ns, month_ns + DAY_NS))
    database.command(re.sub(r"'20\d\d-\d\d-01T00:00:00Z'", lambda _: str(next(dates)), ONCE))
    assert_thinned_out(thin(database, month_ns))

    n_before = len(database.rows("SELECT valid_s FROM leg_epoch"))
    for statement in REMOVE:
        database.command(statement)
    assert n_before - len(database.rows("SELECT valid_s FROM leg_epoch")) == 240
    assert len(database.rows("SELECT valid_s FROM leg_epoch")) == 480

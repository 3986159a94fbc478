"""From payloads as they come from the broker into InfluxDB, beside a bare client that writes the same lines."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS

from ingest import wire
from ingest.points import points_of
from ingest.store import BATCH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.influx import InfluxAddress
    from ingest.night.entries import Entry

SITE, COLLECTOR = "home", "bedroom"


def lines_of(entries: Sequence[Entry]) -> list[list[str]]:
    """Return the lines of each entry."""
    delivered = (wire.decode(wire.entry_topic(SITE, entry), wire.encode(entry, COLLECTOR)) for entry in entries)
    return [[point.line() for point in points_of(one)] for one in delivered]


def bare(target: InfluxAddress, entries: Sequence[Entry]) -> float:
    """Write ready lines in the same batches, synchronously; return entries per second."""
    lines = lines_of(entries)
    with InfluxDBClient(url=target.url, token=target.token, org=target.org) as client:
        api = client.write_api(write_options=SYNCHRONOUS)
        began_s = time.perf_counter()
        for start in range(0, len(lines), BATCH):
            batch = [line for one in lines[start : start + BATCH] for line in one]
            api.write(target.bucket, target.org, batch)
        per_s = len(entries) / (time.perf_counter() - began_s)
        api.close()
    return per_s

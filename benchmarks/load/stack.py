"""The real servers of a load: Mosquitto with an account for each home, InfluxDB, and any number of writers."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.load.nights import home
from tests.system.known_secrets import password_of
from tests.system.servers import Influx, free_port, listens, mosquitto, python, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.system.servers import Mosquitto, Process

GROUP = "writers"
WITHIN_S = 120.0
# What has been written is made small after seconds, not after ten minutes and four hours: its size is measured.
SOON = '\n  cache-snapshot-write-cold-duration = "2s"\n  compact-full-write-cold-duration = "3s"\n'


@contextmanager
def database(folder: Path) -> Iterator[Influx]:
    """Run InfluxDB in a folder."""
    folder.mkdir()
    server = Influx(folder)
    settings = folder / "influxdb.conf"
    settings.write_text(settings.read_text().replace("[data]\n", f"[data]{SOON}", 1))
    try:
        server.begin()
        yield server
    finally:
        server.end()


@contextmanager
def broker(folder: Path, first: int, homes: int) -> Iterator[Mosquitto]:
    """Run Mosquitto in a folder, with accounts for `homes` homes from number `first`."""
    with mosquitto(folder, [home(number).rights for number in range(first, first + homes)]) as server:
        yield server


@contextmanager
def slow_line(folder: Path, upstream: int, latency_ms: float) -> Iterator[int]:
    """Lay a line to a port on which every request takes longer, and return the port of its near end."""
    port = free_port()
    line = python("-m", "benchmarks.load.slow_line", str(port), str(upstream), str(latency_ms), log=folder / "line.log")
    line.start()
    try:
        wait_until(lambda: listens(port), "the slow line is laid")
        yield port
    finally:
        line.kill()


@contextmanager
def writers(folder: Path, server: Mosquitto, target: Influx, port: int, count: int) -> Iterator[list[Process]]:
    """Run `count` writers of one group, which reach the database through `port`."""
    address = replace(target.address(), url=f"http://127.0.0.1:{port}")
    started = [
        python(
            *("-m", "soleus", "store", "--broker", f"mqtt://store@127.0.0.1:{server.port}"),
            *("--influx", address.url, "--bucket", address.bucket, "--name", f"writer{number}", "--group", GROUP),
            log=folder / f"writer{number}.log",
            environ={"SOLEUS_MQTT_PASSWORD": password_of("store"), "SOLEUS_STORE_TOKEN": address.token},
        )
        for number in range(count)
    ]
    try:
        for one in started:
            one.start()
        for one in started:
            wait_until(partial(connected, one.log), f"connected: {one.log}", within_s=WITHIN_S)
        yield started
    finally:
        for one in started:
            one.kill()


def connected(log: Path) -> bool:
    """Return whether a writer says that the broker has let it in."""
    return log.exists() and "connected to the broker" in log.read_text()

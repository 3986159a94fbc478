"""The processes of a compressed night that is about to go wrong: virtual sensors, and `soleus night`."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.night.folder import NightFolder
from ingest.timebase import steady_ns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TOP = Path(__file__).parents[2]
EPOCH_NS = 1_790_000_000 * 10**9
END_WITHIN_S = 300.0
CONFIG = """\
person = "p1"
data_dir = "{folder}/data"

[bluetooth]
reset_adapter = true

[[sensor]]
name = "left-shin"
device = "lsp"
address = "C4:00:00:00:00:01"
leg = "left"

[[sensor]]
name = "right-shin"
device = "lsp"
address = "C4:00:00:00:00:02"
leg = "right"
"""
SERVERS = """
[mqtt]
url = "mqtt://127.0.0.1:{broker_port}"
user = "collector"

[store]
url = "http://127.0.0.1:{influx_port}"
"""


def write_config(folder: Path, more: str = "") -> Path:
    """Write the configuration of the nights in a folder, and return where; `more` is further tables."""
    config = folder / "soleus.toml"
    config.write_text(CONFIG.format(folder=folder) + more, encoding="utf-8")
    return config


def servers_at(broker_port: int, influx_port: int) -> str:
    """Return the tables of a configuration for a broker and a database on this computer."""
    return SERVERS.format(broker_port=broker_port, influx_port=influx_port)


def new_clock(speed: float) -> tuple[str, str, str]:
    """Return speed, epoch and origin of a night that begins now."""
    return repr(speed), str(EPOCH_NS), str(steady_ns())


class Sensors:
    """The process of two virtual sensors."""

    def __init__(self, hours: float, seed: int, clock: tuple[str, str, str], regime: str) -> None:
        speed, epoch_ns, origin_ns = clock
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "ingest.virtual", "--hours", str(hours), "--seed", str(seed)),
                *("--regime", regime, "--speed", speed, "--epoch-ns", epoch_ns, "--origin-ns", origin_ns),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # What was not asked for stays in the pipe, where `has_said` can see it.
            bufsize=0,
            cwd=TOP,
        )
        self.port: int = self.wait_for("ready")["port"]

    def wait_for(self, event: str) -> dict[str, Any]:
        """Wait for a report of the sensors."""
        for line in self._process.stdout or ():
            report: dict[str, Any] = json.loads(line)
            if report["event"] == event:
                return report
        raise RuntimeError(f"the sensors ended before they reported {event}")

    def has_said(self, event: str) -> bool:
        """Return whether there is such a report by now; does not wait."""
        out = self._process.stdout
        while out is not None and select.select([out], [], [], 0)[0]:
            line = out.readline()
            if not line:
                raise RuntimeError(f"the sensors ended before they reported {event}")
            if json.loads(line)["event"] == event:
                return True
        return False

    def end_night(self) -> None:
        """End the night of the legs here, however long it was to be."""
        orders = self._process.stdin
        if orders is not None:
            orders.write(b'{"do": "end"}\n')

    def end(self) -> None:
        """End the process."""
        self._process.communicate(timeout=END_WITHIN_S)


@contextmanager
def sensors(hours: float, seed: int, clock: tuple[str, str, str], regime: str = "clean") -> Iterator[Sensors]:
    """Play a night to whoever connects; the process ends with the context."""
    playing = Sensors(hours, seed, clock, regime)
    try:
        yield playing
    finally:
        playing.end()


class Collector:
    """`soleus night` with its workers, in a process group of its own."""

    def __init__(
        self, config: Path, port: int | None, clock: tuple[str, str, str], environ: Mapping[str, str] | None = None
    ) -> None:
        self.log = config.with_name("collector.log")
        adapter = () if port is None else ("--hci", f"tcp-client:127.0.0.1:{port}")
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "soleus", "night", "--config", str(config)),
                    *(*adapter, "--clock", *clock),
                ],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=TOP,
                env={**os.environ, **(environ or {})},
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Number of the supervisor's process."""
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether the supervisor is there."""
        return self._process.poll() is None

    def kill(self) -> None:
        """Kill every process of the collector at once, as a power cut would."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(END_WITHIN_S)

    def interrupt(self) -> int:
        """Press Ctrl-C, which reaches every process, and wait until the night is kept; return the exit code."""
        os.killpg(self._process.pid, signal.SIGINT)
        return self._process.wait(END_WITHIN_S)


@contextmanager
def collecting(
    config: Path, port: int | None, clock: tuple[str, str, str], environ: Mapping[str, str] | None = None
) -> Iterator[Collector]:
    """Run a collector that does not outlive the context, on a virtual adapter or on the bus that `environ` names."""
    collector = Collector(config, port, clock, environ)
    try:
        yield collector
    finally:
        collector.kill()


def the_night(folder: Path) -> NightFolder | None:
    """Return the only night in a folder, or None before there is one; two mean that one was not continued."""
    nights = folder / "data" / "nights"
    # A folder without a description is what a kill in between leaves; nobody ever takes it for a night.
    found = sorted(path.parent for path in nights.glob("*/night.json"))
    if len(found) > 1:
        raise RuntimeError(f"{len(found)} nights, expected one that goes on: {found}")
    return NightFolder(found[0]) if found else None

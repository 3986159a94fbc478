"""One recorder under load: what it lost, how late it was, and what it cost.

The way is the production one: bleak's BlueZ backend, a real D-Bus daemon, and below it the tests' stand-in for the
Bluetooth service with Bumble, instead of a kernel and radios.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from benchmarks.load.sensors import MTU, PACKETS_PER_S, specs
from detectors.signal import Gap, Leg, SampleBlock
from ingest.decoders.base import Placement
from ingest.decoders.lsp import LspDecoder
from ingest.decoders.lsp_info import DATA_UUID
from ingest.decoders.lsp_packets import decode_header
from ingest.night.folder import NightFolder
from ingest.night.packets import read_log
from ingest.night.records import Notification, RecoveryStep
from tests.system.bus import private_bus
from tests.system.scene import Talker
from tests.system.servers import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ingest.decoders.base import Decoder, Item
    from ingest.night.records import Record

NS_PER_US = 1_000
NS_PER_MS = 1e6
CONNECT_WITHIN_S = 120.0
END_WITHIN_S = 60.0
LONG_TYPE = 0xA1
PERCENTILES = (50, 99, 100)


@dataclass(frozen=True, slots=True)
class Load:
    """What a recorder did under load.

    Parameters
    ----------
    sensors : int
        How many streamed at once.
    seconds : float
        For how long.
    notifications : int
        Notifications with samples that it logged.
    produced, received : int
        Samples that the sensors took, and samples that stand in the log.
    gaps, steps : int
        Gaps in what was decoded, and steps of the recovery ladder.
    latency_ms : tuple of float
        Median, 99th percentile and maximum of the time from the sensor's last sample of a packet to its record, above
        the fastest packet of that sensor, ms.
    cpu_percent : float
        CPU of the recorder, of one core.
    peak_mb : float
        Largest resident memory of the recorder, MB.
    """

    sensors: int
    seconds: float
    notifications: int
    produced: int
    received: int
    gaps: int
    steps: int
    latency_ms: tuple[float, float, float]
    cpu_percent: float
    peak_mb: float

    @property
    def holds(self) -> bool:
        """Whether nothing was lost, at the rate that was asked for."""
        enough = self.notifications >= 0.98 * self.sensors * self.seconds * PACKETS_PER_S
        return enough and self.received == self.produced > 0 and self.gaps == 0


def load(folder: Path, n_sensors: int, seconds: float, say: Callable[[str], None]) -> Load:
    """Let sensors stream into one recorder.

    Parameters
    ----------
    folder : Path
        Where the night is kept; empty.
    n_sensors : int
        How many.
    seconds : float
        How long, s of the wall clock.
    say : callable of str
        Told how far it is.
    """
    night = NightFolder(folder / "night")
    night.path.mkdir()
    config = folder / "soleus.toml"
    config.write_text("".join(_table(spec.name, spec.address) for spec in specs(n_sensors)), encoding="utf-8")
    with ExitStack() as stack:
        bus = stack.enter_context(private_bus(folder))

        def start(module: str, *arguments: str) -> Talker:
            talker = Talker(module, *arguments, folder=folder, bus=bus.address)
            stack.callback(talker.kill)
            return talker

        room = start("benchmarks.load.sensors", f"--sensors={n_sensors}", f"--seconds={seconds}")
        room.wait_for(1)
        port = json.loads(room.lines()[0])["port"]
        bluetooth = start(
            "tests.system.bluez", f"--bus={bus.address}", f"--hci=tcp-client:127.0.0.1:{port}", f"--mtu={MTU}"
        )
        bluetooth.wait_for(1)
        recorder = start("soleus.workers.recorder", "--config", str(config), str(night.path))
        say(f"connecting {n_sensors} sensors")
        wait_until(lambda: _report(room, "started") is not None, "all sensors stream", within_s=CONNECT_WITHIN_S)
        watched = psutil.Process(recorder.pid)
        before, peak_mb = watched.cpu_times(), [0.0]

        def done() -> bool:
            peak_mb[0] = max(peak_mb[0], watched.memory_info().rss / 1e6)
            return _report(room, "done") is not None

        say(f"{n_sensors} sensors stream for {seconds:.0f} s")
        wait_until(done, "everything has been sent", within_s=seconds + END_WITHIN_S)
        after = watched.cpu_times()
        recorder.tell("end")
        if recorder.end():
            raise RuntimeError(f"the recorder failed: {recorder.errors()}")
        report = _report(room, "done")
    say("decoding")
    cpu_s = after.user + after.system - before.user - before.system
    return _counted(night, report or {}, seconds, 100 * cpu_s / seconds, peak_mb[0])


def _table(name: str, address: str) -> str:
    return f'[[sensor]]\nname = "{name}"\ndevice = "lsp"\naddress = "{address}"\nleg = "unknown"\n'


def _report(room: Talker, event: str) -> dict[str, Any] | None:
    said = (json.loads(line) for line in room.lines())
    return next((report for report in said if report["event"] == event), None)


class _Heard:
    """What one sensor's records say."""

    def __init__(self, name: str) -> None:
        self._decoder: Decoder = LspDecoder(Placement(name, Leg.UNKNOWN, ""))
        self.received = self.gaps = self.notifications = 0
        self.delays_ms: list[float] = []

    def feed(self, record: Record) -> None:
        """Decode one record; a long packet's delay counts from the tick of its first sample."""
        self._count(self._decoder.feed(record))
        is_data = isinstance(record, Notification) and record.characteristic == DATA_UUID
        if is_data and isinstance(record, Notification) and record.payload[0] == LONG_TYPE:
            header, _ = decode_header(record.payload)
            self.notifications += 1
            self.delays_ms.append((record.mono_ns - (header.tick or 0) * NS_PER_US) / NS_PER_MS)

    def finish(self) -> None:
        self._count(self._decoder.finish())

    def _count(self, items: list[Item]) -> None:
        self.received += sum(len(item.data) for item in items if isinstance(item, SampleBlock))
        self.gaps += sum(isinstance(item, Gap) and item.n_missing != 0 and item.cause != "end" for item in items)


def _counted(night: NightFolder, report: dict[str, Any], seconds: float, cpu_percent: float, peak_mb: float) -> Load:
    heard = {sensor["sensor"]: _Heard(sensor["sensor"]) for sensor in report["sensors"]}
    steps = 0
    for _, record in read_log(night.packets):
        steps += isinstance(record, RecoveryStep)
        name = getattr(record, "sensor", None)
        for one in heard.values() if name is None else [heard[name]] if name in heard else []:
            one.feed(record)
    for one in heard.values():
        one.finish()
    above_ms = np.concatenate([np.subtract(one.delays_ms, min(one.delays_ms)) for one in heard.values()])
    latency_ms = tuple(float(value) for value in np.percentile(above_ms, PERCENTILES))
    return Load(
        sensors=len(heard),
        seconds=seconds,
        notifications=sum(one.notifications for one in heard.values()),
        produced=sum(stream["produced"] for sensor in report["sensors"] for stream in sensor["streams"].values()),
        received=sum(one.received for one in heard.values()),
        gaps=sum(one.gaps for one in heard.values()),
        steps=steps,
        latency_ms=(latency_ms[0], latency_ms[1], latency_ms[2]),
        cpu_percent=cpu_percent,
        peak_mb=peak_mb,
    )

"""A night on a computer with BlueZ, as processes: sensors, Bluetooth service, recorder, and a private bus."""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from ingest.night.packets import LogFollower
from ingest.night.records import RecoveryStep
from ingest.timebase import steady_ns
from tests.bedroom import EPOCH_NS, decode
from tests.system.bus import private_bus
from tests.system.servers import ROOT, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ingest.night.records import Record
    from tests.bedroom import Decoded
    from tests.system.bus import PrivateBus

T = TypeVar("T")
PATIENCE_S = 90.0


class Talker:
    """A module of ours run as a process; it is told lines and says lines."""

    def __init__(self, module: str, *arguments: str, folder: Path, bus: str) -> None:
        self._said = folder / f"{module}-{time.monotonic_ns()}.out"
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "DBUS_SYSTEM_BUS_ADDRESS": bus}
        with self._said.open("wb") as out, self._said.with_suffix(".err").open("wb") as err:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=err,
                env=environment,
                cwd=ROOT,
            )

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()

    def lines(self) -> list[str]:
        return self._said.read_text().splitlines()

    def errors(self) -> str:
        return self._said.with_suffix(".err").read_text()

    def wait_for(self, count: int) -> None:
        """Wait for its n-th line."""
        wait_until(lambda: len(self.lines()) >= count, f"line {count} of {self._said.name}", within_s=PATIENCE_S)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdin is not None
        # What was written and never read goes with it.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()

    def freeze(self) -> None:
        """Let it stand still: alive, and without an answer to anybody."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def end(self) -> int:
        """Let it finish by itself."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        return self._process.wait(PATIENCE_S)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None


@dataclass
class Scene:
    """One night."""

    folder: Path
    bus: PrivateBus
    speed: float
    mtu: int = 247
    sensors: int = 1
    origin_ns: int = field(default_factory=steady_ns)
    talkers: list[Talker] = field(default_factory=list)
    _read: list[Record] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._follower = LogFollower(self.log)

    @property
    def log(self) -> Path:
        return self.folder / "packets.log"

    def _start(self, module: str, *arguments: str) -> Talker:
        talker = Talker(module, *arguments, folder=self.folder, bus=self.bus.address)
        self.talkers.append(talker)
        return talker

    def _clock(self) -> tuple[str, ...]:
        return f"--speed={self.speed}", f"--epoch-ns={EPOCH_NS}", f"--origin-ns={self.origin_ns}"

    def start_sensors(self, *, duration_s: float, ring_s: float) -> None:
        self.room = self._start(
            "tests.system.counting_sensors",
            *self._clock(),
            f"--duration-s={duration_s}",
            f"--ring-s={ring_s}",
            f"--sensors={self.sensors}",
        )
        self.room.wait_for(1)
        self.port = json.loads(self.room.lines()[0])["port"]

    def start_bluetooth(self, *, adapters: int = 1) -> None:
        hci = [f"--hci=tcp-client:127.0.0.1:{self.port}"] * adapters
        self.bluetooth = self._start("tests.system.bluez", f"--bus={self.bus.address}", *hci, f"--mtu={self.mtu}")
        self.bluetooth.wait_for(1)

    def start_recorder(self, *options: str) -> None:
        arguments = (f"--log={self.log}", f"--sensors={self.sensors}", *options)
        self.recorder = self._start("tests.system.recorder_process", *self._clock(), *arguments)

    def scans(self) -> list[tuple[str, int]]:
        """Return the adapter of each scan, and how many sensors streamed through it when the scan began."""
        said = [line.split() for line in self.bluetooth.lines()]
        return [(words[1], int(words[2])) for words in said if words[0] == "discovery"]

    def order(self, **command: object) -> None:
        self.room.tell(json.dumps(command))

    def reported(self, event: str) -> dict[str, object] | None:
        said = [json.loads(line) for line in self.room.lines()]
        return next((report for report in said if report["event"] == event), None)

    def wait_for_report(self, event: str) -> dict[str, object]:
        wait_until(lambda: self.reported(event) is not None, f"the sensors say {event}", within_s=PATIENCE_S)
        report = self.reported(event)
        assert report is not None
        return report

    def play_to_the_end(self) -> dict[str, Any]:
        """End the night of the sensors here, wait until all of it has arrived, and return the streams of each."""
        self.order(do="end")
        done: dict[str, Any] = self.wait_for_report("done")
        return {sensor["sensor"]: sensor["streams"] for sensor in done["sensors"]}

    def records(self) -> list[Record]:
        """Return what was logged so far; until the night has ended each record is read once, while it is waited for."""
        while new := self._follower.poll():
            self._read += [learnt for _, learnt in new]
        return self._read.copy()

    def of(self, kind: type[T]) -> list[T]:
        return [learnt for learnt in self.records() if isinstance(learnt, kind)]

    def steps(self) -> list[RecoveryStep]:
        """Return what was done about a fault: no sensor has everything that it may be asked for when it is set up."""
        return [step for step in self.of(RecoveryStep) if step.step != "set-up step left out"]

    def wait_for_log(self, wanted: Callable[[list[Record]], bool], what: str) -> None:
        wait_until(lambda: wanted(self.records()), f"{what} is logged", within_s=PATIENCE_S)

    def end(self) -> None:
        """End the night as Ctrl-C does."""
        assert self.recorder.end() == 0, self.recorder.errors()
        # What is judged is the log as it stands now.
        self._follower.close()
        self._follower = LogFollower(self.log)
        self._read.clear()

    def streams(self, sensor: str = "left") -> dict[str, Decoded]:
        return decode(self.records(), sensor, self.speed, math.inf)


@contextlib.contextmanager
def scene(folder: Path, *, speed: float, mtu: int = 247, sensors: int = 1) -> Iterator[Scene]:
    """Set the scene; every process that it started is ended by its id."""
    with private_bus(folder) as bus:
        night = Scene(folder, bus, speed, mtu, sensors)
        try:
            yield night
        finally:
            night._follower.close()
            for talker in night.talkers:
                if talker.running:
                    talker.kill()

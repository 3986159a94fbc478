"""The processes below the collector in a night of faults, and what was heard of the sensors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from benchmarks.chaos.night import the_night
from detectors.signal import NS_PER_S
from ingest.decoders.lsp_control import Op
from ingest.decoders.lsp_info import DATA_UUID
from ingest.night.packets import LogFollower
from ingest.night.records import Notification, RecoveryStep, SetupReply
from ingest.timebase import steady_ns
from tests.system.scene import Talker
from tests.system.servers import wait_until

if TYPE_CHECKING:
    from contextlib import ExitStack
    from pathlib import Path

    from tests.system.bus import PrivateBus

    Account = dict[str, list[dict[str, dict[str, int]]]]

RING_WALL_S = 40.0
RECOVER_WITHIN_S = 90.0
IN_FLIGHT_S = 0.5
QUIET_S = 5.0
SENSORS = {"left": "left-shin", "right": "right-shin"}


class Bedside:
    """Sensors and Bluetooth service of a night, each a process that can be killed; and its packet log."""

    def __init__(self, folder: Path, stack: ExitStack, bus: PrivateBus, speed: float) -> None:
        self.speed = speed
        self._folder = folder
        self._stack = stack
        self._bus = bus
        self.port = 0
        self.origin_s = self.asked_s = 0.0
        self._follower: LogFollower | None = None
        self.heard_s: dict[str, float] = {}
        self.steps: dict[str, int] = {}

    def start(self, module: str, *arguments: str) -> Talker:
        """Run a module of ours as a process of the night."""
        talker = Talker(module, *arguments, folder=self._folder, bus=self._bus.address)
        self._stack.callback(talker.kill)
        return talker

    def start_sensors(self, hours: float, seed: int, clock: tuple[str, str, str]) -> None:
        """Begin to play a simulated night."""
        self.origin_s = int(clock[2]) / NS_PER_S
        self.room = self.start(
            "ingest.virtual",
            *(f"--hours={hours}", f"--seed={seed}", f"--ring-s={RING_WALL_S * self.speed}"),
            *(f"--speed={clock[0]}", f"--epoch-ns={clock[1]}", f"--origin-ns={clock[2]}"),
        )
        self.room.wait_for(1)
        self.port = json.loads(self.room.lines()[0])["port"]

    def order(self, **command: object) -> None:
        """Give the sensors a command, see :mod:`ingest.virtual.process`."""
        self.room.tell(json.dumps(command))

    def tell_bluetooth(self, line: str) -> None:
        """Give the Bluetooth service a command, see :mod:`tests.system.bluez`."""
        self.bluetooth.tell(line)

    def start_bluetooth(self, mtu: int) -> None:
        """Start the Bluetooth service."""
        hci = f"--hci=tcp-client:127.0.0.1:{self.port}"
        self.bluetooth = self.start("tests.system.bluez", f"--bus={self._bus.address}", hci, f"--mtu={mtu}")
        self.bluetooth.wait_for(1)

    def restart_bluetooth(self, mtu: int) -> None:
        """Kill the Bluetooth service and start it again."""
        self.bluetooth.kill()
        self.start_bluetooth(mtu)

    def reports(self, event: str) -> list[dict[str, Any]]:
        """Return what the sensors reported of one kind."""
        said = (json.loads(line) for line in self.room.lines())
        return [report for report in said if report["event"] == event]

    def listen(self) -> None:
        """Read on in the packet log."""
        night = the_night(self._folder)
        if night is None or not night.packets.exists():
            return
        self._follower = self._follower or LogFollower(night.packets)
        while records := self._follower.poll():
            for _, record in records:
                if isinstance(record, Notification) and record.characteristic == DATA_UUID:
                    self.heard_s[record.sensor] = self.origin_s + record.mono_ns / NS_PER_S / self.speed
                elif isinstance(record, SetupReply) and record.request[:1] == bytes((Op.RESEND,)):
                    self.asked_s = max(self.asked_s, self.origin_s + record.mono_ns / NS_PER_S / self.speed)
                elif isinstance(record, RecoveryStep):
                    self.steps[record.step] = self.steps.get(record.step, 0) + 1

    def is_done(self) -> bool:
        """Whether every sensor has sent all of its night."""
        return bool(self.reports("done"))

    def wait_for_data(self, after: str) -> float:
        """Wait until both sensors deliver again; return how long that took, s of the wall clock."""
        over_s = steady_ns() / NS_PER_S
        # What was under way when the fault began still arrives.
        since_s = over_s + IN_FLIGHT_S

        def again() -> bool:
            self.listen()
            return (len(self.heard_s) == len(SENSORS) and min(self.heard_s.values()) > since_s) or self.is_done()

        wait_until(again, f"data again after: {after}", within_s=RECOVER_WITHIN_S)
        return steady_ns() / NS_PER_S - over_s

    def wait_for_refill(self) -> None:
        """Wait until nobody has asked for anything for a while."""
        self.asked_s = steady_ns() / NS_PER_S

        def quiet() -> bool:
            self.listen()
            return steady_ns() / NS_PER_S > self.asked_s + QUIET_S or self.is_done()

        wait_until(quiet, "everything was asked for again", within_s=RECOVER_WITHIN_S)

    def account(self) -> Account:
        """Ask the sensors what became of their samples: by sensor, each run in which it took any."""
        known = len(self.reports("stats"))
        self.order(do="stats")
        wait_until(lambda: len(self.reports("stats")) > known, "the account")
        sensors = self.reports("stats")[-1]["sensors"]
        runs = {sensor["sensor"]: [run["streams"] for run in (*sensor["earlier"], sensor)] for sensor in sensors}
        # A sensor that has nothing more to say is silent, and started again by the recorder, over and over.
        return {name: [run for run in mine if any(s["produced"] for s in run.values())] for name, mine in runs.items()}

    def close(self) -> None:
        """Close the packet log."""
        if self._follower is not None:
            self._follower.close()

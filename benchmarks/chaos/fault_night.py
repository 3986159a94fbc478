"""A compressed night in which everything goes wrong: what the air took, and what of it is missing in the morning.

Two virtual sensors, their own account of every sample; below them the tests' stand-in for the Bluetooth service, a real
D-Bus daemon, bleak's BlueZ backend, and `soleus night` as a person starts it.
"""

from __future__ import annotations

import itertools
import json
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psutil

from benchmarks.chaos.faults import FAULTS, LONG_MTU
from benchmarks.chaos.night import collecting, new_clock, the_night
from ingest.decoders.lsp_info import DATA_UUID
from ingest.night.packets import LogFollower
from ingest.night.records import Notification, RecoveryStep
from ingest.timebase import steady_ns
from tests.system.bus import private_bus
from tests.system.scene import Talker
from tests.system.servers import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from benchmarks.chaos.night import Collector
    from tests.system.bus import PrivateBus

    Account = dict[str, list[dict[str, dict[str, int]]]]

RING_WALL_S = 40.0
BEGIN_WITHIN_S = 60.0
RECOVER_WITHIN_S = 90.0
END_WITHIN_S = 600.0
SETTLED_S = 6.0
IN_FLIGHT_S = 0.5
NS_PER_S = 1_000_000_000
QUANTITIES = {"0": "emg", "1": "acceleration"}
SENSORS = {"left": "left-shin", "right": "right-shin"}


@dataclass(frozen=True, slots=True)
class Balance:
    """One stream: what its sensor says, and what the certificate of the night says.

    Parameters
    ----------
    sensor, quantity : str
        Which.
    produced : int
        Samples that the sensor took, over all its boots.
    lost : int
        Samples that never arrived: taken by the air and not sent again, overwritten in the sensor before they could be
        sent, or gone with a reboot.
    air : int
        Samples that the air took at first.
    resent : int
        Samples of these that arrived later.
    received, missing, unexplained : int
        What the certificate says.
    """

    sensor: str
    quantity: str
    produced: int
    lost: int
    air: int
    resent: int
    received: int
    missing: int
    unexplained: int

    @property
    def is_even(self) -> bool:
        """Whether the log holds exactly what the sensor says has arrived."""
        return self.received == self.produced - self.lost and self.unexplained == 0


@dataclass(slots=True)
class FaultNight:
    """What happened.

    Parameters
    ----------
    recovered_s : list of (str, float)
        Each fault, and how long after its end both sensors delivered again, s of the wall clock.
    memory_mb : dict of str to list of (float, float)
        By process: seconds since the night began, and its resident memory, MB.
    steps : dict of str to int
        Steps of the recovery ladder by name.
    balances : list of Balance
        The samples.
    certificate : dict
        As the night's folder has it.
    seconds : float
        How long it took.
    """

    recovered_s: list[tuple[str, float]] = field(default_factory=list)
    memory_mb: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    steps: dict[str, int] = field(default_factory=dict)
    balances: list[Balance] = field(default_factory=list)
    certificate: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether every sample is accounted for, and every fault was lived through."""
        return len(self.recovered_s) >= len(FAULTS) and all(balance.is_even for balance in self.balances)


class _Stage:
    """The processes below the collector, and who was heard when."""

    def __init__(self, folder: Path, stack: ExitStack, bus: PrivateBus, speed: float) -> None:
        self.speed = speed
        self._folder = folder
        self._stack = stack
        self._bus = bus
        self.port = 0
        self.origin_s = 0.0
        self._follower: LogFollower | None = None
        self.heard_s: dict[str, float] = {}
        self.steps: dict[str, int] = {}

    def start(self, module: str, *arguments: str) -> Talker:
        talker = Talker(module, *arguments, folder=self._folder, bus=self._bus.address)
        self._stack.callback(talker.kill)
        return talker

    def start_sensors(self, hours: float, seed: int, clock: tuple[str, str, str]) -> None:
        self.origin_s = int(clock[2]) / NS_PER_S
        self.room = self.start(
            "ingest.virtual",
            *(f"--hours={hours}", f"--seed={seed}", f"--ring-s={RING_WALL_S * self.speed}"),
            *(f"--speed={clock[0]}", f"--epoch-ns={clock[1]}", f"--origin-ns={clock[2]}"),
        )
        self.room.wait_for(1)
        self.port = json.loads(self.room.lines()[0])["port"]

    def order(self, **command: object) -> None:
        self.room.tell(json.dumps(command))

    def tell_bluetooth(self, line: str) -> None:
        self.bluetooth.tell(line)

    def start_bluetooth(self, mtu: int) -> None:
        hci = f"--hci=tcp-client:127.0.0.1:{self.port}"
        self.bluetooth = self.start("tests.system.bluez", f"--bus={self._bus.address}", hci, f"--mtu={mtu}")
        self.bluetooth.wait_for(1)

    def restart_bluetooth(self, mtu: int) -> None:
        self.bluetooth.kill()
        self.start_bluetooth(mtu)

    def reports(self, event: str) -> list[dict[str, Any]]:
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
                elif isinstance(record, RecoveryStep):
                    self.steps[record.step] = self.steps.get(record.step, 0) + 1

    def is_done(self) -> bool:
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
        if self._follower is not None:
            self._follower.close()


def live_through(folder: Path, *, hours: float, speed: float, seed: int, say: Callable[[str], None]) -> FaultNight:
    """Play a night with one fault after the other.

    Parameters
    ----------
    folder : Path
        Where the night is kept; empty.
    hours : float
        Length of the simulated night.
    speed : float
        Seconds of the night per second of the wall clock.
    seed : int
        Of the night and of the losses.
    say : callable of str
        Told how far it is.
    """
    night, began_s, clock = FaultNight(), time.monotonic(), new_clock(speed)
    with ExitStack() as stack:
        bus = stack.enter_context(private_bus(folder))
        stage = _Stage(folder, stack, bus, speed)
        stack.callback(stage.close)
        stage.start_sensors(hours, seed, clock)
        stage.start_bluetooth(LONG_MTU)
        collector = stack.enter_context(collecting(folder, None, clock, bus.address))
        wait_until(lambda: bool(stage.reports("started")), "both sensors stream", within_s=BEGIN_WITHIN_S)
        for fault in itertools.takewhile(lambda _fault: not stage.is_done(), itertools.cycle(FAULTS)):
            say(fault.name)
            fault.happen(stage)
            night.recovered_s.append((fault.name, stage.wait_for_data(fault.name)))
            _watch(night, collector, began_s)
        say("waiting for what is sent again")
        account = _settled(stage)
        code = collector.interrupt()
        stage.listen()
    kept = the_night(folder)
    if code or kept is None:
        raise RuntimeError(f"the collector ended with {code}: {(folder / 'collector.log').read_text()[-2000:]}")
    night.steps = stage.steps
    night.certificate = json.loads((kept.path / "certificate.json").read_text(encoding="utf-8"))
    night.balances = _balances(account, night.certificate)
    night.seconds = time.monotonic() - began_s
    return night


def _settled(stage: _Stage) -> Account:
    """Return the sensors' account once nothing changes in it any more."""
    wait_until(stage.is_done, "everything was sent", within_s=END_WITHIN_S)
    before: Account = {}
    account = stage.account()
    while account != before:
        time.sleep(SETTLED_S)
        before, account = account, stage.account()
    return account


def _watch(night: FaultNight, collector: Collector, began_s: float) -> None:
    """Note how much memory each process of the collector takes."""
    for process in psutil.Process(collector.pid).children(recursive=True):
        words = process.cmdline()
        name = next((word.rpartition(".")[2] for word in words if word.startswith(("soleus.workers.", "ingest."))), "")
        if name:
            at = (time.monotonic() - began_s, process.memory_info().rss / 1e6)
            night.memory_mb.setdefault(name, []).append(at)


def _balances(account: Account, certificate: dict[str, Any]) -> list[Balance]:
    found = []
    for sensor, runs in account.items():
        said = next(s for s in certificate["sensors"] if s["sensor"] == SENSORS[sensor])
        for number, quantity in QUANTITIES.items():
            mine = [run[number] for run in runs]
            stream = next(s for s in said["streams"] if s["quantity"] == quantity)
            arrived = sum(run["sent"] - run["dropped_on_device"] - run["missing"] for run in mine)
            produced = sum(run["produced"] for run in mine)
            found.append(
                Balance(
                    said["sensor"],
                    quantity,
                    produced,
                    produced - arrived,
                    sum(run["lost_on_purpose"] for run in mine),
                    sum(run["resent"] for run in mine),
                    *(stream[key] for key in ("received", "missing", "unexplained")),
                )
            )
    return found

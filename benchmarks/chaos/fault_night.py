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

from benchmarks.chaos.bedside import SENSORS, Bedside
from benchmarks.chaos.faults import FAULTS, LONG_MTU
from benchmarks.chaos.night import collecting, new_clock, the_night, write_config
from tests.system.bus import private_bus
from tests.system.servers import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from benchmarks.chaos.bedside import Account
    from benchmarks.chaos.faults import Fault
    from benchmarks.chaos.night import Collector

BEGIN_WITHIN_S = 60.0
MOST_GROWTH = 1.15
ON_THE_WAY = ("air", "malformed")
END_WITHIN_S = 600.0
SETTLED_S = 6.0
QUANTITIES = {"0": "emg", "1": "acceleration"}


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
    lost_on_the_way : int
        What it blames on the air and on packets that could not be read.
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
    lost_on_the_way: int

    @property
    def is_even(self) -> bool:
        """Whether the certificate counts exactly what the sensor says has arrived, and what the air kept."""
        is_blamed = self.lost_on_the_way == self.air - self.resent
        return is_blamed and self.received == self.produced - self.lost and self.unexplained == 0


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
        every_fault = {name for name, _ in self.recovered_s} == {fault.name for fault in FAULTS}
        return every_fault and self.is_flat and all(balance.is_even for balance in self.balances)

    @property
    def is_flat(self) -> bool:
        """Whether no process took much more memory in the last third of the night than in the second."""
        for course in self.memory_mb.values():
            third = len(course) // 3
            second, last = course[third : 2 * third], course[2 * third :]
            if not second or max(mb for _, mb in last) > MOST_GROWTH * max(mb for _, mb in second):
                return False
        return True


def live_through(
    folder: Path,
    *,
    hours: float,
    speed: float,
    seed: int,
    say: Callable[[str], None],
    faults: Iterable[Fault] | None = None,
) -> FaultNight:
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
    faults : iterable of Fault, optional
        What happens; the night ends after the last of them. All, over and over, until the night is over by itself.
    """
    night, began_s, clock = FaultNight(), time.monotonic(), new_clock(speed)
    with ExitStack() as stack:
        bus = stack.enter_context(private_bus(folder))
        stage = Bedside(folder, stack, bus, speed)
        stack.callback(stage.close)
        stage.start_sensors(hours, seed, clock)
        stage.start_bluetooth(LONG_MTU)
        environ = {"DBUS_SYSTEM_BUS_ADDRESS": bus.address}
        collector = stack.enter_context(collecting(write_config(folder), None, clock, environ))
        wait_until(lambda: bool(stage.reports("started")), "both sensors stream", within_s=BEGIN_WITHIN_S)
        to_come = itertools.cycle(FAULTS) if faults is None else faults
        for fault in itertools.takewhile(lambda _fault: not stage.is_done(), to_come):
            say(fault.name)
            fault.happen(stage)
            night.recovered_s.append((fault.name, stage.wait_for_data(fault.name)))
            _watch(night, collector, began_s)
            if fault.is_refilled:
                stage.wait_for_refill()
        stage.order(do="end")
        say("waiting for what is sent again")
        account = _settled(stage)
        code = collector.interrupt()
        stage.listen()
    kept = the_night(folder)
    if code or kept is None:
        raise RuntimeError(f"the collector ended with {code}: {collector.log.read_text()[-2000:]}")
    night.steps = stage.steps
    night.certificate = json.loads((kept.path / "certificate.json").read_text(encoding="utf-8"))
    night.balances = _balances(account, night.certificate)
    night.seconds = time.monotonic() - began_s
    return night


def _settled(stage: Bedside) -> Account:
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
                    sum(stream["by_cause"].get(cause, {"n_missing": 0})["n_missing"] for cause in ON_THE_WAY),
                )
            )
    return found

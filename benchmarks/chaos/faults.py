"""Everything that goes wrong in a night of faults: what is done, for how long, and how it is undone."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

BOTH = ("left", "right")
SHORT_MTU, LONG_MTU = 23, 247
EMPTY_MV = 3300
DRAINED_S = 2.0


class Stage(Protocol):
    """Where the faults happen; seconds are of the wall clock."""

    speed: float

    def order(self, **command: object) -> None:
        """Give the sensors a command, see :mod:`ingest.virtual.process`."""
        ...

    def tell_bluetooth(self, line: str) -> None:
        """Give the Bluetooth service a command, see :mod:`tests.system.bluez`."""
        ...

    def restart_bluetooth(self, mtu: int) -> None:
        """Kill the Bluetooth service and start it again."""
        ...


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Parameters
    ----------
    name : str
        What it is, in words.
    happen : callable of Stage
        Does it, and undoes it where it does not end by itself.
    is_refilled : bool
        Whether sensors are then left alone until they have sent again what got lost: it cannot be done over another
        MTU, nor after another start.
    """

    name: str
    happen: Callable[[Stage], None]
    is_refilled: bool = False


def _for_a_while(
    wall_s: float, sensors: tuple[str, ...], on: dict[str, object], off: dict[str, object]
) -> Callable[[Stage], None]:
    def happen(stage: Stage) -> None:
        for sensor in sensors:
            stage.order(sensor=sensor, **on)
        time.sleep(wall_s)
        for sensor in sensors:
            stage.order(sensor=sensor, **off)

    return happen


def _away(wall_s: float, sensor: str) -> Callable[[Stage], None]:
    def happen(stage: Stage) -> None:
        stage.order(do="leave", sensor=sensor, for_s=wall_s * stage.speed)
        time.sleep(wall_s)

    return happen


def _silent(sensor: str, cure: str) -> Callable[[Stage], None]:
    return lambda stage: stage.order(do="silence", sensor=sensor, cure=cure)


def _off(wall_s: float, sensor: str) -> Callable[[Stage], None]:
    def happen(stage: Stage) -> None:
        stage.order(do="reboot", sensor=sensor, for_s=wall_s * stage.speed)
        time.sleep(wall_s)

    return happen


def _empty(wall_s: float, sensor: str) -> Callable[[Stage], None]:
    def happen(stage: Stage) -> None:
        stage.order(do="battery", sensor=sensor, mv=EMPTY_MV)
        time.sleep(wall_s)
        stage.order(do="reboot", sensor=sensor, for_s=0)

    return happen


def _another_mtu(mtu: int) -> Callable[[Stage], None]:
    """Change the MTU while nothing is under way: packets of one form cannot be sent again among those of the other."""

    def happen(stage: Stage) -> None:
        for sensor in BOTH:
            stage.order(do="silence", sensor=sensor, cure="never")
        time.sleep(DRAINED_S)
        stage.restart_bluetooth(mtu)
        for sensor in BOTH:
            stage.order(do="speak", sensor=sensor)

    return happen


def _switched_off(stage: Stage) -> None:
    stage.tell_bluetooth("power off")
    time.sleep(1.0)
    stage.tell_bluetooth("power on")


def _lose(share: float) -> dict[str, object]:
    return {"do": "lose", "share": share}


def _cut(share: float) -> dict[str, object]:
    return {"do": "cut", "share": share, "bytes": 7}


def _double(share: float) -> dict[str, object]:
    return {"do": "double", "share": share}


FAULTS = (
    Fault("5 % of packets lost on the air", _for_a_while(3.0, BOTH, _lose(0.05), _lose(0.0))),
    Fault("10 % of packets twice", _for_a_while(2.0, BOTH, _double(0.1), _double(0.0))),
    # What the three before lost is asked for again; a sensor that falls silent meanwhile would not answer any more.
    Fault("5 % of packets cut short", _for_a_while(2.0, BOTH, _cut(0.05), _cut(0.0)), is_refilled=True),
    Fault("left out of range, shortly", _away(1.5, "left")),
    Fault("left silent until started again", _silent("left", "start")),
    Fault("right silent until subscribed to again", _silent("right", "subscribe")),
    Fault("left silent until connected again", _silent("left", "reconnect")),
    Fault("right switched off and on", _off(1.0, "right")),
    Fault("Bluetooth service dies", lambda stage: stage.restart_bluetooth(LONG_MTU), is_refilled=True),
    Fault("MTU 23 from now on", _another_mtu(SHORT_MTU)),
    # Each is asked for alone: that takes the machine's time, however fast the night is played.
    Fault(
        "0.3 % of short packets lost on the air", _for_a_while(2.0, BOTH, _lose(0.003), _lose(0.0)), is_refilled=True
    ),
    Fault("Bluetooth service dies at MTU 23", lambda stage: stage.restart_bluetooth(SHORT_MTU), is_refilled=True),
    Fault("MTU 247 from now on", _another_mtu(LONG_MTU)),
    Fault("adapter hangs until it is reset", lambda stage: stage.tell_bluetooth("hang")),
    Fault("adapter switched off and on", _switched_off),
    Fault("left's battery empty, then a new one", _empty(2.0, "left")),
    Fault("right out of range for longer", _away(5.0, "right")),
)
"""In the order in which they happen, over and over."""

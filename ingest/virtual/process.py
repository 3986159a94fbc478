"""Sensors and their radio as one process: commands come in and reports go out as lines of JSON.

Commands
--------
Each is one line, for example ``{"do": "leave", "sensor": "left", "for_s": 30}``. Seconds are of the night.

=============  =======================  =====================================================================
``do``         with                     what happens
=============  =======================  =====================================================================
``leave``      ``for_s``                out of range; the link is lost after the supervision timeout
``reboot``     ``for_s``                off for so long, then another boot with a full battery: counts from 0
``silence``    ``cure``                 connected but no data until ``start``, ``subscribe`` or ``reconnect``
                                        (the recorder's doing), or ``never`` before ``speak``
``speak``                               data again
``lose``       ``share``                this share of data packets never arrives, those sent again included
``double``     ``share``                this share arrives twice
``cut``        ``share``, ``bytes``     this share arrives so many bytes shorter
``battery``    ``mv``                   sets it; from 3500 it is said to be low, at 3300 the sensor is gone
``electrodes`` ``off_p``, ``off_n``     takes electrodes off, a bit per channel; 0 and 0 puts them on again
``impedance``  ``ohm``                  sets what a measurement finds, a list with a number per EMG channel
``rssi``       ``dbm``                  sets the signal strength
``press``                               presses the marker button and lets it go
``end``                                 ends the night of every sensor: nothing more is sampled
``stats``                               reports the account below
``quit``                                ends the play; so does the end of the input
=============  =======================  =====================================================================

Reports
-------
``event`` is ``ready`` (with the port of the adapter), ``started`` (with the time at which the legs begin to move),
``done`` (every sample sent and arrived), ``stats``, ``error`` or ``ended``. ``done``, ``stats`` and ``ended`` carry
``sensors``, a list with the account of each: ``sensor``, ``boot_id``, ``doubled_packets``, ``cut_packets``, ``done``,
and per stream number under ``streams``, counted in samples since the last start:

- ``produced``, and of these ``sent`` (what was on its way when a link was lost is sent again and not counted twice);
- ``dropped_on_device``: overwritten in its memory before they could be sent;
- ``lost_on_purpose``: what the air took (``lose``, ``cut``); of these ``resent`` arrived later, because the recorder
  asked for them, and ``missing`` did not.

So a log holds ``sent - dropped_on_device - missing`` samples of a stream once all has arrived. ``earlier`` lists the
same (``boot_id``, ``streams``) for each run that a reboot or a stop ended; what was ``produced`` and not ``sent`` then
went down with it. What was lost may still be sent again after ``done``: an account is closed when the recorder has
stopped the sensor, and stands under ``earlier`` in ``stats`` or ``ended`` then.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, cast

from ingest.virtual.adapter import AdapterServer
from ingest.virtual.leg import Curtain
from ingest.virtual.radio import Radio
from ingest.virtual.sensor import Cure, VirtualSensor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from ingest.timebase import Timebase
    from ingest.virtual.leg import DeviceSpec, LegSource

    Report = Callable[[dict[str, object]], None]
    Command = dict[str, object]

# Firmware should ask for 6 s or more (devices.md 4); shorter, a turning sleeper would break links.
SUPERVISION_S = 6.0
# A link in the radio of a compressed night must outlive the machine's own hiccups.
LEAST_SUPERVISION_WALL_S = 0.2


def _number(command: Command, key: str) -> float:
    return float(str(command[key]))


def _lose(sensor: VirtualSensor, command: Command) -> None:
    sensor.air.lost_share = _number(command, "share")


def _double(sensor: VirtualSensor, command: Command) -> None:
    sensor.air.doubled_share = _number(command, "share")


def _cut(sensor: VirtualSensor, command: Command) -> None:
    sensor.air.cut_share, sensor.air.cut_bytes = _number(command, "share"), int(_number(command, "bytes"))


CHANGES: dict[str, Callable[[VirtualSensor, Command], None]] = {
    "silence": lambda sensor, command: sensor.fall_silent(Cure(str(command.get("cure", Cure.NEVER)))),
    "speak": lambda sensor, _command: sensor.speak(),
    "press": lambda sensor, _command: sensor.press(),
    "lose": _lose,
    "double": _double,
    "cut": _cut,
    "battery": lambda sensor, command: sensor.drain(_number(command, "mv")),
    "electrodes": lambda sensor, command: sensor.detach(int(_number(command, "off_p")), int(_number(command, "off_n"))),
    "impedance": lambda sensor, command: sensor.touch(tuple(int(ohm) for ohm in cast("list[int]", command["ohm"]))),
    "rssi": lambda sensor, command: sensor.shade(int(_number(command, "dbm"))),
}
"""What a command that takes no time does."""


class SensorRoom:
    """The bedroom: one radio, its sensors, and the commands that make things go wrong.

    Commands and reports are those of :mod:`ingest.virtual.process`.

    Parameters
    ----------
    sensors : sequence of (DeviceSpec, LegSource)
        The sensors and the legs behind them.
    timebase : Timebase
        Time of the night.
    seed : int
        Of boot numbers and lost packets.
    report : callable of dict
        Takes each report.
    supervision_s : float
        After which a link without contact is lost, s of the night.
    """

    def __init__(
        self,
        sensors: Sequence[tuple[DeviceSpec, LegSource]],
        timebase: Timebase,
        *,
        seed: int,
        report: Report,
        supervision_s: float = SUPERVISION_S,
    ) -> None:
        self._timebase = timebase
        self._report = report
        patience_s = timebase.patience_s(supervision_s, least_wall_s=LEAST_SUPERVISION_WALL_S)
        self.radio = Radio(patience_s / timebase.speed)
        self._curtain = Curtain(len(sensors))
        self.sensors = {
            spec.name: VirtualSensor(
                spec,
                source,
                radio=self.radio,
                curtain=self._curtain,
                timebase=timebase,
                rng=Random(f"{seed} {spec.name}"),  # noqa: S311 - a simulation must be repeatable
            )
            for spec, source in sensors
        }

    async def play(self, commands: AsyncIterator[str]) -> None:
        """Play until the commands end or say ``quit``.

        Parameters
        ----------
        commands : async iterator of str
            Lines of JSON.
        """
        async with AdapterServer(self.radio) as server, asyncio.TaskGroup() as life:
            tasks = [life.create_task(sensor.run(), name=f"sensor[{name}]") for name, sensor in self.sensors.items()]
            tasks.append(life.create_task(self._announce(), name="announce"))
            self._report({"event": "ready", "port": server.port, "sensors": [_card(s) for s in self.sensors.values()]})
            faults: set[asyncio.Task[None]] = set()
            async for line in commands:
                if not self._obey(line, life, faults):
                    break
            for task in [*tasks, *faults]:
                task.cancel()
        self._report({"event": "ended", **self._stats()})

    def _obey(self, line: str, life: asyncio.TaskGroup, faults: set[asyncio.Task[None]]) -> bool:
        """Do one command; False ends the play. What cannot be read is reported."""
        try:
            command = json.loads(line)
            match command["do"]:
                case "quit":
                    return False
                case "end":
                    self._curtain.fall(self._timebase.mono_ns())
                case "stats":
                    self._report({"event": "stats", **self._stats()})
                case "leave" | "reboot":
                    fault = life.create_task(self._happen(command), name=f"fault[{command['do']}]")
                    faults.add(fault)
                    fault.add_done_callback(faults.discard)
                case _:
                    self._set(command)
        except (ValueError, KeyError, TypeError) as error:
            self._report({"event": "error", "command": line.strip(), "message": f"{type(error).__name__}: {error}"})
        return True

    async def _happen(self, command: dict[str, object]) -> None:
        """Let something happen that takes its time."""
        sensor = self.sensors[str(command["sensor"])]
        for_s = float(str(command.get("for_s", 0.0)))
        await (sensor.leave(for_s) if command["do"] == "leave" else sensor.reboot(for_s))

    def _set(self, command: dict[str, object]) -> None:
        """Change how a sensor behaves from now on."""
        sensor, change = self.sensors[str(command["sensor"])], CHANGES.get(str(command["do"]))
        if change is None:
            raise ValueError(f"do is {command['do']!r}, expected one of the commands in the documentation")
        change(sensor, command)

    async def _announce(self) -> None:
        """Report when the legs begin to move, and when everything has been sent and has arrived."""
        await self._curtain.up.wait()
        zero_ns = self._curtain.zero_ns
        utc_ns = self._timebase.now_ns() - (self._timebase.mono_ns() - zero_ns)
        self._report({"event": "started", "zero_mono_ns": zero_ns, "zero_utc_ns": utc_ns})
        for sensor in self.sensors.values():
            await sensor.finished.wait()
        self._report({"event": "done", **self._stats()})

    def _stats(self) -> dict[str, object]:
        return {"sensors": [sensor.report() for sensor in self.sensors.values()]}


def _card(sensor: VirtualSensor) -> dict[str, object]:
    spec = sensor.spec
    return {"name": spec.name, "address": spec.address, "advertised_name": spec.advertised_name}

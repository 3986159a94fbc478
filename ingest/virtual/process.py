"""Sensors and their radio as one process: commands come in and reports go out as lines of JSON."""

from __future__ import annotations

import asyncio
import json
from random import Random
from typing import TYPE_CHECKING

from bumble import hci

from ingest.virtual.adapter import AdapterServer
from ingest.virtual.leg import Curtain
from ingest.virtual.radio import Radio
from ingest.virtual.sensor import Cure, VirtualSensor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from ingest.timebase import Timebase
    from ingest.virtual.leg import DeviceSpec, LegSource

    Report = Callable[[dict[str, object]], None]

# Firmware should ask for 6 s or more (devices.md 4); shorter, a turning sleeper would break links.
SUPERVISION_S = 6.0
# A link in the radio of a compressed night must outlive the machine's own hiccups.
LEAST_SUPERVISION_WALL_S = 0.2


class SensorRoom:
    """The bedroom: one radio, its sensors, and the commands that make things go wrong.

    Commands are ``{"do": "leave", "sensor": "left", "for_s": 30}``; ``silence`` with ``cure`` (``never``, ``start``,
    ``subscribe``, ``reconnect``); ``speak``; ``lose`` and ``double`` with ``share``; ``reboot`` with ``for_s``;
    ``battery`` with ``mv``; ``rssi`` with ``dbm``; ``press``; ``stats``; ``quit``. Seconds are of the night.

    Reports have an ``event``: ``ready`` (with the port of the adapter), ``started`` (with the time at which the legs
    begin to move), ``done`` (every sample sent and arrived), ``stats``, ``error``, ``ended``.

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
        sensor = self.sensors[str(command["sensor"])]
        match command["do"]:
            case "silence":
                sensor.fall_silent(Cure(str(command.get("cure", Cure.NEVER))))
            case "press":
                sensor.press()
            case "speak":
                sensor.speak()
            case "lose":
                sensor.lost_share = float(str(command["share"]))
            case "double":
                sensor.doubled_share = float(str(command["share"]))
            case "battery":
                sensor.drain(float(str(command["mv"])))
            case "rssi":
                self.radio.set_rssi_dbm(hci.Address(sensor.spec.address), int(str(command["dbm"])))
            case other:
                raise ValueError(f"do is {other!r}, expected one of the commands in the documentation")

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

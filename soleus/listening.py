"""Listen to the configured sensors for some seconds, with the recorder of the night and nothing on disk."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from detectors.signal import NS_PER_S, Gap, Leg, SampleBlock
from ingest.decoders.base import Status, StatusKind
from ingest.night.folder import NightSensor
from ingest.night.frames import FRAME
from ingest.night.record_bytes import record_to_bytes
from ingest.night.records import LinkDown, LinkUp, NightStart, RecoveryStep
from ingest.recorder import record
from soleus import __version__
from soleus.build import decoder, sensor_spec

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from detectors.signal import Stream
    from ingest.ble import BleBackend
    from ingest.decoders.base import Decoder, Item
    from ingest.night.records import Record
    from ingest.session import SensorSpec
    from ingest.timebase import Timebase
    from soleus.settings import SensorSettings

LOOK_EVERY_WALL_S = 0.1
# A scan and one connection attempt; a sensor that was not heard before is given up sooner.
REACH_S = 30.0
REACH_UNHEARD_S = 6.0
# How long after the link a sensor may take to set itself up and send.
SET_UP_S = 8.0
# Sensors tell what they found with their state, about every 10 s; connecting takes its time too.
CONTACT_S = 20.0
# What a sensor of the common kind sends, where nothing was heard of one: 500 Hz of EMG, 50 Hz of acceleration, 16 bit.
USUAL_BYTES_PER_H = 5_000_000.0
S_PER_H = 3600.0
# A step that a sensor may lack; it is no trouble.
LEFT_OUT = "set-up step left out"


@dataclass(slots=True)
class Heard:
    """What one sensor said.

    Parameters
    ----------
    sensor : SensorSettings
        Which one.
    rssi_dbm : float or None
        Signal strength of its advertisement, dBm; None if it was not heard advertising.
    blocks : dict of Stream to list of (SampleBlock, int)
        Its samples, and when each block came, ns of the night. Leg and site are what the sensor itself says.
    gaps : list of Gap
        What was lost.
    statuses : list of Status
        What it said about itself.
    troubles : list of str
        Why it could not be reached, or was lost.
    linked_ns : int or None
        When it was first connected, ns of the night.
    began_ns : int or None
        When its first sample came, ns of the night.
    last_ns : int
        When anything was last learnt of it, ns of the night.
    n_bytes : int
        What a night's log would hold of what came since its first sample.
    """

    sensor: SensorSettings
    rssi_dbm: float | None = None
    blocks: dict[Stream, list[tuple[SampleBlock, int]]] = field(default_factory=lambda: defaultdict(list))
    gaps: list[Gap] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    linked_ns: int | None = None
    began_ns: int | None = None
    last_ns: int = 0
    n_bytes: int = 0

    @property
    def bytes_per_h(self) -> float:
        """How fast it fills a packet log, bytes per hour."""
        if self.began_ns is None or self.last_ns <= self.began_ns:
            return USUAL_BYTES_PER_H
        return self.n_bytes / (self.last_ns - self.began_ns) * NS_PER_S * S_PER_H

    def take(self, item: Item, mono_ns: int) -> None:
        """Take what its decoder says."""
        if isinstance(item, SampleBlock) and len(item.data):
            self.began_ns = mono_ns if self.began_ns is None else self.began_ns
            self.blocks[item.stream].append((item, mono_ns))
        elif isinstance(item, Gap):
            self.gaps.append(item)
        elif isinstance(item, Status):
            self.statuses.append(item)


class MemoryLog:
    """A packet log that decodes instead of keeping; see :class:`ingest.inbox.Log`.

    Parameters
    ----------
    heard : sequence of Heard
        One per sensor.
    speed : float
        Seconds of the night per second of the wall clock.
    """

    def __init__(self, heard: Sequence[Heard], speed: float) -> None:
        self._heard = {each.sensor.name: each for each in heard}
        self._decoders: dict[str, Decoder] = {each.sensor.name: _decoder(each.sensor, speed) for each in heard}

    def append(self, record: Record) -> None:
        """Take one record."""
        for name, heard in self._heard.items():
            for item in self._decoders[name].feed(record):
                heard.take(item, record.mono_ns)
        own = self._heard.get(getattr(record, "sensor", ""))
        if own is None:
            return
        own.last_ns = record.mono_ns
        own.n_bytes += FRAME.size + len(record_to_bytes(record)) if own.began_ns is not None else 0
        if isinstance(record, LinkUp):
            own.linked_ns = record.mono_ns if own.linked_ns is None else own.linked_ns
        elif isinstance(record, RecoveryStep) and record.step != LEFT_OUT:
            own.troubles.append(f"{record.step}: {record.detail}")
        elif isinstance(record, LinkDown) and record.reason != "stopped":
            own.troubles.append(record.reason)

    def sync(self) -> None:
        """Do nothing: there is no disk."""


def _decoder(sensor: SensorSettings, speed: float) -> Decoder:
    """Return a decoder that is not told where the sensor is worn, so that the sensor can say it."""
    worn = NightSensor(sensor.name, sensor.device, sensor.address, Leg.UNKNOWN, "", sensor.options, sensor.described)
    return decoder(worn, speed)


async def listen(
    heard: Sequence[Heard],
    seconds: float,
    *,
    timebase: Timebase,
    ble: BleBackend,
    progress: Callable[[float, str], None],
) -> None:
    """Connect to sensors, set them up, and listen.

    Parameters
    ----------
    heard : sequence of Heard
        The sensors; filled in.
    seconds : float
        How long to listen to each once its first sample came, s of the night.
    timebase : Timebase
        Time of the night.
    ble : BleBackend
        The Bluetooth to use.
    progress : callable
        Is told the share that is done and what is waited for.
    """
    specs = [sensor_spec(each.sensor) for each in heard]
    start_ns = timebase.mono_ns()

    def share() -> float:
        shares = [_share(each, seconds, timebase.mono_ns(), start_ns) for each in heard]
        waiting = [each.sensor.name for each in heard if each.began_ns is None]
        progress(min(shares), f"connecting {', '.join(waiting)}" if waiting else "listening")
        return min(shares)

    await _record(heard, specs, share, timebase=timebase, ble=ble)


async def measure_contact(
    heard: Sequence[Heard], *, timebase: Timebase, ble: BleBackend, progress: Callable[[float, str], None]
) -> None:
    """Let the sensors that can do so measure the impedance of their electrodes.

    Not while they are listened to: the measuring current may show in the EMG.

    Parameters
    ----------
    heard : sequence of Heard
        Sensors that were listened to; what is found is added to their statuses.
    timebase : Timebase
        Time of the night.
    ble : BleBackend
        The Bluetooth to use.
    progress : callable
        Is told the share that is done and what is waited for.
    """
    able = [each for each in heard if each.began_ns is not None and sensor_spec(each.sensor).profile.impedance]
    if not able:
        return
    measured = [Heard(each.sensor, each.rssi_dbm) for each in able]
    start_ns = timebase.mono_ns()

    def share() -> float:
        done = (timebase.mono_ns() - start_ns) / NS_PER_S
        all_told = all(any(s.kind is StatusKind.IMPEDANCE for s in each.statuses) for each in measured)
        progress(done / CONTACT_S, "measuring the electrodes")
        return 1.0 if all_told else done / CONTACT_S

    specs = [_measuring(sensor_spec(each.sensor)) for each in able]
    await _record(measured, specs, share, timebase=timebase, ble=ble)
    for each, own in zip(able, measured, strict=True):
        each.statuses += [status for status in own.statuses if status.kind is StatusKind.IMPEDANCE]


def _measuring(spec: SensorSpec) -> SensorSpec:
    """Return how a sensor is set up to measure its electrodes; one that sends no samples meanwhile is not silent."""
    profile = spec.profile
    return replace(
        spec,
        profile=replace(
            profile,
            setup=profile.setup + profile.impedance,
            stop=profile.impedance_end + profile.stop,
            silence_timeout_s=None,
        ),
    )


async def _record(
    heard: Sequence[Heard],
    specs: Sequence[SensorSpec],
    share: Callable[[], float],
    *,
    timebase: Timebase,
    ble: BleBackend,
) -> None:
    """Record into memory until the share that is done is 1."""
    log, stop = MemoryLog(heard, timebase.speed), asyncio.Event()
    log.append(NightStart(timebase.mono_ns(), timebase.now_ns(), timebase.speed, __version__))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(record(specs, log, timebase, stop=stop, ble=ble), name="check")
        while share() < 1.0:  # noqa: ASYNC110 - time passes without an event
            await asyncio.sleep(LOOK_EVERY_WALL_S)
        stop.set()


def _share(heard: Heard, seconds: float, now_ns: int, start_ns: int) -> float:
    """Return how much of the time for one sensor is over; 1 when there is nothing more to wait for."""
    if heard.began_ns is not None:
        return (now_ns - heard.began_ns) / NS_PER_S / seconds
    if heard.linked_ns is not None:
        return float(now_ns - heard.linked_ns >= SET_UP_S * NS_PER_S)
    reach_s = REACH_UNHEARD_S if heard.rssi_dbm is None else REACH_S
    return float(now_ns - start_ns >= reach_s * NS_PER_S)

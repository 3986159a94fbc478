"""What is behind a virtual sensor: a leg, the moment it begins to move, and what the sensor measures of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ingest.decoders.lsp_info import Format, Kind, StreamDescriptor, UnitCode

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Samples of each stream in a full notification at MTU 247.
EMG_SAMPLES_PER_PACKET = 116
ACCELERATION_SAMPLES_PER_PACKET = 38
EMG_UV_PER_COUNT = 0.25
ACCELERATION_G_PER_COUNT = 1 / 8192


class LegSource(Protocol):
    """What a leg does, sample by sample; :class:`detectors.simulate.night.LegSignal` is one."""

    @property
    def emg_fs_hz(self) -> float:
        """Sampling rate of the EMG, Hz."""
        ...

    @property
    def acceleration_fs_hz(self) -> float:
        """Sampling rate of the acceleration, Hz."""
        ...

    @property
    def n_emg(self) -> int:
        """EMG samples of the whole night."""
        ...

    @property
    def n_acceleration(self) -> int:
        """Acceleration samples of the whole night."""
        ...

    def emg(self, start: int, stop: int) -> NDArray[np.floating]:
        """Return EMG, µV, shape (stop - start, n_muscles)."""
        ...

    def acceleration(self, start: int, stop: int) -> NDArray[np.floating]:
        """Return acceleration, g, shape (stop - start, 3)."""
        ...


class Curtain:
    """The moment at which the legs begin to move: when every sensor has been started; and that at which they end.

    A compressed night would otherwise play its first minute to nobody, and to the second leg later than to the first.

    Parameters
    ----------
    sensors : int
        How many have to be started.
    """

    def __init__(self, sensors: int) -> None:
        self._sensors = sensors
        self._arrived: set[str] = set()
        self.zero_ns = 0
        self.end_ns: int | None = None
        self.up = asyncio.Event()

    def arrive(self, sensor: str, mono_ns: int) -> None:
        """Note that a sensor was started."""
        self._arrived.add(sensor)
        if not self.up.is_set() and len(self._arrived) == self._sensors:
            self.zero_ns = mono_ns
            self.up.set()

    def fall(self, mono_ns: int) -> None:
        """End the night now, however long it was to be."""
        if self.end_ns is None:
            self.end_ns = mono_ns


@dataclass(frozen=True, slots=True)
class DeviceSpec:
    """What stays the same about a sensor.

    Parameters
    ----------
    name : str
        Name in commands and reports.
    address : str
        Random static Bluetooth address, for example ``C4:00:00:00:00:01``.
    advertised_name : str
        At most 8 bytes.
    uid : int
        Number of the sensor.
    location : int
        Where it is worn, see :data:`ingest.decoders.lsp_info.BODY_LOCATIONS`.
    ring_s : float
        Memory of each stream, s of the night.
    drift_ppm : float
        How much faster its clock runs.
    battery_mv_per_h : float
        Discharge.
    """

    name: str
    address: str
    advertised_name: str
    uid: int
    location: int
    ring_s: float = 10.0
    drift_ppm: float = 0.0
    battery_mv_per_h: float = 40.0


def describe(source: LegSource, muscles: int) -> tuple[StreamDescriptor, StreamDescriptor]:
    """Return how a sensor with this leg behind it describes its two streams."""
    emg_mhz, acceleration_mhz = round(source.emg_fs_hz * 1000), round(source.acceleration_fs_hz * 1000)
    per_packet = EMG_SAMPLES_PER_PACKET // muscles
    emg = StreamDescriptor(
        0, Kind.EMG, muscles, Format.I16, emg_mhz, EMG_UV_PER_COUNT, 0.0, UnitCode.MICROVOLT, per_packet
    )
    acceleration = StreamDescriptor(
        1,
        Kind.ACC,
        3,
        Format.I16,
        acceleration_mhz,
        ACCELERATION_G_PER_COUNT,
        0.0,
        UnitCode.G,
        ACCELERATION_SAMPLES_PER_PACKET,
    )
    return emg, acceleration

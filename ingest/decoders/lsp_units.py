"""Leg Sensor Profile: from a sensor's description of a stream to ours, and from raw values to its unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.signal import Leg, Quantity, Stream, Unit
from ingest.decoders.lsp_info import BODY_LOCATIONS, Info, Kind, StreamDescriptor, UnitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ingest.decoders.base import Placement

STANDARD_GRAVITY_M_PER_S2 = 9.80665

_QUANTITIES: dict[int, Quantity] = {
    Kind.EMG: Quantity.EMG,
    Kind.ACC: Quantity.ACCELERATION,
    Kind.GYR: Quantity.ROTATION,
}
_UNITS: dict[tuple[int, int], tuple[Unit, float]] = {
    (Kind.EMG, UnitCode.MICROVOLT): (Unit.MICROVOLT, 1.0),
    (Kind.ACC, UnitCode.G): (Unit.G, 1.0),
    (Kind.ACC, UnitCode.M_PER_S2): (Unit.G, 1.0 / STANDARD_GRAVITY_M_PER_S2),
    (Kind.GYR, UnitCode.DPS): (Unit.DEGREES_PER_SECOND, 1.0),
}
_SPATIAL = ("x", "y", "z")


class Scaling(NamedTuple):
    """Physical value = raw * `factor` + `offset`."""

    factor: float
    offset: float

    def apply(self, raw: NDArray[np.generic]) -> NDArray[np.float32]:
        """Return raw values in the stream's unit; computed in double precision."""
        physical: NDArray[np.float64] = np.multiply(raw, self.factor, dtype=np.float64)
        if self.offset:
            physical += self.offset
        return physical.astype(np.float32)


def stream_of(info: Info, descriptor: StreamDescriptor, placement: Placement) -> tuple[Stream, Scaling]:
    """Return our stream for one of a sensor's streams, and how to read its values.

    A kind or unit that we have no name for is kept raw, as counts. What the wearer configured goes
    before what the sensor says about where it is worn.
    """
    unit, factor = _UNITS.get((descriptor.kind, descriptor.unit), (Unit.COUNTS, 0.0))
    location = BODY_LOCATIONS[info.body_location] if info.body_location < len(BODY_LOCATIONS) else ""
    stream = Stream(
        sensor=placement.sensor,
        leg=_leg(placement.leg, location),
        site=placement.site or location,
        quantity=_quantity(descriptor.kind),
        unit=unit,
        axes=_axes(descriptor, info.streams),
        fs_hz=descriptor.fs_hz,
    )
    if unit is Unit.COUNTS:
        return stream, Scaling(1.0, 0.0)
    return stream, Scaling(descriptor.scale * factor, descriptor.offset * factor)


def _quantity(kind: int) -> Quantity:
    return _QUANTITIES.get(kind, Quantity.OTHER)


def _leg(configured: Leg, location: str) -> Leg:
    if configured is not Leg.UNKNOWN:
        return configured
    side = location.partition(" ")[0]
    return Leg(side) if side in (Leg.LEFT, Leg.RIGHT) else Leg.UNKNOWN


def _axes(descriptor: StreamDescriptor, streams: Sequence[StreamDescriptor]) -> tuple[str, ...]:
    """Names of the columns; of two streams of one quantity, the later one's carry its number."""
    n_channels = descriptor.channels
    names = _SPATIAL if n_channels == len(_SPATIAL) else tuple(f"ch{number + 1}" for number in range(n_channels))
    if descriptor.kind in (Kind.EMG, Kind.EMG_ENVELOPE):
        names = tuple(f"ch{number + 1}" for number in range(n_channels))
    alike = [stream.stream_id for stream in streams if _quantity(stream.kind) is _quantity(descriptor.kind)]
    if alike[0] == descriptor.stream_id:
        return names
    return tuple(f"s{descriptor.stream_id}{name}" for name in names)

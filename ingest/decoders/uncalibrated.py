"""EMG of sensors whose maker publishes no scale: counts, unless the wearer knows what a count is worth.

Counts cannot be compared with a threshold in microvolts, so such a channel is recorded and shown, and not scored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detectors.signal import Quantity, Unit
from ingest.decoders.layout import DeviceOption, StreamLayout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ingest.decoders.layout import Counting

UV_PER_COUNT = "uv_per_count"
"""Name of the option that makes microvolts of counts."""
FS_HZ = "fs_hz"
"""Name of the option for the nominal sampling rate."""


def emg_options(fs_hz: float) -> dict[str, DeviceOption]:
    """Return the options of a sensor with uncalibrated EMG.

    Parameters
    ----------
    fs_hz : float
        Its nominal sampling rate, Hz.

    Returns
    -------
    dict of str to DeviceOption
        By name.
    """
    return {
        UV_PER_COUNT: DeviceOption("microvolts per count of the EMG, measured on this sensor; without it, counts"),
        FS_HZ: DeviceOption("nominal sampling rate of the EMG, Hz", fs_hz),
    }


class EmgScale:
    """What the options say about the EMG of one sensor.

    Parameters
    ----------
    options : mapping of str to float
        As :meth:`ingest.decoders.layout.Device.settled` returns them.
    fs_hz : float
        Nominal sampling rate where the options have none, Hz.
    """

    def __init__(self, options: Mapping[str, float], fs_hz: float) -> None:
        self._uv_per_count = options.get(UV_PER_COUNT)
        self._fs_hz = options.get(FS_HZ, fs_hz)

    def layout(self, axes: tuple[str, ...], counting: Counting) -> StreamLayout:
        """Return the stream: microvolts if a count is known to be worth some, counts otherwise."""
        unit = Unit.COUNTS if self._uv_per_count is None else Unit.MICROVOLT
        return StreamLayout(Quantity.EMG, unit, axes, self._fs_hz, counting)

    def scaled(self, counts: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return counts in the unit of the layout."""
        factor = 1.0 if self._uv_per_count is None else self._uv_per_count
        return (counts * factor).astype(np.float32)

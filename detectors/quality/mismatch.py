"""Whether the resting EMG of both legs is alike: an electrode that lifts shows first as a difference."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Final

from detectors.quality.epoch_tally import EPOCH_S
from detectors.signal import NS_PER_S, S_PER_MIN, Leg, Quantity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from detectors.events import Epoch

# Resting levels that differ by more, for more than half a minute, do not match (science.md 7.1).
MISMATCH_UV: Final = 15.0


class LegMismatch:
    """Compare the resting level of both legs over the half minutes of a night.

    Notes
    -----
    Only channels of the same site are compared, a leg's first one each. Half minutes of two sensors
    do not begin together; those that begin in the same half minute of UTC are compared.
    """

    def __init__(self) -> None:
        self._levels_uv: dict[tuple[str, Leg], tuple[array[int], array[float]]] = {}
        self._sensors: dict[tuple[str, Leg], str] = {}

    def note(self, site: str, epochs: Iterable[Epoch]) -> None:
        """Take epochs of a channel on a site."""
        for epoch in epochs:
            key = (site, epoch.leg)
            if epoch.quantity is Quantity.EMG and self._sensors.setdefault(key, epoch.sensor) == epoch.sensor:
                level_uv = epoch.measures.get("resting_uv")
                if level_uv is not None and epoch.measures.get("quality_class", 1.0) > 0:
                    number = epoch.start_ns // round(EPOCH_S * NS_PER_S)
                    numbers, levels_uv = self._levels_uv.setdefault(key, (array("q"), array("d")))
                    numbers.append(number)
                    levels_uv.append(level_uv)

    def minutes(self) -> float | None:
        """Return how long the levels of any site did not match, min; None if both legs were never compared."""
        found: set[int] = set()
        n_compared = 0
        for site, leg in self._levels_uv:
            if leg is not Leg.LEFT or (site, Leg.RIGHT) not in self._levels_uv:
                continue
            left_uv, right_uv = (dict(zip(*self._levels_uv[site, side], strict=True)) for side in (leg, Leg.RIGHT))
            both = left_uv.keys() & right_uv.keys()
            n_compared += len(both)
            apart = {number for number in both if abs(left_uv[number] - right_uv[number]) > MISMATCH_UV}
            # More than half a minute is more than one of them in a row.
            found |= {number for number in apart if number - 1 in apart or number + 1 in apart}
        return len(found) * EPOCH_S / S_PER_MIN if n_compared else None

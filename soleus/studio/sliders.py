"""What a slider of a threshold covers: from a quarter of its value to four times it, where nothing speaks against it.

Ends and steps are round, the slider can stand on the value of the named set exactly, and both ends are accepted while
the other thresholds stay as they are.
"""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dashboards.web.wording import unit_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

WIDTH: Final = 4.0
"""A slider goes from the value by this factor down and up."""
LEAST_STEPS: Final = 60
"""A slider has so many steps or more."""
MOST_STEPS: Final = 10**9
"""A slider of more steps than a browser counts is none."""
_ROUND: Final = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_STEPS: Final = (Decimal(5), Decimal(2), Decimal(1))
# Parts of something: a slider covers all of it.
_PARTS: Final = ("_share", "_quantile", "_confidence", "_factor", "_duty", "_without_context")
_PART_BEGINS: Final = ("weight_",)
_FULL_TURN_DEG: Final = 360.0
_NEARLY: Final = 1e-9
UNITS: Final[Mapping[str, str]] = MappingProxyType({"electrode.drift_uv_per_s": "µV/s", "sleep.wake_sum": "g s"})
"""Units that a name does not end in."""
ENDS: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {
        # 0 means something of its own: the published rule alone, every night has its index, or an axis.
        "leg_movement.onset_ratio": (0.0, 4.0),
        "leg_movement.offset_ratio": (0.0, 2.0),
        "validity.min_index_h": (0.0, 8.0),
        "posture.long_axis": (0, 2),
        # What people try: no interval of a series is longer than some minutes.
        "wasm.imi_max_s": (20.0, 180.0),
        "aasm.imi_max_s": (20.0, 180.0),
    }
)


class Slider(NamedTuple):
    """What a slider covers."""

    low: float
    high: float
    step: float


def unit_for(name: str) -> str:
    """Return the unit of a threshold, by its name.

    Examples
    --------
    >>> unit_for("leg_movement.onset_uv"), unit_for("sleep.wake_sum"), unit_for("wasm.min_series")
    ('µV', 'g s', '')
    """
    return UNITS.get(name) or unit_of(name)


def slider_of(name: str, value: float, group: object, now: float) -> Slider | None:
    """Return what the slider of a number covers.

    Parameters
    ----------
    name : str
        Group and field.
    value : float
        In the named set; where that has no such limit, its value now.
    group : object
        The thresholds that it stands among, as they are now; an end that they refuse is moved towards the value.
    now : float
        Its value among them.

    Returns
    -------
    Slider or None
        With the value now inside; none where the value is too far out, or has too many digits, to be met by a step.
    """
    if not (math.isfinite(value) and math.isfinite(now)):
        return None
    whole = isinstance(value, int)
    mark, inside = Decimal(str(value)), Decimal(str(now))
    ends = [Decimal(str(end)) for end in ENDS.get(name) or _ends(name, value)]
    low, high = min(*ends, mark, inside), max(*ends, mark, inside)
    step = Decimal(1) if whole else _step(low, high, mark)
    if step is None or high - low > MOST_STEPS * step:
        return None
    accepts = _taker(name.rpartition(".")[2], group, whole=whole)
    low, high = _accepted(low, inside, step, accepts), _accepted(high, inside, -step, accepts)
    return Slider(float(low), float(high), float(step))


def _ends(name: str, value: float) -> tuple[float, float]:
    """Return where a slider should begin and end, before anything refuses it."""
    field = name.rpartition(".")[2]
    if value < 0:
        low, high = _ends(name, -value)
        return -high, -low
    if isinstance(value, int):
        return max(1, math.floor(value / WIDTH)), max(1, math.ceil(value * WIDTH))
    if 0 <= value <= 1 and (field.endswith(_PARTS) or field.startswith(_PART_BEGINS)):
        return 0.0, 1.0
    if value == 0:
        return 0.0, 1.0  # nothing says how large it could be
    most = _FULL_TURN_DEG if unit_for(name) == "°" else math.inf
    return _rounded(value / WIDTH, math.floor), min(most, _rounded(value * WIDTH, math.ceil))


def _rounded(value: float, way: Callable[[float], int]) -> float:
    """Return a round number: the next one below or above."""
    scale = 10.0 ** math.floor(math.log10(value))
    share = value / scale
    below = way is math.floor
    fits = [one for one in _ROUND if (one <= share + _NEARLY if below else one >= share - _NEARLY)]
    return float(f"{(max(fits) if below else min(fits)) * scale:.6g}")


def _step(low: Decimal, high: Decimal, mark: Decimal) -> Decimal | None:
    """Return the widest round step of which there are enough, and that meets the mark from both ends; None if none."""
    power = Decimal(10) ** math.floor(math.log10((high - low) / LEAST_STEPS))
    while high - low <= MOST_STEPS * power:
        for digit in _STEPS:
            step = digit * power
            if high - low >= LEAST_STEPS * step and not (mark - low) % step and not (high - mark) % step:
                return step
        power /= 10
    return None


def _taker(field: str, group: object, *, whole: bool) -> Callable[[Decimal], bool]:
    """Return what tells whether a group takes a value of one of its fields."""

    def accepts(value: Decimal) -> bool:
        number: Any = int(value) if whole else float(value)
        try:
            replace(group, **{field: number})  # type: ignore[type-var]  # flatten() has met dataclasses only
        except ValueError:
            return False
        return True

    return accepts


def _accepted(end: Decimal, inside: Decimal, step: Decimal, accepts: Callable[[Decimal], bool]) -> Decimal:
    """Return an end, or what is nearest to it among the steps towards the inside and is accepted."""
    if accepts(end):
        return end
    refused, taken = 0, math.floor((inside - end) / step) + 1
    last = taken
    while taken - refused > 1:
        middle = (refused + taken) // 2
        refused, taken = (refused, middle) if accepts(end + middle * step) else (middle, taken)
    return inside if taken == last else end + taken * step

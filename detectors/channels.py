"""Which streams are scored, and how many channels each has."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from detectors.signal import Quantity, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from detectors.signal import Stream

SCORED = {Quantity.EMG: Unit.MICROVOLT, Quantity.ACCELERATION: Unit.G}
"""What there are rules for, and in which unit."""


def channels(stream: Stream) -> tuple[Stream, ...]:
    """Return the streams that are scored one by one: every channel of an EMG stream, any other stream whole.

    Parameters
    ----------
    stream : Stream
        A stream; the muscles of a multi-channel EMG stream may stand in ``site``, separated by commas.

    Returns
    -------
    tuple of Stream
        One-axis streams named ``sensor.axis``, or the stream itself.
    """
    if stream.quantity is not Quantity.EMG or len(stream.axes) == 1:
        return (stream,)
    sites = [site.strip() for site in stream.site.split(",")]
    if len(sites) != len(stream.axes):
        sites = [stream.site] * len(stream.axes)
    return tuple(
        replace(stream, sensor=f"{stream.sensor}.{axis}", site=site, axes=(axis,))
        for axis, site in zip(stream.axes, sites, strict=True)
    )


def worn_name(name: str, worn: Iterable[str]) -> str | None:
    """Return which sensor a name is of: its own, or that of one of its channels (``left-shin.ch2``).

    Parameters
    ----------
    name : str
        Name of a sensor or of a channel.
    worn : iterable of str
        Names of the sensors.

    Returns
    -------
    str or None
        The longest that fits, because a name may have a dot of its own; None if none does.

    Examples
    --------
    >>> worn_name("left-shin.ch2", ["left-shin"]), worn_name("left.calf", ["left", "left.calf"])
    ('left-shin', 'left.calf')
    """
    return max((one for one in worn if name == one or name.startswith(f"{one}.")), key=len, default=None)


def is_scored(stream: Stream) -> bool:
    """Return whether there are rules for what a stream measures, in its unit."""
    return SCORED.get(stream.quantity) is stream.unit


def tibialis_first(stream: Stream) -> bool:
    """Return a key that puts the muscle that movements are scored in before others."""
    return "tibialis" not in stream.site.lower()

"""What makes two segments one stream: everything but the segment, and a rate that was set anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from detectors.signal import Quantity, Stream, Unit


class StreamKey(NamedTuple):
    """A stream over all its segments.

    A sensor may have two streams of one quantity: two muscles, or one at two gains. Their axes have other names then.
    """

    sensor: str
    quantity: Quantity
    unit: Unit
    axes: tuple[str, ...]


def stream_key(stream: Stream) -> StreamKey:
    """Return what the segments of a stream have in common.

    Parameters
    ----------
    stream : Stream
        Any of them.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from detectors.signal import Leg, Quantity, Stream, Unit
    >>> one = Stream("left-shin", Leg.LEFT, "tibialis anterior", Quantity.EMG, Unit.MICROVOLT, ("ch1",), 500.0)
    >>> [stream_key(other) == stream_key(one) for other in (replace(one, segment=1), replace(one, axes=("s1ch1",)))]
    [True, False]
    """
    return StreamKey(stream.sensor, stream.quantity, stream.unit, stream.axes)

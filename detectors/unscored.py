"""Why a stream is recorded and shown, and not scored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.channels import SCORED, channels
from detectors.parts import emg_parts, motion_parts
from detectors.signal import Quantity, Unit

if TYPE_CHECKING:
    from detectors.criteria import Criteria
    from detectors.signal import Stream


def why_unscored(stream: Stream, criteria: Criteria) -> str | None:
    """Return why no rule can be applied to a stream, or None if one can.

    Parameters
    ----------
    stream : Stream
        What a sensor sends.
    criteria : Criteria
        Every threshold.

    Returns
    -------
    str or None
        The reason, in words for the wearer.

    Examples
    --------
    >>> from detectors.criteria import named
    >>> from detectors.signal import Leg, Stream
    >>> emg = Stream("left-shin", Leg.LEFT, "ta", Quantity.EMG, Unit.COUNTS, ("ch1",), 1116.0)
    >>> why_unscored(emg, named("wasm-2016"))
    'EMG in counts, thresholds are in uV; the option uv_per_count of the sensor says what a count is worth'
    """
    unit = SCORED.get(stream.quantity)
    if unit is None:
        return f"no rule uses {stream.quantity}" if stream.quantity is not Quantity.OTHER else "no rule uses it"
    if stream.unit is not unit:
        name = "EMG" if stream.quantity is Quantity.EMG else stream.quantity
        known = (
            "; the option uv_per_count of the sensor says what a count is worth"
            if (stream.quantity, stream.unit) == (Quantity.EMG, Unit.COUNTS)
            else ""
        )
        return f"{name} in {stream.unit}, thresholds are in {unit}{known}"
    parts = motion_parts(criteria) if unit is Unit.G else emg_parts(criteria, scores_movements=True)
    try:
        for channel in channels(stream):
            parts.features(channel)
            for detector in parts.detectors:
                detector(channel)
    except ValueError as error:
        return str(error)
    return None

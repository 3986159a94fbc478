"""What the stored numbers of a stream's channels mean, and whether 16 bits are enough for them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from detectors.signal import Quantity, Unit
from ingest.files.edf_numbers import EDF_BYTES
from ingest.files.edf_steps import Scale, scale_of

if TYPE_CHECKING:
    from ingest.files.edf_survey import Signal

# A sixteenth of the 8 µV that a leg movement rises by; a 24-bit sensor's electrode offset may not cost more.
COARSEST_EMG_UV = 0.5


def scales_of(signal: Signal, sample_bytes: int) -> list[Scale]:
    """Return the scales of a stream's axes.

    Parameters
    ----------
    signal : Signal
        The stream, looked through.
    sample_bytes : int
        Length of a stored number.
    """
    is_emg = signal.stream.quantity is Quantity.EMG and signal.stream.unit is Unit.MICROVOLT
    return [
        scale_of(
            survey,
            coarsest=COARSEST_EMG_UV if is_emg else math.inf,
            can_be_prefixed=signal.stream.unit is Unit.COUNTS,
            sample_bytes=sample_bytes,
        )
        for survey in signal.axes
    ]


def fits_16_bits(signal: Signal) -> bool:
    """Return whether 16 bits keep every value of a stream, in steps no coarser than the sensor's own."""
    return all(scale.keeps(survey) for scale, survey in zip(scales_of(signal, EDF_BYTES), signal.axes, strict=True))

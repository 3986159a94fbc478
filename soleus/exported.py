"""What is said of a night that was exported: the file, and what became of each channel's samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Exported:
    """One channel of the file, and what became of its samples.

    Parameters
    ----------
    label, sensor, unit : str
        As in the file, and which sensor it comes from.
    quantity, leg, site : str
        What it measures, and where.
    fs_hz : float
        Samples per second in the file.
    step : float
        Size of one stored number, in `unit`.
    scored : bool
        Whether the label is understood also where the timing channel is gone.
    n_samples : int
        Samples of the night.
    n_clipped, n_repeated, n_left_out : int
        Samples beyond the range; places that were filled, and samples that were not written, because the sensor's
        clock does not keep the file's rate.
    n_overlap : int
        Samples that were not written because an earlier stretch has their time.
    worst_ms : float
        How far a sample is from its time at most.
    missing_s : float
        Time without samples between the first and the last one.
    """

    label: str
    sensor: str
    unit: str
    quantity: str
    leg: str
    site: str
    fs_hz: float
    step: float
    scored: bool
    n_samples: int
    n_clipped: int
    n_repeated: int
    n_left_out: int
    n_overlap: int
    worst_ms: float
    missing_s: float


@dataclass(frozen=True, slots=True)
class Export:
    """A written file.

    Parameters
    ----------
    start : datetime
        When it begins, with its time zone; the file itself knows none.
    duration_s : float
        Length.
    channels : tuple of Exported
        In the order of the file.
    n_gaps, n_notes : int
        Stretches without samples between others, and annotations in all.
    timing_hz : float
        Samples per second of the timing channel, which stands behind them.
    final : bool
        Whether the night was over; otherwise this is what there was of it.
    """

    start: datetime
    duration_s: float
    channels: tuple[Exported, ...]
    n_gaps: int
    n_notes: int
    timing_hz: float
    final: bool

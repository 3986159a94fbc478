"""What the page *Sensors* shows of each sensor of a night."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from dashboards.book import SensorView


@dataclass(frozen=True, slots=True)
class MissingSpan:
    """A piece of a night that a sensor did not deliver.

    Parameters
    ----------
    onset_ns, end_ns : int
        UTC, ns, half open.
    cause : str
        Why, as far as the log says; empty before the final word.
    """

    onset_ns: int
    end_ns: int
    cause: str


@dataclass(frozen=True, slots=True)
class SensorReport:
    """One sensor through one night.

    Parameters
    ----------
    view : SensorView
        Name, leg and site.
    device : str
        Its kind, for example ``lsp``.
    start_ns : int
        UTC of the first minute, ns.
    minutes : mapping of str to ndarray of float32, shape (n_minutes,)
        ``battery_pct``, ``linked_share``, ``rssi_dbm``, ``lost_share``, ``longest_silence_s``: by minute of the night;
        NaN where it is not known. ``lost_share`` is what came less than the nominal rate asks for. What nobody knows of
        any minute, or no longer keeps, is not there.
    account : mapping of str to float
        Of the whole night: ``n_expected``, ``n_received``, ``n_resent`` and ``n_lost`` samples, ``links_lost``,
        ``clock_slope_ppm``; what is not known is not there.
    missing : tuple of MissingSpan
        By onset.
    """

    view: SensorView
    device: str
    start_ns: int
    minutes: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    account: Mapping[str, float] = field(default_factory=dict)
    missing: tuple[MissingSpan, ...] = ()

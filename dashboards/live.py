"""What the page *Tonight* follows: samples and sensors of the running night."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.signals import RawView
    from detectors.signal import Leg


@dataclass(frozen=True, slots=True)
class LiveSensor:
    """How a sensor does at this moment, as far as its packets say.

    Parameters
    ----------
    name : str
        Name of the sensor.
    leg : Leg
        Leg that it is worn on.
    site : str
        Muscle or place.
    linked : bool
        Whether the link stands.
    silent_s : float or None
        Time since its last samples, s; None before the first.
    battery_pct : float or None
        Charge, percent; None where it does not say.
    rssi_dbm : float or None
        Signal strength at the last look, dBm; None where nothing is known.
    contact : bool or None
        Whether the electrodes lie on skin; None where the sensor does not say.
    muscle_active : bool
        Whether the envelope is above the onset threshold at this moment: a hint, never an event.
    """

    name: str
    leg: Leg
    site: str
    linked: bool
    silent_s: float | None = None
    battery_pct: float | None = None
    rssi_dbm: float | None = None
    contact: bool | None = None
    muscle_active: bool = False


class LiveFeed(Protocol):
    """The newest samples of one night, for one page; methods block shortly and are called from one thread at a time."""

    def poll(self) -> Sequence[RawView]:
        """Return the samples that came since the last call, by stream; the first call returns the last 10 s."""
        ...

    def sensors(self) -> Sequence[LiveSensor]:
        """Return how each sensor does now, in the order in which they are worn."""
        ...

    @property
    def over(self) -> bool:
        """Whether the night has ended: nothing more will come."""
        ...

    def close(self) -> None:
        """Let go of the files."""
        ...

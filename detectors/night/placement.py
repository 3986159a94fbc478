"""Which sensors the legs of a night carry, as far as the meaning of their events depends on it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from detectors.signal import Leg

if TYPE_CHECKING:
    from collections.abc import Mapping

_OTHER = {Leg.LEFT: Leg.RIGHT, Leg.RIGHT: Leg.LEFT}
_WORDS = {"tibialis": "shin", "shin": "shin", "gastrocnemius": "calf", "soleus": "calf", "calf": "calf"}


class Muscle(StrEnum):
    """The two sides of the lower leg."""

    SHIN = "shin"
    CALF = "calf"


class _Channel(NamedTuple):
    leg: Leg
    muscle: Muscle | None
    fs_hz: float


class Placement:
    """Remember which leg has which sensors.

    Examples
    --------
    >>> placement = Placement()
    >>> placement.emg_on(Leg.LEFT, "one.ta", "tibialis anterior", 500.0)
    >>> placement.emg_on(Leg.LEFT, "one.gm", "gastrocnemius medialis", 500.0)
    >>> placement.muscle("one.gm"), placement.channels_on(Leg.LEFT)
    (<Muscle.CALF: 'calf'>, ('one.ta', 'one.gm'))
    """

    def __init__(self) -> None:
        self._channels: dict[str, _Channel] = {}
        self._motion: set[Leg] = set()

    def emg_on(self, leg: Leg, sensor: str, site: str, fs_hz: float) -> None:
        """Hear of a channel of EMG: its leg, its name, where it sits, and its sampling rate, Hz."""
        self._channels[sensor] = _Channel(leg, muscle_at(site), fs_hz)

    def motion_on(self, leg: Leg) -> None:
        """Hear that a leg has a motion sensor."""
        self._motion.add(leg)

    def has_motion(self, leg: Leg) -> bool:
        """Return whether a leg has a motion sensor."""
        return leg in self._motion

    def muscle(self, sensor: str) -> Muscle | None:
        """Return the side of the leg that a channel measures, where its site says so."""
        channel = self._channels.get(sensor)
        return None if channel is None else channel.muscle

    def fs_hz(self, sensor: str) -> float:
        """Return the sampling rate of a channel, Hz; 0 if it is not known."""
        channel = self._channels.get(sensor)
        return 0.0 if channel is None else channel.fs_hz

    def channels(self) -> tuple[str, ...]:
        """Return the names of all channels of EMG."""
        return tuple(self._channels)

    def channels_on(self, leg: Leg) -> tuple[str, ...]:
        """Return the names of the channels of one leg."""
        return tuple(name for name, channel in self._channels.items() if channel.leg is leg)

    def emg_on_both(self) -> bool:
        """Return whether both legs have EMG."""
        return {Leg.LEFT, Leg.RIGHT} <= {channel.leg for channel in self._channels.values()}


def other(leg: Leg) -> Leg | None:
    """Return the other leg; None where it is not known which leg one is."""
    return _OTHER.get(leg)


def muscle_at(site: str) -> Muscle | None:
    """Return the side of the lower leg that a site names.

    Parameters
    ----------
    site : str
        As the configuration or the file spells it.

    Returns
    -------
    Muscle or None
        None where the site says nothing of the kind.

    Examples
    --------
    >>> muscle_at("Tibialis anterior"), muscle_at("soleus"), muscle_at("leg")
    (<Muscle.SHIN: 'shin'>, <Muscle.CALF: 'calf'>, None)
    """
    words: Mapping[str, str] = _WORDS
    return next((Muscle(muscle) for word, muscle in words.items() if word in site.lower()), None)

"""Which sensors the legs of a night carry, as far as the meaning of their events depends on it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from detectors.night.presence import Presence, alive
from detectors.signal import Leg, Quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from detectors.annotations import Span
    from detectors.track import Track

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
    """Remember which leg has which sensors, and when they gave a signal.

    A motion sensor without a name, and a channel that is never heard, is taken to give one all night.

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
        self._motion: dict[Leg, set[str | None]] = {}
        self._heard: dict[tuple[str, Quantity], Presence] = {}

    def emg_on(self, leg: Leg, sensor: str, site: str, fs_hz: float) -> None:
        """Hear of a channel of EMG: its leg, its name, where it sits, and its sampling rate, Hz."""
        self._channels[sensor] = _Channel(leg, muscle_at(site), fs_hz)

    def motion_on(self, leg: Leg, sensor: str | None = None) -> None:
        """Hear that a leg has a motion sensor; one with a name is asked only about when it is heard."""
        self._motion.setdefault(leg, set()).add(sensor)

    def heard(self, track: Track) -> None:
        """Take a track of a channel: when it gave a signal."""
        self.heard_in(track.stream.sensor, track.stream.quantity, alive(track))

    def heard_in(self, sensor: str, quantity: Quantity, spans: Iterable[Span]) -> None:
        """Hear that a channel gave a signal in some stretches, which come in order, UTC ns."""
        key = (sensor, quantity)
        if key not in self._heard:
            self._heard[key] = Presence()
        for span in spans:
            self._heard[key].heard(*span)

    def forget(self, before_ns: int) -> None:
        """Drop what was heard before a time, UTC ns."""
        for presence in self._heard.values():
            presence.forget(before_ns)

    def has_motion(self, leg: Leg) -> bool:
        """Return whether a leg has a motion sensor, whether it gives a signal or not."""
        return leg in self._motion

    def sees_motion(self, leg: Leg, start_ns: int, stop_ns: int, least: float) -> bool:
        """Return whether a motion sensor of a leg gave a signal.

        Parameters
        ----------
        leg : Leg
            The leg.
        start_ns, stop_ns : int
            ``[start, stop)``, UTC ns.
        least : float
            For how much of it there has to be a signal, 0 to 1.

        Returns
        -------
        bool
            Without one nothing can be said about the movement of the leg at that time.
        """
        return any(self._share(sensor, start_ns, stop_ns) >= least for sensor in self._motion.get(leg, ()))

    def _share(self, sensor: str | None, start_ns: int, stop_ns: int) -> float:
        if sensor is None:
            return 1.0
        presence = self._heard.get((sensor, Quantity.ACCELERATION))
        return 0.0 if presence is None else presence.share(start_ns, stop_ns)

    def muscle(self, sensor: str) -> Muscle | None:
        """Return the side of the leg that a channel measures, where its site says so."""
        channel = self._channels.get(sensor)
        return None if channel is None else channel.muscle

    def fs_hz(self, sensor: str) -> float:
        """Return the sampling rate of a channel, Hz; 0 if it is not known."""
        channel = self._channels.get(sensor)
        return 0.0 if channel is None else channel.fs_hz

    def channels_at(self, t_ns: int) -> tuple[str, ...]:
        """Return the names of the channels of EMG that gave a signal at a time, UTC ns."""
        heard = ((name, self._heard.get((name, Quantity.EMG))) for name in self._channels)
        return tuple(name for name, presence in heard if presence is None or presence.at(t_ns))

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

"""What pages ask about nights: one small protocol and the values that it answers with.

The pages know neither the night folder nor the journal; whoever starts them hands them a :class:`NightBook`. What they
write (so far: a marker) goes through the same protocol.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboards.signals import Stretch, TrackView
    from detectors.events import Event
    from detectors.signal import Leg


@dataclass(frozen=True, slots=True)
class NightCard:
    """One line in a list of nights.

    Parameters
    ----------
    night_id : str
        Name of the night; one path segment (no slash).
    start_ns, end_ns : int
        UTC, ns; of a running night the end is the newest time that was scored.
    utc_offset_s : int
        Local time minus UTC at the start of the night, s.
    running : bool
        Whether the night is still being collected.
    simulated : bool
        Whether virtual sensors made it.
    """

    night_id: str
    start_ns: int
    end_ns: int
    utc_offset_s: int = 0
    running: bool = False
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class SensorView:
    """A sensor as its wearer knows it.

    Parameters
    ----------
    name : str
        Name of the sensor, as in :attr:`detectors.events.Event.sensor`.
    leg : Leg
        Leg it was worn on.
    site : str
        Muscle or place.
    """

    name: str
    leg: Leg
    site: str


@dataclass(frozen=True, slots=True)
class NightView:
    """One night in facts, as far as it is known now.

    Parameters
    ----------
    card : NightCard
        Name and times.
    sensors : tuple of SensorView
        Sensors that were worn.
    summary : mapping of str to object
        The keys and values of the summary JSON (``detectors/numbers/summary.py``): None where there is no valid signal,
        and then ``reasons`` says why. A key that is not there is one that is not known yet.
    events : tuple of Event
        Newest revision of each valid event, by onset.
    criteria : str
        Name of the criteria that it was scored with.
    version : str
        Version of the software that scored it.
    completeness : str
        How much of what the sensors measured is there, in one line; empty while the night runs.
    """

    card: NightCard
    sensors: tuple[SensorView, ...]
    summary: Mapping[str, object]
    events: tuple[Event, ...]
    criteria: str = ""
    version: str = ""
    completeness: str = ""


class NightBook(Protocol):
    """All nights that a page may show. Methods block and may be called from several threads."""

    def nights(self) -> Sequence[NightCard]:
        """Return every night, newest first; empty where nothing has been recorded."""
        ...

    def night(self, night_id: str) -> NightView:
        """Return one night.

        Raises
        ------
        KeyError
            If there is no night of this name. The name comes from a URL: anything may be in it.
        """
        ...

    def tracks(self, night_id: str) -> Sequence[TrackView]:
        """Return the night's tracks reduced to about one value per second, in the order in which to draw them.

        Raises
        ------
        KeyError
            If there is no night of this name.
        """
        ...

    def raw(self, night_id: str, sensor: str, onset_ns: int, end_ns: int) -> Stretch:
        """Return ``[onset_ns, end_ns)`` of one sensor at full resolution; empty where nothing was recorded.

        Raises
        ------
        KeyError
            If there is no such night, or no such sensor in it.
        """
        ...

    def mark(self, night_id: str, label: str) -> None:
        """Mark this moment of a running night.

        Raises
        ------
        KeyError
            If there is no night of this name.
        ValueError
            If the night is over: nobody carries the marker into its log.
        """
        ...

"""What pages ask about nights: one small protocol and the values that it answers with.

The pages know neither the night folder nor the journal; whoever starts them hands them a :class:`NightBook`. What they
write (a marker, the person's word on an event, a note) goes through the same protocol.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from dashboards.comparison import ComparisonBook
from dashboards.diary import DiaryBook

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboards.diary import DiaryEntry
    from dashboards.live import LiveFeed
    from dashboards.sensor_report import SensorReport
    from dashboards.signals import ExtremesView, Stretch, TrackView
    from dashboards.weeks import NightFigures
    from detectors.events import Event
    from detectors.signal import Leg
    from detectors.sleep.estimate import SleepSpan

NOTE = "note"
"""What a person wrote, of nothing in particular: a kind of entry of the diary."""
UNREADABLE = "the numbers of this night cannot be read"
"""The reason for numbers that are not known where a night has kept them and the file is damaged."""


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
    person : str
        Whose night it is, as configured; never a name.
    """

    night_id: str
    start_ns: int
    end_ns: int
    utc_offset_s: int = 0
    running: bool = False
    simulated: bool = False
    person: str = ""


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
        Cramp-like contractions that the person denied are not counted; other numbers stay as measured.
    events : tuple of Event
        Newest revision of each valid event, by onset.
    criteria : str
        Name of the criteria that it was scored with.
    version : str
        Version of the software that scored it.
    completeness : str
        How much of what the sensors measured is there, in one line; empty while the night runs.
    sleep : tuple of SleepSpan
        Sleep and wake, estimated or by the stages that were given, by onset; what lies between is not known. Empty
        while the night runs, and of a night that keeps none.
    """

    card: NightCard
    sensors: tuple[SensorView, ...]
    summary: Mapping[str, object]
    events: tuple[Event, ...]
    criteria: str = ""
    version: str = ""
    completeness: str = ""
    sleep: tuple[SleepSpan, ...] = ()


class NightBook(DiaryBook, ComparisonBook, Protocol):
    """All nights that a page may show, the diary, and what to compare.

    Methods block and may be called from several threads.
    """

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

    def card(self, night_id: str) -> NightCard:
        """Return what the list of nights says of one night, without a look at its events.

        Raises
        ------
        KeyError
            If there is no night of this name.
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
        UnreadableLogError
            If its samples cannot be read.
        """
        ...

    def mark(self, night_id: str, label: str, *, age_s: float = 0.0) -> None:
        """Mark a moment of a running night: this one, or one that was `age_s` ago (at most an hour).

        Raises
        ------
        KeyError
            If there is no night of this name.
        ValueError
            If the night is over: nobody carries the marker into its log.
        """
        ...

    def extremes(
        self, night_id: str, sensor: str, onset_ns: int, end_ns: int, n_buckets: int
    ) -> Sequence[ExtremesView]:
        """Return ``[onset_ns, end_ns)`` of one sensor as lowest and highest, however long it is.

        Parameters
        ----------
        night_id, sensor : str
            Which night, and which of its sensors.
        onset_ns, end_ns : int
            The stretch, UTC ns.
        n_buckets : int
            About how many values to return for each stream; the stored levels decide.

        Raises
        ------
        KeyError
            If there is no such night, or no such sensor in it.
        UnreadableLogError
            If its samples cannot be read.
        """
        ...

    def judge(self, night_id: str, event: Event, *, confirmed: bool | None) -> None:
        """Keep the person's word on an event: it was one, it was none, or no word any more (None).

        Raises
        ------
        KeyError
            If there is no such night, or no such event in it.
        """
        ...

    def note(self, night_id: str, text: str, time_ns: int | None = None, *, kind: str = NOTE) -> None:
        """Keep a note in the diary of a night, at a time of it (UTC, ns) or, of a running night, now.

        What it is a note of, `kind`, is :data:`NOTE`, or another word of the diary such as ``cramp``.

        Raises
        ------
        KeyError
            If there is no night of this name.
        ValueError
            If the text is empty or too long, the time is not within a day of the night, or no time is given and the
            night is over.
        """
        ...

    def diary(self, night_id: str) -> Sequence[DiaryEntry]:
        """Return the diary of a night, by time.

        Raises
        ------
        KeyError
            If there is no night of this name.
        """
        ...

    def weeks(self, n_nights: int) -> Sequence[NightFigures]:
        """Return the newest finished nights of one person, oldest first, each with its numbers and events in short."""
        ...

    def sensors(self, night_id: str) -> Sequence[SensorReport]:
        """Return how each sensor of a night did.

        Raises
        ------
        KeyError
            If there is no night of this name.
        """
        ...

    def live(self, night_id: str) -> LiveFeed:
        """Return what the sensors of a running night measure from now on; the caller closes it.

        Raises
        ------
        KeyError
            If there is no night of this name.
        ValueError
            If the night is over.
        """
        ...

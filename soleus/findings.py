"""What a step of scoring says, and the journal's entries that it becomes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from detectors.events import Epoch, Event, EventKind
from ingest.night.entries import epoch_entry, event_entry, health_entry, marker_entry

if TYPE_CHECKING:
    from detectors.chain import Output
    from detectors.signal import Leg, SampleBlock
    from detectors.track import Track
    from ingest.decoders.base import Marker, Status
    from ingest.night.entries import Entry
    from ingest.night.folder import NightInfo


@dataclass(slots=True)
class Findings:
    """What a step of scoring says.

    Parameters
    ----------
    events : list of Event
        Events and newer revisions, markers among them.
    epochs : list of Epoch
        Finished epochs.
    tracks : list of Track
        Tracks, for those who draw them.
    statuses : list of (Status, int)
        What sensors said about themselves, with the UTC of it, ns.
    markers : list of Marker
        Markers.
    samples : list of SampleBlock
        The samples that were scored, for those who draw them.
    """

    events: list[Event] = field(default_factory=list)
    epochs: list[Epoch] = field(default_factory=list)
    tracks: list[Track] = field(default_factory=list)
    statuses: list[tuple[Status, int]] = field(default_factory=list)
    markers: list[Marker] = field(default_factory=list)
    samples: list[SampleBlock] = field(default_factory=list)

    def take(self, output: Output) -> None:
        """Add what the pipeline says."""
        self.events += output.events
        self.epochs += output.epochs
        self.tracks += output.tracks

    def mark(self, marker: Marker, leg: Leg) -> None:
        """Add a marker, and the event that it is."""
        self.markers.append(marker)
        self.events.append(Event(EventKind.MARKER, marker.sensor, leg, marker.t_ns, marker.t_ns, {}))


def entries_of(findings: Findings, info: NightInfo) -> list[Entry]:
    """Return findings as entries of the journal."""
    whose = (info.person, info.night, info.scoring)
    return [
        *(event_entry(event, *whose) for event in findings.events),
        *(epoch_entry(epoch, *whose) for epoch in findings.epochs),
        *facts_of(findings, info),
    ]


def facts_of(findings: Findings, info: NightInfo) -> list[Entry]:
    """Return the entries among findings that no scoring decides or takes back: health and markers."""
    whose = (info.person, info.night)
    return [
        *(health_entry(status, *whose, time_ns=t_ns) for status, t_ns in findings.statuses),
        *(marker_entry(marker, *whose) for marker in findings.markers),
    ]

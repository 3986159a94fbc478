"""The nights as pages ask for them: out of the night folders and the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.book import NightCard, NightView, SensorView
from dashboards.signals import Stretch, TrackView
from detectors.events import in_order
from detectors.track import TrackName
from ingest.errors import DecodeError
from ingest.night.entries import event_of
from ingest.night.journal import Journal
from ingest.night.marks import leave_mark
from soleus.nights import all_nights, journal_path, nights_dir
from soleus.raw_stretch import raw_stretch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from detectors.criteria import Criteria
    from detectors.events import Event
    from ingest.night.folder import NightFolder, NightInfo
    from soleus.settings import Settings

_ORDER = (TrackName.ENVELOPE_UV, TrackName.RESTING_UV, TrackName.MOVEMENT_G, TrackName.TILT_DEG)


class FolderBook:
    """A book of nights over a data folder; implements :class:`dashboards.book.NightBook`.

    Parameters
    ----------
    settings : Settings
        Where the nights are.
    criteria : Criteria
        Thresholds, for the envelope of a stretch.
    simulated : bool
        Whether all nights in it are simulated.
    """

    def __init__(self, settings: Settings, criteria: Criteria, *, simulated: bool = False) -> None:
        self._settings = settings
        self._criteria = criteria
        self._simulated = simulated

    def nights(self) -> Sequence[NightCard]:
        """Return every night, newest first."""
        return [self._card(folder) for folder in self._folders()]

    def night(self, night_id: str) -> NightView:
        """Return one night; KeyError if there is none of this name."""
        folder = self._folder(night_id)
        info = folder.read_info()
        return NightView(
            self._card(folder),
            tuple(SensorView(sensor.name, sensor.leg, sensor.site) for sensor in info.sensors),
            _summary(folder),
            tuple(self._events(info)),
            self._criteria.name,
            info.version,
            _completeness(folder),
        )

    def tracks(self, night_id: str) -> Sequence[TrackView]:
        """Return the night's tracks at about one value per second."""
        folder = self._folder(night_id)
        stored = [
            TrackView(track.sensor, track.leg, track.name, track.start_ns, track.hop_s, track.values)
            for track in folder.tracks().read()
            if track.name in _ORDER
        ]
        return sorted(stored, key=lambda view: (view.leg, view.sensor, _ORDER.index(view.name)))

    def raw(self, night_id: str, sensor: str, onset_ns: int, end_ns: int) -> Stretch:
        """Return a stretch of one sensor at full resolution, read from the packet log."""
        return raw_stretch(self._folder(night_id), self._criteria, sensor, (onset_ns, end_ns))

    def mark(self, night_id: str, label: str) -> None:
        """Mark this moment of a running night; KeyError if there is none of this name, ValueError if it is over."""
        folder = self._folder(night_id)
        if not self._card(folder).running:
            msg = f"{night_id} is over, expected a running night"
            raise ValueError(msg)
        leave_mark(folder.path, label, "page")

    def _folders(self) -> Iterator[NightFolder]:
        """Yield the nights that a page may show: nothing that a link leads to outside of the data folder."""
        inside = self._settings.data_dir.resolve()
        return (folder for folder in all_nights(self._settings) if _lies_in(folder, inside))

    def _folder(self, night_id: str) -> NightFolder:
        folder = next((f for f in self._folders() if f.path.name == night_id), None)
        if folder is None or folder.path.parent != nights_dir(self._settings):
            raise KeyError(night_id)
        return folder

    def _card(self, folder: NightFolder) -> NightCard:
        info = folder.read_info()
        progress = folder.read_summary()
        end_ns = info.start_ns if progress is None else int(progress["end_ns"])
        start_ns = info.start_ns if progress is None else int(progress["start_ns"])
        running = progress is None or not progress["final"]
        # No leg can sleep faster than the clock.
        simulated = self._simulated or info.speed != 1.0
        return NightCard(info.night, start_ns, end_ns, info.utc_offset_s, running=running, simulated=simulated)

    def _events(self, info: NightInfo) -> Iterator[Event]:
        path = journal_path(self._settings)
        if not path.is_file():
            return
        with Journal(path) as journal:
            entries = journal.events(info.person, info.night, info.scoring)
        yield from sorted(map(event_of, entries), key=in_order)


def _lies_in(folder: NightFolder, directory: Path) -> bool:
    links = (path for path in (folder.path, *folder.path.iterdir()) if path.is_symlink())
    return all(link.resolve().is_relative_to(directory) for link in links)


def _completeness(folder: NightFolder) -> str:
    """Return the verdict of a night's certificate; a page shows the night even if it cannot be read."""
    try:
        stated = folder.read_certificate() or {}
    except DecodeError:
        return ""
    verdict = stated.get("verdict", "")
    return verdict if isinstance(verdict, str) else ""


def _summary(folder: NightFolder) -> Mapping[str, object]:
    progress = folder.read_summary()
    summary = {} if progress is None else progress["summary"]
    return summary if isinstance(summary, dict) else {}

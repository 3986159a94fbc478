"""The folder of one night: what is in it and under which names.

``night.json`` says what was worn, ``packets.log`` is the night itself, and everything else can be
made from these two again.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from detectors.events import Epoch, Event, EventKind, EventQuality, Step, StepRole
from detectors.signal import Leg, Quantity
from ingest.decoders.table_device import stored_table
from ingest.errors import DecodeError
from ingest.night.certificate import file_hashes
from ingest.night.json_file import read_json, write_json
from ingest.night.tracks import TrackStore

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from ingest.decoders.table import TableDevice

FORMAT_VERSION = 1
# Rule, value, threshold, held; the role follows only where it says more.
_PLAIN: Final = 4


@dataclass(frozen=True, slots=True)
class NightSensor:
    """One sensor as it was configured for a night.

    Parameters
    ----------
    name : str
        What it is called.
    device : str
        Its kind, for example ``lsp``.
    address : str
        Bluetooth address, or the name that it advertises.
    leg : Leg
        The leg it is worn on.
    site : str
        Muscle or place.
    options : mapping of str to float
        Facts about the device that its packets do not carry.
    described : TableDevice or None
        The description of a device that Soleus has no code for, as it was that night.
    """

    name: str
    device: str
    address: str
    leg: Leg
    site: str
    options: Mapping[str, float] = field(default_factory=dict)
    described: TableDevice | None = None


@dataclass(frozen=True, slots=True)
class NightInfo:
    """What is known of a night before its first packet.

    Parameters
    ----------
    site : str
        Home, ward or study.
    person : str
        Whose night it is, as configured; never a name.
    night : str
        Name of the night, unique for the person.
    scoring : str
        Name of its scoring.
    speed : float
        Speed at which it is played; 1 for a real one.
    sensors : tuple of NightSensor
        What is worn.
    start_ns : int
        UTC of its start, ns.
    utc_offset_s : int
        Local time less UTC at the start, s.
    version : str
        Version of the program.
    """

    site: str
    person: str
    night: str
    scoring: str
    speed: float
    sensors: tuple[NightSensor, ...]
    start_ns: int
    utc_offset_s: int
    version: str


@dataclass(frozen=True, slots=True)
class NightFolder:
    """The folder of one night.

    Parameters
    ----------
    path : Path
        The folder; it is made when something is written.
    """

    path: Path

    @property
    def info_path(self) -> Path:
        """What was worn."""
        return self.path / "night.json"

    @property
    def packets(self) -> Path:
        """The packet log."""
        return self.path / "packets.log"

    @property
    def index_path(self) -> Path:
        """Where the minutes begin in the packet log."""
        return self.path / "packets.index.json"

    @property
    def extremes_path(self) -> Path:
        """Where lowest and highest samples are, for pages."""
        return self.path / "extremes"

    def tracks(self, *, truncate: bool = False) -> TrackStore:
        """Return the night's tracks; `truncate` removes those of an earlier scoring."""
        return TrackStore(self.path / "tracks", truncate=truncate)

    def write_info(self, info: NightInfo) -> None:
        """Write what is known of the night."""
        self._write("night.json", {"format": FORMAT_VERSION, **asdict(info)})

    def read_info(self) -> NightInfo:
        """Return what is known of the night.

        Raises
        ------
        DecodeError
            If ``night.json`` is missing, of a later format, or lacks something.
        """
        stored = self._read("night.json")
        if not isinstance(stored, dict) or stored.get("format") != FORMAT_VERSION:
            msg = f"{self.info_path}: missing or of another format, expected format {FORMAT_VERSION}"
            raise DecodeError(msg)
        try:
            fields = {key: value for key, value in stored.items() if key != "format"}
            sensors = tuple(_sensor(sensor) for sensor in fields.pop("sensors"))
            return NightInfo(sensors=sensors, **fields)
        except (KeyError, TypeError, ValueError) as error:
            msg = f"{self.info_path}: {error}"
            raise DecodeError(msg) from error

    def write_events(self, events: Iterable[Event]) -> None:
        """Write the events of the finished night."""
        self._write("events.json", [event_json(event) for event in events])

    def read_events(self) -> tuple[Event, ...]:
        """Return the events of the finished night; none while it runs.

        Raises
        ------
        DecodeError
            If the file cannot be read.
        """
        return tuple(_event(stored) for stored in self._read("events.json") or ())

    def write_epochs(self, epochs: Iterable[Epoch]) -> None:
        """Write the epochs of the finished night."""
        self._write("epochs.json", [asdict(epoch) for epoch in epochs])

    def read_epochs(self) -> tuple[Epoch, ...]:
        """Return the epochs of the finished night; none while it runs.

        Raises
        ------
        DecodeError
            If the file cannot be read.
        """
        return tuple(
            Epoch(**{**stored, "leg": Leg(stored["leg"]), "quantity": Quantity(stored["quantity"])})
            for stored in self._read("epochs.json") or ()
        )

    def write_summary(self, summary: Mapping[str, object]) -> None:
        """Write the numbers of the night."""
        self._write("summary.json", dict(summary))

    def read_summary(self) -> dict[str, Any] | None:
        """Return the numbers of the night, or None before there are any.

        Raises
        ------
        DecodeError
            If the file cannot be read.
        """
        return self._read_object("summary.json")

    def write_config(self, config: Mapping[str, object]) -> None:
        """Write every effective setting and threshold of the night."""
        self._write("config.json", dict(config))

    def read_config(self) -> dict[str, Any] | None:
        """Return the settings and thresholds of the night, or None if they were not written.

        Raises
        ------
        DecodeError
            If the file cannot be read.
        """
        return self._read_object("config.json")

    def write_certificate(self, certificate: Mapping[str, object]) -> None:
        """Write the completeness certificate, with the hashes of the other files; to be written last."""
        self._write("certificate.json", {**certificate, "files": file_hashes(self.path)})

    def read_certificate(self) -> dict[str, Any] | None:
        """Return the completeness certificate, or None before the night was finished.

        Raises
        ------
        DecodeError
            If the file cannot be read.
        """
        return self._read_object("certificate.json")

    def _write(self, name: str, value: object) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        write_json(self.path / name, value)

    def _read(self, name: str) -> Any:
        return read_json(self.path / name)

    def _read_object(self, name: str) -> dict[str, Any] | None:
        stored = self._read(name)
        if stored is not None and not isinstance(stored, dict):
            msg = f"{self.path / name}: holds {type(stored).__name__}, expected an object"
            raise DecodeError(msg)
        return stored


def _sensor(stored: dict[str, Any]) -> NightSensor:
    changed = {"leg": Leg(stored["leg"]), "described": stored_table(stored.get("described"))}
    return NightSensor(**{**stored, **changed})


def event_json(event: Event) -> dict[str, Any]:
    """Return an event as JSON keeps it."""
    stored = asdict(event)
    stored["measures"] = dict(event.measures)
    stored["why"] = [list(step[:_PLAIN] if step.role is StepRole.REQUIRED else step) for step in event.why]
    return stored


def _event(stored: dict[str, Any]) -> Event:
    try:
        changed = {
            "kind": EventKind(stored["kind"]),
            "leg": Leg(stored["leg"]),
            "quality": EventQuality(stored["quality"]),
            "why": tuple(Step(*kept[:_PLAIN], *map(StepRole, kept[_PLAIN:])) for kept in stored["why"]),
        }
        return Event(**{**stored, **changed})
    except (KeyError, TypeError, ValueError) as error:
        msg = f"an event of events.json cannot be read: {error}"
        raise DecodeError(msg) from error

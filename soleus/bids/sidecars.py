"""What stands beside a recording in a BIDS data set: its description, its channels and its events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from detectors.events import EventKind
from detectors.signal import NS_PER_S, Quantity
from ingest.files.edf_timing import LABEL
from soleus import __version__
from soleus.sheets.event_words import EVENT_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from detectors.events import Event
    from ingest.night.folder import NightInfo
    from soleus.exported import Export, Exported

NOT_KNOWN: Final = "n/a"
TASK: Final = "sleep"
_TYPES: Final = {
    Quantity.EMG.value: "EMG",
    Quantity.ACCELERATION.value: "ACCEL",
    Quantity.ROTATION.value: "GYRO",
    Quantity.OTHER.value: "MISC",
}
_UNITS: Final = {"dps": "deg/s", "counts": NOT_KNOWN}
CHANNEL_COLUMNS: Final = (
    "name", "type", "units", "description", "sampling_frequency", "target_muscle", "sensor", "leg",
)  # fmt: skip
CHANNEL_WORDS: Final = {
    "sensor": "Name of the sensor, as its wearer configured it.",
    "leg": "The leg that it was worn on: left, right, both or unknown.",
}
_EVENT_COLUMNS: Final = ("onset", "duration", "trial_type", "leg", "sensor", "quality")
_KINDS: Final = {
    EventKind.LEG_MOVEMENT: "A leg movement",
    EventKind.PERIODIC_SERIES: "Four or more candidate movements at intervals of 10 to 90 s (WASM 2016)",
    EventKind.CRAMP: "A cramp-like sustained contraction; EMG cannot tell it from a muscle that is held on purpose",
    EventKind.TONIC: "Sustained muscle activity that is not counted as cramp-like",
    EventKind.TWITCH: "A brief potential in a quiet muscle",
    EventKind.BRIEF_JERK: "A short jerk of the leg",
    EventKind.RHYTHMIC_TRAIN: "Four or more bursts at 0.3 to 4 per second",
    EventKind.CLONUS: "Bursts at 5 to 8 per second",
    EventKind.SHIFT: "The leg lies differently than before",
    EventKind.RESTLESSNESS: "Three seconds or more of movement in several signs at once",
    EventKind.UPRIGHT: "The leg is vertical",
    EventKind.BED_EXIT: "Vertical with steps, or for a minute",
    EventKind.AWAKENING: "Two minutes or more that look awake inside the estimated sleep",
    EventKind.POSSIBLE_EPISODE: "A sudden awakening-like period of leg activity, by acceleration",
    EventKind.NOT_WORN: "A sensor that lay still where no leg was",
    EventKind.ELECTRODE_OFF: "An electrode that lost the skin",
    EventKind.SIGNAL_GAP: "Samples that never came",
    EventKind.MARKER: "The wearer pressed a button",
}


def emg_json(written: Export, info: NightInfo) -> dict[str, Any]:
    """Return the description of a recording (``*_emg.json``).

    Parameters
    ----------
    written : Export
        What is in the file.
    info : NightInfo
        What was worn.

    Returns
    -------
    dict
        What is not known is said to be so: sensors tell neither their filters nor the mains.
    """
    emg = [one for one in written.channels if one.quantity == Quantity.EMG.value]
    devices = sorted({sensor.device for sensor in info.sensors})
    played = "" if info.speed == 1.0 else f" Simulated, and played at {info.speed:g} times its speed."
    return {
        "TaskName": TASK,
        "TaskDescription": f"A night with sensors on the legs.{played}",
        "Instructions": "None: the wearer slept as usual.",
        "ManufacturersModelName": ", ".join(devices),
        "SoftwareVersions": f"Soleus {info.version}, exported by {__version__}",
        "EMGPlacementScheme": "Other",
        "EMGPlacementSchemeDescription": (
            "Put on by the wearer at home; the muscle of each channel is in channels.tsv as configured. "
            "No position was measured."
        ),
        "EMGReference": "Not told by the sensors; a sensor of one channel measures between two contacts of its own",
        "SamplingFrequency": max(one.fs_hz for one in emg),
        "PowerLineFrequency": NOT_KNOWN,
        "SoftwareFilters": NOT_KNOWN,
        "HardwareFilters": NOT_KNOWN,
        "RecordingType": "continuous",
        "RecordingDuration": written.duration_s,
        "EMGChannelCount": len(emg),
        "SubjectArtefactDescription": (
            "Where samples are missing the line is flat; events of type signal_gap and the annotations of the "
            "file say where and why."
        ),
    }


def channel_rows(written: Export) -> list[dict[str, object]]:
    """Return the channels of a file, in their order (``*_channels.tsv``)."""
    return [*map(_channel_row, written.channels), _timing_row(written)]


def _timing_row(written: Export) -> dict[str, object]:
    return {
        "name": LABEL,
        "type": "MISC",
        "description": "No signal: which sample was measured when, for Soleus; leave it out of any analysis",
        "sampling_frequency": written.timing_hz,
    }


def _channel_row(one: Exported) -> dict[str, object]:
    return {
        "name": one.label,
        "type": _TYPES[one.quantity],
        "units": _UNITS.get(one.unit, one.unit if one.unit in {"uV", "g"} else NOT_KNOWN),
        "description": f"{one.quantity} of {one.sensor}"
        + ("" if one.unit in {"uV", "g", "dps"} else f", uncalibrated, in {one.unit}"),
        "sampling_frequency": one.fs_hz,
        "target_muscle": (one.site or NOT_KNOWN) if one.quantity == Quantity.EMG.value else NOT_KNOWN,
        "sensor": one.sensor,
        "leg": one.leg,
    }


def event_table(events: Iterable[Event], start_ns: int) -> tuple[list[str], list[dict[str, object]]]:
    """Return columns and rows of ``*_events.tsv``.

    Parameters
    ----------
    events : iterable of Event
        What was found.
    start_ns : int
        UTC of the first place of the recording, ns.

    Returns
    -------
    tuple of (list of str, list of dict)
        Onset and duration in s, then a column for every measure that one of the events has.
    """
    found = sorted(events, key=lambda event: (event.onset_ns, event.kind, event.sensor))
    measures = sorted({name for event in found for name in event.measures} - {"duration_s"})
    rows: list[dict[str, object]] = [
        {
            "onset": (event.onset_ns - start_ns) / NS_PER_S,
            "duration": event.duration_s,
            "trial_type": event.kind.value,
            "leg": event.leg.value,
            "sensor": event.sensor,
            "quality": event.quality.value,
            **{name: value for name, value in event.measures.items() if name in measures},
        }
        for event in found
    ]
    return [*_EVENT_COLUMNS, *measures], rows


def _kind_text(kind: EventKind) -> str:
    return "Found by a detector that is not part of Soleus" if kind.is_plugin else _KINDS[kind]


def events_json(columns: Sequence[str], kinds: Iterable[str]) -> dict[str, Any]:
    """Return what the columns of ``*_events.tsv`` mean (``*_events.json``)."""
    levels = {kind: {"Description": _kind_text(EventKind(kind))} for kind in sorted(set(kinds))}
    told: dict[str, Any] = {
        "trial_type": {
            "LongName": "Kind of event",
            "Description": "Found by software from the signals; can be wrong, and is no diagnosis.",
            "Levels": {kind: level["Description"] for kind, level in levels.items()},
        },
        "leg": {"Description": CHANNEL_WORDS["leg"]},
        "sensor": {"Description": "The sensor that it was found on, and its channel where it has several."},
        "quality": {"Description": "good, or low where the signal under it is in doubt."},
    }
    told |= {name: {"Description": EVENT_WORDS.get(name, "A measure.")} for name in columns[len(_EVENT_COLUMNS) :]}
    return {**told, "StimulusPresentation": {"SoftwareName": NOT_KNOWN}}


def tsv(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    r"""Return rows as BIDS writes tables: tabs, and ``n/a`` for what is not known.

    Examples
    --------
    >>> tsv(["onset", "leg"], [{"onset": 0.5, "leg": "left"}, {"onset": 2.0}])
    'onset\tleg\n0.5\tleft\n2.0\tn/a\n'
    """
    lines = [[_cell(row.get(column)) for column in columns] for row in rows]
    return "".join("\t".join(line) + "\n" for line in [list(columns), *lines])


def json_text(value: object) -> str:
    """Return a description as JSON for people."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _cell(value: object) -> str:
    text = NOT_KNOWN if value is None or value == "" else str(value)
    return " ".join(text.split())

"""A recording out of the memory of a worn device: its streams, where they were worn, and their gaps."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise, takewhile
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from detectors.layout import Layout, Stretch
from detectors.recording import Recording
from detectors.signal import Gap, GapCause, Leg, Quantity, Stream, Unit
from ingest.errors import DecodeError
from ingest.files.edf_channels import LEFT_OUT
from ingest.files.sample_range import expect_range
from ingest.files.wall_clock import utc_ns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from detectors.layout import Part
    from detectors.signal import Clock
    from ingest.files.device_timeline import Run, Timeline

AXES = ("x", "y", "z")
UNITS = {Quantity.ACCELERATION: Unit.G, Quantity.ROTATION: Unit.DEGREES_PER_SECOND}
NS_PER_US = 1000
_SIDES = {"l": Leg.LEFT, "lt": Leg.LEFT, "left": Leg.LEFT, "r": Leg.RIGHT, "rt": Leg.RIGHT, "right": Leg.RIGHT}
_LEG_PARTS = frozenset({"leg", "ankle", "shin", "calf", "foot", "knee", "thigh"})
_ELSEWHERE = frozenset(
    {"wrist", "hand", "finger", "forearm", "arm", "waist", "hip", "trunk", "chest", "back", "neck", "head"}
)
_MUSCLE = "emg"
_LONGEST_SITE = 40


class Memory(Protocol):
    """The samples of one quantity in a device's memory, read on demand."""

    def samples(self, start: int, stop: int) -> NDArray[np.float32]:
        """Return the measured samples ``[start, stop)``, shape (n_samples, 3)."""
        ...


class Worn(NamedTuple):
    """Where a device was worn."""

    leg: Leg
    site: str


class Device(NamedTuple):
    """What a file says about the device and its night.

    Parameters
    ----------
    name : str
        What to call the sensor where the leg is not told, for example ``axivity``.
    location : str
        Where it was worn, in the words of who set it up.
    fs_hz : float
        Nominal sampling rate, Hz.
    time_zone : str or None
        In which time zone its clock was set, if the file tells it.
    """

    name: str
    location: str
    fs_hz: float
    time_zone: str | None


class Asked(NamedTuple):
    """What the caller says of the file.

    Parameters
    ----------
    path : Path
        The file.
    channels : mapping of str to str or None
        What ``acceleration`` or ``rotation`` mean (``{"acceleration": "ACC-L"}``); ``-`` leaves one out.
    time_zone : str or None
        In which time zone the device's clock was set.
    """

    path: Path
    channels: Mapping[str, str] | None
    time_zone: str | None


@dataclass(frozen=True, slots=True)
class DeviceSource:
    """One stream of a device; an index counts missing samples too.

    Parameters
    ----------
    stream : Stream
        What is measured.
    clock : Clock
        From sample index to UTC.
    n_samples : int
        Length in samples, missing ones counted.
    runs : tuple of Run
        What was measured.
    memory : Memory
        The samples.
    """

    stream: Stream
    clock: Clock
    n_samples: int
    runs: tuple[Run, ...]
    memory: Memory

    def read(self, start: int, stop: int) -> NDArray[np.floating]:
        """Return samples ``[start, stop)``.

        Parameters
        ----------
        start, stop : int
            Sample indices.

        Returns
        -------
        ndarray of float32, shape (stop - start, 3)
            In the stream's unit; not a number where nothing was measured.

        Raises
        ------
        DecodeError
            If the file changed since it was opened.
        ValueError
            If the range does not lie inside the stream.
        """
        expect_range(self.stream, self.n_samples, start, stop)
        values = np.full((stop - start, len(AXES)), np.nan, dtype=np.float32)
        number = max(bisect_right(self.runs, start, key=_first) - 1, 0)
        for run in takewhile(lambda run: run.first < stop, islice(self.runs, number, None)):
            low, high = max(start, run.first), min(stop, run.first + run.n_samples)
            if low < high:
                shift = run.place - run.first
                values[low - start : high - start] = self.memory.samples(low + shift, high + shift)
        return values


def _first(run: Run) -> int:
    return run.first


def recorded(asked: Asked, device: Device, measured: Timeline, memories: Mapping[Quantity, Memory]) -> Recording:
    """Return the recording of a device.

    Parameters
    ----------
    asked : Asked
        What the caller says of the file.
    device : Device
        What the file says.
    measured : Timeline
        What was measured when, by the device's clock.
    memories : mapping of Quantity to Memory
        What was measured.

    Returns
    -------
    Recording
        Its streams with their gaps.

    Raises
    ------
    DecodeError
        If the caller says something about a channel that there is none of, or the start is no instant.

    Notes
    -----
    Only the start is turned from local time into UTC: a device's clock runs on where that on the wall is put forward
    or back.
    """
    shift_ns = _shift_ns(asked, device, measured)
    clock = measured.clock(shift_ns)
    meanings = _meanings(asked, memories)
    worn = _worn_by_words(device.location)
    sources = []
    for quantity, memory in memories.items():
        meaning = meanings.get(quantity.value)
        if meaning == LEFT_OUT:
            continue
        leg, site = worn if meaning is None else _worn_by_caller(meaning, worn, f"{asked.path}: channel {quantity}")
        name = device.name if leg is Leg.UNKNOWN else leg.value
        stream = Stream(name, leg, site, quantity, UNITS[quantity], AXES, device.fs_hz)
        sources.append(DeviceSource(stream, clock, measured.n_samples, measured.runs, memory))
    if not sources:
        raise DecodeError(f"{asked.path}: {' and '.join(memories)} left out, expected one that is not")
    start_ns = measured.start_ns + shift_ns
    layout = Layout(tuple(tuple(_parts(source)) for source in sources), (start_ns, clock.at(measured.n_samples)), {})
    return Recording(asked.path.name, start_ns, tuple(sources), layout=layout)


def worn_elsewhere(site: str) -> bool:
    """Return whether a device was worn on another part of the body than a leg, by the words of its set-up.

    Parameters
    ----------
    site : str
        Those words; where they say nothing it may have been a leg.

    Returns
    -------
    bool
        Whether they name such a part.

    Examples
    --------
    >>> worn_elsewhere("right wrist"), worn_elsewhere("right ankle"), worn_elsewhere("unknown")
    (True, False, False)
    """
    words = re.findall("[a-z]+", site.lower())
    return not _ELSEWHERE.isdisjoint(words) and _LEG_PARTS.isdisjoint(words)


def _shift_ns(asked: Asked, device: Device, measured: Timeline) -> int:
    """Return by how much UTC is later than the device's clock."""
    local = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=measured.start_ns // NS_PER_US)
    shown = local.replace(tzinfo=None)
    return utc_ns(shown, asked.time_zone or device.time_zone, str(asked.path)) - utc_ns(shown, None, str(asked.path))


def _meanings(asked: Asked, memories: Iterable[Quantity]) -> Mapping[str, str]:
    known = [quantity.value for quantity in memories]
    for label in asked.channels or {}:
        if label not in known:
            raise DecodeError(f"{asked.path}: no channel {label!r}, expected one of the file's: {', '.join(known)}")
    return asked.channels or {}


def _worn_by_words(location: str) -> Worn:
    """Return where a device was worn by what its set-up says; a wrist is no leg."""
    words = re.findall("[a-z]+", location.lower())
    sides = {_SIDES[word] for word in words if word in _SIDES}
    shown = "".join(character for character in location if character.isprintable()).strip()[:_LONGEST_SITE]
    leg = sides.pop() if len(sides) == 1 and _LEG_PARTS.intersection(words) else Leg.UNKNOWN
    return Worn(leg, shown or "unknown")


def _worn_by_caller(meaning: str, told: Worn, place: str) -> Worn:
    """Return where a device was worn by what the caller says; the side is enough."""
    words = re.findall("[a-z]+", meaning.lower())
    sides = {_SIDES[word] for word in words if word in _SIDES}
    if len(sides) != 1 or worn_elsewhere(meaning) or _MUSCLE in words:
        raise DecodeError(f"{place} is said to be {meaning!r}, expected for example 'ACC-L', 'right ankle', or '-'")
    part = next((word for word in words if word in _LEG_PARTS), None)
    return Worn(sides.pop(), part or (told.site if told.leg is not Leg.UNKNOWN else "leg"))


def _parts(source: DeviceSource) -> Iterator[Part]:
    def stretch(run: Run) -> Stretch:
        return Stretch(source.stream, source.clock, run.first, run.n_samples, run.first)

    yield stretch(source.runs[0])
    for before, run in pairwise(source.runs):
        stop = before.first + before.n_samples
        yield Gap(source.stream, source.clock, stop, run.first - stop, GapCause.DEVICE)
        yield stretch(run)

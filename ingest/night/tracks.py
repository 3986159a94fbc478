"""A night's tracks at one value per second, for pages.

One flat file of little-endian float32 per sensor, leg and track, with a header beside it that says
when its first value was. Values lie on the grid of that file; where nothing was measured stands NaN.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np

from detectors.signal import NS_PER_S, Leg
from detectors.track import Track, TrackName
from ingest.errors import DecodeError
from ingest.night.json_file import read_json, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from numpy.typing import NDArray

_PEAKS = (TrackName.ENVELOPE_UV, TrackName.MOVEMENT_G)
"""Tracks of which a second's largest value is kept; of the others its last."""
_KEPT = frozenset(
    {*_PEAKS, TrackName.RESTING_UV, TrackName.LINE_RATIO, TrackName.RESTING_MOVEMENT_G, TrackName.TILT_DEG}
)
"""What a page draws over a whole night; the others can be had again from the packet log."""
_VALUE_BYTES = 4
_LONGEST_NS = 48 * 3600 * NS_PER_S
"""A value further from the first one than this lies on a broken clock and is not kept."""


@dataclass(frozen=True, slots=True)
class StoredTrack:
    """One track of a night as it was stored.

    Parameters
    ----------
    sensor : str
        Sensor, and channel where it has several.
    leg : Leg
        Leg.
    name : TrackName
        What the values are.
    start_ns : int
        UTC of the first value's first sample, ns.
    hop_s : float
        Time between values, s.
    values : ndarray of float32, shape (n_values,)
        NaN where nothing was measured.
    """

    sensor: str
    leg: Leg
    name: TrackName
    start_ns: int
    hop_s: float
    values: NDArray[np.float32]


@dataclass(slots=True)
class _Open:
    """A track that is being written."""

    file: BinaryIO
    start_ns: int
    hop_ns: float
    n_values: int
    last: float


class TrackStore:
    """The tracks of one night.

    Parameters
    ----------
    directory : Path
        Where they are; made at the first :meth:`append`.
    truncate : bool
        Remove what an earlier scoring left.
    """

    def __init__(self, directory: Path, *, truncate: bool = False) -> None:
        self._directory = directory
        self._open: dict[tuple[str, Leg, TrackName], _Open] = {}
        if truncate and directory.is_dir():
            for path in (*directory.glob("*.json"), *directory.glob("*.f32")):
                path.unlink()

    def append(self, track: Track) -> None:
        """Add a stretch of a track, later than what was added to it before.

        Parameters
        ----------
        track : Track
            Any number of hops; hops of one second may come in several pieces. Tracks that no page draws over a
            whole night are not kept.
        """
        if track.name not in _KEPT or not len(track.values):
            return
        n_per_value = max(1, round(track.stream.fs_hz / track.hop))
        first_hop = track.start // track.hop
        values = _reduced(track.values, first_hop % n_per_value, n_per_value, peak=track.name in _PEAKS)
        at_ns = track.clock.at(first_hop // n_per_value * n_per_value * track.hop)
        key = (track.stream.sensor, track.stream.leg, track.name)
        store = self._open.get(key)
        if store is None:
            hop_s = n_per_value * track.hop / track.stream.fs_hz
            store = self._open[key] = self._begin(key, at_ns, hop_s)
        if abs(at_ns - store.start_ns) <= _LONGEST_NS:
            _write(store, round((at_ns - store.start_ns) / store.hop_ns), values, peak=track.name in _PEAKS)

    def read(self) -> Iterator[StoredTrack]:
        """Yield every stored track that can be read, also while it is written; in the order of their names."""
        for path in sorted(self._directory.glob("*.json")):
            stored = _stored(path)
            if stored is not None:
                yield stored

    def close(self) -> None:
        """Close all files."""
        for store in self._open.values():
            store.file.close()
        self._open.clear()

    def _begin(self, key: tuple[str, Leg, TrackName], start_ns: int, hop_s: float) -> _Open:
        self._directory.mkdir(parents=True, exist_ok=True)
        sensor, leg, name = key
        header_path = self._directory / f"{quote(sensor, safe='')}-{leg}-{name}.json"
        data_path = header_path.with_suffix(".f32")
        file = data_path.open("w+b", buffering=0)
        header = {"sensor": sensor, "leg": leg, "name": name, "start_ns": start_ns, "hop_s": hop_s}
        write_json(header_path, header)
        return _Open(file, start_ns, hop_s * NS_PER_S, 0, math.nan)


def _stored(path: Path) -> StoredTrack | None:
    """Read a track, unless a scorer that starts again has just removed it, or its header is not ours."""
    try:
        header = read_json(path)
        values = np.fromfile(path.with_suffix(".f32"), dtype="<f4")
        leg, name = Leg(header["leg"]), TrackName(header["name"])
        return StoredTrack(header["sensor"], leg, name, header["start_ns"], header["hop_s"], values)
    except (FileNotFoundError, DecodeError, KeyError, TypeError, ValueError):
        return None


def _reduced(values: NDArray[np.float64], n_before: int, n_per_value: int, *, peak: bool) -> NDArray[np.float32]:
    """Return one value per second; `n_before` hops of the first second came earlier."""
    starts = np.arange(n_per_value - n_before, len(values), n_per_value)
    if peak:
        peaks: NDArray[np.float32] = np.fmax.reduceat(values.astype(np.float32), np.concatenate(([0], starts)))
        return peaks
    lasts: NDArray[np.float32] = values[np.concatenate((starts, [len(values)])) - 1].astype(np.float32)
    return lasts


def _write(store: _Open, slot: int, values: NDArray[np.float32], *, peak: bool) -> None:
    """Write values from a slot on; the last one written may be the same second's."""
    if slot == store.n_values - 1:
        if peak:
            values[0] = np.fmax(values[0], store.last)
    elif slot < store.n_values:
        n_old = store.n_values - slot
        slot, values = slot + n_old, values[n_old:]
    elif slot == store.n_values + 1:
        # The sensor's seconds are not quite ours: once in some hours they pass over a slot.
        slot, values = slot - 1, np.concatenate((values[:1], values))
    elif slot > store.n_values:
        n_missing = slot - store.n_values
        slot, values = store.n_values, np.concatenate((np.full(n_missing, np.nan, dtype=np.float32), values))
    if not len(values):
        return
    store.file.seek(slot * _VALUE_BYTES)
    store.file.write(values.astype("<f4").tobytes())
    store.n_values, store.last = slot + len(values), float(values[-1])

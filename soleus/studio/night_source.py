"""A stored night as a recording: its packet log decoded once, its samples in files without a name."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboards.bench_values import BenchRecording
from detectors.layout import Layout, Stretch
from detectors.recording import Recording
from detectors.signal import NS_PER_S, Gap, SampleBlock
from ingest.errors import DecodeError
from ingest.files.edf_survey import gathered
from ingest.night.folder import NightFolder
from ingest.stream_key import stream_key
from soleus.errors import ConfigError
from soleus.night_decoding import NightDecoding, log_pieces, patient_window_s
from soleus.scoring import movement_sensors
from soleus.studio.sources import stamp_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from detectors.layout import Part
    from detectors.signal import Clock, Stream
    from ingest.stream_key import StreamKey
    from soleus.shelf import Shelf
    from soleus.studio.sources import Stamp


@dataclass(frozen=True, slots=True)
class NightSource:
    """A stored night.

    Parameters
    ----------
    key : str
        Its name.
    folder : Path
        Where it is.
    start_ns : int
        From when its times count, UTC ns.
    stamp : tuple of int
        From :func:`night_stamp`.
    """

    key: str
    folder: Path
    start_ns: int
    stamp: Stamp

    def open(self, room: Path | None) -> Recording:
        """Return the night as the detectors got it, to the nanosecond and to the bit.

        Parameters
        ----------
        room : Path or None
            A folder with room for its samples, 20 MB for an hour of two legs with EMG at 500 Hz and acceleration.

        Raises
        ------
        ConfigError
            If there are no samples in it.
        DecodeError
            If the log cannot be read.
        """
        folder = NightFolder(self.folder)
        info = folder.read_info()
        first = NightDecoding(info)
        streams = _decoded(folder, first, room)
        if first.n_late:
            streams = _decoded(folder, NightDecoding(info, window_s=patient_window_s(info)), room)
        if not streams:
            msg = f"{folder.packets}: no samples in it, expected a night that was recorded"
            raise ConfigError(msg)
        stored = folder.read_summary() or {}
        begin_ns, stop_ns = min(one.first_ns for one in streams), max(one.stop_ns for one in streams)
        span_ns = stored.get("start_ns", begin_ns), stored.get("end_ns", stop_ns)
        # What begins first may score the movements of a leg.
        streams.sort(key=lambda one: one.first_ns)
        layout = Layout(tuple(one.parts() for one in streams), span_ns, movement_sensors(info))
        span_s = (span_ns[1] - self.start_ns) / NS_PER_S
        return Recording(info.night, self.start_ns, tuple(one.source(span_s) for one in streams), (), layout)


@dataclass(frozen=True, slots=True)
class _Samples:
    """The samples of a stream, one after the other; as long as the night, of which not all need be measured."""

    stream: Stream
    clock: Clock
    n_samples: int
    data: NDArray[np.floating]

    def read(self, start: int, stop: int) -> NDArray[np.floating]:
        return self.data[start:stop]


class _Decoded:
    """A stream that is being decoded."""

    def __init__(self, block: SampleBlock, room: Path | None) -> None:
        self.first_ns = self.stop_ns = block.clock.at(block.start)
        self._stream, self._type = block.stream, block.data.dtype
        self._file = TemporaryFile(dir=room)  # noqa: SIM115 - `source` closes it, or the stack of `_decoded`
        self._parts: list[Part] = []
        self._clocks: dict[Stream, Clock] = {}
        self._n_stored = 0

    def feed(self, block: SampleBlock) -> None:
        stream, last = block.stream, self._parts[-1] if self._parts else None
        self._clocks[stream], self.stop_ns = block.clock, block.clock.at(block.stop)
        n_samples = len(block.data)
        if isinstance(last, Stretch) and last.stream == stream and last.first + last.n_samples == block.start:
            self._parts[-1] = last._replace(n_samples=last.n_samples + n_samples)
        else:
            self._parts.append(Stretch(stream, block.clock, block.start, n_samples, self._n_stored))
        self._n_stored += n_samples
        self._file.write(np.ascontiguousarray(block.data, self._type).data)

    def note(self, gap: Gap) -> None:
        self._parts.append(gap)

    def parts(self) -> tuple[Part, ...]:
        """Return what was measured and what was not, each segment with all that its clock learnt."""
        clocks = self._clocks
        return tuple(
            part if isinstance(part, Gap) else part._replace(clock=clocks[part.stream]) for part in self._parts
        )

    def source(self, span_s: float) -> _Samples:
        self._file.flush()
        with self._file as file:
            stored = np.memmap(file, self._type, mode="r", shape=(self._n_stored, len(self._stream.axes)))
        first = replace(self._stream, segment=0)
        n_samples = max(self._n_stored, round(span_s * self._stream.fs_hz))
        return _Samples(first, self._clocks[self._stream], n_samples, np.asarray(stored))

    def close(self) -> None:
        self._file.close()


def night_source(folder: NightFolder, start_ns: int, stamp: Stamp) -> NightSource:
    """Return where a stored night comes from."""
    return NightSource(folder.path.name, folder.path, start_ns, stamp)


def night_stamp(folder: NightFolder) -> Stamp:
    """Return what changes when a night is recorded on, or its final word is said."""
    return stamp_of(folder.packets) + stamp_of(folder.path / "summary.json")


def recorded_night(shelf: Shelf, folder: NightFolder) -> BenchRecording:
    """Return what is told of a stored night; why it cannot be scored, where its recording goes on or is not there."""
    card = shelf.card(folder)
    problem = ""
    if card.running:
        problem = f"{card.night_id}: goes on, expected a night that is over"
    elif not folder.packets.is_file():
        problem = f"{card.night_id}: holds no packets, expected a night that was recorded"
    return BenchRecording(
        card.night_id,
        card.night_id,
        card.person,
        card.start_ns,
        card.utc_offset_s,
        (card.end_ns - card.start_ns) / NS_PER_S,
        is_night=True,
        simulated=card.simulated,
        problem=problem,
    )


def _decoded(folder: NightFolder, decoding: NightDecoding, room: Path | None) -> list[_Decoded]:
    streams: dict[StreamKey, _Decoded] = {}
    before: dict[StreamKey, list[Gap]] = {}
    with ExitStack() as unless_whole:
        for item in gathered(_items(folder, decoding)):
            key = stream_key(item.stream)
            if isinstance(item, Gap):
                if key in streams:
                    streams[key].note(item)
                else:
                    before.setdefault(key, []).append(item)
                continue
            if key not in streams:
                streams[key] = _Decoded(item, room)
                unless_whole.callback(streams[key].close)
                for gap in before.pop(key, []):
                    streams[key].note(gap)
            streams[key].feed(item)
        unless_whole.pop_all()
    return list(streams.values())


def _items(folder: NightFolder, decoding: NightDecoding) -> Iterator[Any]:
    try:
        for piece in log_pieces(folder.packets):
            for record in piece:
                yield from decoding.feed(record)
        yield from decoding.finish()
    except FileNotFoundError as error:
        msg = f"{folder.packets}: is not there, expected the packet log of a night"
        raise DecodeError(msg) from error

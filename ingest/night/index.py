"""Where the minutes of a night begin in its packet log, so that a stretch of it is read without the rest."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from detectors.signal import NS_PER_S, SampleBlock
from ingest.clock import HostTime
from ingest.decoders.outlet import BACKFILL_WINDOW_S, lag_ns
from ingest.night.json_file import read_json, write_json
from ingest.night.packets import frames_from, read_from, record_at
from ingest.night.record_bytes import CONTEXT_TAGS, TAG_AND_TIME, record_from_bytes
from ingest.night.records import NightStart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ingest.decoders.base import Decoder, Item
    from ingest.night.folder import NightFolder
    from ingest.night.records import Record

_MINUTE_NS = 60 * NS_PER_S
_LEAD_NS = 150 * NS_PER_S
"""Packets before a stretch that are decoded with it: by then the clock has settled as it had that night."""


@dataclass(frozen=True, slots=True)
class NightIndex:
    """An index of a packet log.

    Parameters
    ----------
    minutes : tuple of (int, int)
        UTC, ns, and offset of the first record of each minute that has one.
    context : tuple of int
        Offsets of the records that a decoder needs from the start on: set-up and links.
    end : int
        Offset up to which the log is indexed.
    """

    minutes: tuple[tuple[int, int], ...] = ()
    context: tuple[int, ...] = ()
    end: int = 0

    def offset_of(self, t_ns: int) -> int:
        """Return where to begin to read what was logged at `t_ns` (UTC) or later."""
        position = bisect_right(self.minutes, t_ns, key=lambda minute: minute[0]) - 1
        return self.minutes[position][1] if position >= 0 else 0


def extended(index: NightIndex, log: Path) -> NightIndex:
    """Return the index with what was appended to the log since.

    Raises
    ------
    DecodeError
        If the log cannot be read.
    """
    host = HostTime()
    for record in _set_up(log, index, index.end + 1):
        host.feed(record)
    minutes, context, end = list(index.minutes), list(index.context), index.end
    # The last record that was indexed is met again; nothing in it is taken twice.
    for offset, content in frames_from(log, end):
        if offset == end and end:
            continue
        end = offset
        tag, mono_ns = TAG_AND_TIME.unpack_from(content)
        if tag in CONTEXT_TAGS:
            context.append(offset)
            learnt = record_from_bytes(content)
            if learnt is not None:
                host.feed(learnt)
        utc_ns = host.utc_ns(mono_ns)
        if not minutes or utc_ns >= minutes[-1][0] + _MINUTE_NS:
            minutes.append((utc_ns, offset))
    return replace(index, minutes=tuple(minutes), context=tuple(context), end=end)


def current_index(folder: NightFolder) -> NightIndex:
    """Return the index of a night's log as it is now, and keep it for the next time.

    Raises
    ------
    DecodeError
        If the log cannot be read.
    """
    before = _stored(read_json(folder.index_path))
    if before.end >= folder.packets.stat().st_size:
        before = NightIndex()
    now = extended(before, folder.packets)
    if now.minutes != before.minutes or now.context != before.context:
        lists = {"minutes": [list(minute) for minute in now.minutes], "context": list(now.context), "end": now.end}
        write_json(folder.index_path, lists)
    return now


def raw(
    folder: NightFolder, decoder_factory: Callable[[], Decoder], sensor: str, t0_ns: int, t1_ns: int
) -> list[SampleBlock]:
    """Return one sensor's samples of a stretch, decoded from the packet log.

    Parameters
    ----------
    folder : NightFolder
        The night.
    decoder_factory : callable
        Makes a decoder for the sensor.
    sensor : str
        Its name.
    t0_ns, t1_ns : int
        The stretch, UTC, ns; ``[t0, t1)``.

    Returns
    -------
    list of SampleBlock
        Every block that has a sample in it, whole, in the order of the log. The clock is fitted
        anew from 150 s before, so times agree with the scored ones to some milliseconds.

    Raises
    ------
    DecodeError
        If the log cannot be read.
    FileNotFoundError
        If there is none.
    """
    index = current_index(folder)
    start = index.offset_of(t0_ns - _LEAD_NS)
    decoder, host = decoder_factory(), HostTime()
    blocks: list[SampleBlock] = []
    until_ns = t1_ns
    for record in _records(folder.packets, index, start):
        if isinstance(record, NightStart):
            until_ns = t1_ns + round(lag_ns(BACKFILL_WINDOW_S, record.speed))
        host.feed(record)
        if host.utc_ns(record.mono_ns) > until_ns:
            break
        if getattr(record, "sensor", sensor) == sensor:
            blocks += _inside(decoder.feed(record), t0_ns, t1_ns)
    return [*blocks, *_inside(decoder.finish(), t0_ns, t1_ns)]


def _records(log: Path, index: NightIndex, start: int) -> Iterator[Record]:
    """Yield what was set up before `start`, and then everything from there on."""
    yield from _set_up(log, index, start)
    for _, record in read_from(log, start):
        yield record


def _set_up(log: Path, index: NightIndex, stop: int) -> Iterator[Record]:
    """Yield the records before `stop` that a decoder needs; what was damaged since is left out."""
    for offset in index.context:
        record = record_at(log, offset) if offset < stop else None
        if record is not None:
            yield record


def _inside(items: list[Item], t0_ns: int, t1_ns: int) -> Iterator[SampleBlock]:
    for item in items:
        if isinstance(item, SampleBlock) and item.clock.at(item.start) < t1_ns and item.clock.at(item.stop) > t0_ns:
            yield item


def _stored(stored: Any) -> NightIndex:
    """Return an index as it was kept; one that cannot be read is made again."""
    try:
        minutes = tuple((int(utc_ns), int(offset)) for utc_ns, offset in stored["minutes"])
        return NightIndex(minutes, tuple(int(offset) for offset in stored["context"]), int(stored["end"]))
    except (KeyError, TypeError, ValueError):
        return NightIndex()

"""Where the minutes of a night begin in its packet log, so that a stretch of it is read without the rest."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from detectors.signal import NS_PER_S, SampleBlock
from ingest.clock import HostTime
from ingest.decoders.outlet import BACKFILL_WINDOW_S, lag_ns
from ingest.night.json_file import read_json, write_json
from ingest.night.packets import frames_from, record_at
from ingest.night.record_bytes import (
    CONTEXT_TAGS,
    TAG_AND_TIME,
    is_packet,
    is_packet_of,
    mono_of,
    name_bytes,
    record_from_bytes,
)
from ingest.night.records import NightStart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ingest.decoders.base import Decoder, Item
    from ingest.night.folder import NightFolder
    from ingest.night.records import Record

_MINUTE_NS = 60 * NS_PER_S
_LEAD_NS = 90 * NS_PER_S
"""Packets before a stretch that are decoded with it: by then the clock has settled to some milliseconds."""


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
    for record in set_up_before(log, index, index.end + 1):
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
    folder: NightFolder,
    decoder_factory: Callable[[], Decoder],
    sensor: str,
    span_ns: tuple[int, int],
    *,
    settle_s: float = 0.0,
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
    span_ns : tuple of (int, int)
        The stretch, UTC, ns; half open.
    settle_s : float
        So much of what was before comes with it, s.

    Returns
    -------
    list of SampleBlock
        Every block that has a sample in it, whole, in the order of the log. The clock is fitted
        anew from 90 s before the stretch, so times agree with the scored ones to some milliseconds.

    Raises
    ------
    DecodeError
        If the log cannot be read.
    FileNotFoundError
        If there is none.
    """
    settle_ns = round(settle_s * NS_PER_S)
    wanted_ns = span_ns[0] - settle_ns, span_ns[1]
    index = current_index(folder)
    start_ns = span_ns[0] - max(_LEAD_NS, settle_ns)
    decoder = decoder_factory()
    blocks: list[SampleBlock] = []
    until_ns = span_ns[1]
    for utc_ns, record in _records(folder.packets, index, start_ns, sensor):
        if isinstance(record, NightStart):
            until_ns = span_ns[1] + round(lag_ns(BACKFILL_WINDOW_S, record.speed))
        if utc_ns > until_ns:
            break
        if getattr(record, "sensor", sensor) == sensor:
            blocks += _inside(decoder.feed(record), wanted_ns)
    return [*blocks, *_inside(decoder.finish(), wanted_ns)]


def _records(log: Path, index: NightIndex, start_ns: int, sensor: str) -> Iterator[tuple[int, Record]]:
    """Yield what was set up before a time, and what follows but other sensors' packets, each with its UTC."""
    start, name, host = index.offset_of(start_ns), name_bytes(sensor), HostTime()
    for record in set_up_before(log, index, start):
        host.feed(record)
        yield host.utc_ns(record.mono_ns), record
    for _, content in frames_from(log, start, a_few=True):
        if is_packet(content) and (host.utc_ns(mono_of(content)) < start_ns or not is_packet_of(content, name)):
            continue
        learnt = record_from_bytes(content)
        if learnt is not None:
            host.feed(learnt)
            yield host.utc_ns(learnt.mono_ns), learnt


def set_up_before(log: Path, index: NightIndex, stop: int) -> Iterator[Record]:
    """Yield the records before `stop` that a decoder needs; what was damaged since is left out."""
    for offset in index.context:
        record = record_at(log, offset) if offset < stop else None
        if record is not None:
            yield record


def _inside(items: list[Item], span_ns: tuple[int, int]) -> Iterator[SampleBlock]:
    for item in items:
        if not isinstance(item, SampleBlock):
            continue
        if item.clock.at(item.start) < span_ns[1] and item.clock.at(item.stop) > span_ns[0]:
            yield item


def _stored(stored: Any) -> NightIndex:
    """Return an index as it was kept; one that cannot be read is made again."""
    try:
        minutes = tuple((int(utc_ns), int(offset)) for utc_ns, offset in stored["minutes"])
        return NightIndex(minutes, tuple(int(offset) for offset in stored["context"]), int(stored["end"]))
    except (KeyError, TypeError, ValueError):
        return NightIndex()

"""What packets decode to: as JSON for a program, and as a short table for a person who brings up a new device."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.table import Table

from detectors.signal import NS_PER_S, Gap, SampleBlock, Stream
from ingest.decoders.base import Marker, Status, StatusKind
from ingest.night.records import NightStart, Notification, SetupReply

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console

    from ingest.decoders.base import Decoder, Item
    from ingest.night.records import Record

MOST_MALFORMED_SHOWN = 8
FIRST_BYTES = 12


class Labels:
    """Names of streams: the quantity, and the segment if it is not the first."""

    def __init__(self) -> None:
        self._axes: dict[str, tuple[str, ...]] = {}

    def of(self, stream: Stream) -> str:
        """Return a stream's name; a second stream of the same quantity is told by its first axis."""
        name = stream.quantity.value
        if self._axes.setdefault(name, stream.axes) != stream.axes:
            name = f"{name}-{stream.axes[0]}"
        return f"{name}#{stream.segment}" if stream.segment else name


@dataclass(slots=True)
class Seen:
    """What came of one segment of one stream."""

    stream: Stream
    first_stop: int
    first_ns: int
    stop: int = 0
    last_ns: int = 0
    n_samples: int = 0
    least: float = np.inf
    most: float = -np.inf
    n_gaps: int = 0
    n_missing: int = 0

    @property
    def rate_hz(self) -> float | None:
        """Sampling rate by arrival, Hz; None of less than two packets."""
        elapsed_ns = self.last_ns - self.first_ns
        return (self.stop - self.first_stop) * NS_PER_S / elapsed_ns if elapsed_ns > 0 else None


class Decoding:
    """Feeds a decoder and keeps count of what it says.

    Parameters
    ----------
    decoder : Decoder
        A new one.
    known : set of str
        Characteristics that the device has.
    """

    def __init__(self, decoder: Decoder, known: frozenset[str]) -> None:
        self._decoder = decoder
        self._known = known
        self._labels = Labels()
        self._zero_ns = 0
        self._zero_mono_ns = 0
        self._with_samples = True
        self.seen: dict[str, Seen] = {}
        self.statuses: Counter[tuple[StatusKind, str]] = Counter()
        self.malformed: list[tuple[float, str, bytes, str]] = []
        self.unknown: Counter[str] = Counter()

    def run(
        self, records: Iterable[Record], *, from_zero: bool, with_samples: bool = True
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """Decode records.

        Parameters
        ----------
        records : iterable of Record
            In their order.
        from_zero : bool
            Whether seconds count from the beginning of the records; otherwise they are those of the records.
        with_samples : bool
            Whether the blocks hold their samples; a table of a whole night needs none.

        Yields
        ------
        tuple of (str, dict)
            ``blocks``, ``gaps`` or ``status``, and one entry of that list.
        """
        self._with_samples = with_samples
        started = False
        for record in records:
            if isinstance(record, NightStart) and not started:
                started = True
                self._zero_mono_ns = record.mono_ns if from_zero else 0
                self._zero_ns = record.utc_ns - record.mono_ns + self._zero_mono_ns
            if isinstance(record, Notification | SetupReply) and record.characteristic.lower() not in self._known:
                self.unknown[record.characteristic.lower()] += 1
            for item in self._decoder.feed(record):
                yield from self._entry(item, record)
        for item in self._decoder.finish():
            yield from self._entry(item, None)
        for characteristic, count in self.unknown.items():
            detail = f"{characteristic} is none of the device's characteristics: {count} values left out"
            yield (
                "status",
                {"kind": "unknown_characteristic", "t_s": None, "detail": detail, "values": {"count": count}},
            )

    def _entry(self, item: Item, record: Record | None) -> Iterator[tuple[str, dict[str, Any]]]:
        match item:
            case SampleBlock():
                yield "blocks", self._block(item, record)
            case Gap():
                yield "gaps", self._gap(item)
            case Status():
                yield "status", self._status(item, record)
            case Marker():
                t_s = (item.t_ns - self._zero_ns) / NS_PER_S
                yield "status", {"kind": "marker", "t_s": t_s, "detail": item.label, "values": {}}

    def _block(self, block: SampleBlock, record: Record | None) -> dict[str, Any]:
        label, now_ns = self._labels.of(block.stream), 0 if record is None else record.mono_ns
        seen = self.seen.setdefault(label, Seen(block.stream, block.stop, now_ns))
        seen.n_samples += len(block.data)
        if record is not None:
            seen.stop, seen.last_ns = block.stop, now_ns
        if block.data.size:
            seen.least, seen.most = min(seen.least, float(block.data.min())), max(seen.most, float(block.data.max()))
        return {
            "stream": label,
            "first_index": block.start,
            "t_s": (block.clock.at(block.start) - self._zero_ns) / NS_PER_S,
            "unit": block.stream.unit.value,
            "fs_hz": block.stream.fs_hz,
            "data": block.data.tolist() if self._with_samples else [],
        }

    def _gap(self, gap: Gap) -> dict[str, Any]:
        label = self._labels.of(gap.stream)
        if label in self.seen and gap.n_missing is not None:
            self.seen[label].n_gaps += 1
            self.seen[label].n_missing += gap.n_missing
        return {
            "stream": label,
            "first_missing_index": gap.first_missing,
            "n_missing": gap.n_missing,
            "reason": gap.cause.value,
        }

    def _status(self, status: Status, record: Record | None) -> dict[str, Any]:
        t_s = (status.mono_ns - self._zero_mono_ns) / NS_PER_S
        is_malformed = status.kind is StatusKind.MALFORMED
        self.statuses[status.kind, "" if is_malformed else status.detail] += 1
        if is_malformed and isinstance(record, Notification | SetupReply):
            self.malformed.append((t_s, record.characteristic, record.payload[:FIRST_BYTES], status.detail))
            del self.malformed[MOST_MALFORMED_SHOWN:]
        return {"kind": status.kind.value, "t_s": t_s, "detail": status.detail, "values": dict(status.values)}

    def show(self, console: Console) -> None:
        """Print what came of each stream, what else was said, and what could not be read."""
        console.print(self._streams())
        said = [f"{kind}: {detail or 'see below'}, {count}x" for (kind, detail), count in self.statuses.items()]
        said += [f"unknown characteristic: {uuid}, {count}x" for uuid, count in self.unknown.items()]
        for line in said:
            console.print(line, highlight=False, markup=False)
        if self.malformed:
            console.print(self._malformed())

    def _streams(self) -> Table:
        table = Table("stream", "samples", "unit", "rate seen", "nominal", "least", "most", "gaps", "missing", box=None)
        for label, seen in self.seen.items():
            rate = "-" if seen.rate_hz is None else f"{seen.rate_hz:.4g} Hz"
            table.add_row(
                label,
                str(seen.n_samples),
                seen.stream.unit.value,
                rate,
                f"{seen.stream.fs_hz:g} Hz",
                f"{seen.least:.5g}",
                f"{seen.most:.5g}",
                str(seen.n_gaps),
                str(seen.n_missing),
            )
        if not self.seen:
            table.add_row("none", *(["-"] * 8))
        return table

    def _malformed(self) -> Table:
        table = Table("malformed at", "characteristic", "first bytes", "why", box=None)
        for t_s, characteristic, first, why in self.malformed:
            table.add_row(f"{t_s:.3f} s", characteristic[:8], first.hex(" "), why)
        return table

"""One decoder through a noisy night, and whether it reads a good packet afterwards as if nothing had been."""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Self

import numpy as np

from benchmarks.fuzz.examples import DESCRIBED, EXAMPLES, described_device
from benchmarks.fuzz.noise import SENSOR, UTC_NS, Noise
from benchmarks.fuzz.promises import Promises
from detectors.signal import NS_PER_S, Gap, Leg, SampleBlock
from ingest.decoders.base import Placement, Status, StatusKind
from ingest.decoders.catalogue import DEVICES
from ingest.decoders.reading import LARGEST_SAMPLE
from ingest.night.records import LinkDown, LinkUp, NightStart, Notification, SetupReply, TimePair

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from benchmarks.fuzz.example import Example
    from ingest.decoders.base import Decoder, Item
    from ingest.decoders.layout import Device
    from ingest.decoders.profile import Backfill
    from ingest.night.records import Record

PLACEMENT = Placement(SENSOR, Leg.LEFT, "shin")
FRESH_STEPS = 60
MTU = 247
MOST_GROWTH_MB = 64.0
KB_PER_MB = 1024.0
SPEEDS = (1.0, 1.0, 20.0)
"""Every third night is played faster than it lasts: then arrival says nothing."""
MOST_FAULTS = 5
"""What goes wrong once mostly goes wrong again; so many are told of one piece of noise."""
LONGEST_RECORD = 400
LARGEST = {"lsp": float(np.finfo(np.float32).max)}
"""A leg sensor says its own scale; what that allows is handed out as long as it is a number."""

Fresh = list[tuple[object, ...]]


@dataclass(slots=True)
class Found:
    """What came of one noisy night.

    Parameters
    ----------
    device : str
        Its name.
    notifications : int
        How many it was sent.
    samples, gaps, malformed : int
        How many came out.
    seconds : float
        Time of a processor that it took.
    growth_mb : float
        By how much the process grew.
    faults : list of str
        What must not be.
    """

    device: str
    notifications: int
    samples: int = 0
    gaps: int = 0
    malformed: int = 0
    seconds: float = 0.0
    growth_mb: float = 0.0
    faults: list[str] = field(default_factory=list)

    def take(self, item: Item) -> None:
        """Count an item."""
        if isinstance(item, SampleBlock):
            self.samples += len(item.data)
        elif isinstance(item, Gap):
            self.gaps += 1
        elif isinstance(item, Status):
            self.malformed += item.kind is StatusKind.MALFORMED

    def blame(self, broken: Iterable[str], record: Record | None) -> None:
        """Keep what was wrong with what came of a record, the first few times."""
        where = "at the end" if record is None else f"while it read {str(record)[:LONGEST_RECORD]}"
        self.faults += [f"{each}, {where}" for each in broken][: max(0, MOST_FAULTS - len(self.faults))]


class _Witness:
    """Adds the record that was being read to what is raised."""

    record: Record | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is not None:
            error.add_note(f"while it read {self.record}")


def fuzz_devices() -> dict[str, Device]:
    """Return every kind of sensor of the catalogue, and one that only its description knows."""
    return {**DEVICES, DESCRIBED.name: described_device()}


def fuzz(name: str, n_notifications: int, seed: int, device: Device | None = None) -> Found:
    """Send noise through a decoder of a device, and then good packets.

    Parameters
    ----------
    name : str
        The device.
    n_notifications : int
        How much noise.
    seed : int
        Of the noise; which of the device's examples it is made from goes by it too.
    device : Device, optional
        Decode with this one instead.

    Returns
    -------
    Found
        Counts, and what must not be. Whatever the decoder raises is raised, with the record that it read.
    """
    example = EXAMPLES[name][seed % len(EXAMPLES[name])]
    device = device or fuzz_devices()[name]
    speed = SPEEDS[seed % len(SPEEDS)]
    noise = Noise(example, Random(f"{name} {seed}"), speed)  # noqa: S311 - noise that can be made again
    decoder, found = _decoder(device, example), Found(name, n_notifications)
    promises = Promises(LARGEST.get(name, LARGEST_SAMPLE))
    make_backfill = device.profile(device.settled(example.options)).backfill
    backfill = None if make_backfill is None else make_backfill(speed)
    started_s, before_mb = time.process_time(), _peak_mb()
    with _Witness() as witness:
        for record in noise.records(n_notifications):
            witness.record = record
            if backfill is not None:
                ask(backfill, record)
            _hear(decoder.feed(record), record, found, promises)
            if isinstance(record, TimePair):
                found.blame(promises.broken_in_all(decoder), record)
    found.growth_mb = _peak_mb() - before_mb
    if found.growth_mb > MOST_GROWTH_MB:
        found.faults.append(f"grew by {found.growth_mb:.0f} MB, expected at most {MOST_GROWTH_MB:.0f}")
    if _after_noise(decoder, example, noise.mono_ns + NS_PER_S, found, promises) != untouched(device, example, speed):
        found.faults.append("good packets after the noise are read otherwise than without it")
    found.seconds = time.process_time() - started_s
    found.faults = [f"{name}, seed {seed}: {fault}" for fault in found.faults]
    return found


def _after_noise(decoder: Decoder, example: Example, mono_ns: int, found: Found, promises: Promises) -> Fresh:
    said: list[Item] = []
    for record in _good(example, mono_ns):
        items = decoder.feed(record)
        _hear(items, record, found, promises)
        # Streams of the noise may hold samples back; they come out in set-up, when those streams end.
        said += items if isinstance(record, Notification) else []
    last = decoder.finish()
    _hear(last, None, found, promises)
    return last_segments([*said, *last])


def _hear(items: Iterable[Item], record: Record | None, found: Found, promises: Promises) -> None:
    for item in items:
        found.take(item)
        broken = promises.broken_by(item)
        if broken:
            found.blame(broken, record)


def ask(backfill: Backfill, record: Record) -> None:
    """Let what asks for lost samples hear a record as the recorder would have, and ask."""
    if isinstance(record, LinkUp):
        backfill.linked(record.mono_ns)
    elif isinstance(record, Notification):
        backfill.heard(record.characteristic, record.payload, record.mono_ns)
    elif isinstance(record, SetupReply):
        backfill.replied(record.characteristic, record.request, record.payload, record.mono_ns)
    step = backfill.due(record.mono_ns)
    if step is not None:
        refusal = step.answer_prefix + bytes((record.mono_ns % 8,))
        backfill.replied(step.characteristic, step.payload, refusal, record.mono_ns)


def untouched(device: Device, example: Example, speed: float = 1.0) -> Fresh:
    """Return what a new decoder reads of the same packets."""
    decoder = _decoder(device, example)
    decoder.feed(NightStart(0, UTC_NS, speed, "fuzz"))
    items = [item for record in _good(example, NS_PER_S) for item in decoder.feed(record)]
    return last_segments([*items, *decoder.finish()])


def _decoder(device: Device, example: Example) -> Decoder:
    return device.made(PLACEMENT, device.settled(example.options))


def _good(example: Example, mono_ns: int) -> Iterator[Record]:
    yield LinkDown(mono_ns, SENSOR, "switched off")
    yield LinkUp(mono_ns, SENSOR, MTU)
    for said in example.fresh_replies:
        yield SetupReply(mono_ns, SENSOR, said.characteristic, said.request or b"", said.payload)
    for number in range(FRESH_STEPS):
        mono_ns += example.step_ns
        for said in example.step(number):
            yield Notification(mono_ns, SENSOR, said.characteristic, said.payload)


def last_segments(items: Iterable[Item]) -> Fresh:
    """Return the last segment of each stream: what it is, where its blocks lie from the first on, and their samples."""
    blocks = [item for item in items if isinstance(item, SampleBlock)]
    last = {(block.stream.quantity, block.stream.axes): block.stream.segment for block in blocks}
    fresh: dict[tuple[object, ...], list[SampleBlock]] = {}
    for block in blocks:
        if block.stream.segment == last[block.stream.quantity, block.stream.axes]:
            fresh.setdefault((block.stream.quantity, block.stream.axes), []).append(block)
    return [
        (
            *key,
            found[0].stream.unit,
            found[0].stream.fs_hz,
            tuple(block.start - found[0].start for block in found),
            np.concatenate([block.data for block in found]).tobytes(),
        )
        for key, found in sorted(fresh.items(), key=str)
    ]


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KB_PER_MB

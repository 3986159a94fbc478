"""From the packet log to samples of all sensors of a night, with the account of what came and what did not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ingest.decoders.outlet import BACKFILL_WINDOW_S
from ingest.night.certificate import Account, certificate
from ingest.night.ledger import NightLedger
from ingest.night.packets import read_log
from ingest.night.records import NightStart
from soleus import __version__
from soleus.build import decoder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from detectors.signal import Stream
    from ingest.decoders.base import Decoder, Item
    from ingest.envelope import ClockQuality
    from ingest.night.folder import NightInfo
    from ingest.night.records import Record
    from ingest.stream_key import StreamKey

PIECE = 20_000
"""Records that are read at once; how many changes nothing but the time it takes."""
LATE_S = 1800.0
"""Sensors keep a minute, boards with much memory half an hour; what is older was overwritten before it was sent."""
LATE_WALL_S = 60.0
"""In a night played faster than it lasts, the machine needs its own time to send again."""


class NightDecoding:
    """The decoders of one night.

    Parameters
    ----------
    info : NightInfo
        Which sensors were worn.
    window_s : float
        How late samples may come and still be used, s.
    """

    def __init__(self, info: NightInfo, *, window_s: float = BACKFILL_WINDOW_S) -> None:
        self._info = info
        self._window_s = window_s
        self._decoders: dict[str, Decoder] = {}
        self.ledger = NightLedger(sensor.name for sensor in info.sensors)

    def feed(self, record: Record) -> Iterator[Item]:
        """Take the next record of the log and yield what it settles; to be exhausted."""
        if isinstance(record, NightStart) and not self._decoders:
            self._decoders = {
                sensor.name: decoder(sensor, record.speed, self._window_s) for sensor in self._info.sensors
            }
        self.ledger.note(record)
        sensor = getattr(record, "sensor", None)
        if sensor is None:
            addressed = list(self._decoders.values())
        else:
            addressed = [self._decoders[sensor]] if sensor in self._decoders else []
        for sensor_decoder in addressed:
            yield from self._accounted(sensor_decoder.feed(record))

    def finish(self) -> Iterator[Item]:
        """End the night and yield what was held back; to be exhausted."""
        for sensor_decoder in self._decoders.values():
            yield from self._accounted(sensor_decoder.finish())

    @property
    def n_late(self) -> int:
        """How many samples came too late to be used."""
        return sum(sensor_decoder.n_late for sensor_decoder in self._decoders.values())

    @property
    def clocks(self) -> list[tuple[Stream, ClockQuality]]:
        """How well the time of each segment of each stream is known."""
        return [clock for sensor_decoder in self._decoders.values() for clock in sensor_decoder.clocks]

    @property
    def n_refilled(self) -> dict[StreamKey, int]:
        """Samples of each stream that were sent again in time to fill a gap."""
        return {
            key: n_samples
            for sensor_decoder in self._decoders.values()
            for key, n_samples in sensor_decoder.n_refilled.items()
        }

    def account(self, first: NightDecoding | None = None) -> Account:
        """Return what the certificate is made from; `first` is an earlier reading with less patience."""
        for decoding in (self,) if first is None else (self, first):
            decoding.ledger.expect(stream for stream, _ in decoding.clocks)
        reading = self if first is None else first
        ledger = None if first is None else first.ledger
        return Account(self.ledger, dict(self.clocks), reading.n_refilled, ledger, __version__)

    def _accounted(self, items: list[Item]) -> Iterator[Item]:
        for item in items:
            self.ledger.take(item)
            yield item


def log_pieces(log: Path, told: Callable[[int], None] | None = None) -> Iterator[list[Record]]:
    """Yield the records of a log in pieces.

    Parameters
    ----------
    log : Path
        The packet log.
    told : callable, optional
        Is told how many bytes were read.
    """
    piece: list[Record] = []
    for offset, record in read_log(log):
        piece.append(record)
        if len(piece) == PIECE:
            if told is not None:
                told(offset)
            yield piece
            piece = []
    yield piece


def patient_window_s(info: NightInfo) -> float:
    """Return how late samples may come and still be used by a second reading, s of the night."""
    return max(LATE_S, LATE_WALL_S * info.speed)


def certified(log: Path, info: NightInfo) -> dict[str, Any]:
    """Return the completeness certificate of a log without scoring it, and without the files.

    Parameters
    ----------
    log : Path
        The packet log.
    info : NightInfo
        Whose night it is and which sensors were worn.
    """
    night, first = _decoded(NightDecoding(info), log), None
    if night.n_late:
        first = night
        night = _decoded(NightDecoding(info, window_s=patient_window_s(info)), log)
    return certificate(info, night.account(first))


def _decoded(night: NightDecoding, log: Path) -> NightDecoding:
    for _, record in read_log(log):
        for _ in night.feed(record):
            pass
    for _ in night.finish():
        pass
    return night

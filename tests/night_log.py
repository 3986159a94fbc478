"""A short simulated night of two sensors as the records of a packet log, made by the sensors' own encoders."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from detectors.criteria import named
from detectors.signal import NS_PER_S, Leg
from detectors.simulate import simulate_night
from ingest.decoders.lsp_info import DATA_UUID, INFO_UUID, Format, Info, InfoFlag, Kind, StreamDescriptor, UnitCode
from ingest.decoders.lsp_packets import DataHeader, PacketFlag, encode_long
from ingest.night.folder import NightFolder, NightInfo, NightSensor
from ingest.night.packets import LogFollower, PacketLogWriter
from ingest.night.records import LinkUp, NightEnd, NightStart, Notification, Record, SetupReply, TimePair
from soleus.config import Config
from soleus.workers.scorer import LiveScorer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from detectors.simulate import LegSignal
    from soleus.settings import Settings

UTC_NS = 1_790_022_600 * NS_PER_S
EMG = StreamDescriptor(0, Kind.EMG, 1, Format.I16, 500_000, 0.25, 0.0, UnitCode.MICROVOLT, 100)
ACC = StreamDescriptor(1, Kind.ACC, 3, Format.I16, 50_000, 1 / 8192, 0.0, UnitCode.G, 25)
INFO = NightInfo(
    site="home",
    person="p1",
    night="2026-09-21-2230",
    scoring="default",
    speed=1.0,
    sensors=tuple(
        NightSensor(f"{leg}-shin", "lsp", f"LSP-{leg}", leg, "tibialis anterior") for leg in (Leg.LEFT, Leg.RIGHT)
    ),
    start_ns=UTC_NS,
    utc_offset_s=7200,
    version="test",
)


def _packets(leg: LegSignal, name: str, streams: Sequence[StreamDescriptor]) -> Iterator[Notification]:
    for stream, read, n_samples in ((EMG, leg.emg, leg.n_emg), (ACC, leg.acceleration, leg.n_acceleration)):
        if stream not in streams:
            continue
        size = stream.samples_per_packet
        for number in range(n_samples // size):
            start = number * size
            raw = np.round(read(start, start + size) / stream.scale).astype("<i2")
            tick_us = round(start * 1_000_000 / stream.fs_hz)
            header = DataHeader(stream.stream_id, PacketFlag.NONE, number & 0xFFFF, start, tick_us & 0xFFFFFFFF)
            # Each packet leaves when its last sample is there, and takes a few milliseconds.
            sent_ns = round((start + size) * NS_PER_S / stream.fs_hz) + 3_000_000 + number % 7 * 1_000_000
            yield Notification(sent_ns, name, DATA_UUID, encode_long(stream, header, raw))


def night_records(hours: float = 0.25, seed: int = 4, streams: Sequence[StreamDescriptor] = (EMG, ACC)) -> list[Record]:
    """Return everything that a collector would have logged, in the order of time."""
    records: list[Record] = []
    for number, leg in enumerate(simulate_night(hours, seed=seed, regime="clean").legs):
        name = f"{leg.leg}-shin"
        info = Info(InfoFlag.COMMON_CLOCK, number, 1_000_000, 244, 3 + number, 40, 7 + number, tuple(streams))
        records += [LinkUp(number, name, 247), SetupReply(number, name, INFO_UUID, b"", info.to_bytes())]
        records += _packets(leg, name, streams)
    end_ns = round(hours * 3600 * NS_PER_S) + 12 * NS_PER_S
    records += [TimePair(t, UTC_NS + t) for t in range(10 * NS_PER_S, end_ns, 10 * NS_PER_S)]
    records.sort(key=lambda record: record.mono_ns)
    return [NightStart(0, UTC_NS, 1.0, "test"), *records, NightEnd(end_ns, UTC_NS + end_ns, "stopped")]


def write_night(path: Path, records: Iterable[Record], info: NightInfo = INFO) -> NightFolder:
    """Write a night's folder with its log."""
    path.mkdir(parents=True, exist_ok=True)
    folder = NightFolder(path)
    folder.write_info(replace(info, night=path.name))
    log = PacketLogWriter(folder.packets)
    for record in records:
        log.append(record)
    log.close()
    return folder


def score_night(folder: NightFolder, settings: Settings) -> None:
    """Score a night as the scorer's process does, to its end."""
    scorer, follower = LiveScorer(folder, Config(settings, named("wasm-2016"), {})), LogFollower(folder.packets)
    while scorer.step(follower):
        pass
    assert scorer.ended
    scorer.finish()
    scorer.close()
    follower.close()

"""Nights for the pages: thirty of 300 events each, the newest of six channels at 1 kHz; made up, once per computer."""

from __future__ import annotations

import heapq
import os
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from detectors.criteria import named
from detectors.signal import NS_PER_S, Leg
from ingest.decoders.lsp_info import DATA_UUID, INFO_UUID, Format, Info, InfoFlag, Kind, StreamDescriptor, UnitCode
from ingest.decoders.lsp_packets import DataHeader, PacketFlag, encode_long
from ingest.night.folder import NightFolder, NightSensor
from ingest.night.frames import HEADER, framed
from ingest.night.record_bytes import record_to_bytes
from ingest.night.records import LinkUp, NightEnd, NightStart, Notification, Record, SetupReply, TimePair
from soleus import __version__
from soleus.book import FolderBook
from soleus.nights import nights_dir
from soleus.pyramids import make_extremes
from soleus.settings import Settings
from tests.made_folder import LASTS_S, Made, made_folder, made_info, write_tracks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ingest.night.folder import NightInfo

N_NIGHTS = 30
N_EVENTS = 300
FS_HZ = 1000
PER_PACKET = 100
MUSCLES = {"shin": "tibialis anterior", "calf": "gastrocnemius medialis", "foot": "abductor hallucis"}
EMG = StreamDescriptor(0, Kind.EMG, 1, Format.I16, FS_HZ * 1000, 0.25, 0.0, UnitCode.MICROVOLT, PER_PACKET)
# Packets that differ; which of them comes when makes no difference to the cost.
N_PACKETS = 97
SAID_EVERY_S = 10
DELAY_NS = 3_000_000
LAST_MADE = "complete"


def stored() -> tuple[Settings, NightInfo]:
    """Return the data folder, and what its newest night is; what is not there yet is made.

    Returns
    -------
    Settings
        Where the nights are.
    NightInfo
        The newest night.
    """
    top = Path(tempfile.gettempdir()) / f"soleus-bench-{os.getuid()}-{__version__}" / "pages-1"
    newest = made_info(N_NIGHTS - 1)
    info = replace(newest, sensors=_worn())
    settings = Settings(person=info.person, data_dir=top / "data")
    if not (top / LAST_MADE).exists():
        print("making thirty nights once ...", file=sys.stderr)
        shutil.rmtree(top, ignore_errors=True)
        top.mkdir(mode=0o700, parents=True)
        made_folder(settings.data_dir, N_NIGHTS, Made(n_events=N_EVENTS, n_minutes=LASTS_S // 60))
        folder = NightFolder(nights_dir(settings) / info.night)
        folder.write_info(info)
        write_tracks(folder, info)
        _write_packets(folder, info)
        make_extremes(folder)
        (top / LAST_MADE).touch()
    return settings, info


def book_of(settings: Settings) -> FolderBook:
    """Return the book that the pages show."""
    return FolderBook(settings, named("wasm-2016"), simulated=True)


def _worn() -> tuple[NightSensor, ...]:
    return tuple(
        NightSensor(f"{leg}-{place}", "lsp", f"LSP-{leg}-{place}", leg, muscle)
        for place, muscle in MUSCLES.items()
        for leg in (Leg.LEFT, Leg.RIGHT)
    )


def _write_packets(folder: NightFolder, info: NightInfo) -> None:
    """Write what six sensors would have sent; the small numbers of a real log, links and clocks, are there too."""
    with folder.packets.open("wb") as file:
        file.write(HEADER)
        for record in _records(info):
            file.write(framed(record_to_bytes(record)))


def _records(info: NightInfo) -> Iterator[Record]:
    yield NightStart(0, info.start_ns, 1.0, info.version)
    for number, sensor in enumerate(info.sensors):
        said = Info(InfoFlag.COMMON_CLOCK, number, 1_000_000, 244, 3 + number, 40, 7 + number, (EMG,))
        yield LinkUp(number, sensor.name, 247)
        yield SetupReply(number, sensor.name, INFO_UUID, b"", said.to_bytes())
    streams = [_packets(sensor.name, number) for number, sensor in enumerate(info.sensors)]
    times = (TimePair(s * NS_PER_S, info.start_ns + s * NS_PER_S) for s in range(0, LASTS_S, SAID_EVERY_S))
    yield from heapq.merge(*streams, times, key=lambda record: record.mono_ns)
    end_ns = (LASTS_S + 1) * NS_PER_S
    yield NightEnd(end_ns, info.start_ns + end_ns, "stopped")


def _packets(name: str, seed: int) -> Iterator[Record]:
    rng = np.random.default_rng(seed)
    bank = [(rng.normal(size=(PER_PACKET, 1)) * 30).astype("<i2") for _ in range(N_PACKETS)]
    for number in range(LASTS_S * FS_HZ // PER_PACKET):
        start = number * PER_PACKET
        tick_us = start * 1_000_000 // FS_HZ
        header = DataHeader(EMG.stream_id, PacketFlag.NONE, number & 0xFFFF, start, tick_us & 0xFFFFFFFF)
        sent_ns = (start + PER_PACKET) * (NS_PER_S // FS_HZ) + DELAY_NS + seed
        yield Notification(sent_ns, name, DATA_UUID, encode_long(EMG, header, bank[number % N_PACKETS]))

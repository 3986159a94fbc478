"""An exported night scored from its file: the events of the packet log, whatever the air, crystals and sensors did."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from detectors.criteria import named
from detectors.events import EventKind
from detectors.pipeline import score
from detectors.signal import NS_PER_S
from ingest.decoders.lsp_info import DATA_UUID, Info, InfoFlag, UnitCode
from ingest.decoders.lsp_packets import DataHeader, PacketFlag, decode_header, decode_samples, encode_long
from ingest.files.edf import read_edf
from ingest.files.edf_annotations import stored_bytes
from ingest.files.edf_header import read_header
from ingest.files.edf_numbers import unpacked
from ingest.files.edf_timing import LABEL, read_timing, timing_words
from ingest.night.records import LinkDown, LinkUp, NightEnd, NightStart, Notification, Record, SetupReply
from soleus.__main__ import run
from soleus.exporting import NightExport
from soleus.final_scoring import score_log
from soleus.night_decoding import log_pieces
from tests.night_log import ACC, EMG, INFO, night_records, write_night

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from detectors.events import Event
    from detectors.pipeline import Score
    from ingest.night.folder import NightFolder
    from soleus.scoring import NightScoring

pytestmark = pytest.mark.slow

HOURS = 0.12
CRITERIA = named("wasm-2016")
FAST, SLOW = 150e-6, -120e-6


def at_ns(seconds: float) -> int:
    return round(seconds * NS_PER_S)


def hard_night(seed: int) -> list[Record]:
    """Crystals that are fast and slow, packets lost singly and in bursts, a link lost, and a sensor that is late."""
    rng = np.random.default_rng(seed)
    kept: list[Record] = []
    silent_until = {"left-shin": 0, "right-shin": at_ns(31.7)}
    for record in night_records(HOURS, seed=seed):
        if isinstance(record, NightStart | NightEnd):
            kept.append(record)
            continue
        sensor = getattr(record, "sensor", "")
        drift = {"left-shin": FAST, "right-shin": SLOW}.get(sensor, 0.0)
        moved = replace(record, mono_ns=round(record.mono_ns / (1 + drift)))
        if isinstance(record, Notification) and record.characteristic == DATA_UUID:
            away = sensor == "right-shin" and at_ns(200) <= record.mono_ns < at_ns(225)
            if away or record.mono_ns < silent_until[sensor]:
                continue
            if rng.random() < 0.002:
                silent_until[sensor] = record.mono_ns + at_ns(rng.exponential(1.0))
        kept.append(moved)
    kept += [LinkDown(at_ns(200), "right-shin", "supervision timeout"), LinkUp(at_ns(225), "right-shin", 247)]
    return in_order(kept)


def in_order(records: list[Record]) -> list[Record]:
    inner = sorted((one for one in records if not isinstance(one, NightStart | NightEnd)), key=lambda one: one.mono_ns)
    start, end = (next(one for one in records if isinstance(one, kind)) for kind in (NightStart, NightEnd))
    return [start, *inner, end]


def scored_both_ways(night: NightFolder, path: Path, *, block_samples: int | None = None) -> tuple[NightScoring, Score]:
    info = night.read_info()
    NightExport(night, info).write(path)
    recording = read_edf(path)
    assert recording.layout is not None
    log = score_log(lambda: log_pieces(night.packets), info, CRITERIA).scoring
    span_ns = log.span_ns
    recording = replace(recording, layout=recording.layout._replace(span_ns=span_ns))
    return log, score(recording, CRITERIA, block_samples=block_samples)


def shown(events: tuple[Event, ...] | list[Event]) -> list[Event]:
    return [event for event in events if event.kind is not EventKind.MARKER]


def expect_same(log: NightScoring, file: Score) -> None:
    ours, theirs = shown(log.events), shown(file.events)
    assert [event.key for event in ours] == [event.key for event in theirs]
    assert [event.end_ns for event in ours] == [event.end_ns for event in theirs]
    for one, other in zip(ours, theirs, strict=True):
        assert dict(other.measures) == pytest.approx(dict(one.measures), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("seed", [4, 11])
def test_a_night_with_losses_and_bad_crystals_is_scored_to_the_same_nanosecond(tmp_path: Path, seed: int) -> None:
    night = write_night(tmp_path / INFO.night, hard_night(seed))
    log, file = scored_both_ways(night, tmp_path / "night.edf")
    assert len(log.events) > 5
    expect_same(log, file)
    ours, theirs = numbers(log.summary()), numbers(file.summary)
    assert theirs == pytest.approx(ours, rel=1e-6)
    assert len(ours) > 20


def numbers(summary: Mapping[str, Any]) -> dict[str, float]:
    return {name: value for name, value in summary.items() if isinstance(value, int | float)}


def test_what_is_in_the_file_does_not_depend_on_how_it_is_cut(tmp_path: Path) -> None:
    night = write_night(tmp_path / INFO.night, hard_night(4))
    log, file = scored_both_ways(night, tmp_path / "night.edf", block_samples=777)
    expect_same(log, file)


def test_a_file_that_was_changed_or_cut_is_a_recording_like_any_other(tmp_path: Path) -> None:
    night = write_night(tmp_path / INFO.night, night_records(0.01))
    whole = tmp_path / "night.edf"
    NightExport(night, night.read_info()).write(whole)
    header = read_header(whole)
    assert read_edf(whole).layout is not None
    assert read_edf(whole, channels={"EMG TA-L": "EMG TA-R", "EMG TA-R": "EMG TA-L"}).layout is None
    timing = next(channel for channel in header.channels if channel.label == LABEL)
    changed, cut = bytearray(whole.read_bytes()), bytearray(whole.read_bytes())
    changed[header.n_bytes + 2 * (5 * header.n_per_record + timing.first)] ^= 1
    cut[236:244] = b"%-8d" % (header.n_records - 1)
    for name, content in (("changed.edf", changed), ("cut.edf", cut)):
        (tmp_path / name).write_bytes(content)
        recording = read_edf(tmp_path / name)
        assert recording.layout is None
        assert {source.stream.sensor for source in recording.sources} == {"left", "right"}


def booted(records: list[Record]) -> list[Record]:
    """Let the left sensor boot after 100 s: it is away for 8 s, and counts its samples from 0 again."""
    kept: list[Record] = []
    for record in records:
        if isinstance(record, Notification) and record.sensor == "left-shin" and record.mono_ns >= at_ns(100):
            header, samples = decode_header(record.payload)
            stream = {one.stream_id: one for one in (EMG, ACC)}[header.stream_id]
            begin = round(108 * stream.fs_hz)
            if header.index is None or header.index < begin:
                continue
            tick_us = round((header.index - begin) * 1_000_000 / stream.fs_hz)
            seq = (header.index - begin) // stream.samples_per_packet
            again = DataHeader(header.stream_id, PacketFlag.NONE, seq, header.index - begin, tick_us)
            kept.append(replace(record, payload=encode_long(stream, again, decode_samples(stream, samples))))
        else:
            kept.append(record)
    info = next(one for one in records if isinstance(one, SetupReply) and one.sensor == "left-shin")
    kept += [
        LinkDown(at_ns(100.1), "left-shin", "supervision timeout"),
        LinkUp(at_ns(107), "left-shin", 247),
        replace(info, mono_ns=at_ns(107.1), payload=replace(Info.from_bytes(info.payload), boot_id=99).to_bytes()),
    ]
    return in_order(kept)


def test_a_sensor_that_booted_is_scored_in_its_segments(tmp_path: Path) -> None:
    night = write_night(tmp_path / INFO.night, booted(night_records(HOURS)))
    log, file = scored_both_ways(night, tmp_path / "night.edf")
    segments = {stream.segment for stream in log.streams if stream.sensor == "left-shin"}
    assert segments == {0, 1}
    assert len(log.events) > 5
    expect_same(log, file)


def test_what_a_made_up_timing_channel_says_is_not_believed(tmp_path: Path) -> None:
    night = write_night(tmp_path / INFO.night, night_records(0.01))
    path = tmp_path / "night.edf"
    NightExport(night, night.read_info()).write(path)
    header = read_header(path)
    timing = next(channel for channel in header.channels if channel.label == LABEL)
    told, numbers = read_timing(unpacked(stored_bytes(path, header, timing), 2), "test")
    stream = told["streams"][0]
    lies = [
        {"streams": [{**stream, "parts": [["placed", 0, 0, 10**9, 0]]}]},
        {"streams": [{**stream, "parts": [["placed", 0, 0, 10, 5], ["placed", 0, 10, 10, 7]]}]},
        {"streams": [{**stream, "parts": [["placed", 7, 0, 10, 5]]}]},
        {"streams": [{**stream, "labels": ["nobody"]}]},
        {"streams": [{**stream, "leg": "third"}]},
        {"streams": 5},
        {"span_ns": None},
    ]
    for lie in ({}, *lies):
        words = timing_words({**told, **lie}, numbers)
        content = bytearray(path.read_bytes())
        width = timing.n_per_record
        padded = np.zeros(width * header.n_records, dtype="<i2")
        padded[: len(words)] = words
        for record in range(header.n_records):
            at = header.n_bytes + 2 * (record * header.n_per_record + timing.first)
            content[at : at + 2 * width] = padded[record * width : (record + 1) * width].tobytes()
        (tmp_path / "lie.edf").write_bytes(content)
        assert (read_edf(tmp_path / "lie.edf").layout is None) == bool(lie)


def test_a_night_with_a_stream_that_no_rule_applies_to_is_scored_without_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = replace(EMG, unit=UnitCode.COUNTS)
    info = Info(InfoFlag.COMMON_CLOCK, 0, 1_000_000, 244, 3, 40, 7, (raw, ACC))
    records = [
        replace(one, payload=info.to_bytes()) if isinstance(one, SetupReply) else one for one in night_records(0.02)
    ]
    night = write_night(tmp_path / INFO.night, records)
    assert run(["export", str(night.path)]) == 0
    capsys.readouterr()
    assert run(["score", str(night.path / "night.edf"), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert set(answer["summary"]["unscored"]) == {"left-shin/emg", "right-shin/emg"}
    assert answer["summary"]["movement_source"] == "acceleration"

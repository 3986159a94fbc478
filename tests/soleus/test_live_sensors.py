"""How each sensor does at this moment, as a page that follows a running night is told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

from ingest.decoders.lsp_info import STATUS_UUID
from ingest.decoders.lsp_status import StatusPacket, encode_status
from ingest.decoders.reports import BATTERY_LEVEL_UUID
from ingest.night.records import LinkDown, LinkUp, Notification, Record
from tests.night_log import night_records, write_night

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


from tests.live_bed import EMG_BYTES, SENSOR, Bed, S, without


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return night_records(0.05)


@pytest.fixture
def bed(records: list[Record], tmp_path: Path) -> Iterator[Bed]:
    made = Bed(write_night(tmp_path / "night", []), records)
    yield made
    made.stop()
    for page in made.pages:
        page.close()


@pytest.mark.slow
def test_a_lost_link_and_silence_are_told(bed: Bed) -> None:
    bed.records = sorted(
        [
            *without(bed.records, lambda r: getattr(r, "sensor", "") == SENSOR and 20 * S <= r.mono_ns < 40 * S),
            LinkDown(26 * S, SENSOR, "timeout"),
            LinkUp(35 * S, SENSOR, 247),
        ],
        key=lambda record: record.mono_ns,
    )
    feed = bed.page()
    told = []
    for seconds in (19.9, 25.0, 30.0, 36.0, 42.0):
        bed.until(seconds)
        (left, right) = feed.sensors()
        assert right.linked
        assert right.silent_s == pytest.approx(0.2, abs=0.2)
        told.append((left.linked, round(left.silent_s or 0.0)))
    assert told == [(True, 0), (True, 5), (False, 10), (True, 16), (True, 0)]


@pytest.mark.slow
def test_silence_goes_on_when_nobody_writes_the_log_any_more(bed: Bed) -> None:
    bed.until(20)
    bed.now_ns = 3620 * S
    feed = bed.page()
    (left, _) = feed.sensors()
    assert left.silent_s == pytest.approx(3600, abs=1)
    bed.now_ns += 5 * S
    (left, _) = feed.sensors()
    assert left.silent_s == pytest.approx(3605, abs=1)


def status(mono_s: float, off: int, ohm: int | None = None) -> Notification:
    packet = StatusPacket(off, 0, 1, 0, 3900, 2500, 0, (ohm,))
    return Notification(round(mono_s * S), SENSOR, STATUS_UUID, encode_status(packet))


def test_battery_and_electrodes_are_as_the_sensor_says_last(bed: Bed) -> None:
    said = [
        Notification(10 * S, SENSOR, BATTERY_LEVEL_UUID, b"\x4d"),
        status(12, 0),
        status(14, 1),
        status(16, 0, 30_000),
        status(18, 0, 900_000),
        Notification(19 * S, SENSOR, BATTERY_LEVEL_UUID, b"\x4c"),
    ]
    bed.records = sorted([*bed.records, *said], key=lambda record: record.mono_ns)
    feed = bed.page()
    told = []
    for seconds in (9, 11, 13, 15, 17, 20):
        bed.until(seconds)
        (left, right) = feed.sensors()
        told.append((left.battery_pct, left.contact))
        assert (right.battery_pct, right.contact, right.rssi_dbm) == (None, None, None)
    assert told == [(None, None), (77.0, None), (77.0, True), (77.0, False), (77.0, True), (76.0, False)]


class Louder(NamedTuple):
    """A muscle that is active from one second to another, ten times and more above its noise."""

    from_s: float
    to_s: float

    def __call__(self, record: Record) -> Record:
        is_time = self.from_s * S <= record.mono_ns < self.to_s * S
        if not isinstance(record, Notification) or record.sensor != SENSOR or len(record.payload) < EMG_BYTES:
            return record
        if not is_time:
            return record
        raw = np.frombuffer(record.payload[-200:], "<i2") * 20
        return replace(record, payload=record.payload[:-200] + raw.astype("<i2").tobytes())


@pytest.mark.slow
def test_a_muscle_is_active_while_its_envelope_is_above_the_onset_threshold(bed: Bed) -> None:
    bed.records = [Louder(62, 66)(record) for record in bed.records]
    bed.until(58)
    feed = bed.page()
    told = []
    for seconds in (58.0, 60.0, 64.5, 65.5, 70.0):
        bed.until(seconds)
        (left, right) = feed.sensors()
        told.append((left.muscle_active, right.muscle_active))
    assert told == [(False, False), (False, False), (True, False), (True, False), (False, False)]
    bed.now_ns += 10 * S
    assert not any(sensor.muscle_active for sensor in feed.sensors())

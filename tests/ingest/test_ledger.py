"""The account of a night: what was expected, what came, and why the rest did not, to the sample."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.signal import Clock, Gap, GapCause, Knot, Leg, Quantity, SampleBlock, Stream, Unit
from ingest.decoders.base import StatusKind
from ingest.decoders.lsp import LspDecoder
from ingest.decoders.lsp_info import STATUS_UUID
from ingest.decoders.lsp_status import StatusPacket, encode_status
from ingest.decoders.reports import BATTERY_LEVEL_UUID
from ingest.night.ledger import NightLedger
from ingest.night.losses import Cause, Loss
from ingest.night.records import LinkDown, NightEnd, Notification, RecoveryStep, TimePair
from ingest.night.stream_ledger import StreamLedger
from tests.ingest.logged_sensor import (
    NO_RESEND,
    NS_PER_S,
    PLACEMENT,
    SENSOR,
    UTC_NS,
    at_s,
    beginning,
    data,
    link_down,
    link_up,
    long_packet,
    night_start,
    time_pair,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ingest.night.records import Record
    from ingest.night.stream_ledger import StreamCount

N_PACKETS = 200
N_SAMPLES = 50
FS_HZ = 1000.0
END_NS = at_s(12.0)
ACC = Stream(SENSOR, Leg.LEFT, "ankle", Quantity.ACCELERATION, Unit.G, ("x",), 10.0)


def packets(*lost: int) -> list[Record]:
    return [long_packet(number) for number in range(N_PACKETS) if number not in lost]


def night(records: Iterable[Record], *, end_ns: int = END_NS) -> list[Record]:
    times = [time_pair(at) for at in range(0, end_ns, at_s(10.0))]
    body = sorted([*times, *records], key=by_time)
    stopped = LinkDown(end_ns - 1, SENSOR, "stopped")
    return [*beginning(NO_RESEND), *body, stopped, NightEnd(end_ns, UTC_NS + end_ns, "stopped")]


def by_time(record: Record) -> int:
    return record.mono_ns


def accounted(records: Iterable[Record]) -> NightLedger:
    ledger, decoder = NightLedger([SENSOR]), LspDecoder(PLACEMENT)
    for record in records:
        ledger.note(record)
        for item in decoder.feed(record):
            ledger.take(item)
    for item in decoder.finish():
        ledger.take(item)
    return ledger


def emg(records: Iterable[Record]) -> StreamCount:
    return next(count for count in accounted(records).counts() if count.stream.quantity is Quantity.EMG)


def n_by_cause(count: StreamCount) -> dict[Cause, int]:
    found: dict[Cause, int] = {}
    for loss in count.losses:
        found[loss.cause] = found.get(loss.cause, 0) + loss.n_missing
    return found


@pytest.mark.slow
@settings(max_examples=10)
@given(lost=st.sets(st.integers(1, N_PACKETS - 2), max_size=40))
def test_received_and_missing_make_what_was_expected(lost: set[int]) -> None:
    count = emg(night(packets(*lost)))
    assert count.received == (N_PACKETS - len(lost)) * N_SAMPLES
    assert n_by_cause(count).get(Cause.AIR, 0) == len(lost) * N_SAMPLES
    assert count.received + count.missing == count.expected
    assert count.unexplained == 0
    assert sum(hour.received + hour.missing for hour in count.hours.values()) == count.expected


def test_what_nobody_said_is_missing_shows() -> None:
    ledger, decoder = NightLedger([SENSOR]), LspDecoder(PLACEMENT)
    for record in night(packets(5)):
        ledger.note(record)
        for item in decoder.feed(record):
            if not hasattr(item, "n_missing"):
                ledger.take(item)
    assert [count.unexplained for count in ledger.counts()] == [N_SAMPLES]


def test_the_night_begins_with_the_collector_and_ends_when_the_sensor_is_stopped() -> None:
    late = [long_packet(number) for number in range(40, N_PACKETS)]
    count = emg(night(late))
    assert n_by_cause(count) == {Cause.START: 2005}
    assert (count.expected, count.received) == (10_005, 8_000)


def test_the_time_that_a_packet_takes_is_no_gap() -> None:
    assert emg(night(packets())).losses == ()


def test_a_sensor_that_fell_silent_did_not_end_on_purpose() -> None:
    count = emg(night(packets(), end_ns=at_s(60.0)))
    assert n_by_cause(count) == {Cause.SILENCE: 49_995}


@pytest.mark.parametrize(
    ("battery_mv", "again_mv", "cause"),
    [
        (3300, None, Cause.BATTERY),
        (3900, None, Cause.RECONNECT),
        (3300, 4100, Cause.BATTERY),
        (3300, 3310, Cause.RECONNECT),
    ],
)
def test_an_empty_battery_is_the_cause_if_the_sensor_stays_away_until_it_is_charged(
    battery_mv: int, again_mv: int | None, cause: Cause
) -> None:
    charge = Notification(at_s(2.0), SENSOR, BATTERY_LEVEL_UUID, b"\x63")
    said: list[Record] = [charge, *(status(battery_mv, at_s(at)) for at in (2.5, 3.0)), link_down(at_s(5.1))]
    back: list[Record] = [] if again_mv is None else [link_up(at_s(8.0)), status(again_mv, at_s(8.01))]
    until_ns = at_s(8.0 if back else 99.0)
    kept = [record for record in packets() if not at_s(5.06) < record.mono_ns < until_ns]
    times = [time_pair(at) for at in range(0, at_s(40.0), at_s(10.0))]
    body = sorted([*kept, *said, *back, *times], key=by_time)
    lost = next(loss for loss in emg([*beginning(NO_RESEND), *body]).losses if loss.start_ns > UTC_NS + at_s(5.0))
    assert lost.cause is cause


def status(battery_mv: int, mono_ns: int) -> Notification:
    payload = encode_status(StatusPacket(0, 0, 1, 0, battery_mv, 3000, 0))
    return Notification(mono_ns, SENSOR, STATUS_UUID, payload)


def test_a_packet_that_could_not_be_read_is_the_cause_of_its_gap() -> None:
    broken = data(b"\x20\x01", at_s(0.3) + 1)
    count = emg(night([*packets(5, 90), broken]))
    assert n_by_cause(count)[Cause.MALFORMED] == N_SAMPLES
    assert n_by_cause(count)[Cause.AIR] == N_SAMPLES
    assert accounted(night([*packets(5), broken])).sensors[SENSOR].counts[StatusKind.MALFORMED] == 1


def test_a_lost_link_is_back_with_the_first_packet_and_not_with_the_link() -> None:
    kept = packets(*range(60, 120))
    links: list[Record] = [link_down(at_s(3.02)), link_up(at_s(4.0)), link_down(at_s(4.5)), link_up(at_s(5.9))]
    ledger = accounted(night([*kept, *links]))
    loss, ended = ledger.sensors[SENSOR].losses
    assert (loss.n_links, loss.linked_ns, ended.back_ns) == (2, UTC_NS + at_s(5.9), None)
    assert loss.away_s == pytest.approx(3.035)


def test_a_killed_collector_and_a_computer_that_stood_still_are_told_apart_from_the_radio() -> None:
    kept = packets(*range(60, 120))
    again: list[Record] = [night_start(mono_ns=at_s(5.9)), link_up(at_s(5.95))]
    ledger = accounted(night([*kept, *again]))
    assert [pause.cause for pause in ledger.pauses] == [Cause.COLLECTOR]
    assert {loss.cause for loss in ledger.counts()[0].losses} == {Cause.COLLECTOR}
    still = accounted([*beginning(NO_RESEND), *packets(), time_pair(at_s(100.0))])
    assert [(pause.cause, pause.end_ns) for pause in still.pauses] == [(Cause.SUSPEND, UTC_NS + at_s(100.0))]


@pytest.mark.parametrize(
    ("step", "detail", "sensor", "cause"),
    [
        ("computer slept", "for 3 s", "", Cause.SUSPEND),
        ("queue full", "60 notifications were dropped", SENSOR, Cause.COLLECTOR),
        ("queue full", "60 notifications were dropped", "another", Cause.AIR),
    ],
)
def test_what_the_computer_itself_missed_is_not_blamed_on_the_radio(
    step: str, detail: str, sensor: str, cause: Cause
) -> None:
    lost: list[Record] = [link_down(at_s(5.99)), link_up(at_s(6.01))] if step == "computer slept" else []
    told = RecoveryStep(at_s(6.02), sensor, step, detail)
    count = emg(night([*packets(*range(60, 120)), *lost, told]))
    assert n_by_cause(count) == {cause: 60 * N_SAMPLES}


def test_a_wall_clock_that_is_set_is_told_and_moves_nothing() -> None:
    set_back = TimePair(at_s(11.0), UTC_NS + at_s(11.0) - 3600 * NS_PER_S)
    ledger = accounted(night([*packets(), set_back]))
    assert [jump.by_ns for jump in ledger.jumps] == [-3600 * NS_PER_S]
    assert ledger.span_ns == (UTC_NS, UTC_NS + END_NS)


def test_a_night_that_goes_on_with_a_clock_in_the_past_neither_overlaps_nor_hides_its_pause() -> None:
    back = [replace(night_start(mono_ns=at_s(1.0)), utc_ns=UTC_NS - at_s(3600.0)), link_up(at_s(1.1))]
    ledger = accounted([*beginning(NO_RESEND), *packets(), time_pair(at_s(10.0)), *back])
    assert [(pause.start_ns, pause.end_ns) for pause in ledger.pauses] == [(UTC_NS + at_s(10.005), UTC_NS + at_s(20.0))]
    assert [jump.by_ns for jump in ledger.jumps] == [-at_s(3620.0)]
    assert ledger.span_ns[1] == UTC_NS + at_s(20.1)


@pytest.mark.parametrize(("link_lost", "cause"), [(False, Cause.DEVICE), (True, Cause.RECONNECT)])
def test_a_new_count_is_expected_for_the_time_between_two_counts(*, link_lost: bool, cause: Cause) -> None:
    ledger = StreamLedger(ACC, 0)
    ledger.put(block(0, 0, 100))
    ledger.link_lost = link_lost
    ledger.put(block(1, 15 * NS_PER_S, 50))
    count = ledger.count((0, 20 * NS_PER_S), None)
    assert count.losses == (Loss(10 * NS_PER_S, 15 * NS_PER_S, 50, cause, counted=False),)
    assert (count.expected, count.received, count.unexplained) == (200, 150, 0)


def test_steps_of_the_recovery_ladder_are_counted_by_kind() -> None:
    steps = [RecoveryStep(at_s(1.0), SENSOR, step, "why") for step in ("lost", "lost", "alarm")]
    assert accounted(night([*packets(), *steps])).sensors[SENSOR].steps == {"lost": 2, "alarm": 1}


def test_a_loss_is_split_at_the_hours_of_the_night() -> None:
    ledger, start_ns = StreamLedger(ACC, 0), 3590 * NS_PER_S
    first = block(0, start_ns, 50)
    ledger.put(first)
    ledger.miss(Gap(first.stream, first.clock, 50, 36_100, GapCause.AIR))
    ledger.put(replace(first, start=36_150))
    count = ledger.count((0, start_ns + 3620 * NS_PER_S), None)
    assert [(hour, n.received, n.missing) for hour, n in count.hours.items()] == [
        (0, 50, 35_950),
        (1, 0, 36_000),
        (2, 50, 50),
    ]


def block(segment: int, start_ns: int, n_samples: int) -> SampleBlock:
    data = np.zeros((n_samples, 1), dtype=np.float32)
    return SampleBlock(replace(ACC, segment=segment), Clock((Knot(0, start_ns, 10.0),)), 0, data)

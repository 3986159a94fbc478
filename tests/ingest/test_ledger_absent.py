"""The account of what never came: a stream that a sensor announces, and a sensor that was not heard all night."""

from __future__ import annotations

import pytest

from detectors.signal import Leg
from ingest.decoders.lsp import LspDecoder
from ingest.night.certificate import Account, certificate
from ingest.night.folder import NightInfo, NightSensor
from ingest.night.ledger import NightLedger
from ingest.night.records import NightEnd, Record
from tests.ingest.logged_sensor import (
    ACC,
    NO_RESEND,
    PLACEMENT,
    SENSOR,
    UTC_NS,
    at_s,
    beginning,
    link_up,
    long_packet,
    night_start,
    time_pair,
)

N_PACKETS = 190
NIGHT_S = 20.0
INFO = NightInfo(
    site="home",
    person="p1",
    night="n1",
    scoring="default",
    speed=1.0,
    sensors=(NightSensor(SENSOR, "lsp", SENSOR, Leg.LEFT, "ankle"),),
    start_ns=UTC_NS,
    utc_offset_s=0,
    version="test",
)


def accounted(*records: Record) -> NightLedger:
    """The ledger of a night of twenty seconds, told what the sensor says that it has."""
    ledger, decoder = NightLedger([SENSOR]), LspDecoder(PLACEMENT)
    end_ns = at_s(NIGHT_S)
    for record in (*records, time_pair(end_ns), NightEnd(end_ns, UTC_NS + end_ns, "stopped")):
        ledger.note(record)
        for item in decoder.feed(record):
            ledger.take(item)
    for item in decoder.finish():
        ledger.take(item)
    ledger.expect(stream for stream, _ in decoder.clocks)
    return ledger


def test_a_stream_that_was_announced_and_never_came_is_missing_and_decides_the_verdict() -> None:
    motion: list[Record] = [long_packet(number, stream=ACC) for number in range(N_PACKETS)]
    motion.insert(100, night_start(mono_ns=motion[99].mono_ns + 1))
    sensor = certificate(INFO, Account(accounted(*beginning(NO_RESEND), *motion)))["sensors"][0]
    emg = next(stream for stream in sensor["streams"] if stream["quantity"] == "emg")
    assert (emg["expected"], emg["received"], emg["missing"], emg["unexplained"]) == (20_000, 0, 20_000, 0)
    assert emg["by_cause"] == {"silence": {"gaps": 1, "n_missing": 20_000, "longest_s": NIGHT_S}}
    assert [(hour["hour"], hour["missing"]) for hour in emg["by_hour"]] == [(0, 20_000)]
    assert sensor["verdict"] == "0 s of 20 s, 0 %; 1 gap, longest 20 s"
    assert (sensor["expected_s"], sensor["missing_s"]) == (NIGHT_S, {"silence": NIGHT_S})


@pytest.mark.parametrize(("linked", "cause"), [(False, "start"), (True, "silence")])
def test_a_sensor_of_which_nothing_is_known_is_missing_for_the_whole_night(*, linked: bool, cause: str) -> None:
    links: tuple[Record, ...] = (link_up(at_s(1.0)),) if linked else ()
    sensor = certificate(INFO, Account(accounted(night_start(), *links)))["sensors"][0]
    assert sensor["streams"] == []
    assert (sensor["expected_s"], sensor["missing_s"]) == (NIGHT_S, {cause: NIGHT_S})

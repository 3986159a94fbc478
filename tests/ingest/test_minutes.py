"""Battery and link of each sensor by the minute: the same however the log is read, and few rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from detectors.recording import steady_clock
from detectors.signal import Gap, GapCause, Leg, Quantity, Stream, Unit
from ingest.decoders.base import Status, StatusKind
from ingest.decoders.lsp import LspDecoder
from ingest.decoders.lsp_info import STATUS_UUID
from ingest.decoders.lsp_status import StatusPacket, encode_status
from ingest.envelope import ClockQuality
from ingest.night.minutes import MOST_DETAILS, HealthMinutes, News
from ingest.night.records import NightEnd, Notification
from ingest.schema import SENSOR_HEALTH
from tests.ingest.logged_sensor import (
    ACC,
    NO_RESEND,
    PLACEMENT,
    SENSOR,
    UTC_NS,
    at_s,
    beginning,
    link_down,
    link_up,
    long_packet,
    night_start,
    time_pair,
)

if TYPE_CHECKING:
    from ingest.night.records import Record

N_SAMPLES = 10
PER_MINUTE = 600


def told(records: list[Record]) -> list[tuple[int, dict[str, float]]]:
    """Start in seconds of the night and numbers of each minute."""
    minutes, decoder, found = HealthMinutes([SENSOR]), LspDecoder(PLACEMENT), []
    for record in records:
        found += minutes.note(record)
        for item in decoder.feed(record):
            minutes.take(item)
    found += minutes.finish()
    return [((t_ns - UTC_NS) // at_s(1.0), dict(status.values)) for status, t_ns in found]


def night(records: list[Record], end_s: float = 125.0) -> list[Record]:
    times = [time_pair(at) for at in range(0, at_s(end_s), at_s(10.0))]
    body = sorted([*records, *times], key=by_time)
    return [*beginning(NO_RESEND), *body, NightEnd(at_s(end_s), UTC_NS + at_s(end_s), "stopped")]


def by_time(record: Record) -> int:
    return record.mono_ns


def status(mono_ns: int, battery_mv: int) -> Notification:
    return Notification(mono_ns, SENSOR, STATUS_UUID, encode_status(StatusPacket(0, 0, 1, 0, battery_mv, 3000, 0)))


def packet(number: int) -> Record:
    return long_packet(number, stream=ACC)


def packets(*lost: int) -> list[Record]:
    return [packet(number) for number in range(2 * PER_MINUTE) if number not in lost]


@pytest.mark.slow
def test_each_minute_says_what_came_what_the_air_lost_and_what_the_battery_holds() -> None:
    lost = (700, 701)
    twice = [packet(800), packet(801)]
    said = [status(at_s(seconds), 4000 - seconds) for seconds in range(5, 120, 10)]
    first, second, rest = told(night([*packets(*lost), *twice, *said]))
    # The last packet of each minute arrives 5 ms into the next.
    assert (first[0], second[0], rest[0]) == (0, 60, 120)
    assert first[1]["n_received"] == (PER_MINUTE - 1) * N_SAMPLES
    assert second[1]["n_received"] == (PER_MINUTE - len(lost)) * N_SAMPLES
    assert (second[1]["n_lost_air"], second[1]["n_duplicate"]) == (len(lost) * N_SAMPLES, len(twice))
    assert second[1]["n_expected"] == pytest.approx(PER_MINUTE * N_SAMPLES)
    assert second[1]["notifications_per_s"] == pytest.approx(10.0, abs=0.3)
    assert (first[1]["battery_mv"], second[1]["battery_mv"]) == (3945.0, 3885.0)
    assert first[1]["linked_share"] == 1.0
    assert rest[1]["minute_s"] == 5.0


def test_every_number_of_a_minute_is_in_the_schema() -> None:
    numbers = told(night([*packets(), status(at_s(5.0), 4000)]))[0][1]
    assert set(numbers) <= SENSOR_HEALTH.measures


def test_time_without_a_link_and_the_longest_silence_are_told() -> None:
    away = packets(*range(700, 900))
    links: list[Record] = [link_down(at_s(70.02)), link_up(at_s(88.02))]
    _, second, _ = told(night([*away, *links]))
    assert second[1]["linked_share"] == pytest.approx(42.0 / 60.0)
    assert second[1]["longest_silence_s"] == pytest.approx(20.1)


def test_minutes_in_which_the_collector_did_not_run_are_left_out() -> None:
    before = [record for record in packets() if record.mono_ns < at_s(30.0)]
    again: list[Record] = [night_start(mono_ns=at_s(200.0)), link_up(at_s(210.0)), time_pair(at_s(250.0))]
    minutes = told([*beginning(NO_RESEND), *before, *again])
    assert [start for start, _ in minutes] == [0, 180, 240]
    assert [numbers["linked_share"] for _, numbers in minutes] == pytest.approx([1.0, 0.5, 1.0])


def test_a_meter_that_is_read_again_is_no_news_and_a_change_is() -> None:
    news = News()
    said = [
        Status(SENSOR, StatusKind.BATTERY, 0, "battery", {"battery_mv": 4000.0}),
        Status(SENSOR, StatusKind.BATTERY, 1, "battery", {"battery_mv": 3999.0}),
        Status(SENSOR, StatusKind.LINK, 2, "up", {"up": 1.0}),
        Status(SENSOR, StatusKind.LINK, 3, "up", {"up": 1.0}),
        Status(SENSOR, StatusKind.DEVICE, 4, "status", {"queue_pct": 1.0}),
        Status(SENSOR, StatusKind.DEVICE, 5, "status", {"queue_pct": 2.0}),
    ]
    assert [news.is_new(one) for one in said] == [True, False, True, True, True, False]


def test_a_loose_electrode_and_a_chattering_event_get_a_row_a_minute() -> None:
    news, at_ns = News(), [number * at_s(0.05) for number in range(2400)]
    flips = [
        Status(SENSOR, StatusKind.LEAD_OFF, t_ns, "electrodes of a stream", {"stream": 0.0, "lead_off": float(n % 2)})
        for n, t_ns in enumerate(at_ns)
    ]
    events = [Status(SENSOR, StatusKind.DEVICE, t_ns, "charger", {"value": float(t_ns)}) for t_ns in at_ns]
    assert [sum(map(news.is_new, said)) for said in (flips, events)] == [2 * 2, 2]


def test_two_streams_whose_electrodes_come_off_together_are_both_told() -> None:
    news = News()
    off = [Status(SENSOR, StatusKind.LEAD_OFF, 0, "x", {"stream": stream, "lead_off": 1.0}) for stream in (0.0, 1.0)]
    assert all(map(news.is_new, off))


def test_a_sensor_that_sends_rubbish_does_not_fill_the_journal() -> None:
    news = News()
    rubbish = (Status(SENSOR, StatusKind.MALFORMED, n, f"byte {n}", {"count": float(n)}) for n in range(1000))
    assert sum(news.is_new(one) for one in rubbish) == MOST_DETAILS


def test_a_minute_keeps_no_charge_that_cannot_be_one() -> None:
    minutes = HealthMinutes([SENSOR])
    minutes.note(night_start(mono_ns=0))
    for number, level_pct in enumerate((81.0, 255.0, -1.0)):
        minutes.take(Status(SENSOR, StatusKind.BATTERY, number, "battery", {"battery_pct": level_pct}))
    ((told_of, _),) = minutes.note(time_pair(at_s(60.0)))
    assert told_of.values["battery_pct"] == 81.0


def test_a_minute_counts_how_often_the_electrodes_changed() -> None:
    minutes = HealthMinutes([SENSOR])
    minutes.note(night_start(mono_ns=0))
    for number in range(40):
        values = {"stream": 0.0, "lead_off": float(number % 2)}
        minutes.take(Status(SENSOR, StatusKind.LEAD_OFF, number, "electrodes of a stream", values))
    ((told_of, _),) = minutes.note(time_pair(at_s(60.0)))
    assert (told_of.values["n_lead_off"], told_of.values["n_device"]) == (40.0, 0.0)


def test_a_minute_tells_the_fit_of_the_clock_whose_packets_scatter_most() -> None:
    emg, motion = (
        Stream(SENSOR, Leg.LEFT, "shin", quantity, unit, ("x",), 50.0)
        for quantity, unit in ((Quantity.EMG, Unit.MICROVOLT), (Quantity.ACCELERATION, Unit.G))
    )
    over, good, worse = (ClockQuality(0, ppm, ms, 5) for ppm, ms in ((9.0, 9.0), (11.0, 1.0), (12.0, 3.0)))
    none = ClockQuality(0, 0.0, 0.0, 0)
    minutes = HealthMinutes([SENSOR], lambda: [(emg, over), (emg, good), (motion, worse)])
    minutes.note(night_start())
    ((status, _),) = minutes.note(time_pair(at_s(61.0)))
    assert (status.values["clock_ppm"], status.values["clock_spread_ms"]) == (12.0, 3.0)
    unknown = HealthMinutes([SENSOR], lambda: [(emg, none)])
    unknown.note(night_start())
    ((status, _),) = unknown.note(time_pair(at_s(61.0)))
    assert "clock_ppm" not in status.values


@pytest.mark.parametrize("cause", [GapCause.AIR, GapCause.DEVICE, GapCause.RECONNECT, GapCause.MALFORMED])
def test_missing_samples_are_counted_by_their_cause(cause: GapCause) -> None:
    minutes = HealthMinutes([SENSOR])
    minutes.note(night_start())
    stream = Stream(SENSOR, Leg.LEFT, "shin", Quantity.EMG, Unit.MICROVOLT, ("x",), 500.0)
    for missing in (7, None, 3):
        minutes.take(Gap(stream, steady_clock(0, 500.0), 0, missing, cause))
    ((status, _),) = minutes.note(time_pair(at_s(61.0)))
    lost = {name: n for name, n in status.values.items() if name.startswith("n_lost_")}
    assert lost == {
        f"n_lost_{one}": 10.0 if one == cause else 0.0 for one in ("air", "device", "reconnect", "malformed")
    }

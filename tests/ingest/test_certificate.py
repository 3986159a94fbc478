"""The completeness certificate: one honest line, and numbers that add up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from detectors.signal import NS_PER_S, Clock, Gap, GapCause, Knot, Leg, Quantity, SampleBlock, Stream, Unit
from ingest.envelope import ClockQuality
from ingest.night.certificate import MOST_LISTED, Account, certificate, changed_files, file_hashes
from ingest.night.folder import NightInfo, NightSensor
from ingest.night.ledger import NightLedger
from ingest.night.losses import CAUSE_OF_GAP
from ingest.night.records import LinkUp, NightEnd, NightStart, TimePair
from ingest.night.verdict import night_verdict, verdict
from tests.ingest.logged_sensor import UTC_NS

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.night.stream_ledger import StreamCount

    Missing = tuple[int, int, GapCause]

FS_HZ = 10.0
HOURS = 8
N_NIGHT = HOURS * 36_000
INFO = NightInfo(
    site="home",
    person="p1",
    night="n1",
    scoring="default",
    speed=1.0,
    sensors=tuple(NightSensor(name, "lsp", name, Leg.LEFT, "ankle") for name in ("left", "right")),
    start_ns=UTC_NS,
    utc_offset_s=0,
    version="test",
)


def motion(sensor: str = "left") -> Stream:
    return Stream(sensor, Leg.LEFT, "ankle", Quantity.ACCELERATION, Unit.G, ("x",), FS_HZ)


def ledger_of(*missing: tuple[int, int, GapCause], fs_hz: float = FS_HZ) -> NightLedger:
    """A night of 8 h of one sensor, without what is missing: first sample, how many, why."""
    ledger = NightLedger(["left", "right"])
    end_ns = HOURS * 3600 * NS_PER_S
    ledger.note(NightStart(0, UTC_NS, 1.0, "test"))
    ledger.note(LinkUp(1, "left", 247))
    stream, clock, at = motion(), Clock((Knot(0, UTC_NS, fs_hz),)), 0
    n_night = round(end_ns / NS_PER_S * fs_hz)
    for first, n_missing, cause in (*missing, (n_night, 0, GapCause.AIR)):
        ledger.take(SampleBlock(stream, clock, at, zeros(first - at)))
        if n_missing:
            ledger.take(Gap(stream, clock, first, n_missing, cause))
        at = first + n_missing
    for at_ns in range(0, end_ns, 10 * NS_PER_S):
        ledger.note(TimePair(at_ns, UTC_NS + at_ns))
    ledger.note(NightEnd(end_ns, UTC_NS + end_ns, "stopped"))
    return ledger


def zeros(n_samples: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.zeros((n_samples, 1), dtype=np.float32)


def counted(*missing: tuple[int, int, GapCause], fs_hz: float = FS_HZ) -> StreamCount:
    return ledger_of(*missing, fs_hz=fs_hz).counts()[0]


TWELVE = [(10_000 * n, 70 if n > 1 else 410, GapCause.AIR) for n in range(1, 13)]


@pytest.mark.parametrize(
    ("missing", "line"),
    [
        ([], "8 h 00 min of 8 h 00 min, 100 %; no gap"),
        (TWELVE, "7 h 58 min of 8 h 00 min, 99.5 %; 12 gaps, longest 41 s"),
        ([(500, 1, GapCause.AIR)], "7 h 59 min of 8 h 00 min, 99.9 %; 1 gap, longest 0.1 s"),
        ([(500, 36_000, GapCause.RECONNECT)], "7 h 00 min of 8 h 00 min, 87.5 %; 1 gap, longest 1 h 00 min"),
    ],
)
def test_a_night_is_told_in_one_line_that_never_says_more_than_there_is(missing: list[Missing], line: str) -> None:
    assert verdict(counted(*missing)) == line


def test_a_sensor_that_is_faster_than_it_says_has_no_longer_night() -> None:
    assert verdict(counted(fs_hz=10.3)) == "8 h 00 min of 8 h 00 min, 100 %; no gap"


def test_a_sensor_that_was_never_heard_comes_first() -> None:
    line = night_verdict(["left", "right"], [counted()])
    assert line == "right: nothing was received; left, acceleration: 8 h 00 min of 8 h 00 min, 100 %; no gap"


def test_causes_hours_and_gaps_add_up() -> None:
    ledger = ledger_of((100, 10, GapCause.AIR), (200, 50_000, GapCause.RECONNECT), (90_000, 30, GapCause.AIR))
    stated = certificate(INFO, Account(ledger))
    stream = stated["sensors"][0]["streams"][0]
    assert stream["expected"] == N_NIGHT == stream["received"] + stream["missing"]
    assert stream["by_cause"] == {
        "air": {"gaps": 2, "n_missing": 40, "longest_s": 3.0},
        "reconnect": {"gaps": 1, "n_missing": 50_000, "longest_s": 5000.0},
    }
    assert sum(hour["missing"] for hour in stream["by_hour"]) == stream["missing"]
    assert [hour["expected"] for hour in stream["by_hour"]] == [36_000] * HOURS
    assert stated["sensors"][1]["verdict"] == "nothing was received"


@pytest.mark.slow
def test_a_very_bad_night_lists_the_longest_gaps_and_counts_all() -> None:
    short = [(10 * n, 1, GapCause.AIR) for n in range(1, MOST_LISTED + 100)]
    ledger = ledger_of(*short, (250_000, 600, GapCause.RECONNECT))
    stream = certificate(INFO, Account(ledger))["sensors"][0]["streams"][0]
    assert len(stream["gaps"]) == MOST_LISTED
    assert stream["gaps"][-1]["n_missing"] == 600
    assert stream["shorter_gaps"] == {"gaps": 100, "n_missing": 100}
    assert sum(cause["n_missing"] for cause in stream["by_cause"].values()) == stream["missing"]


def test_two_sensors_that_run_apart_have_a_drift_and_those_without_a_fit_have_none() -> None:
    fits = {
        motion("left"): ClockQuality(5, 30.0, 0.5, 60),
        motion("right"): ClockQuality(5, -30.0, 0.5, 60),
        motion("third"): ClockQuality(0, 0.0, 0.0, 0),
    }
    stated = certificate(INFO, Account(ledger_of(), fits))
    assert [(drift["sensors"], drift["drift_ppm"], drift["drift_ms_per_h"]) for drift in stated["drift"]] == [
        (["left", "right"], 60.0, 216.0)
    ]
    assert stated["sensors"][0]["streams"][0]["segments"][0]["clock"]["slope_ppm"] == 30.0


def test_two_streams_of_one_quantity_have_an_account_each() -> None:
    ledger, clock = ledger_of(), Clock((Knot(0, UTC_NS, FS_HZ),))
    second = replace(motion(), axes=("s1x",))
    ledger.take(SampleBlock(second, clock, 0, zeros(N_NIGHT // 2)))
    ledger.take(Gap(second, clock, N_NIGHT // 2, N_NIGHT // 2, GapCause.AIR))
    streams = certificate(INFO, Account(ledger))["sensors"][0]["streams"]
    assert [(one["axes"], one["expected"], one["received"]) for one in streams] == [
        (["x"], N_NIGHT, N_NIGHT),
        (["s1x"], N_NIGHT, N_NIGHT // 2),
    ]


def test_what_a_second_reading_found_is_counted_as_late() -> None:
    account = replace(Account(ledger_of()), first=ledger_of((100, 700, GapCause.RECONNECT)))
    stated = certificate(INFO, account)
    assert stated["second_reading"]
    assert stated["sensors"][0]["streams"][0]["recovered_late"] == 700


def test_hashes_tell_a_changed_file_and_leave_out_what_was_not_there(tmp_path: Path) -> None:
    (tmp_path / "events.json").write_text("[]\n")
    stated = {"files": file_hashes(tmp_path)}
    assert list(stated["files"]) == ["events.json"]
    assert stated["files"]["events.json"]["bytes"] == len("[]\n")
    assert changed_files(tmp_path, stated) == []
    (tmp_path / "events.json").write_text("[ ]\n")
    assert len(changed_files(tmp_path, stated)) == 1


def test_every_reason_that_a_decoder_gives_for_a_gap_has_a_cause() -> None:
    assert set(CAUSE_OF_GAP) == set(GapCause)

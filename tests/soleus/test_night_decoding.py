"""A night's samples and their account: what comes late counts, whichever way the buffer is emptied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from detectors.signal import NS_PER_S, Leg
from ingest.night.folder import NightInfo, NightSensor
from ingest.night.packets import PacketLogWriter
from ingest.night.records import LinkDown, NightEnd
from soleus.night_decoding import certified, log_pieces
from tests.ingest.logged_sensor import (
    SENSOR,
    UTC_NS,
    at_s,
    beginning,
    link_down,
    link_up,
    long_packet,
    time_pair,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ingest.night.records import Record

pytestmark = pytest.mark.slow

N_PACKETS = 4000
"""200 s at 20 packets of 50 samples per second."""
AWAY = range(1000, 2200)
END_S = 201.0
INFO = NightInfo(
    site="home",
    person="p1",
    night="n1",
    scoring="default",
    speed=1.0,
    sensors=(NightSensor(SENSOR, "lsp", "LSP-left", Leg.LEFT, "tibialis anterior"),),
    start_ns=UTC_NS,
    utc_offset_s=0,
    version="test",
)


def stated(path: Path, late: Sequence[Record]) -> dict[str, Any]:
    """The certificate's stream of a sensor that was away for 60 s and sent `late` besides what came in time."""
    in_time = [long_packet(number) for number in range(N_PACKETS) if number not in AWAY]
    links: list[Record] = [link_down(at_s(50.02)), link_up(at_s(110.02))]
    times = [time_pair(at) for at in range(0, at_s(END_S), at_s(10.0))]
    body: list[Record] = sorted([*in_time, *late, *links, *times], key=by_time)
    end_ns = at_s(END_S)
    log = PacketLogWriter(path / "packets.log")
    for record in [*beginning(), *body, LinkDown(end_ns, SENSOR, "stopped"), NightEnd(end_ns, UTC_NS + end_ns, "")]:
        log.append(record)
    log.close()
    certificate = certified(path / "packets.log", INFO)
    stream: dict[str, Any] = certificate["sensors"][0]["streams"][0]
    return {**stream, "second_reading": certificate["second_reading"]}


def by_time(record: Record) -> int:
    return record.mono_ns


def sent_at(numbers: Sequence[int], from_s: float, every_s: float) -> list[Record]:
    """Packets of the buffer, one after the other."""
    return [
        long_packet(number, latency_ms=(from_s + every_s * place - (number + 1) * 0.05) * 1e3)
        for place, number in enumerate(numbers)
    ]


@pytest.mark.parametrize(
    "late",
    [
        sent_at(AWAY, 110.021, 0.00002),
        sent_at(AWAY, 130.0, 0.02),
        sent_at(AWAY[::-1], 130.0, 0.02),
        sent_at([*AWAY, *AWAY], 130.0, 0.01),
    ],
    ids=["at once when it is back", "between new packets", "newest first", "twice"],
)
def test_a_buffer_that_is_emptied_late_leaves_nothing_missing(tmp_path: Path, late: list[Record]) -> None:
    stream = stated(tmp_path, late)
    assert (stream["received"], stream["missing"], stream["unexplained"]) == (N_PACKETS * 50, 0, 0)
    assert 0 < stream["recovered_late"] <= len(AWAY) * 50
    assert stream["second_reading"]


def test_a_buffer_that_held_half_of_it_leaves_half_missing_and_says_why(tmp_path: Path) -> None:
    stream = stated(tmp_path, sent_at(AWAY[600:], 130.0, 0.02))
    assert stream["recovered_late"] == stream["missing"] == 600 * 50
    assert [(gap["cause"], gap["length_s"]) for gap in stream["gaps"]] == [("reconnect", pytest.approx(30.0, abs=0.01))]


def test_without_anything_late_one_reading_is_enough(tmp_path: Path) -> None:
    stream = stated(tmp_path, [])
    assert not stream["second_reading"]
    assert (stream["missing"], stream["recovered_at_once"], stream["recovered_late"]) == (60_000, 0, 0)


def test_a_log_is_read_in_pieces_and_whole(tmp_path: Path) -> None:
    with PacketLogWriter(tmp_path / "packets.log") as log:
        for number in range(30):
            log.append(time_pair(number * NS_PER_S))
    assert [record.mono_ns // NS_PER_S for piece in log_pieces(tmp_path / "packets.log") for record in piece] == list(
        range(30)
    )

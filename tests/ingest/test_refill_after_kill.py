"""A recorder that begins again asks for what the one before had not got: the sensor still remembers it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ingest.decoders.lsp_control import Op, Request
from ingest.decoders.lsp_info import INFO_UUID
from ingest.decoders.lsp_setup import LSP
from ingest.inbox import Inbox
from ingest.night.packets import PacketLogWriter
from ingest.refill import TAIL_BYTES, Refill, heard_last, remembering
from tests.ingest.logged_sensor import INFO, SENSOR, at_s, beginning, link_up, long_packet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ingest.decoders.profile import SetupStep
    from ingest.night.records import Notification, Record


def killed(log: Path, records: Sequence[Record]) -> Path:
    with PacketLogWriter(log) as writer:
        for record in records:
            writer.append(record)
    return log


def asked_after(log: Path, sensor: str, heard: Sequence[Notification], mono_ns: int) -> list[tuple[int, ...]]:
    """What a new recorder asks a sensor for, that goes on and is described as before."""
    refill = Refill.of(remembering(LSP, sensor, heard_last(log)), sensor, Inbox(), 1.0)
    assert refill is not None
    refill.linked(mono_ns)
    refill.replied(INFO_UUID, b"", INFO.to_bytes(), mono_ns)
    for packet in heard:
        refill.heard(packet.characteristic, packet.payload, packet.mono_ns)
    steps: list[SetupStep | None] = [refill.due(mono_ns + at_s(second)) for second in (0.1, 1.0)]
    requests = [Request.from_bytes(step.payload) for step in steps if step is not None]
    assert all(request.op == Op.RESEND for request in requests)
    return [request.values for request in requests]


def test_what_was_missing_before_the_kill_and_what_came_between_is_asked_for(tmp_path: Path) -> None:
    log = killed(tmp_path / "packets.log", [*beginning(), *map(long_packet, (0, 1, 3, 4))])
    assert asked_after(log, SENSOR, [long_packet(7)], at_s(0.5)) == [(0, 100, 50), (0, 250, 100)]


def test_a_new_night_and_another_sensor_begin_with_nothing(tmp_path: Path) -> None:
    log = killed(tmp_path / "packets.log", [*beginning(), *map(long_packet, (0, 1, 3, 4))])
    assert asked_after(tmp_path / "none.log", SENSOR, [long_packet(7)], at_s(0.5)) == []
    assert asked_after(log, "right-shin", [long_packet(7)], at_s(0.5)) == []


def test_a_file_that_is_no_log_keeps_no_recorder_from_starting(tmp_path: Path) -> None:
    (tmp_path / "packets.log").write_bytes(b"something else")
    assert heard_last(tmp_path / "packets.log") == []


@pytest.mark.slow
def test_of_a_long_log_the_end_is_kept_and_what_describes_the_sensor(tmp_path: Path) -> None:
    n_packets = TAIL_BYTES // 200
    log = killed(tmp_path / "packets.log", [*beginning(), link_up(1), *map(long_packet, range(n_packets))])
    past = heard_last(log)
    assert past[:4] == [*beginning(), link_up(1)]
    assert past[-1] == long_packet(n_packets - 1)
    assert 0 < len(past) < n_packets
    assert asked_after(log, SENSOR, [long_packet(n_packets + 1)], at_s(n_packets / 20)) == [(0, n_packets * 50, 50)]

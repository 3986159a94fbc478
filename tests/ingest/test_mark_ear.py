"""Marks from MQTT: each is heard, a flood of them is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest import wire
from ingest.mark_ear import MOST_AT_ONCE, MarkEar
from ingest.mqtt import Received
from tests.ingest.link_log import LinkLog

if TYPE_CHECKING:
    import pytest

TOPIC = wire.mark_topic("home", "p1")


def test_a_flood_of_marks_is_ten_and_one_a_second_and_is_said_without_a_label(caplog: pytest.LogCaptureFixture) -> None:
    labels: list[str] = []
    passed_s = [0.0]
    ear = MarkEar(TOPIC, labels.append, clock_s=lambda: passed_s[-1])
    for now_s in (0.0, 3.0):
        passed_s.append(now_s)
        for number in range(1000):
            assert ear.take(Received(TOPIC, f"cramp {number}".encode(), 0, 0), LinkLog().typed)
    assert labels == [f"cramp {number}" for number in (*range(MOST_AT_ONCE), 0, 1, 2)]
    assert ear.refused.count == 2000 - len(labels)
    (said,) = caplog.messages
    assert said == "a mark is passed over: more than 10 came at once and one a second after that (1 so far)"

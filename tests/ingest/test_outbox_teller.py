"""What waits in an outbox is told every few minutes, and telling it adds nothing to it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ingest import wire
from ingest.mqtt import Down
from ingest.night.changes import NightName
from ingest.night.entries import Confirmation, Delivery
from ingest.night.journal import Journal
from ingest.outbox_teller import TELL_S, OutboxTeller
from ingest.points import points_of
from tests.ingest.link_log import LinkLog
from tests.message_schemas import faults
from tests.relay_scene import entry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SINCE_NS = 1_795_212_000_000_000_000
DAY_S = 86_400.0
TOPIC = "soleus/v1/home/p1/health"


class Scene:
    """A journal, a teller, and a clock that a test moves."""

    def __init__(self, path: Path) -> None:
        self.at_s = 0.0
        self.journal = Journal(path, now_ns=self.now_ns)
        self.link = LinkLog()
        self.teller = OutboxTeller(
            self.journal,
            Delivery.STORE,
            NightName("p1", "n1", ""),
            ("home", "bedroom"),
            clock_s=lambda: self.at_s,
            now_ns=self.now_ns,
        )

    def now_ns(self) -> int:
        return SINCE_NS + round(self.at_s * 1e9)

    def look(self, at_s: float) -> None:
        self.at_s = at_s
        self.teller.send(self.link.typed)

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(payload) for topic, payload in self.link.published if topic == TOPIC]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(tmp_path / "journal.db")
    yield scene
    scene.journal.close()


def test_what_waits_is_told_at_once_and_then_every_five_minutes(scene: Scene) -> None:
    scene.journal.put([entry(1), entry(2)])
    scene.link.connect(scene.teller)
    for at_s in (0.0, 1.0, TELL_S - 1, TELL_S, TELL_S + 1):
        scene.look(at_s)
    assert [told["values"]["oldest_s"] for told in scene.told] == [0.0, TELL_S]
    assert {told["values"]["n_waiting"] for told in scene.told} == {2.0}


def test_a_year_without_a_broker_adds_nothing_to_the_outbox(scene: Scene) -> None:
    scene.journal.put([entry(1)])
    for day in range(365):
        scene.look(day * DAY_S)
    assert scene.told == []
    assert scene.journal.backlog(Delivery.STORE).waiting == 1
    scene.link.connect(scene.teller)
    scene.look(365 * DAY_S)
    assert [told["values"]["oldest_s"] for told in scene.told] == [365 * DAY_S]
    assert scene.journal.backlog(Delivery.STORE).waiting == 1


def test_it_is_told_again_after_the_connection_was_lost(scene: Scene) -> None:
    scene.link.connect(scene.teller)
    scene.look(0.0)
    scene.teller.take(Down("reset"), scene.link.typed)
    scene.look(TELL_S)
    assert len(scene.told) == 1
    scene.link.connect(scene.teller)
    scene.look(TELL_S + 1)
    assert len(scene.told) == 2


def test_what_is_told_fits_the_schemas_and_becomes_a_point_of_the_collector(scene: Scene) -> None:
    scene.journal.put([entry(1), entry(2)])
    scene.journal.stored([Confirmation(entry(2).key, "p1", 0, accepted=False, reason="too old")])
    scene.link.connect(scene.teller)
    scene.look(90.0)
    ((topic, payload),) = [said for said in scene.link.published if said[0] == TOPIC]
    assert faults(topic, payload) == []
    (point,) = points_of(wire.decode(topic, payload))
    line = point.line()
    assert line.startswith("delivery,kind=outbox,name=bedroom,person=p1,site=home ")
    assert "n_waiting=1.0,oldest_s=90.0,n_set_aside=1.0,waiting_mb=0.0" in line


def test_the_last_word_is_said_when_the_relay_ends(scene: Scene) -> None:
    scene.link.connect(scene.teller)
    scene.look(0.0)
    scene.teller.leave(scene.link.typed)
    assert len(scene.told) == 2

"""Who uses the relay's connection while a night runs, as the settings want it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from detectors.signal import Leg
from ingest.home_assistant import Discovery, config_topic
from ingest.mark_ear import MarkEar
from ingest.night.journal import Journal
from ingest.notes import NoteEar
from ingest.tonight import TonightTeller
from soleus.nights import journal_path, start_or_resume
from soleus.settings import MqttSettings, SensorSettings, Settings
from soleus.workers.relay import guests_of
from tests.ingest.link_log import LinkLog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ingest.guest import Guest

SENSORS = tuple(
    SensorSettings(f"{leg}-shin", "lsp", f"C4:00:00:00:00:0{number}", leg)
    for number, leg in enumerate((Leg.LEFT, Leg.RIGHT))
)
TONIGHT = "soleus/v1/home/bedroom/tonight"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings("home", "p1", "bedroom", data_dir=tmp_path, sensors=SENSORS)


@pytest.fixture
def guests(settings: Settings) -> Iterator[list[Guest]]:
    folder = start_or_resume(settings)
    with Journal(journal_path(settings)) as journal:
        yield guests_of(settings, journal, folder)


def told(settings: Settings) -> dict[str, bytes]:
    """Return what a broker is told to keep when the relay of a night comes."""
    link = LinkLog()
    folder = start_or_resume(settings)
    with Journal(journal_path(settings)) as journal:
        for guest in guests_of(settings, journal, folder):
            link.connect(guest)
            guest.send(link.typed)
    return link.kept


def test_marks_and_notes_of_the_person_are_heard_each_in_its_way(guests: list[Guest]) -> None:
    assert [type(guest) for guest in guests] == [MarkEar, NoteEar, TonightTeller, Discovery]
    assert [topic for guest in guests for topic in guest.subscriptions] == ["soleus/v1/home/p1/note"]
    assert [topic for guest in guests for topic in guest.fleeting] == ["soleus/v1/home/p1/mark"]


def test_home_assistant_is_told_of_nothing_unless_it_is_asked_for(settings: Settings) -> None:
    assert settings.mqtt.home_assistant is False
    assert set(told(settings)) == {TONIGHT}


def test_home_assistant_is_told_of_every_sensor_of_the_configuration(settings: Settings) -> None:
    kept = told(replace(settings, mqtt=MqttSettings("mqtt://localhost", home_assistant=True)))
    devices = {topic: json.loads(payload)["device"] for topic, payload in kept.items() if topic != TONIGHT}
    assert {topic: device["model"] for topic, device in devices.items()} == {
        config_topic("bedroom", "left-shin"): "lsp, left tibialis anterior",
        config_topic("bedroom", "right-shin"): "lsp, right tibialis anterior",
    }


def test_tonight_names_the_sensors_of_the_night_and_its_start(settings: Settings) -> None:
    info = start_or_resume(settings).read_info()
    state = json.loads(told(settings)[TONIGHT])
    assert (state["night"], state["since_ns"]) == (info.night, info.start_ns)
    assert list(state["sensors"]) == ["left-shin", "right-shin"]

"""What Home Assistant is told of the sensors: by its own rules, and taken back when a sensor is gone."""

from __future__ import annotations

import copy
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jinja2 import Environment
from jsonschema import Draft202012Validator

from detectors.signal import NS_PER_S
from ingest import wire
from ingest.home_assistant import Collector, Discovery, config_topic, device_config, device_id
from ingest.mqtt import Down
from ingest.night.changes import NightName
from ingest.night.json_file import read_json
from ingest.tonight import Tonight
from tests.ingest.link_log import LinkLog

if TYPE_CHECKING:
    from collections.abc import Callable

RULES = json.loads((Path(__file__).parents[1] / "home_assistant_discovery.schema.json").read_text(encoding="utf-8"))
DOCUMENT = (Path(__file__).parents[2] / "docs/mqtt.md").read_text(encoding="utf-8")
TONIGHT = json.loads(DOCUMENT.partition("/tonight`\n```json\n")[2].partition("```")[0])
BEDROOM = Collector("home", "p1", "bedroom", "0.1.0")
LEFT, RIGHT = (config_topic("bedroom", sensor) for sensor in ("left-shin", "right-shin"))


def config(sensor: str = "left-shin") -> dict[str, Any]:
    read: dict[str, Any] = json.loads(device_config(BEDROOM, sensor, "lsp, left tibialis anterior"))
    return read


def shown(state: dict[str, Any], sensor: str = "left-shin") -> dict[str, str]:
    """Return what each part of a device shows for a state, by the templates in its configuration."""
    # What the filter of Home Assistant of that name does with seconds.
    environment = Environment(autoescape=False)  # noqa: S701 - no page is made of it
    environment.filters["as_datetime"] = lambda at_s: datetime.fromtimestamp(at_s, UTC)
    return {
        name: environment.from_string(part["value_template"]).render(value_json=state)
        for name, part in config(sensor)["components"].items()
        if "value_template" in part
    }


def test_a_device_keeps_the_published_rules_of_discovery() -> None:
    Draft202012Validator.check_schema(RULES)
    assert [error.message for error in Draft202012Validator(RULES).iter_errors(config())] == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda one: one.pop("origin"),
        lambda one: one["device"].update(identifiers=[]),
        lambda one: one["device"].update(colour="blue"),
        lambda one: one["components"]["link"].pop("platform"),
        lambda one: one["components"]["link"].pop("unique_id"),
        lambda one: one["components"]["link"].update(state_class="measurement"),
        lambda one: one["components"]["battery"].update(unit_of_measurement="V"),
        lambda one: one["components"]["battery"].update(entity_category="config"),
        lambda one: one["components"]["last_event"].update(state_class="measurement"),
        lambda one: one["components"]["cramp_now"].pop("command_topic"),
        lambda one: one["components"]["cramp_now"].update(command_topic="soleus/#"),
        lambda one: one["components"]["cramp_now"].update(value_template="{{ 1 }}"),
        lambda one: one.update(qos=3),
        lambda one: one.pop("state_topic"),
    ],
)
def test_the_rules_refuse_what_home_assistant_refuses(spoil: Callable[[dict[str, Any]], object]) -> None:
    spoilt = copy.deepcopy(config())
    spoil(spoilt)
    assert not Draft202012Validator(RULES).is_valid(spoilt)


def test_a_device_shows_battery_link_last_event_and_tonights_counts_of_its_sensor() -> None:
    assert shown(TONIGHT) == {
        "battery": "87.0",
        "link": "ON",
        "last_event": "2026-11-20 23:06:40+00:00",
        "last_event_kind": "cramp",
        "leg_movement": "2",
        "cramp_probable": "1",
        "cramp_possible": "0",
        "periodic_series": "0",
    }


def test_what_is_not_known_yet_is_shown_as_unknown_and_never_as_a_fault() -> None:
    state = json.loads(wire.encode_tonight(Tonight(NightName("p1", "n1", "default"), 1, ["left-shin"]).state()))
    values = shown(state)
    # "None" is how Home Assistant is told that a value is not known.
    assert (values["battery"], values["last_event"], values["last_event_kind"]) == ("None", "None", "None")
    assert values["link"] == "OFF"


def test_after_the_night_a_sensor_is_not_linked_any_more() -> None:
    assert shown({**TONIGHT, "ended": True})["link"] == "OFF"


def test_a_name_with_quotes_and_umlauts_finds_its_sensor() -> None:
    name = 'left "über" shin'
    state = {**TONIGHT, "sensors": {name: TONIGHT["sensors"]["left-shin"]}}
    assert shown(state, name)["battery"] == "87.0"


def test_the_button_sends_a_mark_that_the_collector_understands() -> None:
    button = config()["components"]["cramp_now"]
    assert button["command_topic"] == wire.mark_topic("home", "p1")
    assert wire.decode_mark(button["payload_press"].encode()) == "cramp"
    assert button["retain"] is False


def test_a_device_is_available_while_its_collector_is_online() -> None:
    (availability,) = config()["availability"]
    assert availability["topic"] == wire.availability_topic("home", "bedroom")
    template = Environment(autoescape=False).from_string(availability["value_template"])  # noqa: S701 - no page
    for state, told in ((wire.ONLINE, "payload_available"), (wire.OFFLINE, "payload_not_available")):
        said = json.loads(wire.encode_availability(state))
        assert template.render(value_json=said) == availability[told]


def test_names_become_topics_that_home_assistant_takes_and_stay_apart() -> None:
    names = ["left-shin", "left shin", "left.shin", "left_shin", "linkes Schienbein ä"]
    found = [device_id("bedroom", name) for name in names]
    assert len(set(found)) == len(names)
    assert all(re.fullmatch("[a-zA-Z0-9_-]+", one) for one in found)
    assert found[0] == "soleus_bedroom_left-shin"


def test_sensors_of_two_collectors_are_two_devices_wherever_their_names_are_cut() -> None:
    pairs = [("bed_room", "leg"), ("bed", "room_leg"), ("bed.room", "leg"), ("bed-room", "leg"), ("bed", "room.leg")]
    assert len({device_id(collector, sensor) for collector, sensor in pairs}) == len(pairs)


def visit(configs: dict[str, bytes], memory: Path) -> LinkLog:
    """Have the relay of one night tell of its devices; return what the broker was told."""
    link = LinkLog()
    guest = Discovery(configs, memory)
    link.connect(guest)
    guest.send(link.typed)
    link.answer(guest)
    guest.send(link.typed)
    guest.leave(link.typed)
    return link


def test_a_sensor_that_is_no_longer_worn_is_taken_back_once(tmp_path: Path) -> None:
    memory = tmp_path / "home_assistant.json"
    assert visit({LEFT: b"{1}", RIGHT: b"{2}"}, memory).kept == {LEFT: b"{1}", RIGHT: b"{2}"}
    assert visit({LEFT: b"{1}"}, memory).kept == {LEFT: b"{1}", RIGHT: b""}
    assert visit({LEFT: b"{1}"}, memory).kept == {LEFT: b"{1}"}


def test_switched_off_all_devices_are_taken_back_and_then_nothing_is_said(tmp_path: Path) -> None:
    memory = tmp_path / "home_assistant.json"
    visit({LEFT: b"{1}"}, memory)
    assert visit({}, memory).kept == {LEFT: b""}
    assert visit({}, memory).kept == {}


@pytest.mark.parametrize("text", ["", "[", "5", '{"a": 1}', "[7]"])
def test_a_damaged_memory_of_what_was_said_stops_nothing(tmp_path: Path, text: str) -> None:
    memory = tmp_path / "home_assistant.json"
    memory.write_text(text)
    assert visit({LEFT: b"{1}"}, memory).kept == {LEFT: b"{1}"}
    assert visit({}, memory).kept == {LEFT: b""}


def test_without_the_setting_nothing_is_said_and_no_file_is_written(tmp_path: Path) -> None:
    memory = tmp_path / "home_assistant.json"
    assert visit({}, memory).n_published == 0
    assert not memory.exists()


def test_what_the_broker_did_not_take_is_remembered_and_taken_back_the_next_time(tmp_path: Path) -> None:
    memory = tmp_path / "home_assistant.json"
    visit({LEFT: b"{1}", RIGHT: b"{2}"}, memory)
    link = LinkLog(refusal="not authorised")
    guest = Discovery({LEFT: b"{1}"}, memory)
    link.connect(guest)
    for _ in range(3):
        guest.send(link.typed)
        link.answer(guest)
    assert link.n_published == 2
    assert read_json(memory) == [LEFT, RIGHT]
    guest.take(Down("gone"), link.typed)
    assert visit({LEFT: b"{1}"}, memory).kept[RIGHT] == b""


def test_a_topic_is_remembered_before_it_is_said(tmp_path: Path) -> None:
    memory = tmp_path / "home_assistant.json"
    link = LinkLog()
    guest = Discovery({LEFT: b"{1}"}, memory)
    guest.send(link.typed)
    assert (link.n_published, memory.exists()) == (0, False)
    link.connect(guest)
    guest.send(link.typed)
    assert read_json(memory) == [LEFT]


def test_the_tested_state_is_dated() -> None:
    assert TONIGHT["last_event"]["onset_ns"] // NS_PER_S == datetime(2026, 11, 20, 23, 6, 40, tzinfo=UTC).timestamp()

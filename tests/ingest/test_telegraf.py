"""The configuration for Telegraf in docs/telegraf.md makes the points that the writer makes.

Telegraf itself is not run. What its json_v2 parser does with this configuration is written down below, after its
documentation: paths, types, renamed keys, and the members of an object as fields.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from ingest import wire
from ingest.night.entries import Entry, TopicKind
from ingest.points import points_of
from ingest.schema import MEASUREMENTS, FieldType, Point
from tests.system.generated_night import generated_night

DOCS = Path(__file__).parents[2] / "docs"
(BLOCK,) = re.findall(r"```toml\n(\[agent\].*?)```", (DOCS / "telegraf.md").read_text(encoding="utf-8"), re.DOTALL)
CONFIG: dict[str, Any] = tomllib.loads(BLOCK)
INPUTS: list[dict[str, Any]] = CONFIG["inputs"]["mqtt_consumer"]
EXAMPLES = re.findall(
    r"^`(soleus/v1/home/p1/\S+)`\n```json\n(.*?)```",
    (DOCS / "mqtt.md").read_text(encoding="utf-8"),
    re.MULTILINE | re.DOTALL,
)
ENTRIES = [(topic, text) for topic, text in EXAMPLES if topic.rpartition("/")[2] in frozenset(TopicKind)]


class Metric:
    """What a Starlark processor sees."""

    def __init__(self, name: str, tags: dict[str, str], fields: dict[str, Any], time_ns: int) -> None:
        self.name = name
        self.tags = tags
        self.fields = fields
        self.time_ns = time_ns


def typed(value: Any, kind: str | None) -> Any:
    """Return a JSON value as the parser makes it; every number is a float unless a type is asked for."""
    if kind == "int":
        return int(value)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def found(message: Any, path: str) -> Any:
    """Return what is at a path of GJSON, a name in a name after each dot; None if there is nothing."""
    for name in path.split("."):
        message = message.get(name) if isinstance(message, dict) else None
    return message


def parsed(topic: str, payload: bytes) -> Metric:
    """Return the metric that the input of a topic makes of a message."""
    kind = topic.rpartition("/")[2]
    (plugin,) = [one for one in INPUTS if one["topics"] == [f"soleus/v1/+/+/{kind}"]]
    (parser,), (parsing,) = plugin["json_v2"], plugin["topic_parsing"]
    message = json.loads(payload)
    levels = zip(parsing["tags"].split("/"), topic.split("/"), strict=True)
    tags = {name: level for name, level in levels if name != "_"} | plugin.get("tags", {})
    tags |= {one.get("rename", one["path"]): message[one["path"]] for one in parser["tag"]}
    fields = {
        one.get("rename", one["path"]): typed(value, one["type"])
        for one in parser["field"]
        if (value := found(message, one["path"])) is not None or not one.get("optional")
    }
    for one in parser.get("object", []):
        members = message[one["path"]].items()
        left_out = one.get("excluded_keys", [])
        fields |= {key: typed(value, None) for key, value in members if key not in left_out and value is not None}
    assert parser["timestamp_format"] == "unix_ns"
    return Metric(parser["measurement_name"], tags, fields, message[parser["timestamp_path"]])


def processed(metric: Metric) -> Metric:
    (processor,) = CONFIG["processors"]["starlark"]
    if metric.name not in processor["namepass"]:
        return metric
    # Starlark is Python in this: the script, with the one function that answers otherwise.
    names: dict[str, Any] = {"type": lambda value: type(value).__name__}
    exec(processor["source"], names)  # noqa: S102 - the script of our own document
    done = names["apply"](metric)
    assert isinstance(done, Metric)
    return done


def line(topic: str, payload: bytes) -> str:
    metric = processed(parsed(topic, payload))
    measurement = MEASUREMENTS[metric.name]
    for name, value in metric.fields.items():
        kind = {int: FieldType.INTEGER, float: FieldType.FLOAT, str: FieldType.STRING}[type(value)]
        assert kind is measurement.field_type(name), name
    return in_order(Point(measurement, metric.tags, metric.fields, metric.time_ns))


def in_order(point: Point) -> str:
    return Point(point.measurement, point.tags, dict(sorted(point.fields.items())), point.time_ns).line()


def written(topic: str, payload: bytes) -> str:
    """Return what the writer makes of a message; of a night the point of the whole."""
    return in_order(points_of(wire.decode(topic, payload))[0])


def test_there_is_one_input_for_each_kind_of_entry_and_each_has_its_own_session() -> None:
    assert {topic for one in INPUTS for topic in one["topics"]} == set(wire.every_entry())
    assert len({one["client_id"] for one in INPUTS}) == len(INPUTS) == len(TopicKind)
    assert all(one["qos"] == 1 and one["persistent_session"] and one["topic_tag"] == "" for one in INPUTS)
    assert CONFIG["agent"]["omit_hostname"] is True
    (output,) = CONFIG["outputs"]["influxdb_v2"]
    assert set(output["namepass"]) == set(MEASUREMENTS) - {"night_hour", "night_interval", "sleep_epoch", "delivery"}


def test_passwords_come_from_the_environment() -> None:
    secrets = [one["password"] for one in INPUTS] + [CONFIG["outputs"]["influxdb_v2"][0]["token"]]
    assert all(re.fullmatch(r"\$\{[A-Z_]+\}", secret) for secret in secrets)


@pytest.mark.parametrize(("topic", "text"), ENTRIES)
def test_an_example_of_the_document_becomes_the_point_that_the_writer_makes(topic: str, text: str) -> None:
    assert line(topic, text.encode()) == written(topic, text.encode())


@pytest.mark.slow
def test_every_entry_of_a_made_night_becomes_the_point_that_the_writer_makes() -> None:
    for entry in generated_night(seed=8, n_movements=30):
        for sent in (entry, Entry(entry.topic_kind, *_whose(entry), entry.revision + 1, valid=False, body=entry.body)):
            topic, payload = wire.entry_topic("home", sent), wire.encode(sent, "bedroom")
            assert line(topic, payload) == written(topic, payload)


def _whose(entry: Entry) -> tuple[str, str, str, str]:
    return entry.person, entry.night, entry.scoring, entry.key

"""Home Assistant finds the sensors of a night by itself: MQTT discovery, one device for each sensor.

The messages are those of device based discovery ("MQTT", section "Device discovery payload", of the documentation of
Home Assistant; since 2024.12). They were checked against the validators and the template engine of Home Assistant
2025.4.4, and so were the rules that the tests keep, ``tests/home_assistant_discovery.schema.json``: of some 670 spoilt
messages they let none pass that Home Assistant refuses. ``docs/home-assistant.md`` says what appears, and who needs
which rights.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest import wire
from ingest.errors import DecodeError
from ingest.guest import Notices
from ingest.night.json_file import read_json, write_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ingest.mqtt import MqttLink, Signal

log = logging.getLogger(__name__)

PREFIX = "homeassistant"
MARK = '{"label":"cramp"}'
# What Home Assistant takes in a topic; anything else in a name becomes a "_" and a few digits that tell it apart.
_NOT_AN_ID = re.compile(r"[^a-zA-Z0-9_-]")
# Of a collector the "_" as well: what stands behind the first one is the sensor's.
_NOT_A_COLLECTORS_ID = re.compile(r"[^a-zA-Z0-9-]")
_COUNTS = {
    "leg_movement": ("Leg movements tonight", "mdi:foot-print"),
    "cramp_probable": ("Cramp-like contractions tonight, probable", "mdi:lightning-bolt"),
    "cramp_possible": ("Cramp-like contractions tonight, possible", "mdi:lightning-bolt-outline"),
    "periodic_series": ("Periodic series tonight", "mdi:chart-timeline"),
}


@dataclass(frozen=True, slots=True)
class Collector:
    """Whose sensors Home Assistant is told of.

    Parameters
    ----------
    site, person, collector : str
        Names in the topics.
    version : str
        Version of the program.
    """

    site: str
    person: str
    collector: str
    version: str


def config_topic(collector: str, sensor: str) -> str:
    """Return the topic of a sensor's device.

    Examples
    --------
    >>> config_topic("bedroom", "left-shin")
    'homeassistant/device/soleus_bedroom_left-shin/config'
    """
    return f"{PREFIX}/device/{device_id(collector, sensor)}/config"


def device_id(collector: str, sensor: str) -> str:
    """Return the name of a sensor's device, which stays the same from night to night."""
    first = _identifier(collector, _NOT_A_COLLECTORS_ID, "-")
    return f"soleus_{first}_{_identifier(sensor, _NOT_AN_ID, '_')}"


def device_config(whose: Collector, sensor: str, about: str) -> bytes:
    """Return what Home Assistant is told of a sensor.

    Parameters
    ----------
    whose : Collector
        Where it reports.
    sensor : str
        Its name.
    about : str
        Its kind and where it is worn; for people.
    """
    device = device_id(whose.collector, sensor)
    parts = {**_readings(sensor), "cramp_now": _button(whose)}
    config = {
        "device": {"identifiers": [device], "name": sensor, "model": about, "sw_version": whose.version},
        "origin": {"name": "Soleus", "sw_version": whose.version},
        "components": {name: {**part, "unique_id": f"{device}_{name}"} for name, part in parts.items()},
        "state_topic": wire.tonight_topic(whose.site, whose.collector),
        "availability": [
            {
                "topic": wire.availability_topic(whose.site, whose.collector),
                "value_template": "{{ value_json.state }}",
                "payload_available": wire.ONLINE,
                "payload_not_available": wire.OFFLINE,
            }
        ],
        "qos": 1,
    }
    return json.dumps(config, ensure_ascii=False, separators=(",", ":")).encode()


def _readings(sensor: str) -> dict[str, dict[str, object]]:
    """Return what is shown of a sensor, each by a template that reads it out of `tonight`."""
    one = f"value_json.sensors[{json.dumps(sensor)}]"
    last = f"{one}.last_event"
    readings = {
        "battery": _reading("sensor", "Battery", f"{{{{ {one}.battery_pct }}}}"),
        "link": _reading(
            "binary_sensor", "Link", f"{{{{ 'ON' if {one}.linked and not value_json.ended else 'OFF' }}}}"
        ),
        "last_event": _reading(
            "sensor", "Last event", f"{{{{ ({last}.onset_ns // 1000000000) | as_datetime if {last} else None }}}}"
        ),
        "last_event_kind": _reading("sensor", "Kind of the last event", f"{{{{ {last}.kind if {last} else None }}}}"),
    }
    readings["battery"] |= {"device_class": "battery", "unit_of_measurement": "%", "state_class": "measurement"}
    readings["link"] |= {"device_class": "connectivity"}
    readings["last_event"] |= {"device_class": "timestamp"}
    for name in ("battery", "link"):
        readings[name] |= {"entity_category": "diagnostic"}
    for name, (said, icon) in _COUNTS.items():
        readings[name] = _reading("sensor", said, f"{{{{ {one}.counts.{name} }}}}")
        readings[name] |= {"icon": icon, "state_class": "measurement"}
    return readings


def _reading(platform: str, name: str, template: str) -> dict[str, object]:
    return {"platform": platform, "name": name, "value_template": template}


def _button(whose: Collector) -> dict[str, object]:
    return {
        "platform": "button",
        "name": "Cramp now",
        "icon": "mdi:gesture-tap-button",
        "command_topic": wire.mark_topic(whose.site, whose.person),
        "payload_press": MARK,
        "qos": 0,
        "retain": False,
    }


def _identifier(name: str, refused: re.Pattern[str], instead: str) -> str:
    """Return a name with what a discovery topic takes; digits tell it apart from others where it had to change."""
    plain = refused.sub(instead, name)
    return plain if plain == name else f"{plain}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def remembered(memory: Path) -> list[str]:
    """Return the topics that a broker was told of; none if the file cannot be read, which must stop nothing else.

    Parameters
    ----------
    memory : Path
        The file; it may be missing.
    """
    try:
        said = read_json(memory) or []
    except DecodeError as error:
        log.warning("what Home Assistant was told is not known any more: %s", error)
        return []
    if not isinstance(said, list):
        log.warning("what Home Assistant was told is not known any more: %s holds no list", memory)
        return []
    return sorted({topic for topic in said if isinstance(topic, str)})


class Discovery:
    """Tells Home Assistant which sensors there are, and takes back those that are no more, as a guest of the relay.

    Parameters
    ----------
    configs : mapping of str to bytes
        Topic and payload of each device; none where it is switched off.
    memory : Path
        File that keeps what the broker was told: what was said before must be taken back.
    """

    subscriptions: Sequence[str] = ()
    fleeting: Sequence[str] = ()

    def __init__(self, configs: Mapping[str, bytes], memory: Path) -> None:
        self._memory = memory
        self._topics = sorted(configs)
        self._notices = Notices("the devices for Home Assistant")
        self._remembered = remembered(memory)
        for topic in self._remembered:
            self._notices.put(topic, b"")
        for topic, payload in configs.items():
            self._notices.put(topic, payload)

    def take(self, signal: Signal, _link: MqttLink) -> bool:
        """Follow the connection; nothing is for this guest alone."""
        self._notices.follow(signal)
        return False

    def send(self, link: MqttLink) -> None:
        """Tell what is new, and remember it before it is said."""
        if self._notices.connected and not self._notices.settled:
            self._remember({*self._remembered, *self._topics})
            self._notices.send(link)
        elif self._notices.connected:
            self._remember(self._topics)

    def leave(self, link: MqttLink) -> None:
        """Say nothing: the devices stay, as unavailable."""

    def _remember(self, topics: Sequence[str] | set[str]) -> None:
        if self._remembered != sorted(topics):
            self._remembered = sorted(topics)
            write_json(self._memory, self._remembered)

"""What can be set in ``soleus.toml``: one frozen dataclass per table, defaults included."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping  # noqa: TC003 - the annotations are read at run time
from dataclasses import dataclass, field
from pathlib import Path

from detectors.signal import Leg
from ingest.decoders.table import TableDevice  # noqa: TC001 - the annotations are read at run time
from ingest.night.entries import Delivery
from soleus.outbox_settings import OutboxSettings
from soleus.settings_rules import (
    check_address,
    check_all_differ,
    check_both,
    check_none_within,
    check_url,
    check_word,
)

HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class SensorSettings:
    """One sensor and where it is worn: a ``[[sensor]]`` table.

    Parameters
    ----------
    name : str
        What to call it, for example ``left-shin``.
    device : str
        Its kind, see ``docs/devices.md``.
    address : str
        Bluetooth address, or the name that it advertises.
    leg : Leg
        The leg it is worn on.
    site : str
        Muscle or place.
    adapter : str
        Bluetooth adapter to use for it, for example ``hci1``; the computer's default if empty. For all or for none.
    options : mapping of str to float
        Facts about the device that its packets do not carry, for example ``{ range_g = 8 }``.
    described : TableDevice or None
        The ``[[device]]`` table that `device` names; None for a kind that Soleus knows by itself.
    """

    name: str
    device: str
    address: str
    leg: Leg
    site: str = "tibialis anterior"
    adapter: str = ""
    options: Mapping[str, float] = field(default_factory=dict)
    described: TableDevice | None = None

    def __post_init__(self) -> None:
        check_word("name", self.name)
        if not self.address:
            msg = "address is empty, expected a Bluetooth address or the name that the sensor advertises"
            raise ValueError(msg)
        check_address(self.address)
        if self.leg is Leg.BOTH:
            msg = "leg is both, expected left, right or unknown: a sensor is worn on one leg"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class MqttSettings:
    """The broker: the ``[mqtt]`` table.

    Parameters
    ----------
    url : str or None
        ``mqtt://host:port`` or ``mqtts://host:port``; without one the program starts its own
        broker on the loopback interface.
    user : str or None
        User name. The password comes from `password_file` or ``SOLEUS_MQTT_PASSWORD``.
    password_file : Path or None
        File whose first line is the password.
    ca_file : Path or None
        Certificate authority to trust, PEM; the system's if not given.
    client_cert, client_key : Path or None
        Certificate that stands in place of user and password, and its key, PEM: both or none.
    home_assistant : bool
        Tell Home Assistant which sensors there are (MQTT discovery), see ``docs/home-assistant.md``.
    """

    url: str | None = None
    user: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    home_assistant: bool = False

    def __post_init__(self) -> None:
        check_url("url", self.url, ("mqtt", "mqtts"))
        check_both("client_cert", self.client_cert, "client_key", self.client_key)


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """InfluxDB: the ``[store]`` table.

    Parameters
    ----------
    url : str or None
        ``http://host:port``; without one no store is used.
    org, bucket : str
        Organisation and bucket. With InfluxDB 1.x the bucket is the database.
    token_file : Path or None
        File whose first line is the token; or ``SOLEUS_STORE_TOKEN``.
    """

    url: str | None = None
    org: str = "soleus"
    bucket: str = "soleus"
    token_file: Path | None = None

    def __post_init__(self) -> None:
        check_url("url", self.url, ("http", "https"))
        for name, value in (("org", self.org), ("bucket", self.bucket)):
            if not value:
                msg = f"{name} is empty, expected the name that InfluxDB knows"
                raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class WebSettings:
    """The pages: the ``[web]`` table.

    Parameters
    ----------
    host : str
        Address to listen on; the loopback interface unless you say otherwise. Others can reach any other address, for
        example ``0.0.0.0`` for every one of this computer, and must sign in then.
    port : int
        Port; 0 takes a free one.
    name : str or None
        Another name under which the pages are asked for, such as that of a reverse proxy. Whoever asks must sign in.
    password_file : Path or None
        File whose first line is the password of the pages; or ``SOLEUS_WEB_PASSWORD``.
    tls_cert, tls_key : Path or None
        Certificate of this computer and its key, PEM: both or none. Without them what others read, and their password,
        crosses the network in clear text.
    """

    host: str = "127.0.0.1"
    port: int = 8642
    name: str | None = None
    password_file: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.port <= HIGHEST_PORT:
            msg = f"port is {self.port}, expected 0 to {HIGHEST_PORT}"
            raise ValueError(msg)
        if self.name is not None:
            check_word("name", self.name)
        check_both("tls_cert", self.tls_cert, "tls_key", self.tls_key)


@dataclass(frozen=True, slots=True)
class BluetoothSettings:
    """What the recorder may do to Bluetooth itself: the ``[bluetooth]`` table.

    Parameters
    ----------
    reset_adapter : bool
        Switch an adapter off and on when no sensor on it can be reached any more. It interrupts everything else that
        uses the adapter, a keyboard for example.
    """

    reset_adapter: bool = False


@dataclass(frozen=True, slots=True)
class AlarmSettings:
    """How to say at night that a sensor stays away: the ``[alarm]`` table. The broker is told in any case.

    Parameters
    ----------
    after_min : float
        Minutes without the sensor before anybody is disturbed.
    sound : bool
        Ring the terminal's bell.
    desktop : bool
        Show a notice on the desktop.
    """

    after_min: float = 10.0
    sound: bool = False
    desktop: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.after_min < math.inf:
            msg = f"after_min is {self.after_min}, expected a positive number of minutes"
            raise ValueError(msg)


def default_data_dir() -> Path:
    """Return where nights are kept unless told otherwise.

    Returns
    -------
    Path
        ``$XDG_DATA_HOME/soleus``, or ``~/.local/share/soleus``.
    """
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "soleus"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set.

    Parameters
    ----------
    site, person, collector : str
        Names in topics and tags: the household or study, the person, this computer.
    scoring : str
        Name of this scoring of a night; parallel scorings get different ones.
    data_dir : Path
        Where nights are kept; readable by its owner only.
    criteria : str
        Named set of thresholds, or a criteria file (``.toml``), its path counted from this file.
    overrides : mapping of str to object
        The ``[set.GROUP]`` tables: thresholds that differ from the named set, by dotted name.
    detectors : tuple of str
        Detectors of others that are installed and switched on, see ``docs/plugins.md``.
    delivery : Delivery or None
        Whose confirmation empties the outbox, ``store`` or ``broker``; if not set, that of the store where
        one is configured, else that of the broker.
    sensors : tuple of SensorSettings
        The ``[[sensor]]`` tables.
    devices : tuple of TableDevice
        The ``[[device]]`` tables: sensors that Soleus has no code for.
    mqtt : MqttSettings
        The broker.
    store : StoreSettings
        InfluxDB.
    outbox : OutboxSettings
        What waits for delivery.
    web : WebSettings
        The pages.
    bluetooth : BluetoothSettings
        What the recorder may do to Bluetooth itself.
    alarm : AlarmSettings
        How to say at night that a sensor stays away.
    """

    site: str = "home"
    person: str = "me"
    collector: str = "collector"
    scoring: str = "default"
    data_dir: Path = field(default_factory=default_data_dir)
    criteria: str = "wasm-2016"
    overrides: Mapping[str, object] = field(default_factory=dict)
    detectors: tuple[str, ...] = ()
    delivery: Delivery | None = None
    sensors: tuple[SensorSettings, ...] = ()
    devices: tuple[TableDevice, ...] = ()
    mqtt: MqttSettings = field(default_factory=MqttSettings)
    store: StoreSettings = field(default_factory=StoreSettings)
    outbox: OutboxSettings = field(default_factory=OutboxSettings)
    web: WebSettings = field(default_factory=WebSettings)
    bluetooth: BluetoothSettings = field(default_factory=BluetoothSettings)
    alarm: AlarmSettings = field(default_factory=AlarmSettings)

    def __post_init__(self) -> None:
        for name in ("site", "person", "collector", "scoring"):
            check_word(name, getattr(self, name))
        if self.delivery is Delivery.STORE and self.store.url is None:
            msg = "delivery is store, expected store.url to be set as well"
            raise ValueError(msg)
        check_all_differ("sensor", "name", [sensor.name for sensor in self.sensors])
        check_none_within("sensor", [sensor.name for sensor in self.sensors])
        check_all_differ("sensor", "address", [sensor.address for sensor in self.sensors])
        check_all_differ("device", "name", [device.name for device in self.devices])
        unnamed = [number for number, sensor in enumerate(self.sensors) if not sensor.adapter]
        if 0 < len(unnamed) < len(self.sensors):
            # The default is one of those that have a name, and what shares an adapter must know of each other.
            msg = f"sensor[{unnamed[0]}].adapter is not set, expected it for every sensor or for none"
            raise ValueError(msg)

    @property
    def effective_delivery(self) -> Delivery:
        """Whose confirmation empties the outbox, the default resolved."""
        if self.delivery is not None:
            return self.delivery
        return Delivery.BROKER if self.store.url is None else Delivery.STORE

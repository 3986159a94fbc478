"""The only place that names concrete classes: which decoder and profile a device has, which broker is meant."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from ingest.address import BrokerAddress
from ingest.decoders.base import Placement
from ingest.decoders.outlet import BACKFILL_WINDOW_S
from ingest.session import SensorSpec
from soleus.config import MQTT_PASSWORD_VARIABLE, secret
from soleus.devices import known_device
from soleus.errors import ConfigError

if TYPE_CHECKING:
    from ingest.decoders.base import Decoder
    from ingest.decoders.layout import Device
    from ingest.night.folder import NightSensor
    from soleus.settings import MqttSettings, SensorSettings

# A Bluetooth address, or the UUID that stands for one on macOS; anything else is a name that a sensor advertises.
ADDRESS = re.compile(r"(?i)([0-9a-f]{2}:){5}[0-9a-f]{2}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def decoder(sensor: NightSensor, speed: float, window_s: float = BACKFILL_WINDOW_S) -> Decoder:
    """Return a decoder for one sensor and one night.

    Parameters
    ----------
    sensor : NightSensor
        What it is and where it is worn.
    speed : float
        Speed at which the night was played; 1 for a real one.
    window_s : float
        How late samples may come and still be used, s.

    Returns
    -------
    Decoder
        A new decoder.

    Raises
    ------
    ConfigError
        If there is no decoder for the device.
    """
    device, options = _known(sensor)
    placement = Placement(sensor.name, sensor.leg, sensor.site)
    return device.made(placement, options, speed=speed, window_s=window_s)


def sensor_spec(sensor: SensorSettings) -> SensorSpec:
    """Return what the recorder needs to know about a sensor."""
    device, options = _known(sensor)
    by_address = ADDRESS.fullmatch(sensor.address) is not None
    return SensorSpec(
        sensor.name,
        device.profile(options),
        address=sensor.address if by_address else "",
        advertised_name="" if by_address else sensor.address,
        adapter=sensor.adapter,
    )


def broker_address(mqtt: MqttSettings) -> BrokerAddress | None:
    """Return the configured broker, or None where the embedded one is to be started.

    Raises
    ------
    ConfigError
        If the password cannot be read.
    """
    if mqtt.url is None:
        return None
    password = secret(mqtt.password_file, MQTT_PASSWORD_VARIABLE)
    try:
        address = BrokerAddress.parse(mqtt.url, password)
    except ValueError as error:
        msg = f"mqtt.url: {error}"
        raise ConfigError(msg) from error
    ca_file, cert, key = (
        None if file is None else str(file) for file in (mqtt.ca_file, mqtt.client_cert, mqtt.client_key)
    )
    return replace(
        address,
        user=address.user or mqtt.user,
        ca_file=address.ca_file or ca_file,
        client_cert=cert,
        client_key=key,
    )


def _known(sensor: SensorSettings | NightSensor) -> tuple[Device, dict[str, float]]:
    """Return a sensor's kind, and the options in force."""
    try:
        device = known_device(sensor.device, () if sensor.described is None else (sensor.described,))
        return device, device.settled(sensor.options)
    except (ConfigError, ValueError) as error:
        msg = f"{sensor.name}: {error}"
        raise ConfigError(msg) from error

"""Which adapter a sensor uses."""

from __future__ import annotations

import pytest

from detectors.signal import Leg
from soleus.build import sensor_spec
from soleus.settings import SensorSettings, Settings


def sensor(name: str, adapter: str) -> SensorSettings:
    return SensorSettings(name, "lsp", f"Leg {name}", Leg.LEFT, adapter=adapter)


def test_each_sensor_is_recorded_through_the_adapter_that_it_was_given() -> None:
    legs = Settings(sensors=(sensor("left", "hci0"), sensor("right", "hci1"))).sensors
    assert [sensor_spec(leg).adapter for leg in legs] == ["hci0", "hci1"]
    assert sensor_spec(sensor("left", "")).adapter == ""


def test_an_adapter_is_named_for_every_sensor_or_for_none() -> None:
    with pytest.raises(ValueError, match=r"sensor.1..adapter is not set, expected it for every sensor or for none"):
        Settings(sensors=(sensor("left", "hci1"), sensor("right", "")))

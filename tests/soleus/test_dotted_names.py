"""Nights from before such pairs were refused: a sensor whose name continues another's with a dot."""

from __future__ import annotations

from dataclasses import replace

from dashboards.book import SensorView
from detectors.channels import worn_name
from detectors.events import Event, EventKind
from detectors.signal import NS_PER_S, Leg
from soleus.raw_stretch import worn_as
from soleus.sensor_reports import Told, sensor_report
from tests.night_log import INFO

SENSORS = tuple(replace(INFO.sensors[0], name=name) for name in ("left", "left.calf"))
NAMES = tuple(sensor.name for sensor in SENSORS)


def test_a_name_is_of_the_longest_sensor_that_it_begins_with() -> None:
    for names in (NAMES, NAMES[::-1]):
        assert worn_name("left.calf", names) == "left.calf"
        assert worn_name("left.calf.ch2", names) == "left.calf"
        assert worn_name("left.ch2", names) == "left"
        assert worn_name("leftover", names) is None


def test_each_sensor_has_its_own_signal() -> None:
    info = replace(INFO, sensors=SENSORS)
    assert [worn_as(info, name).name for name in ("left", "left.ch1", "left.calf")] == ["left", "left", "left.calf"]


def test_each_sensor_has_its_own_gaps() -> None:
    gap = Event(EventKind.SIGNAL_GAP, "left.calf", Leg.LEFT, 0, NS_PER_S, {})
    told = Told(0, (), (gap,), {}, NAMES)
    reports = [sensor_report(SensorView(worn.name, Leg.LEFT, ""), worn, told) for worn in SENSORS]
    assert [len(report.missing) for report in reports] == [0, 1]

"""How each sensor does, in words; and what its battery has to last for."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import dashboards.web
from dashboards.book import NightCard, SensorView
from dashboards.live import LiveSensor
from dashboards.sensor_report import SensorReport
from dashboards.web.sensors_figures import figures_of
from dashboards.web.tonight_words import NightAhead, Sign, night_ahead, state_of
from detectors.signal import NS_PER_S, Leg

GOOD = LiveSensor("left-shin", Leg.LEFT, "tibialis anterior", linked=True, silent_s=0.1, contact=True)
SHEET = Path(dashboards.web.__file__).parent / "static" / "tonight.css"


@pytest.mark.parametrize(
    ("sensor", "sign", "words"),
    [
        (GOOD, Sign.GOOD, ("linked", "electrodes on the skin")),
        (replace(GOOD, contact=None), Sign.GOOD, ("linked",)),
        (replace(GOOD, contact=False), Sign.LOOSE, ("electrodes off the skin", "linked")),
        (replace(GOOD, silent_s=2.99), Sign.GOOD, ("linked", "electrodes on the skin")),
        (replace(GOOD, silent_s=3.9), Sign.SILENT, ("linked, but silent for 3 s", "electrodes on the skin")),
        (replace(GOOD, linked=False, silent_s=41.7), Sign.LOST, ("link lost, silent for 41 s",)),
        (replace(GOOD, linked=False, silent_s=60.0), Sign.LOST, ("link lost, silent for 1 min",)),
        (replace(GOOD, linked=False, silent_s=3_725.0), Sign.LOST, ("link lost, silent for 1 h 2 min",)),
        (replace(GOOD, linked=False, silent_s=None), Sign.WAITING, ("not linked yet",)),
        (replace(GOOD, silent_s=None, contact=None), Sign.WAITING, ("linked, no samples yet",)),
        (replace(GOOD, rssi_dbm=-80.0), Sign.GOOD, ("linked", "electrodes on the skin")),
        (replace(GOOD, rssi_dbm=-91.0), Sign.GOOD, ("linked", "electrodes on the skin", "radio weak (-91 dBm)")),
    ],
)
def test_what_is_worst_is_said_first_and_nothing_of_a_sensor_that_is_away(
    sensor: LiveSensor, sign: Sign, words: tuple[str, ...]
) -> None:
    state = state_of(sensor, NightAhead())
    assert (state.sign, state.words) == (sign, words)


@pytest.mark.parametrize(
    ("level_pct", "per_h", "sign", "words"),
    [
        (84.0, None, Sign.GOOD, "battery 84 %"),
        (19.4, None, Sign.BATTERY, "battery 19 %, low"),
        (17.0, 2.0, Sign.GOOD, "battery 17 %, enough for the rest of the night"),
        (16.9, 2.0, Sign.BATTERY, "battery 17 %, lasts about 5 h more, 6 h may lie ahead"),
        (4.0, 2.0, Sign.BATTERY, "battery 4 %, lasts less than an hour more, 6 h may lie ahead"),
    ],
)
def test_a_battery_is_held_against_the_rest_of_the_night(
    level_pct: float, per_h: float | None, sign: Sign, words: str
) -> None:
    ahead = NightAhead(6.0, {} if per_h is None else {"left-shin": per_h})
    state = state_of(replace(GOOD, battery_pct=level_pct), ahead)
    assert state.sign is sign
    assert words in state.words


def report(battery_pct: np.ndarray) -> SensorReport:
    view = SensorView("left-shin", Leg.LEFT, "")
    return SensorReport(view, "lsp", 0, {"battery_pct": battery_pct.astype(np.float32)})


def card(hours: float) -> NightCard:
    return NightCard("night", 0, round(hours * 3600 * NS_PER_S), running=True)


def test_what_an_hour_takes_comes_from_this_night_once_it_tells_enough() -> None:
    falling = 90.0 - np.arange(180) / 60 * 3.0
    falling[40:60] = np.nan
    assert night_ahead(card(3), [report(falling)]).pct_per_h["left-shin"] == pytest.approx(3.0, abs=1e-4)
    assert night_ahead(card(3), [report(falling[:121])]).pct_per_h["left-shin"] == pytest.approx(3.0, abs=1e-4)
    for tells_nothing in (falling[:120], falling[::-1], np.full(180, np.nan), np.empty(0)):
        assert night_ahead(card(3), [report(tells_nothing)]).pct_per_h == {}
    assert night_ahead(card(3), [replace(report(falling), minutes={})]).pct_per_h == {}


@pytest.mark.parametrize("level_pct", [255.0, 100.5, -1.0, float("nan")])
def test_what_cannot_be_a_charge_is_not_said_and_not_reckoned_with(level_pct: float) -> None:
    state = state_of(replace(GOOD, battery_pct=level_pct), NightAhead())
    assert (state.sign, state.words) == (Sign.GOOD, ("linked", "electrodes on the skin"))
    falling = 90.0 - np.arange(180) / 60 * 3.0
    falling[1] = level_pct
    assert night_ahead(card(3), [report(falling)]).pct_per_h["left-shin"] == pytest.approx(3.0, abs=1e-3)


def test_both_pages_reckon_the_same_rate() -> None:
    falling = report(90.0 - np.arange(180) / 60 * 3.0)
    battery = figures_of(falling).battery
    assert battery is not None
    assert night_ahead(card(3), [falling]).pct_per_h == {"left-shin": battery.per_h_pct}


def test_of_a_long_night_an_hour_is_always_still_to_come() -> None:
    assert [night_ahead(card(hours), ()).left_h for hours in (0.0, 3.0, 7.5, 20.0)] == [8.0, 5.0, 1.0, 1.0]


def test_each_sign_has_a_shape_of_its_own() -> None:
    shapes = dict(re.findall(r'data-sign="(\w+)"\]::before \{([^}]*)', SHEET.read_text(encoding="utf-8")))
    # That which waits has the one that there is without a word.
    assert set(shapes) | {Sign.WAITING} == set(Sign)
    without_colour = [re.sub(r"color: [^;]*;|var\([^)]*\)", "", shape) for shape in shapes.values()]
    assert len(set(without_colour)) == len(shapes)

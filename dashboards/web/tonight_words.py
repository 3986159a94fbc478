"""How each sensor does at this moment, in words and with a sign that needs no colour."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from dashboards.web.clocktime import MIN_PER_H, S_PER_H, duration_text
from dashboards.web.sensors_figures import WEAK_DBM, battery_of, is_charge
from detectors.signal import NS_PER_S, Leg

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dashboards.book import NightCard
    from dashboards.live import LiveSensor
    from dashboards.sensor_report import SensorReport

SILENT_FROM_S = 3.0
"""Samples come several times a second, and a packet that is sent again takes no longer than this; ours."""
NIGHT_H = 8.0
LEAST_LEFT_H = 1.0
"""What a night takes, as `soleus check` reckons; of one that is longer than that an hour is still to come."""
EMPTY_PCT = 5.0
LOW_PCT = 20.0
"""A charge that is next to nothing, and one that is little, as `soleus check` reckons."""


class Sign(StrEnum):
    """What is drawn beside the words, the worst first: each has a shape of its own; the value is also its CSS name."""

    LOST = "lost"
    LOOSE = "loose"
    SILENT = "silent"
    BATTERY = "battery"
    WAITING = "waiting"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class SensorState:
    """How one sensor does.

    Parameters
    ----------
    name : str
        Name of the sensor.
    title : str
        Leg and place.
    sign : Sign
        The worst that there is to say.
    words : tuple of str
        Everything that there is to say, the worst first.
    muscle_active : bool
        Whether the muscle is active now: a hint, never an event.
    """

    name: str
    title: str
    sign: Sign
    words: tuple[str, ...]
    muscle_active: bool = False

    def as_json(self) -> dict[str, object]:
        """Return it as plain JSON values."""
        return {**asdict(self), "words": list(self.words)}


@dataclass(frozen=True, slots=True)
class NightAhead:
    """What the batteries have to last for.

    Parameters
    ----------
    left_h : float
        Rest of the night, h.
    pct_per_h : mapping of str to float
        What an hour of this night took of each sensor's charge, percent; a sensor of which that is not known is not
        there.
    """

    left_h: float = NIGHT_H
    pct_per_h: Mapping[str, float] = field(default_factory=dict)


def night_ahead(card: NightCard, reports: Sequence[SensorReport]) -> NightAhead:
    """Return what is left of a night, and what it took of the batteries so far.

    Parameters
    ----------
    card : NightCard
        The night.
    reports : sequence of SensorReport
        How its sensors did so far.
    """
    so_far_h = (card.end_ns - card.start_ns) / NS_PER_S / S_PER_H
    batteries = {report.view.name: battery_of(report) for report in reports}
    known = {name: one.per_h_pct for name, one in batteries.items() if one is not None and one.per_h_pct is not None}
    return NightAhead(max(NIGHT_H - so_far_h, LEAST_LEFT_H), known)


def state_of(sensor: LiveSensor, ahead: NightAhead) -> SensorState:
    """Return how a sensor does, in words.

    Parameters
    ----------
    sensor : LiveSensor
        What is known of it.
    ahead : NightAhead
        What its battery has to last for.

    Examples
    --------
    >>> from dashboards.live import LiveSensor
    >>> state = state_of(LiveSensor("left", Leg.LEFT, "calf", linked=True, silent_s=0.1, contact=False), NightAhead())
    >>> state.title, state.sign.value, state.words
    ('Left leg: left on calf', 'loose', ('electrodes off the skin', 'linked'))
    """
    order = tuple(Sign)
    said = sorted(_said(sensor, ahead), key=lambda pair: order.index(pair[0]))
    title = title_of(sensor.name, sensor.leg, sensor.site)
    return SensorState(sensor.name, title, said[0][0], tuple(words for _, words in said), sensor.muscle_active)


def title_of(name: str, leg: Leg, site: str) -> str:
    """Return what to call a sensor: the leg first, as its wearer knows it.

    Examples
    --------
    >>> title_of("left-shin", Leg.LEFT, "tibialis anterior"), title_of("imu", Leg.UNKNOWN, "")
    ('Left leg: left-shin on tibialis anterior', 'imu')
    """
    legs = {Leg.LEFT: "Left leg: ", Leg.RIGHT: "Right leg: ", Leg.BOTH: "Both legs: "}
    return f"{legs.get(leg, '')}{name}{f' on {site}' if site else ''}"


def _said(sensor: LiveSensor, ahead: NightAhead) -> Iterator[tuple[Sign, str]]:
    yield _link(sensor)
    # What a sensor that is away said last of its electrodes and its radio says nothing of now.
    if sensor.linked and sensor.contact is not None:
        yield (Sign.GOOD, "electrodes on the skin") if sensor.contact else (Sign.LOOSE, "electrodes off the skin")
    if sensor.linked and sensor.rssi_dbm is not None and sensor.rssi_dbm < WEAK_DBM:
        yield Sign.GOOD, f"radio weak ({sensor.rssi_dbm:.0f} dBm)"
    if sensor.battery_pct is not None and is_charge(sensor.battery_pct):
        yield _battery(sensor.battery_pct, ahead.pct_per_h.get(sensor.name), ahead.left_h)


def _link(sensor: LiveSensor) -> tuple[Sign, str]:
    silent_s = sensor.silent_s
    if not sensor.linked:
        if silent_s is None:
            return Sign.WAITING, "not linked yet"
        return Sign.LOST, f"link lost, silent for {_whole_text(silent_s)}"
    if silent_s is None:
        return Sign.WAITING, "linked, no samples yet"
    if silent_s >= SILENT_FROM_S:
        return Sign.SILENT, f"linked, but silent for {_whole_text(silent_s)}"
    return Sign.GOOD, "linked"


def _whole_text(duration_s: float) -> str:
    """Return a duration in whole seconds: a tenth would change with every look."""
    return f"{int(duration_s)} s" if duration_s < S_PER_H / MIN_PER_H else duration_text(int(duration_s))


def _battery(level_pct: float, pct_per_h: float | None, left_h: float) -> tuple[Sign, str]:
    """Return what a charge means for the rest of the night."""
    text = f"battery {level_pct:.0f} %"
    if pct_per_h is None:
        return (Sign.GOOD, text) if level_pct >= LOW_PCT else (Sign.BATTERY, f"{text}, low")
    lasts_h = max(level_pct - EMPTY_PCT, 0.0) / pct_per_h
    if lasts_h >= left_h:
        return Sign.GOOD, f"{text}, enough for the rest of the night"
    lasts = f"about {int(lasts_h)} h" if lasts_h >= 1 else "less than an hour"
    return Sign.BATTERY, f"{text}, lasts {lasts} more, {left_h:.0f} h may lie ahead"

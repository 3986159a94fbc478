"""How a sensor did in words, and what to do; only what follows from its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dashboards.web.clocktime import clock_text, duration_text
from dashboards.web.sensors_figures import WEAK_DBM
from dashboards.web.wording import number_text
from detectors.signal import NS_PER_S, GapCause, Quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboards.book import NightCard
    from dashboards.sensor_report import SensorReport
    from dashboards.web.sensors_figures import Battery, Lost, SensorFigures

UNSCORED = (
    "Nothing of what arrived could be scored: no valid signal. Look at electrodes and strap; soleus check tries them."
)
NOT_SAID = "the sensor does not say"
NOT_KNOWN = "not known"
NOT_KNOWN_YET = "not known while the night runs"
CAUSES: Mapping[str, str] = {
    GapCause.AIR: "lost on the air",
    GapCause.DEVICE: "left out by the sensor",
    GapCause.RECONNECT: "no link",
    GapCause.MALFORMED: "could not be read",
    GapCause.SILENCE: "linked, and silent",
    GapCause.END: "stopped before the night was over",
    "": "cause not known yet",
}
# From here on a level is worth a sentence; these numbers are ours.
LOW_PCT = 20.0
GOOD_SHARE = 0.99
LEAST_BAD_S = 60.0
S_PER_H = 3600.0
_PPM_HIGH = 200.0
_FEW = 3


class Fact(NamedTuple):
    """A line about a sensor: what, its number in words, and the number itself; None where there is none."""

    key: str
    label: str
    text: str
    value: float | None


def valid_fact(valid_h: Mapping[str, float]) -> Fact:
    """Return for how long what a sensor sent could be scored.

    Parameters
    ----------
    valid_h : mapping of str to float
        Hours by quantity; empty where nothing could be.

    Returns
    -------
    Fact
        Its value are the hours of the longest.

    Examples
    --------
    >>> valid_fact({"emg": 7.24, "acceleration": 7.3}).text
    '7.2 h (EMG), 7.3 h (acceleration)'
    >>> valid_fact({}).text
    'no valid signal'
    """
    hours = [(name.upper() if name == Quantity.EMG else name, value) for name, value in valid_h.items()]
    text = ", ".join(f"{value:.1f} h{f' ({name})' if name else ''}" for name, value in hours)
    return Fact("valid_h", "Valid signal", text or "no valid signal", max(valid_h.values(), default=None))


def facts_of(report: SensorReport, figures: SensorFigures, card: NightCard) -> tuple[Fact, ...]:
    """Return what is known of a sensor, line by line.

    Parameters
    ----------
    report : SensorReport
        What is known.
    figures : SensorFigures
        The same in numbers.
    card : NightCard
        The night.

    Returns
    -------
    tuple of Fact
        What is not known is said in words, and has no value.
    """
    later = NOT_KNOWN_YET if card.running else NOT_KNOWN
    battery, silence, share = figures.battery, figures.silence, figures.linked_share
    weak = figures.weak_rssi_dbm
    rssi = "" if figures.rssi_dbm is None else f"median {_dbm(figures.rssi_dbm)}"
    return (
        Fact("battery_pct", "Battery", _battery_text(battery), None if battery is None else battery.last_pct),
        Fact("battery_full_h", "It would have lasted", _lasts_text(battery), battery.full_h if battery else None),
        Fact("linked_share", "Linked", _share_of(share, f"of {figures.n_minutes} minutes"), share),
        Fact("links_lost", "Link lost", _count(figures.links_lost, "times", later), figures.links_lost),
        Fact(
            "longest_silence_s",
            "Longest silence",
            NOT_KNOWN
            if silence is None
            else f"{duration_text(silence.lasted_s)}, until about {_minute_text(report, silence.minute, card)}",
            None if silence is None else silence.lasted_s,
        ),
        Fact("received_share", "Arrived", _share_of(figures.received_share, "of the samples"), figures.received_share),
        Fact("n_lost", "Missing", _count(figures.n_lost, "samples", later), figures.n_lost),
        Fact("n_resent", "Sent again and kept", _count(figures.n_resent, "samples", later), figures.n_resent),
        Fact(
            "clock_slope_ppm",
            "Clock",
            later if figures.clock_ppm is None else _clock_text(figures.clock_ppm),
            figures.clock_ppm,
        ),
        Fact(
            "rssi_dbm",
            "Signal strength",
            f"{rssi}, 5 % of the minutes below {_dbm(weak)}" if rssi and weak is not None else NOT_SAID,
            figures.rssi_dbm,
        ),
    )


def advice_of(report: SensorReport, figures: SensorFigures, card: NightCard, *, fine: bool = True) -> tuple[str, ...]:
    """Return what to do before the next night; a single line where nothing was bad.

    Parameters
    ----------
    report : SensorReport
        What is known.
    figures : SensorFigures
        The same in numbers.
    card : NightCard
        The night.
    fine : bool
        Whether to say so where there is nothing to do.

    Returns
    -------
    tuple of str
        Sentences, the most important first.
    """
    if not figures.delivered:
        return (_nothing_text(figures),)
    lines = [
        *_battery_advice(figures.battery, (card.end_ns - card.start_ns) / NS_PER_S / S_PER_H),
        *_link_advice(figures),
        *_loss_advice(figures.lost),
        *_stop_advice(report, figures, card),
    ]
    if figures.clock_ppm is not None and abs(figures.clock_ppm) > _PPM_HIGH:
        lines.append(f"Its clock ran {_clock_text(figures.clock_ppm)}: times are corrected for it, nothing to do.")
    if lines or not fine:
        return tuple(lines)
    if figures.received_share is None:
        return ("Nothing bad is known of it.",)
    return (f"Nothing to do: {_percent(figures.received_share)} of the samples arrived.",)


def _nothing_text(figures: SensorFigures) -> str:
    if figures.battery is not None and figures.battery.last_pct <= LOW_PCT:
        return "Nothing arrived from it, and its battery was low. Charge it before the night; never while it is worn."
    if figures.linked_share:
        return "It was linked, and nothing arrived from it. Try it before the night with soleus check."
    return "Nothing arrived from it: there was no link. Is it charged and switched on? soleus scan shows who answers."


def _battery_advice(battery: Battery | None, night_h: float) -> list[str]:
    if battery is None:
        return []
    if battery.last_pct > battery.first_pct + _FEW:
        return ["The battery rose in the night. Charge it before the night; never while it is worn."]
    lines = []
    if battery.last_pct <= LOW_PCT:
        lines.append(f"The battery ended at {battery.last_pct:.0f} %. Charge it before the night; never while worn.")
    if battery.full_h is not None and battery.full_h < night_h:
        lines.append(f"At this rate a full battery lasts about {_hours(battery.full_h)}, less than this night.")
    return lines


def _link_advice(figures: SensorFigures) -> list[str]:
    weak = figures.rssi_dbm is not None and figures.rssi_dbm < WEAK_DBM
    broken = bool(figures.links_lost) and figures.linked_share is not None and figures.linked_share < GOOD_SHARE
    if weak and figures.rssi_dbm is not None:
        how = f"The signal was weak, median {_dbm(figures.rssi_dbm)}"
        return [f"{how}. Put the computer, or its receiver, nearer to the bed and where nothing stands between."]
    if broken and figures.linked_share is not None:
        away = f"{_percent(1 - figures.linked_share)} of the minutes had no link"
        if figures.rssi_dbm is None:
            return [f"{away[:1].upper()}{away[1:]}. Put the computer nearer to the bed and compare."]
        return [f"{away[:1].upper()}{away[1:]}, though the signal was strong while it was linked."]
    return []


def _loss_advice(lost: Mapping[str, Lost]) -> list[str]:
    told = {cause: one for cause, one in lost.items() if one.total_s >= LEAST_BAD_S}
    lines = []
    if GapCause.AIR in told:
        one = told[GapCause.AIR]
        lines.append(
            f"{_in_all(one)} lost on the air while it was linked. Put the computer nearer to the bed and compare."
        )
    if GapCause.DEVICE in told:
        lines.append(f"{_in_all(told[GapCause.DEVICE])} left out by the sensor itself: distance is not the reason.")
    if GapCause.MALFORMED in told:
        lines.append(f"{_in_all(told[GapCause.MALFORMED])} could not be read. Has its firmware changed?")
    if GapCause.SILENCE in told:
        lines.append(f"{_in_all(told[GapCause.SILENCE])} without a packet though the link stood.")
    return lines


def _stop_advice(report: SensorReport, figures: SensorFigures, card: NightCard) -> list[str]:
    stops = [span for span in report.missing if span.cause == GapCause.END]
    if not stops:
        return []
    at = clock_text(stops[0].onset_ns, card.utc_offset_s)
    battery = figures.battery
    empty = battery is not None and battery.last_pct <= LOW_PCT
    return [f"It stopped at {at} and did not come back{', with a low battery' if empty else ''}."]


def _in_all(one: Lost) -> str:
    return f"{duration_text(one.total_s)} in {'one piece' if one.n == 1 else f'{one.n} pieces'} were"


def _battery_text(battery: Battery | None) -> str:
    if battery is None:
        return NOT_SAID
    return f"{battery.first_pct:.0f} % at first, {battery.last_pct:.0f} % at last"


def _lasts_text(battery: Battery | None) -> str:
    if battery is None:
        return NOT_SAID
    if battery.full_h is None or battery.left_h is None or battery.per_h_pct is None:
        return "cannot tell: it hardly fell"
    rate = f"{number_text(battery.per_h_pct)} points an hour"
    return f"about {_hours(battery.left_h)} more; full, about {_hours(battery.full_h)} ({rate})"


def _clock_text(ppm: float) -> str:
    if round(abs(ppm)) == 0:
        return "as fast as this computer's, within 1 ppm"
    return f"{abs(ppm):.0f} ppm {'fast' if ppm > 0 else 'slow'}"


def _share_of(share: float | None, of: str) -> str:
    return NOT_KNOWN if share is None else f"{_percent(share)} {of}"


def _percent(share: float) -> str:
    """Return a share in percent that is never rounded to all or to nothing."""
    percent = 100 * share
    if 0 < percent < 0.1:  # noqa: PLR2004 - what one decimal would make nothing of
        return "less than 0.1 %"
    if 99.9 < percent < 100:  # noqa: PLR2004 - what one decimal would make all of
        return "more than 99.9 %"
    return f"{percent:.1f} %" if percent % 1 else f"{percent:.0f} %"


def _count(n: int | None, of: str, unknown: str) -> str:
    if n is None:
        return unknown
    return (
        "none"
        if n == 0
        else f"{n:,} {of if n != 1 else of.removesuffix('s')}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    )


def _dbm(value: float) -> str:
    return f"{value:.0f} dBm".replace("-", "\N{MINUS SIGN}")


def _hours(hours: float) -> str:
    return f"{hours:.0f} h"


def _minute_text(report: SensorReport, minute: int, card: NightCard) -> str:
    return clock_text(report.start_ns + (minute + 1) * 60 * NS_PER_S, card.utc_offset_s)

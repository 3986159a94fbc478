"""Leg movements and series alone, in about half of the time that everything takes.

A leg movement lies where it lies otherwise, to the bit: nothing of what its detector reads is left out, mains, the
heart and the electrode among it. Left out are rhythmic trains, cramp-like and other contractions, twitches, brief
jerks, weak episodes in acceleration, plug-ins, channels that do not score the movements of their leg, and how far
the indices depend on the thresholds. Trains then take no movements out of the series and out of
restlessness, so that more of them may count than otherwise, and an estimate of sleep may find more wake. Numbers of
what nobody looked for are unknown, not 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from detectors.events import EventKind
from detectors.night.fusion import IN_TRAIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detectors.events import Event

_WHY: Final = "only leg movements and series were looked for"
# What nobody looked for is not known to be absent.
UNKNOWN_ALONE: Final = (
    "cramp_events",
    "cramp_probable",
    "cramp_possible",
    "cramp_total_s",
    "cramp_longest_s",
    "cramps",
    "rhythmic_trains",
    "clonus",
    "tonic",
    "twitches",
    "twitch_clusters",
    "twitches_per_quiet_min",
    "transients",
    "tonic_low",
    "brief_jerks",
    "possible_episodes",
    "cramps_then_awake_est",
    "awake_after_cramps_est_min",
    "still_h",
    "longest_undisturbed_min",
    "robustness",
)
_BY_HOUR: Final = ("by_hour", "by_hour_est")
_NOT_SAID: Final = (IN_TRAIN, "in_cramp")


def event_alone(event: Event) -> Event:
    """Return an event; a leg movement without whether it lies in a train or a cramp, which nobody looked for.

    Parameters
    ----------
    event : Event
        As the night was combined.

    Returns
    -------
    Event
        The same span and quality.
    """
    if event.kind is not EventKind.LEG_MOVEMENT:
        return event
    said = {name: value for name, value in event.measures.items() if name not in _NOT_SAID}
    return event.again(said, event.why)


def numbers_alone(numbers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers of a night; those of what was not looked for are None, with the reason.

    Parameters
    ----------
    numbers : mapping
        As :func:`detectors.numbers.summary.summarise` returns them.

    Returns
    -------
    dict
        The same names.

    Examples
    --------
    >>> numbers_alone({"lm": 3, "twitches": 0, "reasons": {}})
    {'lm': 3, 'twitches': None, 'reasons': {'twitches': 'only leg movements and series were looked for'}}
    """
    missing = [name for name in UNKNOWN_ALONE if name in numbers]
    hours = {name: [{**hour, "cramps": None} for hour in numbers[name]] for name in _BY_HOUR if name in numbers}
    reasons = {**numbers["reasons"], **dict.fromkeys(missing, _WHY)}
    return {**numbers, **dict.fromkeys(missing), **hours, "reasons": reasons}

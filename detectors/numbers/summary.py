"""The numbers of a night (science.md 6.4), each null with a reason where there is no valid signal."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from detectors.annotations import Span
from detectors.numbers.course_of_night import course_numbers, is_truncated, longest_undisturbed_min, still_h
from detectors.numbers.event_numbers import cramp_numbers, other_numbers
from detectors.numbers.movement_numbers import estimated_rates, movement_numbers, movement_source
from detectors.numbers.night_view import NightView, while_worn
from detectors.numbers.unknown import Unknown, told
from detectors.sleep.basis import ESTIMATE, UNKNOWN_SLEEP

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detectors.criteria import Criteria
    from detectors.night.combine import NightFacts
    from detectors.numbers.robustness import Robustness
    from detectors.quality.valid_hours import NightValidity, StreamValidity
    from detectors.quality.validity import ValidTimes
    from detectors.sleep.basis import SleepBasis

_NOT_YET = Unknown("the night is not over")


def summarise(
    facts: NightFacts,
    times: ValidTimes,
    criteria: Criteria,
    *,
    sleep: SleepBasis | None = None,
    robustness: Robustness | None = None,
    span_ns: tuple[int, int],
) -> Mapping[str, Any]:
    """Return the numbers of a night.

    Parameters
    ----------
    facts : NightFacts
        Combined movements and events.
    times : ValidTimes
        When each stream could be scored.
    criteria : Criteria
        ``validity`` is used.
    sleep : SleepBasis, optional
        Sleep by the stages of a person, or as estimated; what is estimated is used for numbers that
        have ``_est`` in their names only, the others are per hour of valid recording then.
    robustness : Robustness, optional
        What the night can be scored again from; without it how far indices depend on thresholds is
        unknown.
    span_ns : tuple of int
        Begin and end of the night, UTC ns.

    Returns
    -------
    mapping
        Keys as in the JSON of ``soleus score``; ``reasons`` explains each null. ``sleep_basis`` says
        where sleep comes from: ``stages``, ``estimate`` or ``recording``. Hours are hours of valid
        signal of at least one leg.
    """
    night, asleep = views(facts, times, criteria, sleep, span_ns)
    estimated = None if asleep is night else asleep
    varied = _NOT_YET if robustness is None else robustness.finish(night, estimated)
    return told({**numbers_of(night, asleep, sleep), "robustness": varied})


def numbers_of(night: NightView, asleep: NightView, sleep: SleepBasis | None) -> dict[str, Any]:
    """Return all numbers of a night but how far they depend on thresholds.

    Parameters
    ----------
    night, asleep : NightView
        As of :func:`views`.
    sleep : SleepBasis or None
        Sleep, scored or estimated.

    Returns
    -------
    dict
        Values by name, or why they are unknown.
    """
    valid, validity, estimated = night.valid, night.criteria.validity, asleep is not night
    labels = {_label(one, valid): one for one in valid.streams}
    period = night.span if sleep is None or sleep.period is None else sleep.period
    return {
        **signal_hours(night),
        "grade": {label: one.grade(validity, period) for label, one in labels.items()},
        "night_grade": valid.either.grade(validity, period) if valid.either.hours else "C",
        "one_leg": valid.one_leg,
        "both_legs_h": round(valid.both.hours, 6),
        "sleep_basis": "recording" if sleep is None else sleep.name,
        "movement_source": movement_source(night),
        "truncated": is_truncated(asleep),
        **movement_numbers(night),
        **(estimated_rates(asleep) if estimated else {}),
        **cramp_numbers(asleep),
        **(UNKNOWN_SLEEP if sleep is None else sleep.numbers()),
        "still_h": still_h(night),
        "longest_undisturbed_min": longest_undisturbed_min(asleep),
        **course_numbers(night),
        **(_estimated(course_numbers(asleep)) if estimated else {}),
        **other_numbers(asleep),
    }


def signal_hours(night: NightView) -> dict[str, dict[str, float]]:
    """Return for how many hours each sensor gave a signal that can be scored, and a good one."""
    labels = {_label(one, night.valid): one.epochs for one in night.valid.streams}
    return {
        "valid_h": {label: round(epochs.hours, 6) for label, epochs in labels.items()},
        "good_h": {label: round(epochs.good_h, 6) for label, epochs in labels.items()},
    }


def views(
    facts: NightFacts, times: ValidTimes, criteria: Criteria, sleep: SleepBasis | None, span_ns: tuple[int, int]
) -> tuple[NightView, NightView]:
    """Return the night as its numbers see it, and, another one where sleep is estimated, with the estimate."""
    valid = times.without(facts.events)
    estimated = sleep is not None and sleep.name == ESTIMATE
    night = NightView(while_worn(facts, valid), valid, criteria, Span(*span_ns), None if estimated else sleep)
    return night, replace(night, basis=sleep) if estimated else night


def _estimated(numbers: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{name}_est": value for name, value in numbers.items()}


def _label(one: StreamValidity, others: NightValidity) -> str:
    """Return the sensor's name, with the quantity where a sensor measures several."""
    shared = sum(1 for other in others.streams if other.sensor == one.sensor) > 1
    return f"{one.sensor}/{one.quantity}" if shared else one.sensor

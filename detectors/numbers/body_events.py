"""What a person did with both legs, counted once: turns, getting up, and legs that stayed vertical."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from detectors.annotations import Span, span_of
from detectors.events import EventKind
from detectors.numbers.unknown import NO_MOTION, Unknown
from detectors.quality.valid_hours import joined
from detectors.signal import NS_PER_S, S_PER_H, Quantity
from detectors.sleep.overrides import shows_upright

if TYPE_CHECKING:
    from collections.abc import Iterable

    from detectors.events import Event
    from detectors.numbers.night_view import NightView

# Turns, and times of getting up, that are less apart are one (science.md 5.4).
DEBOUNCE_S: Final = 30.0


def body_numbers(night: NightView) -> dict[str, Any]:
    """Return what acceleration saw of the whole person.

    Parameters
    ----------
    night : NightView
        The night.

    Returns
    -------
    dict
        Counts by name, or why they are unknown. What several legs and sensors saw at the same time
        counts once; turns and times of getting up that are less than 30 s apart count once, turns of
        a leg that stands or walks not at all. ``leg_vertical_h`` is how long the leg that is vertical
        longest was so in pieces without a step, h.
    """
    names = ("brief_jerks", "shifts", "shifts_major", "restlessness", "bed_exits", "leg_vertical_h")
    missing = too_little_motion(night)
    if missing is not None:
        return dict.fromkeys(names, missing)
    turned = shifts(night)
    major = [span_of(event) for event in turning(night) if event.measures.get("major", 0.0) > 0]
    return {
        "brief_jerks": len(joined(map(span_of, night.of_kind(EventKind.BRIEF_JERK)), touching_s=0.0)),
        "shifts": len(turned),
        "shifts_major": sum(any(s.onset_ns <= m.onset_ns < s.end_ns for m in major) for s in turned),
        "restlessness": len(joined(map(span_of, night.of_kind(EventKind.RESTLESSNESS)), touching_s=0.0)),
        "bed_exits": len(joined(map(span_of, night.of_kind(EventKind.BED_EXIT)), touching_s=DEBOUNCE_S)),
        "leg_vertical_h": vertical_h(night),
    }


def too_little_motion(night: NightView) -> Unknown | None:
    """Return why what acceleration sees cannot be counted in a night, or None if it can."""
    if not night.has(Quantity.ACCELERATION):
        return NO_MOTION
    motion_h = night.valid.motion().hours
    night_h = (night.span.end_ns - night.span.onset_ns) / NS_PER_S / S_PER_H
    if motion_h < min(night.criteria.validity.min_index_h, night_h / 2):
        return Unknown(f"acceleration was valid for {motion_h:.1f} h of {night_h:.1f} h")
    return None


def shifts(night: NightView) -> list[Span]:
    """Return the turns of a person: of any leg that is not vertical, joined where they are close."""
    return joined(map(span_of, turning(night)), touching_s=DEBOUNCE_S)


def turning(night: NightView) -> list[Event]:
    """Return every turn of a leg that neither stands nor walks."""
    up: dict[str, list[Span]] = {}
    for event in night.of_kind(EventKind.UPRIGHT):
        if shows_upright(event):
            up.setdefault(event.leg, []).append(span_of(event))
    return [event for event in night.of_kind(EventKind.SHIFT) if not _touches(event, up.get(event.leg, ()))]


def vertical_h(night: NightView) -> float:
    """Return the longest time that a sensor spent vertical though nobody walked, h.

    The time in bed is no help: it is found by where legs are not vertical.
    """
    spent_ns: dict[str, int] = {}
    for event in night.of_kind(EventKind.UPRIGHT):
        if not event.measures.get("steps", 0.0):
            spent_ns[event.sensor] = spent_ns.get(event.sensor, 0) + event.end_ns - event.onset_ns
    return max(spent_ns.values(), default=0) / NS_PER_S / S_PER_H


def _touches(event: Event, spans: Iterable[Span]) -> bool:
    return any(span.onset_ns <= event.end_ns and span.end_ns >= event.onset_ns for span in spans)

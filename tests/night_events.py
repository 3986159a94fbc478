"""Events at known times, and a night that hears them in any order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detectors.annotations import Annotations
from detectors.criteria import Criteria, named
from detectors.events import Event, EventKind, EventQuality
from detectors.night.combine import NightCombiner
from detectors.signal import NS_PER_S, Leg

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CRITERIA = named("wasm-2016")
TERMS = {"term_duration": 1.0, "term_amplitude": 1.0, "term_stationarity": 0.4, "term_cleanliness": 1.0}


def event(
    kind: EventKind,
    onset_s: float,
    duration_s: float,
    leg: Leg = Leg.LEFT,
    *,
    sensor: str | None = None,
    quality: EventQuality = EventQuality.GOOD,
    **measures: float,
) -> Event:
    onset_ns = round(onset_s * NS_PER_S)
    end_ns = onset_ns + round(duration_s * NS_PER_S)
    values = {"duration_s": duration_s, **measures}
    return Event(kind, sensor or f"{leg}-shin", leg, onset_ns, end_ns, values, quality)


def emg_movement(onset_s: float, duration_s: float, leg: Leg = Leg.LEFT, **changes: Any) -> Event:
    values = {"peak_uv": 40.0, "mean_uv": 30.0, "resting_uv": 2.0, **changes}
    return event(EventKind.LEG_MOVEMENT, onset_s, duration_s, leg, **values)


def seen_movement(onset_s: float, duration_s: float, leg: Leg = Leg.LEFT, **changes: Any) -> Event:
    return event(EventKind.LEG_MOVEMENT, onset_s, duration_s, leg, **{"peak_g": 0.1, **changes})


def bout(onset_s: float, duration_s: float, leg: Leg = Leg.LEFT, **changes: Any) -> Event:
    values = {"peak_uv": 50.0, "mean_uv": 40.0, "resting_uv": 2.0, **TERMS, **changes}
    return event(EventKind.CRAMP, onset_s, duration_s, leg, **values)


def combiner(
    *,
    motion: Iterable[Leg] = (),
    emg: Iterable[Leg] = tuple(Leg)[:2],
    criteria: Criteria = CRITERIA,
    fs_hz: float = 250.0,
) -> NightCombiner:
    """A night with EMG on the shins of some legs and acceleration on some."""
    night = NightCombiner(criteria, Annotations())
    for leg in emg:
        night.movements_from_emg(leg)
        night.emg_on(leg, f"{leg}-shin", "tibialis anterior", fs_hz)
    for leg in motion:
        night.motion_on(leg)
    return night


def told(night: NightCombiner, events: Sequence[Event], steps_s: Iterable[float] = ()) -> list[Event]:
    """Everything that a night says about events that it hears when their times are settled."""
    said: list[Event] = []
    waiting = list(events)
    for step_s in steps_s:
        step_ns = round(step_s * NS_PER_S)
        said += night.feed([e for e in waiting if e.onset_ns < step_ns], step_ns)
        waiting = [e for e in waiting if e.onset_ns >= step_ns]
    return said + night.feed(waiting, None) + night.finish()


def last_words(said: Iterable[Event], kind: EventKind | None = None) -> list[Event]:
    """The newest revision of each event, by onset."""
    newest: dict[Any, Event] = {}
    for one in said:
        held = newest.get(one.key)
        if (kind is None or one.kind is kind) and (held is None or one.revision > held.revision):
            newest[one.key] = one
    return sorted(newest.values(), key=lambda one: (one.onset_ns, one.kind, one.leg, one.sensor))

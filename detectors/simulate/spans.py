"""What the stretches of a simulated night are like: sleep and wakefulness, upright, not worn, bad contact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.events import EventKind, Stage
from detectors.signal import Leg
from detectors.simulate.plan import ContactKind
from detectors.simulate.truth import Cause, SpanKind, TruthEvent, TruthSpan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from detectors.simulate.plan import LegPlan
    from detectors.simulate.structure import StageSpan

# What a sleeper did not notice, or spent without moving, nobody can find.
AWAKENING_LEAST_S = 120.0
SPAN_OF_EVENT = {
    EventKind.UPRIGHT: SpanKind.UPRIGHT,
    EventKind.NOT_WORN: SpanKind.NOT_WORN,
    EventKind.ELECTRODE_OFF: SpanKind.ELECTRODE_OFF,
}
MOVING = (EventKind.SHIFT, EventKind.UPRIGHT)
LEAST_TURNS = 2


def awakenings(stages: Sequence[StageSpan], truth: Iterable[TruthEvent]) -> list[TruthEvent]:
    """Return the stretches of wakefulness after sleep has begun, as events of both legs.

    Parameters
    ----------
    stages : sequence of StageSpan
        How the night is slept.
    truth : iterable of TruthEvent
        What happens in it.

    Returns
    -------
    list of TruthEvent
        In order of time; clear from two minutes on where the sleeper turns twice or leaves the bed.
    """
    moving = [event for event in truth if event.kind in MOVING]
    events = []
    for span in stages[1:]:
        if span.stage is not Stage.WAKE:
            continue
        mine = [event for event in moving if event.onset_s < span.end_s and span.onset_s < event.end_s]
        turns = {event.onset_s for event in mine if event.kind is EventKind.SHIFT}
        moved = len(turns) >= LEAST_TURNS or any(event.kind is EventKind.UPRIGHT for event in mine)
        clear = moved and span.end_s - span.onset_s >= AWAKENING_LEAST_S
        times_s = (span.onset_s, span.end_s)
        events.append(TruthEvent(EventKind.AWAKENING, Leg.BOTH, *times_s, 0.0, clear, cause=Cause.AWAKENING))
    return events


def night_spans(stages: Iterable[StageSpan], plans: Mapping[Leg, LegPlan]) -> tuple[TruthSpan, ...]:
    """Return what the stretches of a night are like.

    Parameters
    ----------
    stages : iterable of StageSpan
        How it is slept.
    plans : mapping of Leg to LegPlan
        What happens to each leg.

    Returns
    -------
    tuple of TruthSpan
        In order of time.
    """
    spans: list[TruthSpan] = []
    for stage in stages:
        kind = SpanKind.WAKE if stage.stage is Stage.WAKE else SpanKind.SLEEP
        if spans and spans[-1].kind is kind:
            spans[-1] = spans[-1]._replace(end_s=stage.end_s)
        else:
            spans.append(TruthSpan(kind, Leg.BOTH, stage.onset_s, stage.end_s))
    for leg, plan in plans.items():
        spans += [
            TruthSpan(SPAN_OF_EVENT[event.kind], leg, event.onset_s, event.end_s)
            for event in plan.truth
            if event.kind in SPAN_OF_EVENT
        ]
        spans += [
            TruthSpan(SpanKind.BAD_QUALITY, leg, contact.onset_s, contact.end_s)
            for contact in plan.contacts
            if contact.kind is not ContactKind.GAIN
        ]
    return tuple(sorted(spans, key=lambda span: span.onset_s))

"""One value of a sweep: the leg movements and their indices, without all else that a score says."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from detectors.annotations import nanoseconds, span_of
from detectors.events import EventKind, EventQuality, holds, in_order
from detectors.night.losses import CommonLoss
from detectors.night.trains import TRAINS
from detectors.numbers.movement_numbers import no_periodic_rates
from detectors.numbers.unknown import Unknown, rate
from detectors.quality.valid_hours import joined
from detectors.rescore.movements import Glimpse
from detectors.rules.combined import LegMovement
from detectors.rules.moved_row import MovedRow, leg_number
from detectors.rules.series_counts import combined_movements
from detectors.signal import Leg, Quantity
from detectors.span_row import SpanRow

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from detectors.annotations import Span
    from detectors.criteria import Criteria
    from detectors.events import Event
    from detectors.night.review import Judging
    from detectors.numbers.night_view import NightView
    from detectors.pipeline import Score
    from detectors.rescore.combined_night import Channel
    from detectors.rescore.found import Said
    from detectors.rules.series_counts import Counted
    from detectors.sleep.course import MotionCourse

SWEPT: Final = (
    "lm",
    "clm",
    "plm_wasm",
    "plm_aasm",
    "lm_per_h",
    "clm_per_h",
    "plms_wasm_per_h",
    "plms_aasm_per_h",
)
"""The numbers of a night that a sweep knows without its score."""
# Later than any night.
_NEVER_NS: Final = 2**62


def with_field(criteria: Criteria, field: str, value: object) -> Criteria:
    """Return criteria with one field set to another value.

    Parameters
    ----------
    criteria : Criteria
        All thresholds.
    field : str
        Group and field, or the name of a plug-in and one of its numbers.
    value : object
        What it is set to.

    Raises
    ------
    ValueError
        If there is no such field, or the value contradicts another threshold.
    """
    group, _, name = field.partition(".")
    plugin = next((one for one in criteria.plugins if one.name == group), None)
    numbers = getattr(criteria, group, None) if plugin is None else plugin.criteria
    if name not in getattr(numbers, "__dataclass_fields__", {}):
        msg = f"there is no threshold {field!r}, expected one like leg_movement.onset_uv"
        raise ValueError(msg)
    changed: Any = replace(numbers, **{name: value})  # type: ignore[type-var]  # a dataclass, as it has fields
    if plugin is None:
        return replace(criteria, **{group: changed})
    changed = replace(plugin, criteria=changed)
    return replace(criteria, plugins=tuple(changed if one is plugin else one for one in criteria.plugins))


class Swept:
    """A recording with one field at one value; what is asked for is computed, and nothing else.

    Parameters
    ----------
    value : object
        What the field is set to.
    criteria : Criteria
        All thresholds.
    glance : callable
        Looks for leg movements alone; None where they depend on when which stream joined the night.
    score : callable
        Scores the recording.
    """

    def __init__(
        self,
        value: object,
        criteria: Criteria,
        glance: Callable[[Criteria], Glance | None],
        score: Callable[[Criteria], Score],
    ) -> None:
        self.value, self.criteria = value, criteria
        self._glance, self._score = glance, score

    @cached_property
    def score(self) -> Score:
        """Everything, as :meth:`detectors.rescore.Rescorer.score` says it."""
        return self._score(self.criteria)

    @cached_property
    def movements(self) -> tuple[LegMovement, ...]:
        """The leg movements among the events of the score, in their order."""
        glance = self.glance
        if glance is None:
            return tuple(_part(event) for event in self.score.events if event.kind is EventKind.LEG_MOVEMENT)
        return tuple(one.movement for one in glance.movements)

    @cached_property
    def numbers(self) -> Mapping[str, Any]:
        """Those numbers of the score that are in `SWEPT`; None where they are unknown."""
        glance = self.glance
        if glance is None:
            return {name: self.score.summary[name] for name in SWEPT}
        return glance.numbers()

    @cached_property
    def glance(self) -> Glance | None:
        """What the movements and numbers are taken from; None where that is the score."""
        return self._glance(self.criteria)


class Glance(NamedTuple):
    """What the indices of leg movements are counted from.

    Parameters
    ----------
    movements : sequence of Glimpse
        Leg movements that count, in order.
    row : MovedRow
        The same as a row; none weighs on a leg whose sensor was off.
    in_train : sequence of bool
        Which of them are parts of rhythmic trains.
    night : NightView
        When a leg could be scored, when none was, and when sensors were not worn or electrodes off; nothing else
        of its facts is known.
    """

    movements: Sequence[Glimpse]
    row: MovedRow
    in_train: Sequence[bool]
    night: NightView

    @property
    def no_index(self) -> str:
        """Why there are no periodic movements per hour of this night; empty where there are."""
        missing = no_periodic_rates(self.night)
        return "" if missing is None else missing.why

    def numbers(self) -> dict[str, Any]:
        """Return the numbers in `SWEPT`, as :func:`detectors.numbers.movement_numbers.movement_numbers` does."""
        night = self.night
        hours, sleep_h, missing = night.valid.movement_h(), night.valid.movement_h(night.sleep), night.too_short
        if not hours:
            return dict.fromkeys(SWEPT)
        weighed, whole = self._counted()
        periodic = (sum(weight for onset_ns, weight in one.plm if night.in_sleep(onset_ns)) for one in weighed)
        rates = (
            rate(weighed[0].lm, hours, missing),
            rate(weighed[0].clm, hours, missing),
            *(rate(n, sleep_h, missing) for n in periodic),
        )
        counts = (whole[0].lm, whole[0].clm, *(sum(weight for _, weight in one.plm) for one in whole))
        known = (*map(round, counts), *(None if isinstance(one, Unknown) else one for one in rates))
        return dict(zip(SWEPT, known, strict=True))

    def _counted(self) -> tuple[list[Counted], list[Counted]]:
        """Return what both rule sets count by weight, and how many they count."""
        night, criteria, losses = self.night, self.night.criteria, self.night.facts.losses
        asleep = None if night.basis is None else night.basis.asleep
        shortest_ns = nanoseconds(max(criteria.wasm.lm_min_s, criteria.aasm.lm_min_s))
        told = np.flatnonzero(~np.array(self.in_train, np.bool_) & (self.row.length_ns >= shortest_ns))
        told = told[self.row.of(told).order()]
        row, low = self.row.of(told), np.array([one.low for one in self.movements], np.bool_)[told]
        weighed = np.where(low, criteria.validity.low_weight * row.weight, row.weight)
        combined = [combined_movements(row, rules, losses, asleep) for rules in (criteria.wasm, criteria.aasm)]
        return [one.counted(weighed) for one in combined], [one.counted(row.weight) for one in combined]


def glanced(movements: Sequence[Glimpse], trains: Mapping[Leg, SpanRow], night: NightView) -> Glance:
    """Return what is counted from the leg movements of a night.

    Parameters
    ----------
    movements : sequence of Glimpse
        In order.
    trains : mapping of Leg to SpanRow
        Rhythmic trains.
    night : NightView
        As of a glance.

    Returns
    -------
    Glance
        Of movements of which more than ``context.train_share`` lies in trains it says so.
    """
    row = MovedRow(
        np.array([one.movement.onset_ns for one in movements], np.int64),
        np.array([one.movement.end_ns for one in movements], np.int64),
        np.array([leg_number(one.movement.leg) for one in movements], np.int64),
        np.ones(len(movements)),
    )
    inside, events = np.zeros(len(movements), np.bool_), night.facts.events
    for leg, train in trains.items():
        own = np.flatnonzero((row.leg == leg_number(leg)) & (row.length_ns > 0))
        share = train.common_ns(row.onset_ns[own], row.end_ns[own]) / row.length_ns[own]
        inside[own] = share > night.criteria.context.train_share
    for leg, one in night.valid.scoring.items():
        if off := one.off(events):
            row.weight[(row.leg == leg_number(leg)) & SpanRow(off).holds(row.onset_ns)] = 0.0
    return Glance(movements, row, inside.tolist(), night)


def glimpses_of(
    found: Iterable[Sequence[Glimpse]], channels: Iterable[Channel], from_emg: Collection[Leg]
) -> list[Glimpse]:
    """Return the leg movements of a night in order: those in EMG, and of other legs those in acceleration."""
    seen = [event for channel in channels for event in channel.movements() if event.leg not in from_emg]
    moved = [Glimpse(_part(event), event.quality is EventQuality.LOW) for event in seen]
    return sorted((one for several in (*found, moved) for one in several), key=_order)


def with_trains(channels: Iterable[Channel]) -> list[tuple[Said, ...]]:
    """Return what was said by those who found rhythmic trains."""
    said = (phases for channel in channels for phases in channel.said)
    return [phases for phases in said if any(event.kind in TRAINS for one in phases for event in one.events)]


def trains_of(_: Criteria, *said: tuple[Said, ...]) -> dict[Leg, SpanRow]:
    """Return where the rhythmic trains of each leg are among what was said; no threshold is used."""
    found = [event for phases in said for one in phases for event in one.events if event.kind in TRAINS]
    return {leg: SpanRow(span_of(event) for event in found if event.leg is leg) for leg in {one.leg for one in found}}


def off_events(
    criteria: Criteria, channels: Iterable[Channel], courses: Iterable[MotionCourse], judging: Judging
) -> list[Event]:
    """Return where electrodes were off and sensors not worn."""
    said = (event for channel in channels for phases in channel.said for one in phases for event in one.events)
    off = sorted((event for event in said if event.kind is EventKind.ELECTRODE_OFF), key=in_order)
    found = list(off)
    for course in courses:
        spans = tuple(span_of(event) for event in off if event.leg is course.stream.leg)
        found += (one for one in judging.still(course, spans, criteria) if holds(one.why))
    return found


def losses_of(channels: Sequence[Channel]) -> list[Span]:
    """Return when no leg had a signal, of a night of one phase."""
    losses = CommonLoss()
    scoring = {one.opening.channel.leg for one in channels if one.opening.scores_movements}
    for channel in channels:
        stream = channel.segment.channel
        if stream.quantity is Quantity.ACCELERATION or channel.opening.scores_movements:
            losses.watch(stream.leg)
        if channel.opening.scores_movements if stream.quantity is Quantity.EMG else stream.leg not in scoring:
            for lost in channel.signal.losses[0]:
                losses.add(stream.leg, *lost)
    return joined(losses.up_to(_NEVER_NS), touching_s=0.0)


def _order(one: Glimpse) -> tuple[int, str, str]:
    return one.movement.onset_ns, one.movement.leg, one.movement.sensor


def _part(event: Event) -> LegMovement:
    return LegMovement(event.onset_ns, event.end_ns, event.leg, event.sensor)

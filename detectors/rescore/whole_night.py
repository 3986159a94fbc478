"""What only the whole night can tell, from what was gathered of it once: wear, sleep, and the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from detectors.night.review import NightReview
from detectors.numbers.robustness import Robustness
from detectors.numbers.summary import numbers_of, views
from detectors.quality.mismatch import LegMismatch
from detectors.quality.validity import ValidTime, ValidTimes
from detectors.rescore.numbers import NightNumbers
from detectors.signal import Leg, Quantity
from detectors.sleep.course import MotionCourse
from detectors.track import Track

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from detectors.criteria import Criteria
    from detectors.events import Event, StageSpan
    from detectors.rescore.combined_night import Channel, Combined
    from detectors.rescore.segments import Segment
    from detectors.sleep.basis import SleepBasis

Key = tuple[str, Quantity]
"""A sensor, and what it measures."""


def course_of(_: Criteria, *segments: Segment) -> MotionCourse:
    """Return the course of one acceleration sensor; no threshold is used."""
    course = MotionCourse(segments[0].channel)
    for segment in segments:
        for item in segment.items():
            if isinstance(item, Track):
                course.feed(item)
    return course


class Reviewed(NamedTuple):
    """What the whole night says.

    Parameters
    ----------
    events : tuple of Event
        Where sensors were not worn, and awakenings.
    rejected : tuple of Event
        Still stretches in which a leg was.
    sleep : SleepBasis or None
        Sleep, scored or estimated.
    doubts : mapping
        Numbers that say how sure that is.
    """

    events: tuple[Event, ...]
    rejected: tuple[Event, ...]
    sleep: SleepBasis | None
    doubts: Mapping[str, float]


def reviewed(
    criteria: Criteria,
    channels: Sequence[Channel],
    courses: Sequence[MotionCourse],
    facts: Sequence[Event],
    stages: tuple[StageSpan, ...],
) -> Reviewed:
    """Judge the night.

    Parameters
    ----------
    criteria : Criteria
        What :class:`detectors.night.review.NightReview` uses.
    channels : sequence of Channel
        For their epochs and leg movements.
    courses : sequence of MotionCourse
        One per acceleration sensor.
    facts : sequence of Event
        All events of the night but its leg movements.
    stages : tuple of StageSpan
        Sleep stages scored by a person.

    Returns
    -------
    Reviewed
        The judgement.
    """
    review, mismatch = NightReview(criteria, stages), LegMismatch()
    for channel in channels:
        for epochs in channel.judged.epochs:
            mismatch.note(channel.segment.channel.site, epochs)
    review.take_over(courses, [m for channel in channels for m in channel.movements()], mismatch)
    events = tuple(review.conclude(facts))
    return Reviewed(events, tuple(review.rejected()), review.sleep, review.doubts())


def numbers(
    criteria: Criteria,
    channels: Sequence[Channel],
    night: tuple[Combined, Reviewed],
    valid: Mapping[Key, ValidTime],
    recording: tuple[tuple[int, int], Mapping[str, str]],
) -> NightNumbers:
    """Return the numbers of a night.

    Parameters
    ----------
    criteria : Criteria
        ``validity`` and what is varied.
    channels : sequence of Channel
        Which of them score movements.
    night : tuple of (Combined, Reviewed)
        Movements, events and sleep.
    valid : mapping
        Valid time of every sensor and quantity.
    recording : tuple
        Begin and end of the night, UTC ns, and the streams that no rule can be applied to, and why.

    Returns
    -------
    NightNumbers
        Equal to :meth:`detectors.pipeline.Pipeline.summary`.
    """
    facts = night[0].facts.and_also(night[1].events)
    span_ns, unscored = recording
    others = {**night[1].doubts, **({"unscored": unscored} if unscored else {})}
    times = ValidTimes(valid, _scoring(channels, valid))
    seen, asleep = views(facts, times, criteria, night[1].sleep, span_ns)

    def varied() -> Any:
        return _robustness(criteria, channels).finish(seen, None if asleep is seen else asleep)

    return NightNumbers(numbers_of(seen, asleep, night[1].sleep), others, varied)


def _scoring(channels: Sequence[Channel], valid: Mapping[Key, ValidTime]) -> dict[Leg, ValidTime]:
    """Return what scores the movements of each leg: its EMG channel, or an acceleration sensor."""
    scoring = {one.leg: one for (_, quantity), one in valid.items() if quantity is Quantity.ACCELERATION}
    named = {(one.opening.channel.leg, one.opening.channel.sensor) for one in channels if one.opening.scores_movements}
    of_emg = (one for (_, quantity), one in valid.items() if quantity is Quantity.EMG)
    return scoring | {one.leg: one for one in of_emg if (one.leg, one.sensor) in named}


def _robustness(criteria: Criteria, channels: Sequence[Channel]) -> Robustness:
    robustness = Robustness(criteria)
    for channel in channels:
        if channel.opening.scores_movements:
            for item in channel.segment.items():
                if isinstance(item, Track):
                    robustness.feed(channel.segment.channel, item)
    return robustness

"""What only the whole night can tell, from what was gathered of it once: wear, sleep, and the numbers."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from detectors.events import in_order
from detectors.night.review import NightReview
from detectors.numbers.robustness import Robustness
from detectors.numbers.summary import numbers_of, signal_hours, views
from detectors.plugin import Failures
from detectors.quality.mismatch import LegMismatch
from detectors.quality.validity import ValidTime, ValidTimes
from detectors.rescore.combined_night import newest_of
from detectors.rescore.numbers import NightNumbers
from detectors.signal import Leg, Quantity
from detectors.sleep.course import MotionCourse
from detectors.track import Track

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from detectors.criteria import Criteria
    from detectors.events import Epoch, Event, StageSpan
    from detectors.night.review import Judging
    from detectors.numbers.night_view import NightView
    from detectors.quality.valid_hours import NightValidity
    from detectors.rescore.combined_night import Channel, Combined
    from detectors.rescore.found import Judged
    from detectors.rescore.plan import Opening
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


def mismatch_of(_: Criteria, segments: tuple[Segment, ...], *judgements: Judged) -> LegMismatch:
    """Return how unlike the signals of the legs are; no threshold is used but those of the half minutes."""
    mismatch = LegMismatch()
    for segment, judged in zip(segments, judgements, strict=True):
        for epochs in judged.epochs:
            mismatch.note(segment.channel.site, epochs)
    return mismatch


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
    doubts : callable
        Returns the numbers that say how sure that is.
    """

    events: tuple[Event, ...]
    rejected: tuple[Event, ...]
    sleep: SleepBasis | None
    doubts: Callable[[], Mapping[str, float]]


def reviewed(
    criteria: Criteria,
    channels: Sequence[Channel],
    gathered: tuple[Sequence[MotionCourse], LegMismatch, Judging],
    facts: Sequence[Event],
    stages: tuple[StageSpan, ...],
) -> Reviewed:
    """Judge the night.

    Parameters
    ----------
    criteria : Criteria
        What :class:`detectors.night.review.NightReview` uses.
    channels : sequence of Channel
        For their leg movements.
    gathered : tuple of (sequence of MotionCourse, LegMismatch, Judging)
        One course per acceleration sensor; how unlike the legs' signals are; what judges them.
    facts : sequence of Event
        All events of the night but its leg movements.
    stages : tuple of StageSpan
        Sleep stages scored by a person.

    Returns
    -------
    Reviewed
        The judgement.
    """
    review = NightReview(criteria, stages, gathered[2])
    review.take_over(gathered[0], [m for channel in channels for m in channel.movements()], gathered[1])
    events = tuple(review.conclude(facts))
    return Reviewed(events, tuple(review.rejected()), review.sleep, review.doubts)


def numbers(
    criteria: Criteria,
    channels: Sequence[Channel],
    night: tuple[Combined, Reviewed],
    valid: Mapping[Key, ValidTime],
    recording: tuple[tuple[int, int], Mapping[str, Mapping[str, str]]],
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
        Begin and end of the night, UTC ns, and what went wrong: streams that no rule can be applied to, and why, and
        plug-ins that broke the contract, and how.

    Returns
    -------
    NightNumbers
        Equal to :meth:`detectors.pipeline.Pipeline.summary`.
    """
    span_ns, troubles = recording
    review = night[1]

    @cache
    def seen() -> tuple[NightView, NightView]:
        times = ValidTimes(valid, _scoring([one.opening for one in channels], valid))
        return views(night[0].facts.and_also(review.events), times, criteria, review.sleep, span_ns)

    def known() -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        others = {**review.doubts(), **{name: said for name, said in troubles.items() if said}}
        return numbers_of(*seen(), review.sleep), others

    def varied() -> Any:
        whole, asleep = seen()
        return _robustness(criteria, channels).finish(whole, None if asleep is whole else asleep)

    return NightNumbers(known, lambda: signal_hours(seen()[0]), varied)


def by_key(segments: Iterable[Segment]) -> dict[Key, list[Segment]]:
    """Return the segments of each sensor and quantity."""
    grouped: dict[Key, list[Segment]] = {}
    for segment in segments:
        grouped.setdefault((segment.channel.sensor, segment.channel.quantity), []).append(segment)
    return grouped


def failed_in(channels: Iterable[Channel]) -> dict[str, str]:
    """Return the plug-ins that broke the contract, and how."""
    failures = Failures()
    for name, why in (one for channel in channels for found in channel.found for one in found[-1].failed):
        failures.note(name, why)
    return failures.told


def events_of(night: Combined, review: Reviewed) -> tuple[Event, ...]:
    """Return the newest revision of every event of a night, in order."""
    newest = newest_of(review.events, night.newest)
    return tuple(sorted(newest.values(), key=in_order))


def epochs_of(_: Criteria, *judgements: Judged) -> tuple[Epoch, ...]:
    """Return the half minutes of all channels, in order."""
    epochs = (epoch for judged in judgements for several in judged.epochs for epoch in several)
    return tuple(sorted(epochs, key=lambda epoch: (epoch.start_ns, epoch.sensor, epoch.quantity)))


def validity_of(_: Criteria, off: tuple[Event, ...], openings: tuple[Opening, ...], *valid: ValidTime) -> NightValidity:
    """Return when a leg could be scored, outside of where a sensor was off; no threshold is used."""
    streams = {(one.sensor, one.quantity): one for one in valid}
    return ValidTimes(streams, _scoring(openings, streams)).without(off)


def _scoring(openings: Sequence[Opening], valid: Mapping[Key, ValidTime]) -> dict[Leg, ValidTime]:
    """Return what scores the movements of each leg: its EMG channel, or an acceleration sensor."""
    scoring = {one.leg: one for (_, quantity), one in valid.items() if quantity is Quantity.ACCELERATION}
    named = {(one.channel.leg, one.channel.sensor) for one in openings if one.scores_movements}
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

"""The functions that judge a night as a whole, each computed anew only when what it is given has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detectors.night.review import Judging

if TYPE_CHECKING:
    from collections.abc import Callable

    from detectors.annotations import Span
    from detectors.criteria import Criteria
    from detectors.events import Event
    from detectors.sleep.course import MotionCourse
    from detectors.sleep.estimate import SleepEstimate, Uncleaned

    Keep = Callable[..., Any]

_OURS = Judging()


def kept_judging(keep: Keep, criteria: Criteria) -> Judging:
    """Return the functions that judge a night.

    Parameters
    ----------
    keep : callable
        Takes a part, criteria, a place and inputs, and returns what the part says, or said for the same ones.
    criteria : Criteria
        What parts read that are not given any.

    Returns
    -------
    Judging
        They say what ours say.
    """

    def still(course: MotionCourse, off: tuple[Span, ...], criteria: Criteria) -> list[Event]:
        found: list[Event] = keep(_still, criteria, course.stream.sensor, course, off)
        return found

    def worn(course: MotionCourse, off: tuple[Span, ...]) -> MotionCourse:
        left: MotionCourse = keep(_worn, criteria, course.stream.sensor, course, off)
        return left

    def in_bed(courses: tuple[MotionCourse, ...], recording: Span, criteria: Criteria) -> Span:
        span: Span = keep(_in_bed, criteria, "", courses, recording)
        return span

    def uncleaned(
        courses: tuple[MotionCourse, ...], awake: tuple[Span, ...], night: Span, criteria: Criteria
    ) -> Uncleaned | None:
        before: Uncleaned | None = keep(_uncleaned, criteria, "", courses, awake, night)
        return before

    def estimate(night: Uncleaned, movements: tuple[Span, ...], criteria: Criteria) -> SleepEstimate:
        estimated: SleepEstimate = keep(_estimate, criteria, "", night, movements)
        return estimated

    return Judging(still, worn, in_bed, uncleaned, estimate)


def _still(criteria: Criteria, course: MotionCourse, off: tuple[Span, ...]) -> list[Event]:
    return _OURS.still(course, off, criteria)


def _worn(_: Criteria, course: MotionCourse, off: tuple[Span, ...]) -> MotionCourse:
    return _OURS.worn(course, off)


def _in_bed(criteria: Criteria, courses: tuple[MotionCourse, ...], recording: Span) -> Span:
    return _OURS.in_bed(courses, recording, criteria)


def _uncleaned(
    criteria: Criteria, courses: tuple[MotionCourse, ...], awake: tuple[Span, ...], night: Span
) -> Uncleaned | None:
    return _OURS.uncleaned(courses, awake, night, criteria)


def _estimate(criteria: Criteria, night: Uncleaned, movements: tuple[Span, ...]) -> SleepEstimate:
    return _OURS.estimate(night, movements, criteria)

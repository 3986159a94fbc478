"""What only the whole night can tell: whether a sensor was worn, and when its wearer seems to have slept."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from detectors.annotations import Span, span_of
from detectors.events import EventKind, holds
from detectors.quality.mismatch import LegMismatch
from detectors.signal import Quantity
from detectors.sleep.awakenings import awakenings
from detectors.sleep.basis import by_stages
from detectors.sleep.course import MotionCourse
from detectors.sleep.estimate import (
    SleepEstimate,
    SleepSpan,
    Uncleaned,
    before_cleaning,
    cleaned_estimate,
    isolated_movements,
)
from detectors.sleep.overrides import awake_spans
from detectors.sleep.wear import still_stretches
from detectors.sleep.window import time_in_bed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from detectors.chain import Output
    from detectors.criteria import Criteria
    from detectors.events import Event, StageSpan
    from detectors.signal import Leg, Stream
    from detectors.sleep.basis import SleepBasis


class Judging(NamedTuple):
    """The functions that judge a night; who judges it again may keep what they said."""

    still: Callable[[MotionCourse, tuple[Span, ...], Criteria], list[Event]] = still_stretches
    worn: Callable[[MotionCourse, tuple[Span, ...]], MotionCourse] = MotionCourse.without
    in_bed: Callable[[tuple[MotionCourse, ...], Span, Criteria], Span] = time_in_bed
    uncleaned: Callable[[tuple[MotionCourse, ...], tuple[Span, ...], Span, Criteria], Uncleaned | None] = (
        before_cleaning
    )
    estimate: Callable[[Uncleaned, tuple[Span, ...], Criteria], SleepEstimate] = cleaned_estimate


class NightReview:
    """Gather the course of a night, and judge it when it is over.

    Parameters
    ----------
    criteria : Criteria
        ``wear``, ``sleep`` and ``posture`` are used.
    stages : sequence of StageSpan
        Sleep stages scored by a person; they go before any estimate.
    judging : Judging, optional
        Other functions than ours.

    Notes
    -----
    About 1 MB per acceleration sensor and night is kept, and the span of every movement.
    """

    def __init__(self, criteria: Criteria, stages: Sequence[StageSpan], judging: Judging | None = None) -> None:
        self._criteria = criteria
        self._judging = Judging() if judging is None else judging
        self._courses: dict[str, MotionCourse] = {}
        self._movements: list[Event] = []
        self._rejected: list[Event] = []
        self._mismatch = LegMismatch()
        self.sleep: SleepBasis | None = by_stages(stages)
        self.estimate: SleepEstimate | None = None
        self.events: tuple[Event, ...] = ()

    def note(self, stream: Stream, output: Output) -> None:
        """Take what the chain of a stream said in one step."""
        self._mismatch.note(stream.site, output.epochs)
        self._movements += (event for event in output.events if event.kind is EventKind.LEG_MOVEMENT)
        if stream.quantity is not Quantity.ACCELERATION:
            return
        course = self._courses.get(stream.sensor)
        if course is None:
            course = self._courses[stream.sensor] = MotionCourse(stream)
        for track in output.tracks:
            course.feed(track)

    def take_over(self, courses: Iterable[MotionCourse], movements: Iterable[Event], mismatch: LegMismatch) -> None:
        """Take what was gathered of a whole night before, in place of :meth:`note`."""
        self._courses = {course.stream.sensor: course for course in courses}
        self._movements, self._mismatch = list(movements), mismatch

    def conclude(self, events: Sequence[Event]) -> list[Event]:
        """Judge the night.

        Parameters
        ----------
        events : sequence of Event
            The newest revision of every event of the night but its leg movements.

        Returns
        -------
        list of Event
            Events of kind ``not_worn`` and ``awakening``.
        """
        found: list[Event] = []
        worn: list[MotionCourse] = []
        for course in self._courses.values():
            stretches = self._judging.still(course, _electrode_off(events, course.stream.leg), self._criteria)
            not_worn = [stretch for stretch in stretches if holds(stretch.why)]
            self._rejected += (stretch for stretch in stretches if not holds(stretch.why))
            found += not_worn
            worn.append(self._judging.worn(course, tuple(span_of(event) for event in not_worn)))
        if self.sleep is None:
            self._estimate(tuple(worn), tuple(awake_spans(events, found)))
        if self.sleep is not None:
            uncertain = () if self.estimate is None else self.estimate.uncertain
            found += awakenings(self.sleep, self._criteria, uncertain)
        self.events = tuple(found)
        # Nothing of the night's numbers looks at every second again.
        self._courses, self._movements = {}, []
        return found

    def doubts(self) -> dict[str, float]:
        """Return the numbers that say how sure the estimate of sleep is, and how unlike the legs' signals are.

        Those of an estimate are left out without one, ``resting_mismatch_min`` without EMG of both legs.
        """
        apart_min = self._mismatch.minutes()
        unlike = {} if apart_min is None else {"resting_mismatch_min": apart_min}
        return unlike if self.estimate is None else {**self.estimate.numbers(), **unlike}

    @property
    def sleep_spans(self) -> tuple[SleepSpan, ...]:
        """Sleep and wake by onset; what an estimate is unsure of is marked."""
        if self.estimate is not None:
            return self.estimate.spans
        if self.sleep is None:
            return ()
        sides = ((self.sleep.sleep, True), (self.sleep.wake, False))
        return tuple(sorted(SleepSpan(*span, asleep, uncertain=False) for spans, asleep in sides for span in spans))

    def rejected(self) -> list[Event]:
        """Return the still stretches in which a leg was, and forget them."""
        rejected, self._rejected = self._rejected, []
        return rejected

    def _estimate(self, worn: tuple[MotionCourse, ...], awake: tuple[Span, ...]) -> None:
        starts = [frames.start_ns for frames in (course.frames() for course in worn) if len(frames.start_ns)]
        if not starts:
            return
        recording = Span(int(min(start[0] for start in starts)), int(max(start[-1] for start in starts)))
        night = self._judging.in_bed(worn, recording, self._criteria)
        uncleaned = self._judging.uncleaned(worn, awake, night, self._criteria)
        if uncleaned is None:
            return
        movements = tuple(isolated_movements(self._movements, self._criteria))
        self.estimate = self._judging.estimate(uncleaned, movements, self._criteria)
        self.sleep = self.estimate.basis()


def _electrode_off(events: Iterable[Event], leg: Leg) -> tuple[Span, ...]:
    return tuple(span_of(event) for event in events if event.kind is EventKind.ELECTRODE_OFF and event.leg is leg)

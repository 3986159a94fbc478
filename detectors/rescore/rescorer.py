"""A recording that is scored again and again with other thresholds."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from detectors.annotations import Span
from detectors.emg.cramp import CrampDetector
from detectors.emg.leg_movement import EmgLegMovementDetector
from detectors.events import in_order
from detectors.night.combine import NightFacts
from detectors.numbers.night_view import NightView
from detectors.pipeline import Score
from detectors.rescore.combined_night import Channel, combined, signal_of
from detectors.rescore.cramps import CrampRuns, cramps_in
from detectors.rescore.found import found_in, is_emg, judged, parts_of, said_of, valid_time
from detectors.rescore.held_arrays import HeldInMemory
from detectors.rescore.kept_judging import kept_judging
from detectors.rescore.movement_runs import MovementRuns
from detectors.rescore.movements import candidates_in, glimpsed_in, movements_in
from detectors.rescore.plan import plan_of
from detectors.rescore.reads import Kept
from detectors.rescore.segments import segments_of
from detectors.rescore.sweep import (
    Glance,
    Swept,
    glanced,
    glimpses_of,
    losses_of,
    off_events,
    trains_of,
    with_field,
    with_trains,
)
from detectors.rescore.whole_night import (
    by_key,
    course_of,
    epochs_of,
    events_of,
    failed_in,
    mismatch_of,
    numbers,
    reviewed,
    validity_of,
)
from detectors.signal import Quantity, Stream
from detectors.sleep.basis import by_stages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from detectors.chain import Detector
    from detectors.criteria import Criteria
    from detectors.quality.mismatch import LegMismatch
    from detectors.quality.validity import ValidTime
    from detectors.recording import Recording
    from detectors.rescore.combined_night import Signal
    from detectors.rescore.found import Found, Judged, Said
    from detectors.rescore.held_arrays import TrackStore
    from detectors.rescore.movements import Candidates, Glimpse
    from detectors.rescore.plan import Opening, Plan
    from detectors.rescore.segments import Segment
    from detectors.rescore.whole_night import Key
    from detectors.signal import Leg
    from detectors.sleep.course import MotionCourse
    from detectors.span_row import SpanRow

_QUANTITIES = (Quantity.EMG, Quantity.ACCELERATION)


class Rescorer:
    """Score one recording with many sets of thresholds.

    Parameters
    ----------
    recording : Recording
        Streams and, where a person scored them, sleep stages. It is read when tracks are needed: once, and
        again when a threshold changes that the tracks of a quantity depend on.
    criteria : Criteria
        The thresholds that its tracks are measured with at once.
    store : TrackStore, optional
        Where the tracks are held; in memory if not given, which takes about 50 MB for an hour of two legs with
        EMG at 500 Hz and acceleration.

    Notes
    -----
    Every part of the science is kept together with the fields of the criteria that it read, and computed anew
    only when one of these, or what it is given, has changed: the tracks of the channels of a quantity, what each
    detector finds in them, which half minutes are bad, the night as a whole.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from detectors.criteria import named
    >>> from detectors.recording import ArraySource, Recording, steady_clock
    >>> from detectors.signal import Leg, Quantity, Stream, Unit
    >>> import numpy as np
    >>> noise_uv = np.random.default_rng(1).normal(0, 1.5, (60_000, 1))
    >>> noise_uv[30_000:31_000] *= 20
    >>> stream = Stream("left-shin", Leg.LEFT, "tibialis", Quantity.EMG, Unit.MICROVOLT, ("ta",), 500.0)
    >>> recording = Recording("two minutes", 0, (ArraySource(stream, steady_clock(0, 500.0), noise_uv),))
    >>> wasm = named("wasm-2016")
    >>> rescorer = Rescorer(recording, wasm)
    >>> [event.kind.value for event in rescorer.score(wasm).events]
    ['leg_movement']
    >>> higher = replace(wasm, leg_movement=replace(wasm.leg_movement, onset_uv=30.0))
    >>> rescorer.score(higher).events
    ()
    """

    def __init__(self, recording: Recording, criteria: Criteria, *, store: TrackStore | None = None) -> None:
        self._recording = recording
        self._store: TrackStore = HeldInMemory() if store is None else store
        self._plans: Kept[Plan] = Kept(plan_of, most=8)
        self._known = self._plans.get(criteria, recording)
        self._tracks: dict[Quantity, Kept[tuple[Segment, ...]]] = {
            quantity: Kept(segments_of, most=1) for quantity in _QUANTITIES
        }
        self._parts: dict[tuple[object, ...], Kept[Any]] = {}
        self._measured(criteria)

    def score(self, criteria: Criteria, *, with_rejected: bool = False) -> Score:
        """Score the recording.

        Parameters
        ----------
        criteria : Criteria
            Every threshold.
        with_rejected : bool
            Keep the candidates that a rule turned down.

        Returns
        -------
        Score
            Equal to that of :func:`detectors.pipeline.score`; its ``robustness`` is computed when it is asked for.

        Raises
        ------
        ValueError
            If a stream cannot be scored with the bands that are wanted.
        """
        plan, segments = self._measured(criteria)
        channels = self._channels(criteria, plan, segments)
        stages = self._recording.stages
        night = combined(criteria, plan, channels, stages)
        judging = kept_judging(self._kept, criteria)
        gathered = (self._courses(criteria, segments), self._mismatch(criteria, channels), judging)
        review = reviewed(criteria, channels, gathered, night.facts.events, stages)
        about = (self._recording.span_ns, {"unscored": plan.unscored, "failed_plugins": failed_in(channels)})
        told = numbers(criteria, channels, (night, review), self._valid(criteria, segments), about)
        return Score(
            events_of(night, review),
            self._kept(epochs_of, criteria, "", *(channel.judged for channel in channels)),
            told,
            tuple(sorted((*night.rejected, *review.rejected), key=in_order)) if with_rejected else (),
        )

    def sweep(self, field: str, values: Iterable[object], criteria: Criteria) -> Iterator[Swept]:
        """Set one field to many values, and look at the recording with each.

        Parameters
        ----------
        field : str
            Group and field, for example ``leg_movement.onset_uv``, or a plug-in's name and number.
        values : iterable
            What it is set to.
        criteria : Criteria
            All other thresholds.

        Yields
        ------
        Swept
            One for each value, in their order: leg movements and their indices at a small part of the cost of a
            score, and the score itself, each computed when it is asked for.

        Raises
        ------
        ValueError
            If there is no such field, or a value contradicts another threshold.
        """
        for value in values:
            yield Swept(value, with_field(criteria, field, value), self._glanced, self.score)

    def look(self, criteria: Criteria) -> Swept:
        """Look at the recording with other thresholds, as :meth:`sweep` does; `Swept.value` is None."""
        return Swept(None, criteria, self._glanced, self.score)

    def _glanced(self, criteria: Criteria) -> Glance | None:
        """Look for leg movements alone; None where they depend on when which stream joined the night."""
        plan, segments = self._measured(criteria)
        if plan.last:
            return None
        opened = list(zip(plan.openings, segments, strict=True))
        channels = [self._channel(criteria, *one, without=EmgLegMovementDetector) for one in opened]
        judging = kept_judging(self._kept, criteria)
        off = tuple(off_events(criteria, channels, self._courses(criteria, segments), judging))
        times = self._valid(criteria, segments).values()
        valid = self._kept(validity_of, criteria, "", off, plan.openings, *times)
        facts = NightFacts((), (), off, losses=tuple(losses_of(channels)))
        basis = by_stages(self._recording.stages)
        night = NightView(facts, valid, criteria, Span(*self._recording.span_ns), basis)
        trains: dict[Leg, SpanRow] = self._kept(trains_of, criteria, "", *with_trains(channels))
        from_emg = {opening.channel.leg for opening in plan.openings if opening.scores_movements}
        found = [self._glimpsed(criteria, channel) for channel in channels if channel.opening.scores_movements]
        return glanced(glimpses_of(found, channels, from_emg), trains, night)

    def _glimpsed(self, criteria: Criteria, channel: Channel) -> tuple[Glimpse, ...]:
        """Return the leg movements in a channel of EMG, and nothing of why they are."""
        name, candidates = channel.segment.channel, self._candidates(criteria, channel.segment)
        glimpses: tuple[Glimpse, ...] = self._kept(glimpsed_in, criteria, name, *candidates, channel.judged)
        return glimpses

    def _candidates(self, criteria: Criteria, segment: Segment) -> tuple[MovementRuns, Candidates]:
        """Return the runs in a channel of EMG of which some are movements."""
        runs: MovementRuns = self._kept(MovementRuns, criteria, segment.channel, segment)
        return runs, self._kept(candidates_in, criteria, segment.channel, runs)

    def _measured(self, criteria: Criteria) -> tuple[Plan, tuple[Segment, ...]]:
        """Return the channels, and the tracks of each of them."""
        plan = self._plans.get(criteria, self._recording)
        # Most thresholds could make a stream one that cannot be scored, and hardly any does.
        self._known = plan = self._known if plan == self._known else plan
        found: dict[Stream, Segment] = {}
        for quantity, tracks in self._tracks.items():
            inputs = (self._recording, plan, quantity, self._store)
            if not tracks.has(criteria, *inputs):
                # What was found in the tracks before holds them.
                self._parts = {key: kept for key, kept in self._parts.items() if _not_of(quantity, key[1])}
            found |= {segment.channel: segment for segment in tracks.get(criteria, *inputs)}
        return plan, tuple(found[opening.channel] for opening in plan.openings)

    def _kept(self, part: Callable[..., Any], criteria: Criteria, place: object, *inputs: object) -> Any:
        """Return what a part says in one place, from what was kept of it where that is the same."""
        key = (part if not isinstance(part, partial) else part.func, place)
        if key not in self._parts:
            self._parts[key] = Kept(part)
        return self._parts[key].get(criteria, *inputs)

    def _channels(self, criteria: Criteria, plan: Plan, segments: Sequence[Segment]) -> list[Channel]:
        return [self._channel(criteria, *one) for one in zip(plan.openings, segments, strict=True)]

    def _channel(
        self, criteria: Criteria, opening: Opening, segment: Segment, without: Callable[..., Detector] | None = None
    ) -> Channel:
        name = segment.channel
        signal: Signal = self._kept(signal_of, criteria, name, segment)
        quality: Judged = self._kept(judged, criteria, name, segment)
        found: list[tuple[Found, ...]] = []
        said: list[tuple[Said, ...]] = []
        for number in range(len(parts_of(criteria, opening).detectors)):
            if without is not None and is_emg(opening, number, without):
                continue
            one = self._found(criteria, opening, segment, number)
            found.append(one)
            said.append(self._kept(said_of, criteria, (name, number), one, quality))
        return Channel(opening, segment, signal, quality, tuple(found), tuple(said))

    def _found(self, criteria: Criteria, opening: Opening, segment: Segment, number: int) -> tuple[Found, ...]:
        """Return what a detector finds in a channel."""
        place, found = (segment.channel, number), None
        if len(segment.pieces) == 1 and is_emg(opening, number, EmgLegMovementDetector):
            found = self._kept(movements_in, criteria, place, *self._candidates(criteria, segment))
        elif len(segment.pieces) == 1 and is_emg(opening, number, CrampDetector):
            runs: CrampRuns = self._kept(CrampRuns, criteria, place, segment)
            found = self._kept(cramps_in, criteria, place, runs) if runs.whole else None
        if found is None:
            found = self._kept(partial(found_in, number=number), criteria, place, segment, opening)
        told: tuple[Found, ...] = found
        return told

    def _courses(self, criteria: Criteria, segments: Sequence[Segment]) -> list[MotionCourse]:
        grouped = by_key(segments)
        return [
            self._kept(course_of, criteria, key, *several)
            for key, several in grouped.items()
            if key[1] is Quantity.ACCELERATION
        ]

    def _mismatch(self, criteria: Criteria, channels: Sequence[Channel]) -> LegMismatch:
        segments = self._kept(_together, criteria, "segments", *(channel.segment for channel in channels))
        mismatch: LegMismatch = self._kept(
            mismatch_of, criteria, "", segments, *(channel.judged for channel in channels)
        )
        return mismatch

    def _valid(self, criteria: Criteria, segments: Sequence[Segment]) -> dict[Key, ValidTime]:
        return {key: self._kept(valid_time, criteria, key, *several) for key, several in by_key(segments).items()}


def _not_of(quantity: Quantity, place: object) -> bool:
    """Return whether what is kept in a place is that of channels of another quantity, and of no others."""
    whose = place[0] if isinstance(place, tuple) and isinstance(place[0], Stream) else place
    held = whose.quantity if isinstance(whose, Stream) else whose[1] if isinstance(whose, tuple) else quantity
    return held is not quantity


def _together(_: Criteria, *segments: Segment) -> tuple[Segment, ...]:
    return segments

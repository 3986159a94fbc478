"""The whole way from samples to a scored night; live, replayed and offline scoring all go through here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from detectors.annotations import Annotations
from detectors.chain import NOTHING, Chain, Output, Parts, between_segments, one_step
from detectors.channels import channels, is_scored, tibialis_first
from detectors.events import in_order
from detectors.kept import Kept
from detectors.movements_alone import event_alone, numbers_alone
from detectors.night.combine import NightCombiner
from detectors.night.review import NightReview
from detectors.numbers.robustness import Robustness
from detectors.numbers.summary import summarise
from detectors.parts import emg_parts, motion_parts
from detectors.plugin import Failures
from detectors.quality.epoch_tally import LEADING
from detectors.quality.validity import ValidTime, ValidTimes
from detectors.signal import Gap, Leg, Quantity, SampleBlock, Stream, Watermark
from detectors.unscored import why_unscored

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from detectors.criteria import Criteria
    from detectors.events import Epoch, Event, StageSpan
    from detectors.recording import Recording
    from detectors.sleep.estimate import SleepSpan


@dataclass(frozen=True, slots=True)
class Score:
    """A scored recording.

    Parameters
    ----------
    events : tuple of Event
        The newest revision of every event, by onset.
    epochs : tuple of Epoch
        Thirty-second summaries, if kept.
    summary : mapping
        The numbers of the night; null with a reason where there is no valid signal.
    rejected : tuple of Event
        Candidates that a rule turned down, by onset, as the events that they would have been, if asked for.
    """

    events: tuple[Event, ...]
    epochs: tuple[Epoch, ...]
    summary: Mapping[str, Any]
    rejected: tuple[Event, ...] = ()


class Pipeline:
    """Features, detectors and combination for all streams of one night.

    Parameters
    ----------
    criteria : Criteria
        Every threshold.
    streams : sequence of Stream
        Streams known beforehand; combination waits for their first samples. Others join later.
    stages : sequence of StageSpan
        Sleep stages scored by a person, if there are any.
    movement_sensors : mapping of Leg to str
        Which sensor scores the movements of a leg, where that is known beforehand.
    movements_alone : bool
        Look for leg movements and series alone, as :mod:`detectors.movements_alone` says.

    Notes
    -----
    One EMG channel of a leg scores leg movements: that of the sensor named beforehand, else the
    first to appear, within a sensor the tibialis anterior before others (WASM 2016 scores that
    muscle). Every EMG channel scores cramp-like contractions. Movements found by acceleration
    count where a leg has no EMG, and otherwise say whether an EMG movement could be seen.
    """

    def __init__(
        self,
        criteria: Criteria,
        streams: Sequence[Stream] = (),
        stages: Sequence[StageSpan] = (),
        movement_sensors: Mapping[Leg, str] | None = None,
        *,
        movements_alone: bool = False,
    ) -> None:
        self._criteria, self._movement_sensors, self._alone = criteria, dict(movement_sensors or {}), movements_alone
        self._split = {stream: channels(stream) for stream in streams if is_scored(stream)}
        self._unscored: dict[Stream, str] = {}
        self._chains: dict[Stream, Chain] = {}
        self._current: dict[tuple[str, Quantity], Chain] = {}
        self._movement_channels: dict[Leg, str] = {}
        self._valid: dict[tuple[str, Quantity], ValidTime] = {}
        self._combiner = NightCombiner(criteria, Annotations(stages=tuple(stages)))
        self._robustness, self._over, self.failures = Robustness(criteria), False, Failures()
        self._review = NightReview(criteria, stages)
        for channel in sorted((c for split in self._split.values() for c in split), key=tibialis_first):
            self._open(channel)

    def feed(self, item: SampleBlock | Gap | Watermark) -> Output:
        """Take the next samples, gap or watermark of any stream.

        Parameters
        ----------
        item : SampleBlock or Gap or Watermark
            In order within a stream.

        Returns
        -------
        Output
            What it settles; an event may come again with a higher revision.
        """
        if not self._is_scored(item.stream):
            return NOTHING
        outputs = [output for output in self._fed(item) if output is not NOTHING]
        return self._combined(outputs) if outputs else NOTHING

    def finish(self) -> Output:
        """End the night: close everything that is open."""
        self._over = True
        outputs = [self._noted(chain, chain.finish()) for chain in self._current.values()]
        tail = self._combined(outputs)
        said = [*self._combiner.finish(), *self._review.conclude(self._combiner.night().events)]
        return tail + Output(tuple(said), rejected=(*self._combiner.rejected(), *self._review.rejected()))

    def summary(self, start_ns: int, end_ns: int) -> Mapping[str, Any]:
        """Return the numbers of the night; call after :meth:`finish`."""
        scoring = {
            valid.leg: valid
            for quantity in (Quantity.ACCELERATION, Quantity.EMG)
            for key, valid in self._valid.items()
            if key[1] is quantity and (quantity is not Quantity.EMG or self._movement_channels.get(valid.leg) == key[0])
        }
        numbers = summarise(
            self._combiner.night().and_also(self._review.events),
            ValidTimes(self._valid, scoring),
            self._criteria,
            sleep=self._review.sleep,
            robustness=self._robustness if self._over and not self._alone else None,
            span_ns=(start_ns, end_ns),
        )
        troubles = {"unscored": self.unscored, "failed_plugins": dict(self.failures.told)}
        numbers = numbers_alone(numbers) if self._alone else numbers
        return {**numbers, **self._review.doubts(), **{name: said for name, said in troubles.items() if said}}

    @property
    def sleep(self) -> tuple[SleepSpan, ...]:
        """Sleep and wake by onset, estimated or by the stages that were given; call after :meth:`finish`."""
        return self._review.sleep_spans

    @property
    def unscored(self) -> Mapping[str, str]:
        """Streams that no rule can be applied to, by sensor and quantity (``left-shin/emg``), and why."""
        return {f"{stream.sensor}/{stream.quantity}": why for stream, why in self._unscored.items()}

    def _is_scored(self, stream: Stream) -> bool:
        """Return whether a stream is scored; one that joins the night and cannot be must not end it."""
        if stream in self._split:
            return True
        why = self._unscored.get(stream) or why_unscored(stream, self._criteria)
        if why is not None:
            self._unscored[stream] = why
        return why is None

    def _fed(self, item: SampleBlock | Gap | Watermark) -> Iterator[Output]:
        split = self._split.get(item.stream)
        if split is None:
            split = self._split[item.stream] = channels(item.stream)
            for channel in sorted(split, key=tibialis_first):
                yield from self._reopened(channel, item)
        for axis, channel in enumerate(split):
            chain = self._chains.get(channel)
            if chain is not None:
                yield self._noted(chain, one_step(chain, item, channel, axis))

    def _reopened(self, channel: Stream, item: SampleBlock | Gap | Watermark) -> Iterator[Output]:
        """Close the earlier segment of a channel, if there is one, and open this one."""
        earlier = self._current.get((channel.sensor, channel.quantity))
        if earlier is not None:
            del self._chains[earlier.stream]
            yield self._noted(earlier, earlier.finish())
            yield self._noted(earlier, between_segments(earlier, item))
        self._open(channel)

    def _open(self, channel: Stream) -> None:
        key, parts = (channel.sensor, channel.quantity), self._parts(channel)
        if parts is None:
            return
        self._chains[channel] = self._current[key] = Chain(channel, parts, self._criteria.validity)
        self._valid.setdefault(key, ValidTime(channel.sensor, channel.leg, channel.quantity, self._criteria.validity))

    def _parts(self, stream: Stream) -> Parts | None:
        """Return what a channel is made of; None if nothing is looked for in it."""
        if stream.quantity is Quantity.ACCELERATION:
            self._combiner.motion_on(stream.leg, stream.sensor)
            return motion_parts(self._criteria, failed=self.failures.note, alone=self._alone)
        self._combiner.emg_on(stream.leg, stream.sensor, stream.site, stream.fs_hz)
        if self._claims_movements(stream):
            self._movement_channels.setdefault(stream.leg, stream.sensor)
        scores = self._movement_channels.get(stream.leg) == stream.sensor
        if scores:
            self._combiner.movements_from_emg(stream.leg)
        if self._alone and not scores:
            return None
        return emg_parts(self._criteria, scores_movements=scores, failed=self.failures.note, alone=self._alone)

    def _claims_movements(self, channel: Stream) -> bool:
        """Return whether a channel may score the movements of its leg."""
        named = self._movement_sensors.get(channel.leg)
        return named is None or channel.sensor == named or channel.sensor.startswith(f"{named}.")

    def _noted(self, chain: Chain, output: Output) -> Output:
        if output is NOTHING:
            return output
        self._review.note(chain.stream, output)
        valid = self._valid[chain.stream.sensor, chain.stream.quantity]
        for track in output.tracks:
            if track.name is LEADING[chain.stream.quantity]:
                valid.add(track)
                self._combiner.heard(track)
        if self._scores_movements(chain.stream):
            for track in () if self._alone else output.tracks:
                self._robustness.feed(chain.stream, track)
            for lost in output.losses:
                self._combiner.lost(chain.stream.leg, lost.onset_ns, lost.end_ns)
        return output

    def _scores_movements(self, stream: Stream) -> bool:
        scoring = self._movement_channels.get(stream.leg)
        return scoring is None if stream.quantity is Quantity.ACCELERATION else scoring == stream.sensor

    def _combined(self, outputs: Sequence[Output]) -> Output:
        events = [event for output in outputs for event in output.events]
        settled = [chain.settled_ns for chain in self._current.values()]
        known = [t_ns for t_ns in settled if t_ns is not None]
        horizon = min(known) if known and len(known) == len(settled) else None
        self._combiner.note(epoch for output in outputs for epoch in output.epochs)
        return Output(
            tuple(self._combiner.feed(events, horizon)),
            tuple(track for output in outputs for track in output.tracks),
            tuple(epoch for output in outputs for epoch in output.epochs),
            rejected=(*(event for output in outputs for event in output.rejected), *self._combiner.rejected()),
        )


def score(
    recording: Recording,
    criteria: Criteria,
    *,
    block_samples: int | None = None,
    with_rejected: bool = False,
    with_epochs: bool = True,
    movements_alone: bool = False,
) -> Score:
    """Score a finished recording.

    Parameters
    ----------
    recording : Recording
        Streams and, where a person scored them, sleep stages.
    criteria : Criteria
        Every threshold, for example ``named("wasm-2016")``.
    block_samples : int, optional
        Samples per block; a few minutes of each stream if not given. The result is the same for every number.
    with_rejected : bool
        Keep the candidates that a rule turned down.
    with_epochs : bool
        Keep the epochs, about 300 kB per hour of a night with all sensors; the numbers do not need them.
    movements_alone : bool
        Find leg movements and series alone: :mod:`detectors.movements_alone` says what is left out then.

    Returns
    -------
    Score
        Events, epochs and the numbers of the night.

    Raises
    ------
    ValueError
        If `block_samples` is not positive.
    """
    if block_samples is not None and block_samples < 1:
        msg = f"block_samples is {block_samples}, expected 1 or more"
        raise ValueError(msg)
    layout = recording.layout
    streams = [source.stream for source in recording.sources] if layout is None else []
    sensors = layout and layout.movement_sensors
    pipeline = Pipeline(criteria, streams, recording.stages, sensors, movements_alone=movements_alone)
    kept = Kept(with_rejected=with_rejected, with_epochs=with_epochs)
    for item in recording.items(block_samples):
        kept.take(pipeline.feed(item))
    kept.take(pipeline.finish())
    return Score(
        tuple(event_alone(event) if movements_alone else event for event in sorted(kept.newest.values(), key=in_order)),
        tuple(sorted(kept.epochs, key=lambda epoch: (epoch.start_ns, epoch.sensor, epoch.quantity))),
        pipeline.summary(*recording.span_ns),
        tuple(sorted(kept.rejected, key=in_order)),
    )

"""One channel on its way from samples to events: features, detectors, epochs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from detectors.annotations import Span
from detectors.epochs import EpochBuilder
from detectors.events import Epoch, Event, EventKind
from detectors.quality.held_events import HeldEvents
from detectors.signal import NS_PER_S, Gap, GapCause, SampleBlock, Watermark
from detectors.track import Track

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from detectors.quality.criteria import ValidityCriteria
    from detectors.signal import Clock, Stream


class Features(Protocol):
    """Stage one: from samples to tracks."""

    def feed(self, item: SampleBlock | Gap) -> list[Track | Gap]:
        """Take consecutive samples, or a gap, and return the tracks that they complete."""
        ...

    def finish(self) -> list[Track | Gap]:
        """Return what was held back."""
        ...


class Detector(Protocol):
    """Stage two: from tracks to events, for one segment."""

    def feed(self, item: Track | Gap) -> list[Event]:
        """Take one track, or a gap, which closes what is open, and return the events that it settles."""
        ...

    def finish(self) -> list[Event]:
        """Return the event that was still open."""
        ...

    def rejected(self) -> list[Event]:
        """Return the candidates that a rule turned down since the last call, with their ``why``, and forget them."""
        ...

    @property
    def settled(self) -> int:
        """Sample index before which no later event will begin."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """What a chain is made of: `features` and `detectors` are built anew for every segment."""

    features: Callable[[Stream], Features]
    detectors: tuple[Callable[[Stream], Detector], ...]


@dataclass(frozen=True, slots=True)
class Output:
    """What a stage says in one step.

    Parameters
    ----------
    events : tuple of Event
        Events, also newer revisions of earlier ones.
    tracks : tuple of Track
        Tracks, in the order of their samples.
    epochs : tuple of Epoch
        Finished epochs.
    losses : tuple of Span
        Stretches without samples, UTC ns.
    rejected : tuple of Event
        Candidates that a rule turned down, as the events that they would have been.
    """

    events: tuple[Event, ...] = ()
    tracks: tuple[Track, ...] = ()
    epochs: tuple[Epoch, ...] = ()
    losses: tuple[Span, ...] = ()
    rejected: tuple[Event, ...] = ()

    def __add__(self, other: Output) -> Output:
        return Output(
            self.events + other.events,
            self.tracks + other.tracks,
            self.epochs + other.epochs,
            self.losses + other.losses,
            self.rejected + other.rejected,
        )


NOTHING = Output()

# A silence longer than this ends what a chain still holds back; the same limit ends a series (science.md 1.5).
LONG_SILENCE_S = 90.0
# Shorter gaps are an interruption of the signal, not of the night (science.md 7.1: drop-outs count from 0.1 s).
SHORTEST_REPORTED_GAP_S = 0.1


class Chain:
    """The stages of one stream and segment, in step.

    Parameters
    ----------
    stream : Stream
        The stream; one axis if it is EMG.
    parts : Parts
        How to build its stages.
    validity : ValidityCriteria
        Which half minutes are bad.

    Notes
    -----
    An event is said when the half minute that it ends in is judged; one that touches a bad half
    minute is of low quality.
    """

    def __init__(self, stream: Stream, parts: Parts, validity: ValidityCriteria) -> None:
        self.stream = stream
        self._parts = parts
        self._validity = validity
        self._begin()
        self._clock: Clock | None = None
        self._stop = 0
        self._silent = False
        self._floor_ns: int | None = None

    @property
    def heard_until_ns(self) -> int | None:
        """UTC of the end of what was heard, ns; None before the first sample."""
        return None if self._clock is None else self._clock.at(self._stop)

    @property
    def settled_ns(self) -> int | None:
        """UTC before which no later event of this chain will begin, ns; None before the first sample."""
        if self._clock is None:
            return self._floor_ns
        index = min((detector.settled for detector in self._detectors), default=self._stop)
        settled = self._held.earliest_ns(self._clock.at(index))
        return settled if self._floor_ns is None else max(settled, self._floor_ns)

    def feed(self, item: SampleBlock | Gap) -> Output:
        """Take consecutive samples or a gap."""
        self._clock = item.clock
        if isinstance(item, SampleBlock):
            self._stop, self._silent, self._floor_ns, self._empty = item.stop, False, None, False
            return self._run(self._features.feed(item))
        if item.n_missing is None:
            return self._run(self._features.feed(item))
        self._stop = item.first_missing + item.n_missing
        return self._run(self._features.feed(item))

    def silence(self, t_ns: int) -> Output:
        """Hear that no sample from before `t_ns` will come any more."""
        if self._clock is None:
            self._floor_ns = t_ns
            return Output()
        last_ns = self._clock.at(self._stop)
        if t_ns <= last_ns + self._one_sample_ns():
            return Output()
        output = Output(losses=(Span(last_ns, t_ns),))
        if not self._silent:
            self._silent = True
            gap = Gap(self.stream, self._clock, self._stop, None, GapCause.SILENCE)
            output += self._run(self._features.feed(gap))
        if self._holds_back() and t_ns - last_ns > LONG_SILENCE_S * NS_PER_S:
            output += self.finish()
            self._begin()
        if not self._holds_back():
            self._floor_ns = t_ns
        return output

    def finish(self) -> Output:
        """Close everything; the segment is over."""
        output = self._run(self._features.finish())
        events = [event for detector in self._detectors for event in detector.finish()]
        if self._clock is not None:
            self._held.add(events, self._clock)
        return output + Output(
            tuple(self._held.finish()), epochs=tuple(self._epochs.finish()), rejected=self._rejected()
        )

    def _begin(self) -> None:
        """Build the stages anew; nothing is held back in them."""
        self._features = self._parts.features(self.stream)
        self._detectors = tuple(build(self.stream) for build in self._parts.detectors)
        self._epochs = EpochBuilder(self.stream, self._validity)
        self._held = HeldEvents(self.stream, self._validity)
        self._empty = True

    def _holds_back(self) -> bool:
        if self._empty:
            return False
        settled = min((detector.settled for detector in self._detectors), default=self._stop)
        return bool(self._held) or settled < self._stop - round(self.stream.fs_hz)

    def _one_sample_ns(self) -> int:
        return round(NS_PER_S / self.stream.fs_hz)

    def _run(self, items: Sequence[Track | Gap]) -> Output:
        if not items:
            return NOTHING
        events: list[Event] = []
        tracks: list[Track] = []
        epochs: list[Epoch] = []
        losses: list[Span] = []
        for item in items:
            self._held.judge(item)
            for detector in self._detectors:
                if found := detector.feed(item):
                    self._held.add(found, item.clock)
            if isinstance(item, Track):
                tracks.append(item)
                epochs += self._epochs.feed(item)
            elif item.n_missing is not None:
                # Also gaps that the features found themselves: samples that are no numbers, a count that jumped.
                lost = Span(item.clock.at(item.first_missing), item.clock.at(item.first_missing + item.n_missing))
                losses.append(lost)
                events += gap_events(item.stream, lost, item.n_missing)
        events += self._held.released()
        return Output(tuple(events), tuple(tracks), tuple(epochs), tuple(losses), self._rejected())

    def _rejected(self) -> tuple[Event, ...]:
        return tuple(event for detector in self._detectors for event in detector.rejected())


def gap_events(stream: Stream, lost: Span, n_missing: int | None) -> tuple[Event, ...]:
    """Return the event of a stretch without samples, if it is long enough to be told.

    Parameters
    ----------
    stream : Stream
        Where they are missing.
    lost : Span
        The stretch, UTC ns.
    n_missing : int or None
        How many are missing, where that is known.

    Returns
    -------
    tuple of Event
        One event or none.
    """
    duration_s = (lost.end_ns - lost.onset_ns) / NS_PER_S
    if duration_s < SHORTEST_REPORTED_GAP_S:
        return ()
    measures = {"duration_s": duration_s} | ({} if n_missing is None else {"n_missing": float(n_missing)})
    return (Event(EventKind.SIGNAL_GAP, stream.sensor, stream.leg, *lost, measures),)


def between_segments(earlier: Chain, item: SampleBlock | Gap | Watermark) -> Output:
    """Return what is lost between two segments: from the last sample of one to the first of the other."""
    until_ns = earlier.heard_until_ns
    if until_ns is None or isinstance(item, Watermark):
        return NOTHING
    first_ns = item.clock.at(item.start if isinstance(item, SampleBlock) else item.first_missing)
    if first_ns <= until_ns:
        return NOTHING
    lost = Span(until_ns, first_ns)
    return Output(gap_events(earlier.stream, lost, None), losses=(lost,))


def one_step(chain: Chain, item: SampleBlock | Gap | Watermark, stream: Stream, axis: int) -> Output:
    """Feed a chain what concerns its channel, the column `axis` of the stream that it comes from."""
    if isinstance(item, Watermark):
        return chain.silence(item.t_ns)
    if len(item.stream.axes) == len(stream.axes):
        return chain.feed(item)
    if isinstance(item, Gap):
        return chain.feed(replace(item, stream=stream))
    return chain.feed(replace(item, stream=stream, data=item.data[:, axis : axis + 1]))

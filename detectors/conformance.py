"""The contract of features and detectors, checked on any of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.recording import steady_clock
from detectors.signal import NS_PER_S, Gap, GapCause, SampleBlock
from detectors.track import Track

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from detectors.chain import Detector, Features, Parts
    from detectors.events import Event
    from detectors.signal import Clock, Stream
    from detectors.track import TrackName

CUTS: Final = (1, 7, 25, 250, 4096)
_MOVED_NS: Final = 3 * 3600 * NS_PER_S + 1
# Longest and shortest gap that the check makes, s, and how many blocks in ten of a random cut are empty.
_GAP_S: Final = (0.02, 5.0)
_EMPTY_IN_TEN: Final = 2
_LONGEST_BLOCK_S: Final = 90.0


@dataclass(slots=True)
class _Played:
    """What came out of one way of feeding the samples."""

    events: list[list[Event]]
    tracks: dict[TrackName, list[Track]] = field(default_factory=dict)

    def joined(self) -> dict[TrackName, tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.uint16]]]:
        """Return start, value and quality of every hop of every track."""
        return {
            name: (
                np.concatenate([track.start + track.hop * np.arange(len(track.values)) for track in tracks]),
                np.concatenate([track.values for track in tracks]),
                np.concatenate([track.quality for track in tracks]),
            )
            for name, tracks in self.tracks.items()
        }


def check_detector(parts: Parts, stream: Stream, data: NDArray[np.floating], *, seed: int = 0) -> None:
    """Check that features and detectors keep the contract on given samples.

    Parameters
    ----------
    parts : Parts
        How to build the features, and the detectors that read them.
    stream : Stream
        The stream.
    data : ndarray of float, shape (n_samples, n_axes)
        Samples in the stream's unit, with something in them to find. Every cut is tried down to
        blocks of one sample: two minutes are enough, an hour takes long.
    seed : int
        Seed of the random cuts and gaps.

    Raises
    ------
    AssertionError
        If a part of the contract is broken; the message says which.

    Notes
    -----
    The contract: the same samples give the same tracks and events, bit for bit, for every cut, with
    gaps and without; empty blocks change nothing; the input is not modified; a second ``finish``
    returns nothing; events of a detector come in the order of their onsets, have finite measures,
    lie inside the signal and outside gaps, and none begins before what ``settled`` had promised;
    ``settled`` never falls; a recording that starts later gives the same events later; a constant
    signal gives none.

    Examples
    --------
    >>> from detectors.chain import Parts
    >>> from detectors.criteria import named
    >>> from detectors.emg.features import EmgFeatures
    >>> from detectors.emg.leg_movement import EmgLegMovementDetector
    >>> from detectors.signal import Leg, Quantity, Stream, Unit
    >>> criteria = named("wasm-2016")
    >>> parts = Parts(lambda s: EmgFeatures(s, criteria), (lambda s: EmgLegMovementDetector(s, criteria),))
    >>> stream = Stream("left-shin", Leg.LEFT, "tibialis anterior", Quantity.EMG, Unit.MICROVOLT, ("ta",), 200.0)
    >>> noise = np.random.default_rng(1).normal(0, 2, (20 * 200, 1))
    >>> noise[2000:2400] *= 20
    >>> check_detector(parts, stream, noise)
    """
    rng = np.random.default_rng(seed)
    untouched = data.copy()
    whole = _play(parts, stream, [_block(stream, data, 0, len(data))])
    for size in CUTS:
        _expect_same(whole, _play(parts, stream, _blocks(stream, data, range(0, len(data), size))), f"blocks of {size}")
    for number in range(3):
        starts = _random_starts(stream, len(data), rng)
        _expect_same(whole, _play(parts, stream, _blocks(stream, data, starts)), f"random cut {number}")
    _expect(np.array_equal(data, untouched, equal_nan=True), "the input was modified")
    _check_inside(whole, stream, 0, len(data))
    _check_moved(parts, stream, data, whole)
    _check_gaps(parts, stream, data, rng)
    for quiet in (np.zeros_like(data), np.repeat(data[:1], len(data), axis=0)):
        silent = _play(parts, stream, [_block(stream, quiet, 0, len(quiet))])
        _expect(not any(silent.events), "a constant signal gives events")


def _check_moved(parts: Parts, stream: Stream, data: NDArray[np.floating], whole: _Played) -> None:
    later = _play(parts, stream, [_block(stream, data, 0, len(data), start_ns=_MOVED_NS)])
    times = [[(event.onset_ns + _MOVED_NS, event.end_ns + _MOVED_NS) for event in events] for events in whole.events]
    moved = [[(event.onset_ns, event.end_ns) for event in events] for events in later.events]
    _expect(times == moved, "a later start does not give the same events later")


def _check_gaps(parts: Parts, stream: Stream, data: NDArray[np.floating], rng: np.random.Generator) -> None:
    """Leave out a stretch, and compare two ways of feeding what is left."""
    for _ in range(2):
        length = max(1, round(rng.uniform(*_GAP_S) * stream.fs_hz))
        first = int(rng.integers(0, max(len(data) - length, 1)))
        stop = min(first + length, len(data))
        gap = Gap(stream, _clock(stream), first, stop - first, GapCause.AIR)
        before, after = data[:first], data[stop:]
        tail = [_block(stream, after, stop, len(after))] if len(after) else []
        whole = _play(parts, stream, [_block(stream, before, 0, len(before)), gap, *tail])
        cut: list[SampleBlock | Gap] = [
            *_blocks(stream, before, _random_starts(stream, len(before), rng)),
            gap,
            *_blocks(stream, after, _random_starts(stream, len(after), rng), offset=stop),
        ]
        _expect_same(whole, _play(parts, stream, cut), f"random cut with a gap at [{first}, {stop})")
        clock = _clock(stream)
        for event in (event for events in whole.events for event in events):
            beside = event.end_ns <= clock.at(first) or event.onset_ns >= clock.at(stop)
            _expect(beside, f"{event.kind} at {event.onset_ns} ns reaches into a gap")


def _check_inside(played: _Played, stream: Stream, start: int, stop: int) -> None:
    clock = _clock(stream)
    for event in (event for events in played.events for event in events):
        inside = clock.at(start) <= event.onset_ns <= event.end_ns <= clock.at(stop)
        _expect(inside, f"{event.kind} at {event.onset_ns} ns reaches out of the signal")
        _expect(bool(event.measures), f"{event.kind} at {event.onset_ns} ns measures nothing")
        finite = all(np.isfinite(value) for value in event.measures.values())
        _expect(finite, f"{event.kind} at {event.onset_ns} ns has a measure that is not finite: {event.measures}")


def _play(parts: Parts, stream: Stream, items: Iterable[SampleBlock | Gap]) -> _Played:
    """Feed items through new stages, watching what is promised."""
    features = parts.features(stream)
    detectors = [build(stream) for build in parts.detectors]
    played = _Played([[] for _ in detectors])
    for item in items:
        _take(played, features.feed(item), detectors)
    _finish(played, features, detectors)
    return played


def _take(played: _Played, outputs: Sequence[Track | Gap], detectors: Sequence[Detector]) -> None:
    for output in outputs:
        if isinstance(output, Track):
            played.tracks.setdefault(output.name, []).append(output)
        for events, detector in zip(played.events, detectors, strict=True):
            promised = detector.settled
            new = detector.feed(output)
            _keep(events, new, output.clock, promised)
            _expect(detector.settled >= promised, f"settled falls from {promised} to {detector.settled}")


def _keep(events: list[Event], new: Sequence[Event], clock: Clock, promised: int) -> None:
    for event in new:
        if event.onset_ns < clock.at(promised):
            msg = f"{event.kind} begins at {event.onset_ns} ns, before sample {promised}, where all was settled"
            raise AssertionError(msg)
        if events and event.onset_ns < events[-1].onset_ns:
            msg = f"{event.kind} at {event.onset_ns} ns comes after one at {events[-1].onset_ns} ns"
            raise AssertionError(msg)
        events.append(event)


def _finish(played: _Played, features: Features, detectors: Sequence[Detector]) -> None:
    _take(played, features.finish(), detectors)
    for events, detector in zip(played.events, detectors, strict=True):
        tracks = [track for tracks in played.tracks.values() for track in tracks]
        new = detector.finish()
        _expect(bool(tracks) or not new, "there are events without any track")
        if tracks:
            _keep(events, new, tracks[-1].clock, 0)
        _expect(not detector.finish(), "a second finish of the detector returns events")
    _expect(not features.finish(), "a second finish of the features returns something")


def _expect_same(whole: _Played, cut: _Played, how: str) -> None:
    wanted, got = whole.joined(), cut.joined()
    _expect(wanted.keys() == got.keys(), f"{how}: tracks are {sorted(got)}, expected {sorted(wanted)}")
    for name, columns in wanted.items():
        same = np.array_equal(columns[0], got[name][0]) and np.array_equal(columns[2], got[name][2])
        same &= np.array_equal(columns[1], got[name][1], equal_nan=True)
        _expect(same, f"{how}: track {name} differs")
    for events, others in zip(whole.events, cut.events, strict=True):
        _expect(events == others, f"{how}: events differ: {events} and {others}")


def _clock(stream: Stream, start_ns: int = 0) -> Clock:
    return steady_clock(start_ns, stream.fs_hz)


def _block(stream: Stream, data: NDArray[np.floating], start: int, n_samples: int, *, start_ns: int = 0) -> SampleBlock:
    return SampleBlock(stream, _clock(stream, start_ns), start, data[:n_samples])


def _blocks(
    stream: Stream, data: NDArray[np.floating], starts: Sequence[int], *, offset: int = 0
) -> Iterator[SampleBlock]:
    for start, stop in zip(starts, [*starts[1:], len(data)], strict=True):
        yield SampleBlock(stream, _clock(stream), start + offset, data[start:stop])


def _random_starts(stream: Stream, n_samples: int, rng: np.random.Generator) -> list[int]:
    """Return where blocks begin; a start that comes twice makes an empty block."""
    starts, at = [0], 0
    longest_s = float(rng.uniform(0.1, _LONGEST_BLOCK_S))
    while True:
        empty = rng.integers(10) < _EMPTY_IN_TEN
        at += 0 if empty else int(rng.integers(1, max(round(longest_s * stream.fs_hz), 2)))
        if at >= n_samples:
            return starts
        starts.append(at)


def _expect(held: bool, message: str) -> None:  # noqa: FBT001 - what is expected
    if not held:
        raise AssertionError(message)

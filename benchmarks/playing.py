"""Recordings out of arrays, and how they are scored when samples are missing."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from detectors.events import in_order
from detectors.pipeline import Pipeline, Score, score
from detectors.recording import ArraySource, Recording, steady_clock
from detectors.signal import Gap, GapCause, Quantity, SampleBlock, Stream, Unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from detectors.criteria import Criteria
    from detectors.events import Event, EventKey
    from detectors.recording import SampleSource
    from detectors.signal import Leg
    from detectors.simulate import SimulatedNight

    # Missing samples [start, stop) of each stream.
    Losses = Mapping[Stream, Sequence[tuple[int, int]]]

BLOCK_S = 300.0
TIBIALIS = "tibialis anterior"


def emg_source(leg: Leg, data_uv: NDArray[np.floating], fs_hz: float, site: str = TIBIALIS) -> ArraySource:
    """Return one EMG channel of a leg, shape (n_samples,) in µV, as a source."""
    stream = Stream(f"{leg}-shin", leg, site, Quantity.EMG, Unit.MICROVOLT, ("emg",), fs_hz)
    return ArraySource(stream, steady_clock(0, fs_hz), data_uv.reshape(-1, 1))


def acceleration_source(leg: Leg, data_g: NDArray[np.floating], fs_hz: float) -> ArraySource:
    """Return the acceleration of a leg, shape (n_samples, 3) in g, as a source."""
    stream = Stream(f"{leg}-shin", leg, "shin", Quantity.ACCELERATION, Unit.G, ("x", "y", "z"), fs_hz)
    return ArraySource(stream, steady_clock(0, fs_hz), data_g)


def recorded(night: SimulatedNight, quantities: Sequence[str] = ("emg", "acceleration")) -> Recording:
    """Return a simulated night as two sensors would record it, one EMG channel per leg."""
    sources = []
    for leg in night.legs:
        if "emg" in quantities:
            sources.append(emg_source(leg.leg, leg.emg(0, leg.n_emg)[:, 0], leg.emg_fs_hz, leg.muscles[0]))
        if "acceleration" in quantities:
            data_g = leg.acceleration(0, leg.n_acceleration)
            sources.append(acceleration_source(leg.leg, data_g, leg.acceleration_fs_hz))
    return Recording(f"{night.regime.name}-{night.seed}", 0, tuple(sources))


def played(recording: Recording, criteria: Criteria, losses: Losses | None = None) -> Score:
    """Score a recording of which samples are missing."""
    if not losses:
        return score(recording, criteria)
    pipeline = Pipeline(criteria, [source.stream for source in recording.sources], recording.stages)
    newest: dict[EventKey, Event] = {}
    for item in _in_time([_pieces(source, losses.get(source.stream, ())) for source in recording.sources]):
        _keep(pipeline.feed(item).events, newest)
    _keep(pipeline.finish().events, newest)
    end_ns = max(source.clock.at(source.n_samples) for source in recording.sources)
    return Score(tuple(sorted(newest.values(), key=in_order)), (), pipeline.summary(recording.start_ns, end_ns))


def _pieces(source: SampleSource, losses: Sequence[tuple[int, int]]) -> Iterator[SampleBlock | Gap]:
    """Cut one source into blocks of a few minutes and gaps."""
    length = round(BLOCK_S * source.stream.fs_hz)
    start = 0
    for first, stop in [*losses, (source.n_samples, source.n_samples)]:
        for begin in range(start, first, length):
            end = min(begin + length, first)
            yield SampleBlock(source.stream, source.clock, begin, source.read(begin, end))
        if stop > first:
            yield Gap(source.stream, source.clock, first, stop - first, GapCause.AIR)
        start = stop


def _in_time(streams: Sequence[Iterator[SampleBlock | Gap]]) -> Iterator[SampleBlock | Gap]:
    """Yield what begins earliest first."""
    return heapq.merge(*streams, key=_begin_ns)


def _begin_ns(item: SampleBlock | Gap) -> int:
    return item.clock.at(item.start if isinstance(item, SampleBlock) else item.first_missing)


def _keep(events: Sequence[Event], newest: dict[EventKey, Event]) -> None:
    for event in events:
        held = newest.get(event.key)
        if held is None or event.revision > held.revision:
            newest[event.key] = event

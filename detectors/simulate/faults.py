"""What a radio and a battery do to a simulated night: lost packets, lost links, clocks that drift."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from detectors.recording import steady_clock
from detectors.signal import S_PER_H, Gap, GapCause, Leg, Quantity, SampleBlock, Stream, Unit
from detectors.simulate.randomness import Purpose, generator, log_uniform
from detectors.simulate.splits import Split, split_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from detectors.simulate.night import LegSignal, SimulatedNight
    from detectors.simulate.surroundings import Range

    Read = Callable[[int, int], NDArray[np.float32]]

PPM = 1e-6
QUANTITIES = (Quantity.EMG, Quantity.ACCELERATION)
ACCELERATION_SITE = "ankle"


@dataclass(frozen=True, slots=True)
class FaultRanges:
    """How bad a night is for the radio.

    Parameters
    ----------
    lost_share : Range
        Share of the packets that are lost.
    burst_s : Range
        Length of a burst of lost packets, s, log-uniform.
    links_per_h : float
        Lost links of one sensor per hour.
    link_s : Range
        Time until it is back, s, log-uniform.
    drift_ppm : Range
        How far a crystal is off, either way, parts per million.
    battery_share : float
        Share of the sensors whose battery ends before the night does.
    """

    lost_share: Range
    burst_s: Range
    links_per_h: float
    link_s: Range
    drift_ppm: Range
    battery_share: float


FAULTS = {
    Split.TEST: FaultRanges((0.0, 0.1), (0.1, 2.0), 0.3, (3.0, 600.0), (20.0, 50.0), 0.1),
    Split.TUNING: FaultRanges((0.0, 0.05), (0.02, 0.09), 0.15, (3.0, 200.0), (0.0, 19.0), 0.05),
}


class LostSpan(NamedTuple):
    """A stretch of one stream that does not arrive, ``[onset, end)``, s of the sensor's clock."""

    leg: Leg
    quantity: Quantity
    onset_s: float
    end_s: float
    cause: GapCause


@dataclass(frozen=True, slots=True)
class NightFaults:
    """What goes wrong on the way from the legs to the collector.

    Parameters
    ----------
    lost : tuple of LostSpan
        By stream, in order of time; the spans of a stream do not touch.
    drift_ppm : dict of Leg to float
        How much faster than nominal each sensor samples, parts per million.
    """

    lost: tuple[LostSpan, ...]
    drift_ppm: dict[Leg, float]

    def of(self, leg: Leg, quantity: Quantity) -> list[LostSpan]:
        """Return what one stream loses."""
        return [span for span in self.lost if span.leg is leg and span.quantity is quantity]


def draw_faults(night: SimulatedNight, ranges: FaultRanges | None = None) -> NightFaults:
    """Draw what goes wrong in a night.

    Parameters
    ----------
    night : SimulatedNight
        The night; its seed decides.
    ranges : FaultRanges, optional
        How bad; by default the ranges of the seed's split.

    Returns
    -------
    NightFaults
        Lost spans and drifts; a lost link takes both streams of a sensor, a lost packet one.

    Examples
    --------
    >>> from detectors.simulate import simulate_night
    >>> sorted(draw_faults(simulate_night(0.1, 1, "clean")).drift_ppm)
    [<Leg.LEFT: 'left'>, <Leg.RIGHT: 'right'>]
    """
    chosen = ranges or FAULTS[split_of(night.seed)]
    lost: list[LostSpan] = []
    drift_ppm = {}
    for number, leg in enumerate(night.legs):
        rng = generator(night.seed, number, Purpose.FAULTS)
        drift_ppm[leg.leg] = float(rng.choice((-1.0, 1.0)) * rng.uniform(*chosen.drift_ppm))
        sensor = _sensor_losses(rng, night.duration_s, chosen)
        for quantity in QUANTITIES:
            packets = _packet_losses(rng, night.duration_s, chosen)
            lost += [LostSpan(leg.leg, quantity, *span) for span in _joined(sensor + packets)]
    return NightFaults(tuple(lost), drift_ppm)


def faulty_blocks(night: SimulatedNight, faults: NightFaults, *, block_s: float = 60.0) -> Iterator[SampleBlock | Gap]:
    """Play a night as it arrives.

    Parameters
    ----------
    night : SimulatedNight
        The night.
    faults : NightFaults
        What goes wrong.
    block_s : float
        Longest block, s.

    Yields
    ------
    SampleBlock or Gap
        Of all streams, what begins earliest first; the clock of a sensor knows how fast it samples.
    """
    streams = []
    for leg in night.legs:
        faster = 1.0 + faults.drift_ppm[leg.leg] * PPM
        sensed = leg.at_rates(leg.emg_fs_hz * faster, leg.acceleration_fs_hz * faster)
        for stream, read, n_samples in _streams(leg, sensed):
            lost = faults.of(leg.leg, stream.quantity)
            streams.append(_pieces(stream, (read, n_samples), stream.fs_hz * faster, lost, block_s))
    return heapq.merge(*streams, key=_begin_ns)


def _streams(leg: LegSignal, sensed: LegSignal) -> Iterator[tuple[Stream, Read, int]]:
    """Return the streams of a leg, at their nominal rates, with what the sensor measured."""
    for number, site in enumerate(leg.muscles):
        name = leg.leg.value if len(leg.muscles) == 1 else f"{leg.leg.value}.{number}"
        stream = Stream(name, leg.leg, site, Quantity.EMG, Unit.MICROVOLT, ("emg",), leg.emg_fs_hz)
        yield stream, _column(sensed, number), sensed.n_emg
    axes = ("x", "y", "z")
    place = (leg.leg.value, leg.leg, ACCELERATION_SITE)
    stream = Stream(*place, Quantity.ACCELERATION, Unit.G, axes, leg.acceleration_fs_hz)
    yield stream, sensed.acceleration, sensed.n_acceleration


def _column(leg: LegSignal, number: int) -> Read:
    """Return how to read one muscle."""

    def read(start: int, stop: int) -> NDArray[np.float32]:
        return leg.emg(start, stop)[:, number : number + 1]

    return read


def _pieces(
    stream: Stream, samples: tuple[Read, int], fs_hz: float, lost: list[LostSpan], block_s: float
) -> Iterator[SampleBlock | Gap]:
    """Cut one stream into blocks and gaps."""
    read, n_samples = samples
    clock, length = steady_clock(0, fs_hz), max(1, round(block_s * fs_hz))
    start = 0
    for first, stop, cause in [*_cut(lost, fs_hz, n_samples), (n_samples, n_samples, GapCause.END)]:
        for begin in range(start, first, length):
            end = min(begin + length, first)
            yield SampleBlock(stream, clock, begin, read(begin, end))
        if stop > first:
            yield Gap(stream, clock, first, stop - first, cause)
        start = stop


def _cut(lost: list[LostSpan], fs_hz: float, n_samples: int) -> Iterator[tuple[int, int, GapCause]]:
    """Return the samples that are lost, ``[first, stop)``; spans that meet in one sample stay apart by it."""
    last = 0
    for span in lost:
        first = max(round(span.onset_s * fs_hz), last + bool(last))
        stop = min(round(span.end_s * fs_hz), n_samples)
        if first < stop:
            yield first, stop, span.cause
            last = stop


def _sensor_losses(
    rng: np.random.Generator, duration_s: float, ranges: FaultRanges
) -> list[tuple[float, float, GapCause]]:
    """Draw lost links and the end of the battery."""
    onsets_s = rng.uniform(0.0, duration_s, rng.poisson(ranges.links_per_h * duration_s / S_PER_H))
    links = [(float(t_s), float(t_s) + log_uniform(rng, *ranges.link_s), GapCause.RECONNECT) for t_s in onsets_s]
    ends, at_s = rng.random() < ranges.battery_share, float(rng.uniform(0.6, 1.0)) * duration_s
    return [*links, (at_s, duration_s, GapCause.END)] if ends else links


def _packet_losses(
    rng: np.random.Generator, duration_s: float, ranges: FaultRanges
) -> list[tuple[float, float, GapCause]]:
    """Draw bursts of lost packets that make up a share of the night."""
    share = float(rng.uniform(*ranges.lost_share))
    spans = []
    at_s = 0.0
    while share > 0.0:
        length_s = log_uniform(rng, *ranges.burst_s)
        at_s += float(rng.exponential(length_s * (1.0 - share) / share))
        if at_s + length_s >= duration_s:
            break
        spans.append((at_s, at_s + length_s, GapCause.AIR))
        at_s += length_s
    return spans


def _joined(spans: list[tuple[float, float, GapCause]]) -> list[tuple[float, float, GapCause]]:
    """Return spans in order, those that overlap joined under the cause of the longest."""
    joined: list[tuple[float, float, GapCause]] = []
    for span in sorted(spans):
        if joined and span[0] <= joined[-1][1]:
            longest = max(joined[-1], span, key=lambda one: one[1] - one[0])
            joined[-1] = (joined[-1][0], max(joined[-1][1], span[1]), longest[2])
        else:
            joined.append(span)
    return joined


def _begin_ns(item: SampleBlock | Gap) -> int:
    return item.clock.at(item.start if isinstance(item, SampleBlock) else item.first_missing)

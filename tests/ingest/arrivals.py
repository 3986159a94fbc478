"""Synthetic arrivals: a sensor whose true sampling times are known, over a link that is late in many ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detectors.signal import NS_PER_S, Clock, Leg, Quantity, Unit
from ingest.decoders.base import Placement
from ingest.decoders.channel import Channel
from ingest.decoders.layout import Counting, Samples, StreamLayout
from ingest.decoders.place import Verdict
from ingest.decoders.profile import LossMode

if TYPE_CHECKING:
    from numpy.typing import NDArray

NS_PER_MS = 1_000_000
UTC_NS = 1_790_000_000 * NS_PER_S
COUNTINGS = {
    "clock": Counting(LossMode.DEVICE_TS),
    "long counter": Counting(LossMode.SAMPLE_COUNTER, span=1 << 32),
    "short counter": Counting(LossMode.SAMPLE_COUNTER, span=256),
    "rate only": Counting(LossMode.RATE_ONLY),
}


def late_s(shape: str, sent_s: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """How late packets are that were sent at `sent_s`, s."""
    rng = np.random.default_rng(seed)
    uniform = rng.uniform(0, 0.03, len(sent_s))
    match shape:
        case "uniform":
            return uniform
        case "exponential":
            return rng.exponential(0.03, len(sent_s))
        case "stalls":  # 200 ms each minute
            return uniform + np.maximum(0.0, 0.2 - sent_s % 60)
        case "bursts":  # small packets, sent together at each connection event
            return np.ceil(sent_s / 0.04875) * 0.04875 - sent_s + rng.integers(0, 2, len(sent_s)) * 0.04875
    raise ValueError(shape)


@dataclass(frozen=True, slots=True)
class Worn:
    """A sensor on a leg.

    Parameters
    ----------
    counting : str
        How its samples are counted.
    fs_hz : float
        Nominal sampling rate, Hz.
    n_samples : int
        Per packet.
    rate_error : float
        By how much the real rate is higher, as a part of the nominal one.
    drift_ppm : float
        By how much the sensor's crystal is slow.
    """

    counting: str
    fs_hz: float
    n_samples: int
    rate_error: float = 0.0
    drift_ppm: float = 0.0

    @property
    def device_hz(self) -> float:
        return self.fs_hz * (1 + self.rate_error)

    @property
    def real_hz(self) -> float:
        return self.device_hz / (1 + self.drift_ppm * 1e-6)

    def heard(self, n_s: float, shape: str, seed: int) -> Clock:
        """The clock of a stream after `n_s` seconds without any loss."""
        starts = np.arange(0, n_s * self.real_hz - self.n_samples, self.n_samples).astype(np.int64)
        clock, places = self._told(starts, shape, seed)
        assert places == starts.tolist()
        return clock

    def heard_with_loss(self, n_s: float, lost_at_s: float, n_lost: int) -> tuple[Clock, list[tuple[float, int]]]:
        """The clock after a loss, and for each packet when its first sample was taken and where it was put."""
        starts = np.arange(0, n_s * self.real_hz - self.n_samples, self.n_samples).astype(np.int64)
        starts[starts > lost_at_s * self.real_hz] += n_lost
        clock, places = self._told(starts, "exponential", seed=n_lost)
        return clock, list(zip((starts / self.real_hz).tolist(), places, strict=True))

    def _told(self, starts: NDArray[np.int64], shape: str, seed: int) -> tuple[Clock, list[int]]:
        sent_s = (starts + self.n_samples) / self.real_hz
        arrivals_s = np.maximum.accumulate(sent_s + late_s(shape, sent_s, seed))
        arrivals_ns = (UTC_NS + np.round(arrivals_s * NS_PER_S).astype(np.int64)).tolist()
        device_ns = np.round(starts / self.device_hz * NS_PER_S).astype(np.int64).tolist()
        counting = COUNTINGS[self.counting]
        layout = StreamLayout(Quantity.ACCELERATION, Unit.G, ("x",), self.fs_hz, counting)
        channel = Channel(layout, Placement("sensor", Leg.LEFT, "calf"), is_live=True)
        data = np.zeros((self.n_samples, 1), dtype=np.float32)
        places = []
        for start, device, arrival in zip(starts.tolist(), device_ns, arrivals_ns, strict=True):
            counter = start % counting.span if counting.span else start
            place = channel.place(Samples(layout, data, counter, device), arrival)
            assert place.verdict is Verdict.NEXT
            channel.put(place, data, arrival)
            places.append(place.start)
        clock = channel.outlet.fit.clock
        assert clock is not None
        return clock, places

    def errors_ms(self, clock: Clock, at_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """By how much the clock is late for the samples taken at `at_s`, ms."""
        indices = np.round(at_s * self.real_hz).astype(np.int64)
        true_ns = indices / self.real_hz * NS_PER_S
        told_ns = np.array([clock.at(index) - UTC_NS for index in indices.tolist()])
        return (told_ns - true_ns) / NS_PER_MS

    def onset_errors_ms(self, clock: Clock, onsets_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """By how much events are found too late that begin at `onsets_s`: in the first sample after them, ms."""
        indices = np.ceil(onsets_s * self.real_hz).astype(np.int64)
        told_s = np.array([clock.at(index) - UTC_NS for index in indices.tolist()]) / NS_PER_S
        return (told_s - onsets_s) * 1000

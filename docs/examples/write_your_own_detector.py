"""Write your own detector: a muscle that stays active, and nothing else of ours changes.

A detector reads tracks, one value per hop, and says events. It says three things about itself: its name, what it reads,
and its numbers. ``check_detector`` tries the contract: any cut of the stream, gaps, silence. Installed with an entry
point in the group ``soleus.detectors`` it is switched on by name, see docs/plugins.md.

Prints
------
it keeps the contract
leg_movement at 119.9 s for 8.2 s
cramp at 119.9 s for 8.2 s
plugin_long_activity at 120.1 s for 8.1 s
"""

from dataclasses import dataclass, replace

import numpy as np

from detectors import (
    Event,
    EventKind,
    Leg,
    Quantity,
    Stream,
    Unit,
    check_detector,
    named,
    plugin_of,
    plugin_parts,
    recording_of,
    score,
)
from detectors.signal import Clock, Gap
from detectors.track import Track, TrackName


@dataclass(frozen=True, slots=True)
class LongActivityCriteria:
    """Two numbers: the level, and for how long."""

    onset_uv: float
    min_s: float

    def __post_init__(self) -> None:
        if not (self.onset_uv > 0 and self.min_s > 0):
            msg = f"onset_uv is {self.onset_uv} and min_s {self.min_s}, expected positive numbers"
            raise ValueError(msg)


class LongActivity:
    """EMG above a level for a while."""

    name = "long_activity"
    quantity = Quantity.EMG
    criteria = LongActivityCriteria(onset_uv=20.0, min_s=3.0)

    def __init__(self, stream: Stream, criteria: LongActivityCriteria) -> None:
        self._stream = stream
        self._criteria = criteria
        self._begun = -1  # sample at which the level was reached, -1 while it is not
        self._peak_uv = 0.0
        self._next = 0
        self._clock: Clock

    @property
    def settled(self) -> int:
        """Nothing begins before what is still open, or before what was not heard yet."""
        return self._begun if self._begun >= 0 else self._next

    def feed(self, item: Track | Gap) -> list[Event]:
        """Take one track or gap; several tracks come of each stretch, and this detector reads one of them."""
        if isinstance(item, Gap):
            return self._closed()
        if item.name is not TrackName.ENVELOPE_UV:
            return []
        found = self._closed() if item.start != self._next else []
        for number, level_uv in enumerate(item.values):
            at = item.start + number * item.hop
            self._clock, self._next = item.clock, at
            if level_uv < self._criteria.onset_uv:
                found += self._closed()
            elif self._begun < 0:
                self._begun, self._peak_uv = at, level_uv
            else:
                self._peak_uv = max(self._peak_uv, level_uv)
        self._next = item.stop
        return found

    def finish(self) -> list[Event]:
        """Say what was still open."""
        return self._closed()

    def rejected(self) -> list[Event]:
        """Keep no candidates."""
        return []

    def _closed(self) -> list[Event]:
        begun, self._begun = self._begun, -1
        if begun < 0 or (self._next - begun) / self._stream.fs_hz < self._criteria.min_s:
            return []
        span_ns = self._clock.at(begun), self._clock.at(self._next)
        kind = EventKind(f"plugin_{self.name}")
        return [Event(kind, self._stream.sensor, self._stream.leg, *span_ns, {"peak_uv": float(self._peak_uv)})]


if __name__ == "__main__":
    shin = Stream("shin", Leg.LEFT, "tibialis anterior", Quantity.EMG, Unit.MICROVOLT, ("emg",), 500.0)
    emg_uv = np.random.default_rng(1).normal(0.0, 1.0, 180 * 500)
    emg_uv[60_000:64_000] *= 60.0

    plugin = plugin_of(LongActivity)
    check_detector(plugin_parts(plugin, named("wasm-2016")), shin, emg_uv[59_000:65_000, None])
    print("it keeps the contract")

    criteria = replace(named("wasm-2016"), plugins=(plugin,))
    for event in score(recording_of({shin: emg_uv}), criteria).events:
        print(f"{event.kind} at {event.onset_ns / 1e9:.1f} s for {event.duration_s:.1f} s")

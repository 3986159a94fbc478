"""The cramp-like contractions of one channel under any thresholds: `CrampDetector` on a whole night at once.

The detector judges the runs; they are found without looking at each hop again, and what was measured of the shape of
one is kept with what was read for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np

from detectors.emg.contraction import Contraction
from detectors.emg.cramp import CrampDetector
from detectors.emg.slow import NOT_COMPARED, Rises
from detectors.filters import SlidingMean
from detectors.framing import EMG_HOP_S, grid_of
from detectors.quality.held_events import placed
from detectors.rescore.found import Found
from detectors.rescore.signal_parts import FrameSearch, signal_parts
from detectors.runs import Trace
from detectors.track import Track, TrackName

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.criteria import Criteria
    from detectors.emg.contraction import Rhythm
    from detectors.emg.cramp_criteria import CrampCriteria
    from detectors.events import Event
    from detectors.quality.held_events import Placed
    from detectors.rescore.segments import Segment
    from detectors.runs import Run

# Several for each contraction of a night, for several pairs of thresholds.
_MOST_SHAPES: Final = 4000


class CrampRuns:
    """The slow RMS of one segment, laid out so that its runs are found under any thresholds.

    Parameters
    ----------
    criteria : Criteria
        ``cramp.smoothing_s`` is used.
    segment : Segment
        The tracks, all of one phase.
    """

    def __init__(self, criteria: Criteria, segment: Segment) -> None:
        self.stream = segment.channel
        self.grid = grid_of(self.stream.fs_hz, EMG_HOP_S)
        self.hop_hz = self.stream.fs_hz / self.grid.hop
        self.parts = signal_parts(segment, self.grid, TrackName.POWER_UV2)
        width = max(1, round(criteria.cramp.smoothing_s * self.hop_hz))
        per_frame = self.grid.hops_per_frame
        self.searches = [FrameSearch(one.first, SlidingMean(width).feed(one.values), per_frame) for one in self.parts]
        self.compared_uv = np.full(max((one.stop for one in self.parts), default=0) // per_frame + 1, np.inf)
        for item in segment.items():
            if isinstance(item, Track) and item.name is TrackName.RESTING_UV:
                frames = slice(item.start // item.hop, item.start // item.hop + len(item.values))
                self.compared_uv[frames] = np.where(item.quality & NOT_COMPARED, np.inf, item.values)
        self._shapes: dict[tuple[int, int, int, int], Contraction] = {}
        self._rms: dict[tuple[int, int, float], tuple[int, NDArray[np.float64]]] = {}

    @property
    def whole(self) -> bool:
        """Whether each part is all of the signal around it; where a gap left nothing out it is not."""
        return all(one.signal_first == one.first for one in self.parts)

    def shape(self, power: Trace, run: Run, reach: int) -> Contraction:
        """Return the shape of a run, which keeps what is measured of it; nothing looks back further than `reach`."""
        first = max(power.start, run.onset - reach)
        key = (first, power.stop, *run)
        if key not in self._shapes:
            if len(self._shapes) >= _MOST_SHAPES:
                self._shapes, self._rms = {}, {}
            contraction = Contraction(power.part(first, power.stop), run, self.hop_hz)
            # It has what a detector asks of one.
            self._shapes[key] = cast("Contraction", KeptContraction(contraction, self._rms))
        return self._shapes[key]


def cramps_in(criteria: Criteria, runs: CrampRuns) -> tuple[Found, ...]:
    """Return what :class:`detectors.emg.cramp.CrampDetector` finds.

    Parameters
    ----------
    criteria : Criteria
        What the detector reads.
    runs : CrampRuns
        The slow RMS, of the same ``smoothing_s``.

    Returns
    -------
    tuple of Found
        Of one phase.
    """
    cramp = criteria.cramp
    reach = 1 + round(max(cramp.longest_window_s, criteria.leg_movement.envelope_s) * runs.hop_hz)
    detector = CrampDetector(runs.stream, criteria, lambda power, run, _: runs.shape(power, run, reach))
    onset_uv, offset_uv = Rises.of(cramp, criteria.leg_movement.max_resting_uv).above(runs.compared_uv)
    quiet = max(1, round(cramp.quiet_s * runs.hop_hz))
    events: list[Placed] = []
    rejected: list[Event] = []
    for part, places in zip(runs.parts, runs.searches, strict=True):
        found = places.runs(onset_uv**2, offset_uv**2, quiet)
        last_is_cut = bool(found) and part.broken and part.stop - found[-1].end < quiet
        power, flags = Trace(), Trace(np.uint16)
        power.append(part.first, part.values)
        flags.append(part.first, part.flags)
        signal, ended = (power, flags, part.slow), len(found) - last_is_cut
        for several, cut in ((found[:ended], False), (found[ended:], True)):
            events += placed(detector.over(signal, part.clock, several, cut=cut), part.clock)
            rejected += detector.rejected()
    return (Found(tuple(events), tuple(rejected), 0),)


class _NotedGroup:
    """Criteria that note what is read of them."""

    __slots__ = ("_group", "_reads")

    def __init__(self, group: CrampCriteria, reads: dict[str, Any]) -> None:
        self._group, self._reads = group, reads

    def __getattr__(self, field: str) -> Any:
        value = self._reads[field] = getattr(self._group, field)
        return value


class KeptContraction:
    """The shape of a contraction; what was measured is kept with what was read for it.

    Parameters
    ----------
    contraction : Contraction
        What measures it.
    rms : dict
        By the end of the known signal, the end of a run and the window, where the longest such run begins and its
        RMS: that of a hop is the same whatever hops are looked at before it.
    """

    def __init__(
        self, contraction: Contraction, rms: dict[tuple[int, int, float], tuple[int, NDArray[np.float64]]]
    ) -> None:
        self.power, self.run, self.hop_hz = contraction.power, contraction.run, contraction.hop_hz
        self._contraction, self._rms = contraction, rms
        self._profiles: dict[float, float] = {}
        self._known: dict[tuple[str, tuple[float, ...]], list[tuple[dict[str, Any], Any]]] = {}

    def rms(self, window_s: float) -> NDArray[np.float64]:
        """Return the RMS over a window centred on each hop, µV."""
        key = (self.power.stop, self.run.end, window_s)
        known = self._rms.get(key)
        if known is None or self.run.onset < known[0]:
            known = self._rms[key] = self.run.onset, self._contraction.rms(window_s)
        return known[1][self.run.onset - known[0] :]

    def duty(self, criteria: CrampCriteria, offset_uv: float) -> float:
        """Return the share of the contraction that lies above the offset threshold."""
        return float(self._kept("duty", criteria, offset_uv))

    def core(self, criteria: CrampCriteria, offset_uv: float) -> Run:
        """Return the longest part without a pause."""
        return cast("Run", self._kept("core", criteria, offset_uv))

    def modulation(self, criteria: CrampCriteria) -> float:
        """Return the relative fluctuation of the amplitude in the band of rhythmic movement."""
        return float(self._kept("modulation", criteria))

    def is_broken(self, criteria: CrampCriteria) -> bool:
        """Say whether the amplitude falls often enough for a rhythm to be looked for in a short contraction."""
        return bool(self._kept("is_broken", criteria))

    def rhythm(self, criteria: CrampCriteria) -> Rhythm:
        """Look for a clonus-like rhythm."""
        return cast("Rhythm", self._kept("rhythm", criteria))

    def profile(self, window_s: float) -> float:
        """Return how much longer the decay takes than the rise."""
        if window_s not in self._profiles:
            self._profiles[window_s] = self._contraction.profile(window_s)
        return self._profiles[window_s]

    def _kept(self, name: str, criteria: CrampCriteria, *more: float) -> Any:
        entries = self._known.setdefault((name, more), [])
        for reads, said in entries:
            if all(getattr(criteria, field) == value for field, value in reads.items()):
                return said
        reads = {}
        noted = cast("CrampCriteria", _NotedGroup(criteria, reads))
        entries.append((reads, getattr(self._contraction, name)(noted, *more)))
        return entries[-1][1]

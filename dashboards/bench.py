"""What the pages *Bench* and *Label* ask about recordings, thresholds and references: one protocol.

The pages know neither files nor detectors; whoever starts them hands them a :class:`BenchBook`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dashboards.bench_values import (
        Answer,
        Asked,
        BenchRecording,
        CurvePoint,
        Flip,
        Learned,
        Reach,
        SavedCriteria,
        Setting,
        Suggestion,
        Threshold,
    )
    from dashboards.labelling import LabelBook
    from dashboards.signals import ExtremesView


class BenchBook(Protocol):
    """Recordings, thresholds and references; methods block and may be called from several threads.

    Every method that is given a key raises KeyError if there is no such recording, and every method that is given a
    setting :class:`dashboards.bench_values.UnknownSettingError`. Once it is closed whoever waits for an answer, or asks
    for one, gets :class:`dashboards.unavailable.EndingError`.
    """

    def recordings(self) -> Sequence[BenchRecording]:
        """Return every recording, stored nights first, newest first."""
        ...

    def recording(self, key: str) -> BenchRecording:
        """Return one recording, without looking at the others."""
        ...

    def criteria(self) -> Sequence[str]:
        """Return the names of all sets: published ones, then files that were saved."""
        ...

    def words(self) -> Sequence[str]:
        """Return the classes of events that can be judged."""
        ...

    def thresholds(self, criteria: str) -> Sequence[Threshold]:
        """Return every threshold of a set, in the order in which to show them."""
        ...

    def look(self, asked: Asked) -> Answer:
        """Return events and agreement as :meth:`settle` does, as fast as can be; numbers of nights may be left out."""
        ...

    def settle(self, asked: Asked) -> Answer:
        """Return what ``soleus score --set ...`` says, with every number of each night."""
        ...

    def curve(self, asked: Asked, threshold: str, values: Sequence[float]) -> Iterator[CurvePoint]:
        """Yield the agreement at each value of one threshold, as soon as it is known; close it to stop."""
        ...

    def flips(self, asked: Asked, before: Setting) -> Sequence[Flip]:
        """Return which events come, go or move from `before` to what is asked for, by recording and onset."""
        ...

    def robustness(self, key: str, setting: Setting) -> Sequence[Reach]:
        """Return how far each index of a recording hangs on its thresholds."""
        ...

    def save(self, name: str, asked: Asked, reason: str) -> SavedCriteria:
        """Write a criteria file with where it comes from; ValueError if the name is none or taken."""
        ...

    def signals(self, key: str, onset_s: float, end_s: float, n_buckets: int) -> Sequence[ExtremesView]:
        """Return ``[onset_s, end_s)`` of every stream of a recording as lowest and highest."""
        ...

    def suggestions(self, asked: Asked, rater: str, n: int) -> Sequence[Suggestion]:
        """Return what a rater should label next, the most telling first; nothing that he answered already."""
        ...

    def learned(self, asked: Asked, rater: str) -> Learned:
        """Return what a rater's answers change."""
        ...

    def close(self) -> None:
        """End what works behind it, so that nobody waits for an answer; it may be closed again."""
        ...


@dataclass(frozen=True, slots=True)
class Studio:
    """What the pages *Bench* and *Label* are about.

    Parameters
    ----------
    bench : BenchBook
        Recordings, thresholds and references.
    labels : LabelBook
        The marks of raters, under the keys of the same recordings.
    """

    bench: BenchBook
    labels: LabelBook

"""When each sensor of a leg gave a signal: a sensor that says nothing says nothing about the leg either."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.annotations import Span
from detectors.track import Flag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detectors.track import Track

# What has such a flag is no signal of the leg.
_DEAD: Final = int(Flag.FLAT | Flag.STUCK | Flag.ELECTRODE_OFF)


class Presence:
    """Remember when one sensor was heard.

    Examples
    --------
    >>> presence = Presence()
    >>> presence.heard(0, 60)
    >>> presence.heard(60, 80)
    >>> presence.share(70, 90), presence.at(80)
    (0.5, False)
    """

    def __init__(self) -> None:
        self._spans: list[Span] = []

    def heard(self, onset_ns: int, end_ns: int) -> None:
        """Hear that there was a signal in ``[onset_ns, end_ns)``, UTC ns; spans come in order."""
        if self._spans and onset_ns <= self._spans[-1].end_ns:
            onset_ns = self._spans.pop().onset_ns
        self._spans.append(Span(onset_ns, end_ns))

    def share(self, start_ns: int, stop_ns: int) -> float:
        """Return for how much of ``[start_ns, stop_ns)``, UTC ns, there was a signal, 0 to 1."""
        if stop_ns <= start_ns:
            return float(self.at(start_ns))
        number = self._number(start_ns)
        if number >= 0 and self._spans[number].end_ns >= stop_ns:
            return 1.0
        first, common_ns = max(number, 0), 0
        for span in self._spans[first:]:
            if span.onset_ns >= stop_ns:
                break
            common_ns += max(min(span.end_ns, stop_ns) - max(span.onset_ns, start_ns), 0)
        return common_ns / (stop_ns - start_ns)

    def at(self, t_ns: int) -> bool:
        """Return whether there was a signal at a time, UTC ns."""
        number = self._number(t_ns)
        return number >= 0 and t_ns < self._spans[number].end_ns

    def forget(self, before_ns: int) -> None:
        """Drop what ended before a time, UTC ns."""
        if self._spans and self._spans[0].end_ns < before_ns:
            self._spans = [span for span in self._spans if span.end_ns >= before_ns]

    def _number(self, t_ns: int) -> int:
        """Return the number of the last span that begins at a time or before it."""
        return bisect_right(self._spans, t_ns, key=_onset_ns) - 1


def alive(track: Track) -> Iterator[Span]:
    """Yield the stretches of a track that are a signal, by its flags.

    Parameters
    ----------
    track : Track
        Any track with flags.

    Yields
    ------
    Span
        ``[onset, end)``, UTC ns.
    """
    dead = (track.quality & _DEAD) != 0
    edges = np.flatnonzero(np.diff(~dead, prepend=False, append=False)) if dead.any() else [0, len(dead)]
    for first, stop in np.reshape(edges, (-1, 2)).tolist():
        if stop > first:
            yield Span(*(track.clock.at(track.start + at * track.hop) for at in (first, stop)))


def _onset_ns(span: Span) -> int:
    return span.onset_ns

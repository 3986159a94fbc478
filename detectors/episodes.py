"""Cramp-like episodes: bouts that belong together, and what happened around them (science.md 3.5)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from detectors.emg.cramp import confidence, tier
from detectors.events import Event, EventKind
from detectors.signal import NS_PER_S, Leg

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from detectors.criteria import Criteria

_TERM = "term_"
_REST = "term_rest_before"
_CONSEQUENCE = "term_consequence"


class CrampEpisodes:
    """Join bouts of one leg that lie close together, and add the terms that only context can give.

    Parameters
    ----------
    criteria : Criteria
        ``criteria.cramp`` is used.

    Notes
    -----
    An episode is said once no further bout can join it, and said again, one revision higher, when
    the time in which something may follow it has passed, if that leg has a motion sensor.
    """

    def __init__(self, criteria: Criteria) -> None:
        self._criteria = criteria.cramp
        self._bouts: dict[tuple[Leg, str], list[Event]] = {}
        self._open_context: list[Event] = []

    def add(self, bout: Event, seen: Sequence[Event] | None) -> None:
        """Take one bout; bouts arrive in the order of their onsets.

        Parameters
        ----------
        bout : Event
            A cramp-like contraction in one channel.
        seen : sequence of Event or None
            Movements and shifts that acceleration saw on its leg so far; None if it has no such sensor.
        """
        if seen is not None:
            start_ns = bout.onset_ns - round(self._criteria.rest_before_s * NS_PER_S)
            moved = _any_between(seen, start_ns, bout.onset_ns, lambda _event: True)
            bout = replace(bout, measures={**bout.measures, _REST: float(not moved)})
        # Sensors of unknown legs may be on different ones.
        whose = bout.sensor if bout.leg is Leg.UNKNOWN else ""
        self._bouts.setdefault((bout.leg, whose), []).append(bout)

    def advance(self, horizon_ns: int, motion: Mapping[Leg, Sequence[Event]]) -> list[Event]:
        """Return the episodes that are decided once nothing before `horizon_ns` can come any more.

        Parameters
        ----------
        horizon_ns : int
            UTC, ns.
        motion : mapping of Leg to sequence of Event
            Movements and shifts seen by acceleration.

        Returns
        -------
        list of Event
            Events of kind ``cramp``.
        """
        said: list[Event] = []
        for whose, bouts in self._bouts.items():
            done, self._bouts[whose] = self._closed(bouts, horizon_ns)
            said += [self._judged(_joined(group)) for group in done]
        self._open_context += [episode for episode in said if _REST in episode.measures]
        window_ns = round(self._criteria.context_s * NS_PER_S)
        over = [episode for episode in self._open_context if horizon_ns > episode.end_ns + window_ns]
        self._open_context = [episode for episode in self._open_context if episode not in over]
        for episode in over:
            seen = motion.get(episode.leg, ())
            followed = _any_between(seen, episode.end_ns, episode.end_ns + window_ns, self._is_consequence)
            measures = {**episode.measures, _CONSEQUENCE: float(followed)}
            said.append(self._judged(replace(episode, measures=measures, revision=1)))
        return said

    def finish(self, motion: Mapping[Leg, Sequence[Event]]) -> list[Event]:
        """Return what is still open; the night is over."""
        open_bouts = [bout for bouts in self._bouts.values() for bout in bouts]
        last_ns = max((event.end_ns for event in (*open_bouts, *self._open_context)), default=0)
        longest_s = self._criteria.merge_s + self._criteria.context_s
        return self.advance(last_ns + round(longest_s * NS_PER_S) + 1, motion)

    def _closed(self, bouts: list[Event], horizon_ns: int) -> tuple[list[list[Event]], list[Event]]:
        """Split bouts into finished groups and the bouts of the group that may still grow."""
        gap_ns = round(self._criteria.merge_s * NS_PER_S)
        short: list[list[Event]] = []
        groups: list[list[Event]] = []
        end_ns = 0
        for bout in bouts:
            if bout.duration_s <= self._criteria.possible_min_s:
                # Leg movements of a few seconds come in series; joined they would look like minutes of cramp.
                short.append([bout])
            elif groups and bout.onset_ns - end_ns < gap_ns:
                groups[-1].append(bout)
                end_ns = max(end_ns, bout.end_ns)
            else:
                groups.append([bout])
                end_ns = bout.end_ns
        if groups and horizon_ns <= end_ns + gap_ns:
            return [*short, *groups[:-1]], groups[-1]
        return [*short, *groups], []

    def _is_consequence(self, event: Event) -> bool:
        return event.kind is EventKind.SHIFT or event.duration_s >= self._criteria.consequence_min_s

    def _judged(self, episode: Event) -> Event:
        """Return the episode with the confidence that follows from all of its terms."""
        measures = dict(episode.measures)
        terms = {key.removeprefix(_TERM): value for key, value in measures.items() if key.startswith(_TERM)}
        measures["confidence"] = confidence(terms, self._criteria)
        measures["tier"] = float(tier(measures["confidence"], measures["longest_bout_s"], self._criteria))
        return replace(episode, measures=measures)


def _joined(bouts: Sequence[Event]) -> Event:
    """Return one episode for bouts that belong together; what it measures is its longest bout's."""
    longest = max(bouts, key=lambda bout: bout.duration_s)
    first = bouts[0]
    end_ns = max(bout.end_ns for bout in bouts)
    measures = {
        **longest.measures,
        "duration_s": (end_ns - first.onset_ns) / NS_PER_S,
        "peak_uv": max(bout.measures["peak_uv"] for bout in bouts),
        "n_bouts": float(_n_apart(bouts)),
        "longest_bout_s": longest.duration_s,
    }
    if _REST in first.measures:
        measures[_REST] = first.measures[_REST]
    return replace(longest, onset_ns=first.onset_ns, end_ns=end_ns, measures=measures)


def _n_apart(bouts: Sequence[Event]) -> int:
    """Count bouts by onset, those that two channels saw at the same time once."""
    count, end_ns = 0, 0
    for bout in bouts:
        count += not count or bout.onset_ns > end_ns
        end_ns = max(end_ns, bout.end_ns)
    return count


def _any_between(events: Sequence[Event], start_ns: int, stop_ns: int, counts: Callable[[Event], bool]) -> bool:
    return any(event.onset_ns < stop_ns and event.end_ns > start_ns and counts(event) for event in events)

"""Cramp-like episodes: bouts that belong together, and what happened around them (science.md 3.5)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from detectors.annotations import nanoseconds
from detectors.emg.confidence import POSSIBLE, STORED, TIER_RULES, confidence, tier, tier_steps
from detectors.events import Event, EventKind, EventQuality
from detectors.night.cramp_context import COMMON_MODE, CONTEXT, LARGE_MOVEMENT, REST, CrampContext, terms
from detectors.night.seen import SeenEvents
from detectors.signal import NS_PER_S, Leg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.criteria import Criteria

_CRAMP: Final = frozenset({EventKind.CRAMP})


class CrampEpisodes:
    """Join bouts of one leg that lie close together, and add the terms that only context can give.

    Parameters
    ----------
    criteria : Criteria
        ``criteria.cramp`` is used.
    context : CrampContext
        What other channels, the other leg and motion tell.

    Notes
    -----
    An episode is said once no further bout can join it, and said again, one revision higher, when
    the time in which something may follow it has passed, if there is a sensor to see it. A bout
    that begins while the leg stands is an episode of its own and not shown, nor is one that moves
    and turns the leg from its beginning. One that another leg has at the same time is not called
    probable.
    """

    def __init__(self, criteria: Criteria, context: CrampContext) -> None:
        self._criteria = criteria.cramp
        self._context = context
        self._gap_ns = nanoseconds(criteria.cramp.merge_s)
        self._longest_ns = nanoseconds(criteria.cramp.max_s)
        self._bouts: dict[tuple[Leg, str], list[Event]] = {}
        self._following: list[Event] = []
        self._final: list[Event] = []
        self._shown = SeenEvents()

    def add(self, bout: Event) -> None:
        """Take one cramp-like contraction of one channel; they come in the order of their onsets."""
        # Sensors of unknown legs may be on different ones.
        whose = bout.sensor if bout.leg is Leg.UNKNOWN else ""
        self._bouts.setdefault((bout.leg, whose), []).append(self._context.begun(bout))

    def advance(self, horizon_ns: int, settled_ns: int) -> list[Event]:
        """Return the episodes that are decided by now.

        Parameters
        ----------
        horizon_ns : int
            No event of any sensor before it can come any more, UTC ns.
        settled_ns : int
            Neither can restlessness or a twitch, UTC ns.

        Returns
        -------
        list of Event
            Events of kind ``cramp``.
        """
        said: list[Event] = []
        for whose, bouts in self._bouts.items():
            if bouts:
                done, self._bouts[whose] = self._closed(bouts, horizon_ns)
                said += [self._judged(self._joined(group)) for group in done]
        for episode in said:
            if self._context.has_more(episode):
                self._following.append(episode)
            else:
                self._end(episode)
        return [*said, *self._followed(settled_ns)]

    def finals(self) -> list[Event]:
        """Return the last word on the episodes that were ended since the last call."""
        final, self._final = self._final, []
        return final

    def settled_ns(self, horizon_ns: int) -> int:
        """Return the onset of the first episode without a last word, UTC ns, or `horizon_ns`."""
        bouts = [bout.onset_ns for bouts in self._bouts.values() for bout in bouts[:1]]
        return min([horizon_ns, *bouts, *(episode.onset_ns for episode in self._following)])

    def shown_between(self, leg: Leg, start_ns: int, stop_ns: int) -> bool:
        """Return whether a leg had an episode that is shown in ``[start, stop)``, UTC ns."""
        return any(self._shown.between(start_ns, stop_ns, _CRAMP, leg))

    def forget(self, before_ns: int) -> None:
        """Drop what ended before a time, UTC ns."""
        self._shown.forget(before_ns)

    def _followed(self, settled_ns: int) -> list[Event]:
        """Return the last word on the episodes after which nothing can follow any more."""
        latest_ns = settled_ns - nanoseconds(self._context.longest_s)
        over = [episode for episode in self._following if episode.end_ns < latest_ns]
        if over:
            self._following = [episode for episode in self._following if episode.end_ns >= latest_ns]
        said = []
        for episode in over:
            measures = {**episode.measures, **self._context.followed(episode)}
            said.append(self._judged(replace(episode, measures=measures, revision=1)))
            self._end(said[-1])
        return said

    def _end(self, episode: Event) -> None:
        self._final.append(episode)
        if episode.measures["tier"] > STORED:
            self._shown.add(episode)

    def _closed(self, bouts: list[Event], horizon_ns: int) -> tuple[list[list[Event]], list[Event]]:
        """Split bouts into groups that nothing can join any more, and the bouts of the others."""
        groups: list[list[Event]] = []
        growing: list[Event] | None = None
        end_ns = 0
        for bout in bouts:
            if self._stays_alone(bout):
                groups.append([bout])
                continue
            near = bout.onset_ns - end_ns < self._gap_ns
            # A muscle that never rests must not hold back its first contraction all night.
            if growing is not None and near and bout.onset_ns - growing[0].onset_ns < self._longest_ns:
                growing.append(bout)
                end_ns = max(end_ns, bout.end_ns)
            else:
                growing, end_ns = [bout], bout.end_ns
                groups.append(growing)
        done = [group for group in groups if max(bout.end_ns for bout in group) + self._gap_ns < horizon_ns]
        left = [bout for group in groups if group not in done for bout in group]
        return done, sorted(left, key=lambda bout: (bout.onset_ns, bout.end_ns, bout.sensor))

    def _stays_alone(self, bout: Event) -> bool:
        """Say whether a bout joins no other: leg movements come in series of seconds, and walking is no cramp."""
        return bout.duration_s <= self._criteria.possible_min_s or _is_out_of_context(bout)

    def _joined(self, bouts: Sequence[Event]) -> Event:
        """Return one episode for bouts that belong together; what it measures is its longest bout's."""
        longest = max(bouts, key=lambda bout: bout.duration_s)
        first = bouts[0]
        end_ns = max(bout.end_ns for bout in bouts)
        measures = {
            **longest.measures,
            **self._context.beside(longest),
            "duration_s": (end_ns - first.onset_ns) / NS_PER_S,
            "peak_uv": max(bout.measures["peak_uv"] for bout in bouts),
            "n_bouts": float(_n_apart(bouts)),
            "longest_bout_s": longest.duration_s,
        }
        if REST in first.measures:
            measures[REST] = first.measures[REST]
        low = any(bout.quality is EventQuality.LOW for bout in bouts)
        return replace(
            longest,
            onset_ns=first.onset_ns,
            end_ns=end_ns,
            measures=measures,
            quality=EventQuality.LOW if low else longest.quality,
            why=(*longest.why, *self._context.moving(longest)),
        )

    def _judged(self, episode: Event) -> Event:
        """Return the episode with the confidence that follows from all of its terms."""
        criteria, measures = self._criteria, dict(episode.measures)
        mean = confidence(terms(measures), criteria)
        factor = criteria.low_quality_factor if episode.quality is EventQuality.LOW else 1.0
        sure = mean * factor
        shown = tier(sure, measures["longest_bout_s"], criteria)
        why = (
            *(step for step in episode.why if step.rule not in TIER_RULES),
            *tier_steps((mean, factor), measures["longest_bout_s"], criteria),
        )
        if measures.get(COMMON_MODE):
            shown = min(shown, POSSIBLE)
        if _is_out_of_context(episode):
            shown = STORED
        return replace(episode, measures={**measures, "confidence": sure, "tier": float(shown)}, why=why)


def _is_out_of_context(bout: Event) -> bool:
    return any(step.rule in {CONTEXT, LARGE_MOVEMENT} and not step.held for step in bout.why)


def _n_apart(bouts: Sequence[Event]) -> int:
    """Count bouts by onset, those that two channels saw at the same time once."""
    count, end_ns = 0, 0
    for bout in bouts:
        count += not count or bout.onset_ns > end_ns
        end_ns = max(end_ns, bout.end_ns)
    return count

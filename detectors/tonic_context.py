"""Weak sustained activity: what makes it something else, and whether anything followed it (science.md 3.5)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from detectors.annotations import nanoseconds
from detectors.events import Event, Step

if TYPE_CHECKING:
    from detectors.context import NightContext
    from detectors.criteria import Criteria
    from detectors.episodes import CrampEpisodes
    from detectors.placement import Placement


class TonicContext:
    """Hold weak sustained activity until it is known what happened with and after it.

    Parameters
    ----------
    criteria : Criteria
        ``criteria.context`` and ``criteria.cramp`` are used.
    placement : Placement
        Which leg has a motion sensor.
    context : NightContext
        Movement and posture.
    episodes : CrampEpisodes
        Cramp-like contractions.

    Notes
    -----
    It is turned down where the leg moved harder than ``tonic_movement_g`` meanwhile, stood, or had
    a cramp-like contraction that is shown. New measure: ``followed`` (0 or 1), where the leg has a
    motion sensor; without it nothing can be known to follow.
    """

    def __init__(
        self, criteria: Criteria, placement: Placement, context: NightContext, episodes: CrampEpisodes
    ) -> None:
        self._criteria = criteria.context
        self._placement = placement
        self._context = context
        self._episodes = episodes
        self._lasting_ns = nanoseconds(criteria.cramp.consequence_min_s)
        self._within_ns = nanoseconds(criteria.context.tonic_followed_s)
        self._waiting: list[Event] = []
        self._rejected: list[Event] = []

    def add(self, tonic: Event) -> None:
        """Take weak sustained activity of one channel."""
        self._waiting.append(tonic)

    def advance(self, settled_ns: int) -> list[Event]:
        """Return what stands once no restlessness and no other event before `settled_ns` (UTC) can come any more."""
        cramps_ns = self._episodes.settled_ns(settled_ns)
        done = [
            tonic
            for tonic in self._waiting
            if tonic.end_ns + self._within_ns < settled_ns and tonic.end_ns <= cramps_ns
        ]
        if done:
            self._waiting = [tonic for tonic in self._waiting if tonic not in done]
        return [event for tonic in done if (event := self._told(tonic)) is not None]

    @property
    def waiting_from_ns(self) -> int | None:
        """Onset of the first that is held back, UTC ns; None if there is none."""
        return min((tonic.onset_ns for tonic in self._waiting), default=None)

    def rejected(self) -> list[Event]:
        """Return what was turned down since the last call, and forget it."""
        rejected, self._rejected = self._rejected, []
        return rejected

    def _told(self, tonic: Event) -> Event | None:
        against = self._against(tonic)
        if against is not None:
            self._rejected.append(replace(tonic, why=(*tonic.why, against)))
            return None
        if not self._placement.has_motion(tonic.leg):
            return tonic
        followed = self._context.followed(tonic, self._within_ns, self._lasting_ns)
        return replace(tonic, measures={**tonic.measures, "followed": float(followed)})

    def _against(self, tonic: Event) -> Step | None:
        """Return the comparison that turns it down, if there is one."""
        span = (tonic.onset_ns, tonic.end_ns)
        peak_g = self._context.hardest_g(tonic.leg, *span)
        if peak_g > self._criteria.tonic_movement_g:
            return Step("tonic_movement_g", peak_g, self._criteria.tonic_movement_g, held=False)
        if self._context.upright(tonic.leg, *span) is not None:
            return Step("upright", 1.0, 0.0, held=False)
        if self._episodes.shown_between(tonic.leg, *span):
            return Step("cramp", 1.0, 0.0, held=False)
        return None

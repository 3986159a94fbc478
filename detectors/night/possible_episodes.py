"""Possible episodes in acceleration: whether the person got up, and whether EMG has more to say (science.md 3.7)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from detectors.annotations import nanoseconds
from detectors.events import Event, Step, StepRole, holds
from detectors.motion.brief_criteria import MAX_CONFIDENCE
from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from detectors.criteria import Criteria
    from detectors.night.context import NightContext
    from detectors.night.episodes import CrampEpisodes
    from detectors.night.placement import Placement


_TERMS: Final = ("term_bursts", "term_held", "term_tremor", "term_upright")


class PossibleEpisodes:
    """Hold possible episodes until the time in which the person may get up has passed, and count their terms.

    Parameters
    ----------
    criteria : Criteria
        ``criteria.context`` and ``criteria.possible_episode`` are used.
    placement : Placement
        Which leg has EMG.
    context : NightContext
        Posture.
    episodes : CrampEpisodes
        Cramp-like contractions.

    Notes
    -----
    New measures: ``term_upright`` (0 or 1), which raises ``confidence`` up to what acceleration may
    say at the most, and ``with_cramp`` (0 or 1) where the leg has EMG. A possible episode is never
    counted as a cramp, whatever EMG shows.
    """

    def __init__(
        self, criteria: Criteria, placement: Placement, context: NightContext, episodes: CrampEpisodes
    ) -> None:
        self._weight = criteria.possible_episode.weight_upright
        self._within_s = criteria.context.episode_upright_s
        self._placement = placement
        self._context = context
        self._episodes = episodes
        self._min_terms = criteria.possible_episode.min_terms
        self._waiting: list[Event] = []
        self._rejected: list[Event] = []

    def add(self, episode: Event) -> None:
        """Take a possible episode of one leg."""
        self._waiting.append(episode)

    def advance(self, settled_ns: int) -> list[Event]:
        """Return what is decided once no event before `settled_ns` (UTC) can come any more."""
        cramps_ns = self._episodes.settled_ns(settled_ns)
        within_ns = nanoseconds(self._within_s)
        done = [e for e in self._waiting if e.onset_ns + within_ns <= settled_ns and e.end_ns <= cramps_ns]
        if done:
            self._waiting = [episode for episode in self._waiting if episode not in done]
        judged = [self._judged(episode) for episode in done]
        self._rejected += (episode for episode in judged if not holds(episode.why))
        return [episode for episode in judged if holds(episode.why)]

    def rejected(self) -> list[Event]:
        """Return the candidates with too few terms since the last call, and forget them."""
        rejected, self._rejected = self._rejected, []
        return rejected

    @property
    def waiting_from_ns(self) -> int | None:
        """Onset of the first that is held back, UTC ns; None if there is none."""
        return min((episode.onset_ns for episode in self._waiting), default=None)

    def _judged(self, episode: Event) -> Event:
        until_ns = episode.onset_ns + nanoseconds(self._within_s)
        found = self._context.upright(episode.leg, episode.onset_ns, until_ns)
        found = found or self._context.bed_exit(episode.onset_ns, until_ns)
        sure = episode.measures["confidence"] + (self._weight if found else 0.0)
        measures = {
            **episode.measures,
            "term_upright": float(found is not None),
            "confidence": min(sure, MAX_CONFIDENCE),
        }
        if self._placement.channels_on(episode.leg):
            shown = self._episodes.shown_between(episode.leg, episode.onset_ns, episode.end_ns)
            measures["with_cramp"] = float(shown)
        after_s = (found.onset_ns - episode.onset_ns) / NS_PER_S if found else self._within_s
        up, either = found is not None, StepRole.ALTERNATIVE
        n_terms = sum(measures[term] > 0 for term in _TERMS)
        why = (
            *episode.why,
            Step("episode_upright_s", max(after_s, 0.0), self._within_s, up, either),
            Step("min_terms", n_terms, self._min_terms, n_terms >= self._min_terms),
        )
        return replace(episode, measures=measures, why=why)

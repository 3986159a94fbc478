"""Weak sustained activity: what makes it something else, and whether anything followed it (science.md 3.5)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from detectors.annotations import nanoseconds
from detectors.events import Event, Step
from detectors.night.fusion import PEAK
from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from detectors.criteria import Criteria
    from detectors.night.context import NightContext
    from detectors.night.episodes import CrampEpisodes
    from detectors.night.placement import Placement
    from detectors.night.trains import Trains

_OF_THE_WHOLE: Final = frozenset({"peak_uv", "mean_uv"})


class TonicContext:
    """Hold weak sustained activity until it is known what happened with and after it.

    Parameters
    ----------
    criteria : Criteria
        ``criteria.context``, ``criteria.cramp`` and ``criteria.tonic`` are used.
    placement : Placement
        Which leg has a motion sensor.
    context : NightContext
        Movement and posture.
    episodes : CrampEpisodes
        Cramp-like contractions.
    trains : Trains
        Rhythmic trains.

    Notes
    -----
    It is turned down where most of it lies in rhythmic trains, where the leg had a cramp-like
    contraction that is shown, or had moved harder than ``tonic_movement_g`` or stood before it had
    lasted ``tonic.min_s``. Where that happened later the activity ends there, and loses ``peak_uv``
    and ``mean_uv``, which are not those of the muscle alone: tension that wakes a person is
    followed by movement before it is over. New measure: ``followed`` (0 or 1), where the leg has a
    motion sensor that gave a signal then; without it nothing can be known not to follow.
    """

    def __init__(
        self,
        criteria: Criteria,
        placement: Placement,
        context: NightContext,
        episodes: CrampEpisodes,
        trains: Trains,
    ) -> None:
        self._criteria = criteria.context
        self._min_s = criteria.tonic.min_s
        self._placement = placement
        self._context = context
        self._episodes = episodes
        self._trains = trains
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
        other = self._something_else(tonic)
        until_ns, disturbance = self._undisturbed(tonic)
        if other is None and disturbance is not None and until_ns - tonic.onset_ns < nanoseconds(self._min_s):
            other = disturbance
        if other is not None:
            self._rejected.append(replace(tonic, why=(*tonic.why, other)))
            return None
        if disturbance is not None:
            tonic = _ended(tonic, until_ns)
        if not self._placement.has_motion(tonic.leg):
            return tonic
        followed = self._context.followed(tonic, self._within_ns, self._lasting_ns)
        after = (tonic.leg, tonic.end_ns, tonic.end_ns + self._within_ns)
        if not followed and not self._placement.sees_motion(*after, self._criteria.motion_share):
            return tonic
        return replace(tonic, measures={**tonic.measures, "followed": float(followed)})

    def _something_else(self, tonic: Event) -> Step | None:
        """Return the comparison that says that the activity is told as something else, if it is."""
        if self._episodes.shown_between(tonic.leg, tonic.onset_ns, tonic.end_ns):
            return Step("cramp", 1.0, 0.0, held=False)
        share, most = self._trains.share_of(tonic), self._criteria.train_share
        return Step("train_share", share, most, held=False) if share > most else None

    def _undisturbed(self, tonic: Event) -> tuple[int, Step | None]:
        """Return when the leg first moved or stood during the activity, and the comparison that says so."""
        limit_g = self._criteria.tonic_movement_g
        moved = self._context.first_above(tonic.leg, tonic.onset_ns, tonic.end_ns, limit_g)
        stood = self._context.upright(tonic.leg, tonic.onset_ns, tonic.end_ns)
        if moved is not None and (stood is None or moved.onset_ns <= stood.onset_ns):
            return moved.onset_ns, Step("tonic_movement_g", moved.measures[PEAK], limit_g, held=False)
        if stood is not None:
            return stood.onset_ns, Step("upright", 1.0, 0.0, held=False)
        return tonic.end_ns, None


def _ended(tonic: Event, end_ns: int) -> Event:
    """Return the part of an activity before something else began."""
    measures = {name: value for name, value in tonic.measures.items() if name not in _OF_THE_WHOLE}
    measures["duration_s"] = (end_ns - tonic.onset_ns) / NS_PER_S
    return replace(tonic, end_ns=end_ns, measures=measures)

"""What the surroundings of a cramp-like contraction say about it (science.md 3.5)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from detectors.annotations import common_ns, nanoseconds
from detectors.emg.confidence import share
from detectors.events import Event, EventKind, Step, StepRole
from detectors.night.context import FOLLOWING, MOST, MOVEMENT
from detectors.night.placement import Muscle, other
from detectors.quality.epoch_tally import EPOCH_S
from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from detectors.criteria import Criteria
    from detectors.night.context import NightContext
    from detectors.night.placement import Placement
    from detectors.night.twitches import TwitchContext
    from detectors.signal import Leg

TERM: Final = "term_"
REST: Final = "term_rest_before"
CONSEQUENCE: Final = "term_consequence"
COMMON_MODE: Final = "common_mode"
CONTEXT: Final = "context"
LARGE_MOVEMENT: Final = "large_movement"
_CONSEQUENCES: Final = FOLLOWING | {MOVEMENT}
# What they speak against is stored all the same, and not shown.
_STORED: Final = StepRole.INFORMATION


class CrampContext:
    """Add to contractions what only other channels, the other leg and motion can tell.

    Parameters
    ----------
    criteria : Criteria
        ``criteria.cramp`` and ``criteria.context`` are used.
    placement : Placement
        Which leg has which sensors.
    context : NightContext
        Movement, posture and the contractions of other channels.
    twitches : TwitchContext
        The twitches that were found.
    """

    def __init__(
        self, criteria: Criteria, placement: Placement, context: NightContext, twitches: TwitchContext
    ) -> None:
        self._cramp = criteria.cramp
        self._criteria = criteria.context
        self._large = criteria.restlessness
        self._shape_fs_hz = criteria.twitch.shape_fs_hz
        self._placement = placement
        self._context = context
        self._twitches = twitches

    def begun(self, bout: Event) -> Event:
        """Return a bout with what was known when it began: whether the leg was at rest, and in bed."""
        why = (*bout.why, *self._standing(bout))
        start_ns = bout.onset_ns - nanoseconds(self._cramp.rest_before_s)
        if not self._sees(bout.leg, start_ns, bout.onset_ns):
            return replace(bout, why=why)
        moved = self._context.moved(bout.leg, start_ns, bout.onset_ns)
        stood = self._context.upright(bout.leg, start_ns, bout.onset_ns) is not None
        return replace(bout, measures={**bout.measures, REST: float(not (moved or stood))}, why=why)

    def beside(self, bout: Event) -> dict[str, float]:
        """Return what the other channels show at the time of a bout, once no event from before its end can come."""
        measures = {}
        if self._placement.emg_on_both():
            measures[COMMON_MODE] = float(self._is_common(bout))
        ratio = self._muscle_ratio(bout)
        if ratio is not None:
            measures["muscle_ratio"] = ratio
            criteria = self._criteria
            measures[f"{TERM}muscle"] = share(ratio, criteria.no_muscle_ratio, criteria.full_muscle_ratio)
        return measures

    def moving(self, bout: Event) -> tuple[Step, ...]:
        """Return the comparison that makes a bout a large movement, if it is, once no event of its time can come."""
        share = self._context.turning_share(bout, self._large)
        return (Step(LARGE_MOVEMENT, share, MOST, held=False, role=_STORED),) if share > MOST else ()

    def has_more(self, episode: Event) -> bool:
        """Return whether what follows an episode can be known."""
        return self._placement.has_motion(episode.leg) or self._counts_twitches(episode)

    def followed(self, episode: Event) -> dict[str, float]:
        """Return what followed an episode, once no event from within that time can come any more."""
        measures = {}
        within_ns, lasting_ns = nanoseconds(self._cramp.context_s), nanoseconds(self._cramp.consequence_min_s)
        found = self._context.followed(episode, within_ns, lasting_ns, by=_CONSEQUENCES)
        sees = self._sees(episode.leg, episode.end_ns, episode.end_ns + within_ns)
        if sees or (found and self._placement.has_motion(episode.leg)):
            measures[CONSEQUENCE] = float(found)
        if self._counts_twitches(episode):
            until_ns = episode.end_ns + nanoseconds(self._criteria.after_twitches_s)
            count = self._twitches.count(episode.sensor, episode.end_ns, until_ns)
            measures["after_twitches"] = float(count)
            measures[f"{TERM}twitches"] = share(count, 0.0, self._criteria.full_twitches)
        return measures

    @property
    def longest_s(self) -> float:
        """How long after an episode something may still be said about it, s."""
        return max(self._cramp.context_s, self._criteria.after_twitches_s)

    def _sees(self, leg: Leg, start_ns: int, stop_ns: int) -> bool:
        return self._placement.sees_motion(leg, start_ns, stop_ns, self._criteria.motion_share)

    def _counts_twitches(self, episode: Event) -> bool:
        return self._placement.fs_hz(episode.sensor) >= self._shape_fs_hz

    def _standing(self, bout: Event) -> tuple[Step, ...]:
        """Return the comparison that makes a bout one of walking or standing, if it is."""
        at_ns = bout.onset_ns
        upright = self._context.upright(bout.leg, at_ns, at_ns + 1)
        if upright is not None:
            return (Step(CONTEXT, (at_ns - upright.onset_ns) / NS_PER_S, 0.0, held=False, role=_STORED),)
        exit_ = self._context.bed_exit(at_ns, at_ns + 1)
        leaving_s = self._criteria.leaving_s
        if exit_ is not None and at_ns - exit_.onset_ns > nanoseconds(leaving_s):
            return (Step(CONTEXT, (at_ns - exit_.onset_ns) / NS_PER_S, leaving_s, held=False, role=_STORED),)
        return ()

    def _is_common(self, bout: Event) -> bool:
        """Say whether the other leg did the same at the same time, as an amplifier's fault would make it."""
        beside = other(bout.leg)
        if beside is None:
            return False
        lag_ns = nanoseconds(self._criteria.common_mode_s)
        return any(
            found.kind is bout.kind
            and abs(found.onset_ns - bout.onset_ns) < lag_ns
            and abs(found.end_ns - bout.end_ns) < lag_ns
            for found in self._context.contractions(beside, bout.onset_ns - lag_ns, bout.onset_ns + lag_ns)
        )

    def _muscle_ratio(self, bout: Event) -> float | None:
        """Return the level of the calf relative to the shin's; None if one of them is not known."""
        own = self._placement.muscle(bout.sensor)
        if own is None:
            return None
        opposite = Muscle.SHIN if own is Muscle.CALF else Muscle.CALF
        levels_uv = [
            level_uv
            for sensor in self._placement.channels_on(bout.leg)
            if self._placement.muscle(sensor) is opposite and (level_uv := self._level_uv(sensor, bout)) is not None
        ]
        if not levels_uv:
            return None
        beside_uv, own_uv = max(levels_uv), bout.measures["mean_uv"]
        calf_uv, shin_uv = (own_uv, beside_uv) if own is Muscle.CALF else (beside_uv, own_uv)
        return calf_uv / shin_uv if shin_uv > 0 else None

    def _level_uv(self, sensor: str, bout: Event) -> float | None:
        """Return the mean level of a channel during a bout: of its contractions, and of rest between them."""
        found = self._context.contractions(bout.leg, bout.onset_ns, bout.end_ns)
        active = _of_one_kind([event for event in found if event.sensor == sensor])
        # Half a minute before, so that its level is known by now whatever the block sizes are.
        resting_uv = self._context.resting_uv(sensor, bout.onset_ns - nanoseconds(EPOCH_S))
        if resting_uv is None and active:
            resting_uv = active[0].measures.get("resting_uv")
        if resting_uv is None:
            return None
        whole_ns = bout.end_ns - bout.onset_ns
        above = sum(common_ns(event, bout) * (event.measures["mean_uv"] - resting_uv) for event in active)
        return resting_uv + above / whole_ns if whole_ns else None


def terms(measures: Mapping[str, float]) -> dict[str, float]:
    """Return the terms of a confidence among the measures of an event."""
    return {key.removeprefix(TERM): value for key, value in measures.items() if key.startswith(TERM)}


def _of_one_kind(events: Sequence[Event]) -> Sequence[Event]:
    """Take the bouts where there are any: a movement in the same channel is the same contraction again."""
    bouts = [event for event in events if event.kind is EventKind.CRAMP]
    return bouts or events

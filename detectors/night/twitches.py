"""Twitches: which of them lie in a leg at rest, and which every channel shows at once (science.md 4.2)."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from detectors.annotations import nanoseconds
from detectors.events import Event, Step
from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from detectors.criteria import Criteria
    from detectors.night.context import NightContext
    from detectors.night.placement import Placement
    from detectors.night.trains import Trains

_AT_LEAST: Final = 2


class TwitchContext:
    """Hold twitches until it is known what happened around them.

    Parameters
    ----------
    criteria : Criteria
        ``criteria.context`` is used.
    placement : Placement
        Which channels there are.
    context : NightContext
        Movements, contractions and posture.
    trains : Trains
        Rhythmic trains, whose bursts are no twitches.

    Notes
    -----
    A twitch is turned down while its leg stands, where a leg movement, a contraction or a train of
    its leg lies within ``twitch_clear_s``, and where every channel of EMG that gives a signal, two
    at the least, has one within ``twitch_together_s``.
    """

    def __init__(self, criteria: Criteria, placement: Placement, context: NightContext, trains: Trains) -> None:
        self._criteria = criteria.context
        self._clear_ns = nanoseconds(criteria.context.twitch_clear_s)
        self._together_ns = nanoseconds(criteria.context.twitch_together_s)
        self._placement = placement
        self._context = context
        self._trains = trains
        self._waiting: list[Event] = []
        self._found: dict[str, list[int]] = {}
        self._kept: dict[str, list[int]] = {}
        self._rejected: list[Event] = []
        self._settled_ns: int | None = None

    def add(self, twitch: Event) -> None:
        """Take a twitch; twitches of a channel come in the order of their onsets."""
        self._waiting.append(twitch)
        insort(self._found.setdefault(twitch.sensor, []), twitch.onset_ns)

    def advance(self, horizon_ns: int) -> list[Event]:
        """Return the twitches that stand once no event before `horizon_ns` (UTC) can come any more."""
        decided_ns = horizon_ns - self._clear_ns
        done = [twitch for twitch in self._waiting if twitch.end_ns <= decided_ns]
        if done:
            self._waiting = [twitch for twitch in self._waiting if twitch.end_ns > decided_ns]
        self._settled_ns = min([decided_ns, *(twitch.onset_ns for twitch in self._waiting)])
        return [twitch for twitch in done if self._stands(twitch)]

    def settled_ns(self, horizon_ns: int) -> int:
        """Return the time before which every twitch is decided, UTC ns."""
        return horizon_ns if self._settled_ns is None else self._settled_ns

    def count(self, sensor: str, start_ns: int, stop_ns: int) -> int:
        """Return how many twitches of a channel stand in ``[start, stop)``, UTC ns."""
        return sum(1 for onset_ns in self._kept.get(sensor, ()) if start_ns <= onset_ns < stop_ns)

    def rejected(self) -> list[Event]:
        """Return the twitches that were turned down since the last call, and forget them."""
        rejected, self._rejected = self._rejected, []
        return rejected

    def forget(self, before_ns: int) -> None:
        """Drop what lies before a time, UTC ns."""
        for onsets in (self._found, self._kept):
            for sensor, known in onsets.items():
                if known and known[0] < before_ns:
                    onsets[sensor] = [onset_ns for onset_ns in known if onset_ns >= before_ns]

    def _stands(self, twitch: Event) -> bool:
        against = self._against(twitch)
        if against is None:
            self._kept.setdefault(twitch.sensor, []).append(twitch.onset_ns)
            return True
        self._rejected.append(replace(twitch, why=(*twitch.why, against)))
        return False

    def _against(self, twitch: Event) -> Step | None:
        """Return the comparison that turns a twitch down, if there is one."""
        onset_ns, end_ns, leg = twitch.onset_ns, twitch.end_ns, twitch.leg
        around = (onset_ns - self._clear_ns, end_ns + self._clear_ns)
        near = [*self._context.contractions(leg, *around), *self._trains.on_leg(leg, *around)]
        if near:
            apart_ns = min(max(event.onset_ns - end_ns, onset_ns - event.end_ns, 0) for event in near)
            return Step("twitch_clear_s", apart_ns / NS_PER_S, self._criteria.twitch_clear_s, held=False)
        if self._context.upright(leg, onset_ns, end_ns + 1) is not None:
            return Step("upright", 1.0, 0.0, held=False)
        spread_ns = self._spread_ns(onset_ns)
        if spread_ns is not None and spread_ns <= self._together_ns:
            return Step("twitch_together_s", spread_ns / NS_PER_S, self._criteria.twitch_together_s, held=False)
        return None

    def _spread_ns(self, onset_ns: int) -> int | None:
        """Return how far the nearest twitches of all live channels lie at the most; None with one channel only."""
        channels = self._placement.channels_at(onset_ns)
        if len(channels) < _AT_LEAST:
            return None
        farthest_ns = 0
        for sensor in channels:
            known = self._found.get(sensor)
            if not known:
                return None
            at = bisect_left(known, onset_ns)
            farthest_ns = max(farthest_ns, min(abs(found - onset_ns) for found in known[max(at - 1, 0) : at + 1]))
        return farthest_ns

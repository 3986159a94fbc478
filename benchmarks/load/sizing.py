"""From what one message costs to what many wearers need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.night.entries import TopicKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.load.cost import Cost
    from benchmarks.load.nights import Said

NIGHT_S = 8 * 3600.0
NIGHTS_PER_YEAR = 365
# Everybody sleeps in one time zone, and half of the nights end within the same half hour.
MORNING_S = 1800.0
MORNING_SHARE = 0.5
# After an hour without a broker, what waits in the homes comes within an hour beside what is new.
CATCHING_UP = 2.0
# A processor that is planned to be half busy has room for what nobody planned.
PLANNED_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Night:
    """What one wearer's night sends, once and again at its end.

    Parameters
    ----------
    events, others : int
        Messages while it runs, all revisions of events and everything else.
    at_end : int
        Messages at its end, all at once.
    """

    events: int
    others: int
    at_end: int

    @property
    def messages(self) -> int:
        """Return all messages of the night."""
        return self.events + self.others + self.at_end


def night_of(said: Sequence[Said]) -> Night:
    """Return what a night sends."""
    end_s = said[-1].at_s
    running = [one.entry for one in said if one.at_s < end_s]
    events = sum(entry.topic_kind is TopicKind.EVENT for entry in running)
    return Night(events, len(running) - events, len(said) - len(running))


@dataclass(frozen=True, slots=True)
class Need:
    """What so many wearers need.

    Parameters
    ----------
    wearers : int
        How many.
    mean_per_s, peak_per_s : float
        Messages per second while they sleep, and in the worst hour.
    cores : mapping of str to float
        Processors by stage at the peak, half busy.
    """

    wearers: int
    mean_per_s: float
    peak_per_s: float
    cores: Mapping[str, float]


def need(wearers: int, night: Night, each: Mapping[TopicKind, Cost]) -> Need:
    """Return what is needed.

    Parameters
    ----------
    wearers : int
        How many.
    night : Night
        What each of them sends.
    each : mapping of TopicKind to Cost
        What an event and an epoch cost; everything that is no event counts as an epoch.
    """
    mean_per_s = wearers * (night.events + night.others) / NIGHT_S
    morning_per_s = wearers * night.at_end * MORNING_SHARE / MORNING_S
    peak_per_s = CATCHING_UP * mean_per_s + morning_per_s
    # At the end of a night come newer revisions of events.
    event_share = (CATCHING_UP * wearers * night.events / NIGHT_S + morning_per_s) / peak_per_s
    cores = {
        stage: peak_per_s
        * (event_share * each[TopicKind.EVENT].cpu_us[stage] + (1 - event_share) * each[TopicKind.EPOCH].cpu_us[stage])
        / 1e6
        / PLANNED_SHARE
        for stage in ("broker", "writers", "database")
    }
    return Need(wearers, mean_per_s, peak_per_s, cores)

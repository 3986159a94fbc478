"""A collector killed with -9 at random moments of a compressed night, and what of the night is still there."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING

from benchmarks.chaos.night import collecting, new_clock, sensors, the_night, write_config
from benchmarks.chaos.replaying import differing_from_replay, journalled
from detectors.events import EventKind, in_order
from detectors.signal import NS_PER_S
from ingest.decoders.lsp_info import DATA_UUID
from ingest.night.packets import read_from, read_log
from ingest.night.records import NightEnd, NightStart, Notification
from ingest.timebase import steady_ns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from detectors.events import Event
    from detectors.signal import Leg
    from ingest.night.folder import NightFolder

# Most kills hit a collector that records, the others one that starts: that takes 2 to 5 s of the wall clock.
RECORDING_SHARE = 0.8
LONGEST_LIFE_S = 3.0
START_WITHIN_S = 60.0
LOOK_EVERY_S = 0.1
MOST_MISSING_S = 5.0
SENSORS = 2
ONE_AT_A_TIME = (EventKind.LEG_MOVEMENT, EventKind.CRAMP, EventKind.SHIFT)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a night is killed.

    Parameters
    ----------
    hours : float
        Length of the simulated night.
    speed : float
        Seconds of the night per second of the wall clock.
    kills : int
        How often.
    seed : int
        Of the moments, and of the night.
    """

    hours: float
    speed: float
    kills: int
    seed: int


@dataclass(frozen=True, slots=True)
class Survival:
    """What was there afterwards.

    Parameters
    ----------
    kills : int
        How often the collector was killed.
    recording : int
        How often it had packets of both sensors at that moment; otherwise it was still starting.
    missing_s : tuple of float
        For each of these, how long before the kill the last packet of the sensor that was heard less lately is, s of
        the wall clock.
    records : int
        Records of the log at the end.
    starts, ends : int
        How often a collector began to write it, and how often the night was ended.
    doubled : int
        Events of one kind and leg that overlap in the journal, before the end of the night puts it in order.
    events : int
        Events in the journal at the end.
    differing : int
        Events that a replay of the log has and the journal has not, or the other way round.
    seconds : float
        How long all that took.
    """

    kills: int
    recording: int
    missing_s: tuple[float, ...]
    records: int
    starts: int
    ends: int
    doubled: int
    events: int
    differing: int
    seconds: float

    @property
    def worst_missing_s(self) -> float:
        """The longest end of a log that a kill took away, s of the wall clock."""
        return max(self.missing_s, default=0.0)

    @property
    def holds(self) -> bool:
        """Whether nothing was lost beyond the last 5 s, and nothing is there twice."""
        nothing_twice = self.doubled == 0 and self.differing == 0
        return nothing_twice and self.worst_missing_s <= MOST_MISSING_S and self.ends == 1 and self.recording > 0


def kill_again_and_again(folder: Path, plan: Plan, say: Callable[[str], None]) -> Survival:
    """Play a night, kill its collector, let the last one finish, and look.

    Parameters
    ----------
    folder : Path
        Where the night is kept; empty.
    plan : Plan
        How.
    say : callable of str
        Told how far it is.
    """
    began_s, rng, clock = time.monotonic(), Random(plan.seed), new_clock(plan.speed)  # noqa: S311 - moments, no secrets
    missing_s: list[float] = []
    offset, config = 0, write_config(folder)
    with sensors(plan.hours, plan.seed, clock) as legs:
        for number in range(plan.kills):
            with collecting(config, legs.port, clock) as collector:
                if rng.random() < RECORDING_SHARE:
                    _wait_for_data(folder, offset)
                time.sleep(rng.uniform(0.0, LONGEST_LIFE_S))
                killed_ns = (steady_ns() - int(clock[2])) * plan.speed
                collector.kill()
            night = the_night(folder)
            if night is not None and night.packets.exists():
                offset, heard_ns = _newest(night.packets, offset)
                if len(heard_ns) == SENSORS:
                    missing_s.append((killed_ns - min(heard_ns.values())) / NS_PER_S / plan.speed)
            say(f"kill {number + 1} of {plan.kills}")
        with collecting(config, legs.port, clock) as collector:
            say("waiting for the end of the night")
            legs.wait_for("done")
            _wait_for_data(folder, offset, enough=_has_begun)
            night = the_night(folder)
            doubled = 0 if night is None else _overlapping(journalled(folder, night))
            code = collector.interrupt()
    if code or night is None:
        raise RuntimeError(f"the last collector ended with {code}: {collector.log.read_text()[-2000:]}")
    say("replaying")
    return _survival(folder, night, missing_s, kills=plan.kills, doubled=doubled, began_s=began_s)


def _newest(log: Path, offset: int) -> tuple[int, dict[str, int]]:
    """Read a log on from `offset`; return where its last record is, and when the last collector last heard whom."""
    heard_ns: dict[str, int] = {}
    for position, record in read_from(log, offset):
        if isinstance(record, NightStart):
            heard_ns = {}
        elif isinstance(record, Notification) and record.characteristic == DATA_UUID and position > offset:
            heard_ns[record.sensor] = record.mono_ns
        offset = position
    return offset, heard_ns


def _all_deliver(log: Path, offset: int) -> bool:
    return len(_newest(log, offset)[1]) == SENSORS


def _has_begun(log: Path, offset: int) -> bool:
    """Whether a collector has begun to write; with sensors that have nothing more to say that is all there is."""
    return any(isinstance(record, NightStart) and position > offset for position, record in read_from(log, offset))


def _wait_for_data(folder: Path, offset: int, enough: Callable[[Path, int], bool] = _all_deliver) -> None:
    """Wait until both sensors deliver; after some time what comes is killed as it is."""
    until_s = time.monotonic() + START_WITHIN_S
    while time.monotonic() < until_s:
        night = the_night(folder)
        if night is not None and night.packets.exists() and enough(night.packets, offset):
            return
        time.sleep(LOOK_EVERY_S)


def _overlapping(events: Sequence[Event]) -> int:
    """Count events of one kind and leg that overlap the one before; none of these kinds can."""
    alike: dict[tuple[EventKind, str, Leg], list[Event]] = defaultdict(list)
    for event in sorted(events, key=in_order):
        if event.kind in ONE_AT_A_TIME:
            alike[event.kind, event.sensor, event.leg].append(event)
    return sum(b.onset_ns < a.end_ns for same in alike.values() for a, b in pairwise(same))


def _survival(
    folder: Path, night: NightFolder, missing_s: Sequence[float], *, kills: int, doubled: int, began_s: float
) -> Survival:
    kinds: Counter[type] = Counter()
    for _, record in read_log(night.packets):
        kinds[type(record)] += 1
    journal = journalled(folder, night)
    return Survival(
        kills=kills,
        recording=len(missing_s),
        missing_s=tuple(missing_s),
        records=sum(kinds.values()),
        starts=kinds[NightStart],
        ends=kinds[NightEnd],
        doubled=doubled,
        events=len(journal),
        differing=differing_from_replay(folder, night, journal),
        seconds=time.monotonic() - began_s,
    )

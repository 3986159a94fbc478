"""A night of which every process on the way to InfluxDB is killed again and again, and what InfluxDB then holds.

At seeded moments of a compressed night one process after the other is killed with -9 and comes back some seconds later
(the collector with all of its processes, the broker with or without its disk, one of two writers, the database), while
the links between them are slow, full, black holes, cut or refused, and every confirmation is said a second time, late
and out of order. In the morning everything is mended, and after a bounded time three things must agree:

- InfluxDB and the journal: each event once, field by field, in its newest revision, tombstones included. The rows are
  written down anew from the journal's bodies (`tests.system.generated_night.expected_rows`), not by the program.
- The journal and ``soleus replay`` of the log that this run left.
- Further than 120 s from every gap, that and the same night undisturbed (`benchmarks.chaos.undisturbed`).
"""

from __future__ import annotations

import itertools
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from random import Random
from typing import TYPE_CHECKING, Any

from benchmarks.chaos.delivery_stage import PERSON, SITE, Stage
from benchmarks.chaos.faulty_link import TROUBLES
from benchmarks.chaos.night import the_night
from benchmarks.chaos.replaying import differing_from_replay, journalled
from benchmarks.chaos.undisturbed import compared, undisturbed
from detectors.simulate.night import simulate_night
from ingest.night.entries import Entry, TopicKind
from ingest.night.journal import Journal
from soleus.config import load
from tests.system.generated_night import by_time, expected_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from benchmarks.chaos.undisturbed import Comparison
    from detectors.events import Event
    from ingest.night.folder import NightFolder

LOOK_EVERY_S = 0.1
# A broker that is back is asked for a connection again after 30 s at the latest.
CONVERGE_WITHIN_S = 180.0
# Sensors of a compressed night wait for a computer that does not keep up.
END_WITHIN_S = 900.0
# Nothing waits for so long: a late confirmation may still make one entry wait again.
SETTLED_S = 1.0
LONGEST_AWAY_S = 3.0
TROUBLE_EVERY_S = 3.0
TROUBLED_S = (0.5, 4.0)
ENTRY = ("person", "night", "scoring", "key", "revision")


@dataclass(frozen=True, slots=True)
class Plan:
    """How a night is disturbed.

    Parameters
    ----------
    hours : float
        Length of the simulated night.
    speed : float
        Seconds of the night per second of the wall clock.
    kills : int
        How many processes are killed.
    seed : int
        Of the night, the moments, the victims, the links.
    regime : str
        Kind of simulated night.
    """

    hours: float
    speed: float
    kills: int
    seed: int
    regime: str

    @property
    def wall_s(self) -> float:
        """How long the legs move, s of the wall clock."""
        return self.hours * 3600 / self.speed


@dataclass(frozen=True, slots=True)
class Delivered:
    """What was there in the morning.

    Parameters
    ----------
    kills, troubles, died : mapping of str to int
        Processes killed; faults of links; processes that ended without having been killed, and were started again.
    events : int
        Valid events in the journal.
    sent, resent : int
        Messages that the collector sent with entries, and how many of these it had sent before.
    handed, doubled : int
        Messages that the broker handed to the writers, and how many of these it, or the collector, had sent before.
    echoed : int
        Messages with confirmations that were said a second time, late.
    converge_s : float
        From the end of the last fault until nothing waited for confirmation any more, s of the wall clock.
    lost, wrong : int
        Rows that InfluxDB has not, and rows that it has and should not.
    waiting : int
        Entries that still waited in the end.
    differing : int
        Events that a replay has and the journal has not, or the other way round.
    comparison : Comparison
        With the undisturbed night.
    seconds : float
        How long all of it took.
    """

    kills: Mapping[str, int]
    troubles: Mapping[str, int]
    died: Mapping[str, int]
    events: int
    sent: int
    resent: int
    handed: int
    doubled: int
    echoed: int
    converge_s: float
    lost: int
    wrong: int
    waiting: int
    differing: int
    comparison: Comparison
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether InfluxDB, journal, replay and the undisturbed night agree."""
        faults = self.lost + self.wrong + self.waiting + self.differing
        return faults == 0 and self.events > 0 and self.comparison.holds


def live_through(folder: Path, plan: Plan, say: Callable[[str], None]) -> Delivered:
    """Play a night, kill what is on the way, and look what arrived.

    Parameters
    ----------
    folder : Path
        Where everything is kept; empty.
    plan : Plan
        How.
    say : callable of str
        Told how far it is.
    """
    began_s = time.monotonic()
    with ExitStack() as stack:
        stage = Stage(folder, stack, hours=plan.hours, speed=plan.speed, seed=plan.seed, regime=plan.regime)
        zero_utc_ns = int(stage.legs.wait_for("started")["zero_utc_ns"])
        _disturb(stage, plan, say)
        stage.heal()
        healed_s = time.monotonic()
        say("waiting until nothing waits")
        _wait(stage, stage.is_delivered, "for confirmations")
        converge_s = time.monotonic() - healed_s
        say("waiting for the end of the night")
        _wait(stage, lambda: stage.legs.has_said("done"), "for the sensors", within_s=END_WITHIN_S)
        # Minutes without a sensor are told, and confirmed, until the night ends.
        stage.echo.hear_no_more()
        _wait(stage, lambda: stage.echo.is_idle, "for late confirmations", settled_s=SETTLED_S)
        _wait(stage, stage.is_delivered, "for what they made wait again")
        stage.echo.close()
        say("ending the night")
        stage.end_night()
        rows = by_time(stage.database.rows("SELECT * FROM leg_event"))
    night = the_night(folder)
    if night is None:
        raise RuntimeError(f"no night in {folder}")
    say("comparing")
    entries = _kept(stage, TopicKind.EVENT)
    lost, wrong = _unlike(expected_rows(entries, SITE), rows)
    events = journalled(folder, night)
    return Delivered(
        kills=dict(stage.struck),
        troubles=dict(stage.troubled),
        died=dict(stage.died),
        events=len(events),
        sent=stage.sent.total,
        resent=stage.sent.again,
        handed=stage.handed.total,
        doubled=stage.handed.again,
        echoed=stage.echo.n_said,
        converge_s=converge_s,
        lost=lost,
        wrong=wrong,
        waiting=stage.n_waiting(),
        differing=differing_from_replay(folder, night, events),
        comparison=_compared(plan, stage.config, night, events, zero_utc_ns),
        seconds=time.monotonic() - began_s,
    )


def _disturb(stage: Stage, plan: Plan, say: Callable[[str], None]) -> None:
    """Let everything happen, each at its moment."""
    began_s = time.monotonic()
    for number, (at_s, do) in enumerate(moments := _moments(stage, plan), start=1):
        while time.monotonic() < began_s + at_s:
            time.sleep(LOOK_EVERY_S)
            stage.look_after()
        do()
        say(f"{number} of {len(moments)}: {stage.struck.total()} killed")


def _moments(stage: Stage, plan: Plan) -> list[tuple[float, Callable[[], None]]]:
    """Return what happens when, s since the legs began to move: each kind of kill and of trouble in turn."""
    rng = Random(f"{plan.seed} moments")  # noqa: S311 - chance, no secret
    found: list[tuple[float, Callable[[], None]]] = []
    blows = [stage.blows[number % len(stage.blows)] for number in range(plan.kills)]
    rng.shuffle(blows)
    for number, blow in enumerate(blows):
        at_s = (number + rng.random()) * plan.wall_s / plan.kills
        found += [(at_s, partial(stage.strike, blow)), (at_s + rng.uniform(0.0, LONGEST_AWAY_S), blow.post.come_back)]
    troubles = list(itertools.product(stage.links, TROUBLES))
    rng.shuffle(troubles)
    count = max(len(troubles), round(plan.wall_s / TROUBLE_EVERY_S))
    for number, (link, trouble) in enumerate(itertools.islice(itertools.cycle(troubles), count)):
        at_s = (number + rng.random()) * plan.wall_s / count
        found += [
            (at_s, partial(stage.trouble, link, trouble)),
            (at_s + rng.uniform(*TROUBLED_S), stage.links[link].calm),
        ]
    return sorted(found, key=itemgetter(0))


def _wait(
    stage: Stage, done: Callable[[], bool], what: str, *, settled_s: float = 0.0, within_s: float = CONVERGE_WITHIN_S
) -> None:
    """Wait until something is so, and has been for a while."""
    until_s = time.monotonic() + within_s
    since_s: float | None = None
    while time.monotonic() < until_s:
        if not done():
            since_s = None
        else:
            since_s = since_s or time.monotonic()
            if time.monotonic() >= since_s + settled_s:
                return
        time.sleep(LOOK_EVERY_S)
        stage.look_after()
    raise RuntimeError(f"waited {within_s:.0f} s after the last fault {what}: {stage.folder}")


def _kept(stage: Stage, kind: TopicKind) -> list[Entry]:
    """Return the newest revision of everything of a kind in the journal, also what was taken back."""
    with Journal(stage.journal_file) as journal:
        return [
            Entry(kind, *(row[name] for name in ENTRY), bool(row["valid"]), _as_sent(row))
            for row in journal.everything(PERSON, kind=kind)
        ]


def _as_sent(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body with -1 for each measure that only earlier revisions had."""
    return {**row["body"], "measures": {**row["body"]["measures"], **dict.fromkeys(row["gone"], -1.0)}}


def _unlike(expected: Iterable[Mapping[str, Any]], found: Iterable[Mapping[str, Any]]) -> tuple[int, int]:
    """Return how many rows are missing, and how many should not be there or be otherwise."""
    wanted, there = (Counter(frozenset(row.items()) for row in rows) for rows in (expected, found))
    return (wanted - there).total(), (there - wanted).total()


def _compared(plan: Plan, config: Path, night: NightFolder, events: Sequence[Event], zero_utc_ns: int) -> Comparison:
    certificate = night.read_certificate()
    if certificate is None:
        raise RuntimeError(f"{night.path} has no certificate, expected one of a night that has ended")
    whole = undisturbed(
        night.read_info(),
        load(config).criteria,
        simulate_night(plan.hours, seed=plan.seed, regime=plan.regime),
        zero_utc_ns,
    )
    return compared(events, whole, certificate)

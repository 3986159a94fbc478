"""Many homes at once: their nights, compressed, through a real broker and real writers into a real database."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.load.nights import Rows, Said, rows, write
from benchmarks.load.stack import broker, database, slow_line, writers
from benchmarks.load.stages import since, used
from tests.system.servers import python, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tests.system.servers import Influx, Process

# A process of collectors holds so many; more would make the generator itself the narrowest place.
HOMES_PER_STREET = 25
CONNECT_WITHIN_S = 120.0
# Beyond the night itself: what is not confirmed by then is lost, or as good as lost.
PATIENCE_S = 300.0
SMALL_WITHIN_S = 60.0
LOOK_EVERY_S = 1.0
PERCENTILES = (50, 99, 100)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to play.

    Parameters
    ----------
    homes, writers : int
        How many.
    seconds : float
        How long the night takes, s of the wall clock; 0 for everything at once.
    latency_ms : float
        How much longer a request to the database takes, ms.
    measure_disk : bool
        Whether to wait until the database has made small what it was given.
    """

    homes: int
    writers: int
    seconds: float
    latency_ms: float = 0.0
    measure_disk: bool = False


@dataclass(frozen=True, slots=True)
class Homes:
    """What became of it.

    Parameters
    ----------
    plan : Plan
        What was played.
    seconds : float
        From the first entry to the last confirmation, s.
    messages : int
        Entries that the broker took; an entry that is replaced before it is sent is sent once.
    lag_ms : tuple of float
        Median, 99th percentile and maximum of the time from an entry in the journal to its confirmation, ms.
    cpu_s : mapping of str to float
        Processor time by stage, s.
    memory_mb : mapping of str to float
        Largest resident memory by stage, all of its processes, MB.
    confirmation_bytes : int
        Topics and payloads of all confirmations.
    expected, found : mapping of str to Rows
        Points and sum of revisions by measurement, over all homes.
    disk_bytes : int
        What the database keeps on disk of the points; its index of names and tags is apart, and grows with them.
    """

    plan: Plan
    seconds: float
    messages: int
    lag_ms: tuple[float, float, float]
    cpu_s: Mapping[str, float]
    memory_mb: Mapping[str, float]
    confirmation_bytes: int
    expected: Mapping[str, Rows]
    found: Mapping[str, Rows]
    disk_bytes: int

    @property
    def holds(self) -> bool:
        """Whether the database has every point of every home, in its newest revision."""
        return self.expected == self.found

    def cpu_us(self, stage: str) -> float:
        """Return what a message costs in a stage, µs of a processor."""
        return self.cpu_s[stage] * 1e6 / self.messages


def play_homes(folder: Path, said: Sequence[Said], plan: Plan, say: Callable[[str], None]) -> Homes:
    """Play the night of every home.

    Parameters
    ----------
    folder : Path
        Where the servers and journals live; empty.
    said : sequence of Said
        The night, the same for every home but for the names.
    plan : Plan
        How many homes, writers and seconds.
    say : callable of str
        Told how far it is.
    """
    (folder / "homes").mkdir()
    write(folder / "night.jsonl", said)
    with ExitStack() as stack:
        say("starting the servers")
        server = stack.enter_context(broker(folder / "broker", 0, plan.homes))
        target = stack.enter_context(database(folder / "database"))
        port = stack.enter_context(slow_line(folder, target.port, plan.latency_ms)) if plan.latency_ms else target.port
        stack.enter_context(writers(folder, server, target, port, plan.writers))
        streets = [
            _street(folder, server.port, first, min(HOMES_PER_STREET, plan.homes - first), plan.seconds)
            for first in range(0, plan.homes, HOMES_PER_STREET)
        ]
        for street in streets:
            stack.callback(street.kill)
            street.start()
        _await(streets, "ready", CONNECT_WITHIN_S)
        before, memory = used(), Memory()
        say(f"{plan.homes} homes live through their night in {plan.seconds:.0f} s")
        _await(streets, "done", plan.seconds + PATIENCE_S, memory.look)
        cpu_s = since(before, used())
        reports = [_report(street, "done") or {} for street in streets]
        found = counted(target)
        disk_bytes = small(folder / "database", say) if plan.measure_disk else 0
    return _result(plan, reports, cpu_s, memory.most, (_times(rows(said), plan.homes), found, disk_bytes))


def _street(folder: Path, port: int, first: int, homes: int, seconds: float) -> Process:
    return python(
        *("-m", "benchmarks.load.street", "--night", str(folder / "night.jsonl"), "--folder", str(folder / "homes")),
        *("--port", str(port), "--first", str(first), "--homes", str(homes), "--seconds", repr(seconds)),
        log=folder / f"street{first}.log",
    )


def _report(street: Process, event: str) -> dict[str, Any] | None:
    lines = (line for line in street.log.read_text().splitlines() if line.startswith("{"))
    return next((report for report in map(json.loads, lines) if report["event"] == event), None)


def _await(streets: Sequence[Process], event: str, within_s: float, look: Callable[[], None] = lambda: None) -> None:
    def there() -> bool:
        look()
        for street in streets:
            if _report(street, event) is None:
                if not street.running:
                    raise RuntimeError(f"the homes failed: {street.log.read_text()[-2000:]}")
                return False
        return True

    wait_until(there, f"{event}: all homes", within_s=within_s)


class Memory:
    """The most memory that each stage ever held, looked at once a second."""

    def __init__(self) -> None:
        self.most: dict[str, float] = {}
        self._at_s = 0.0

    def look(self) -> None:
        """Look, if it is time."""
        if time.monotonic() < self._at_s:
            return
        self._at_s = time.monotonic() + LOOK_EVERY_S
        for stage, now in used().items():
            self.most[stage] = max(now.resident_mb, self.most.get(stage, 0.0))


def _times(one: Mapping[str, Rows], homes: int) -> dict[str, Rows]:
    return {name: Rows(homes * rows.points, homes * rows.revisions) for name, rows in one.items()}


def counted(target: Influx) -> dict[str, Rows]:
    """Return how many points the database holds in each measurement, and the sum of their revisions."""
    found = target.query("SELECT count(revision), sum(revision) FROM /.*/")
    return {series["name"]: Rows(*(int(number) for number in series["values"][0][1:3])) for series in found}


def small(folder: Path, say: Callable[[str], None]) -> int:
    """Wait until the database has made small what it was given, and return what it keeps, bytes."""
    say("waiting until the database has made its files small")

    def done() -> bool:
        # What is not yet in a table stands in the write-ahead log, of which one file is always open.
        tables = list((folder / "data").rglob("*.tsm"))
        waiting = [file for file in (folder / "wal").rglob("*.wal") if file.stat().st_size]
        return bool(tables) and not waiting

    wait_until(done, "the write-ahead log is empty", within_s=SMALL_WITHIN_S)
    return sum(file.stat().st_size for file in (folder / "data").rglob("*.tsm"))


def _result(
    plan: Plan,
    reports: Sequence[dict[str, Any]],
    cpu_s: Mapping[str, float],
    most_mb: Mapping[str, float],
    database_says: tuple[dict[str, Rows], dict[str, Rows], int],
) -> Homes:
    def total(name: str) -> float:
        return float(sum(report[name] for report in reports))

    expected, found, disk_bytes = database_says
    lag_ms = [float(value) for value in np.percentile(np.concatenate([r["lags_ms"] for r in reports]), PERCENTILES)]
    mine = {"journal": total("put_cpu_s"), "relay": total("cpu_s") - total("put_cpu_s")}
    return Homes(
        plan=plan,
        seconds=max(report["seconds"] for report in reports),
        messages=round(total("acknowledged")),
        lag_ms=(lag_ms[0], lag_ms[1], lag_ms[2]),
        cpu_s={**mine, **{stage: spent_s for stage, spent_s in cpu_s.items() if stage != "other"}},
        memory_mb={stage: held_mb for stage, held_mb in most_mb.items() if stage != "other"},
        confirmation_bytes=round(total("confirmation_bytes")),
        expected=expected,
        found=found,
        disk_bytes=disk_bytes,
    )

"""``python -m benchmarks.load.street``: the collectors of many homes in one process, each with journal and relay.

Prints one JSON line when every relay is connected and one when every home's outbox is empty.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.load.nights import home, of, read
from ingest import wire
from ingest.address import BrokerAddress
from ingest.mqtt import Acknowledged, Received, Up
from ingest.night.entries import Delivery
from ingest.night.journal import Journal
from ingest.relay import RelaySettings, run_relay
from tests.system.known_secrets import password_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.load.nights import Home, Said
    from ingest.mqtt import MqttLink, Signal
    from ingest.night.entries import Entry

# The live scorer looks at its log as often, and puts what it found in one go.
STEP_S = 0.5
# A replay, or the end of a night, puts everything at once.
AT_ONCE = 500
POLL_S = 0.02
MS_PER_S = 1000.0


class Watch:
    """Listens on a home's connection: what the broker took, and how long a change took to be confirmed."""

    subscriptions: Sequence[str] = ()
    fleeting: Sequence[str] = ()

    def __init__(self) -> None:
        self.connected = False
        self.acknowledged = self.confirmation_bytes = 0
        self.lags_s: list[float] = []
        self._put_at_s: dict[tuple[str, int], float] = {}

    def note(self, entries: Sequence[Entry]) -> None:
        """Take what the journal has just kept."""
        now_s = time.monotonic()
        self._put_at_s.update({(entry.key, entry.revision): now_s for entry in entries})

    def take(self, signal: Signal, _link: MqttLink) -> bool:
        """Look at what happened; it is the relay's all the same."""
        match signal:
            case Up():
                self.connected = True
            case Acknowledged(refusal=None):
                self.acknowledged += 1
            case Received():
                self.confirmation_bytes += len(signal.topic) + len(signal.payload)
                now_s = time.monotonic()
                for said in wire.decode_confirmations(signal.payload):
                    put_at_s = self._put_at_s.pop((said.key, said.revision), None)
                    if put_at_s is not None:
                        self.lags_s.append(now_s - put_at_s)
        return False

    def send(self, _link: MqttLink) -> None:
        """Say nothing."""

    def leave(self, _link: MqttLink) -> None:
        """Say nothing."""


class Household:
    """One home: its journal, its relay, and the night that it lives through."""

    def __init__(self, whose: Home, said: Sequence[Said], journal: Journal) -> None:
        self._whose = whose
        self._said = [(at_s, of(whose, entry)) for at_s, entry in said]
        self._journal = journal
        self.watch = Watch()
        self.put_cpu_s = 0.0

    async def relay(self, port: int, stop: asyncio.Event) -> None:
        """Deliver what the journal holds until told to stop."""
        broker = BrokerAddress("127.0.0.1", port, self._whose.account, password_of(self._whose.account))
        settings = RelaySettings(self._whose.site, self._whose.collector, broker, Delivery.STORE)
        await run_relay(self._journal, settings, stop, [self.watch])

    async def live(self, seconds: float, phase_s: float) -> None:
        """Put the night into the journal in `seconds`, and wait until all of it is confirmed."""
        if seconds:
            await self._live_through(seconds, phase_s)
        else:
            for start in range(0, len(self._said), AT_ONCE):
                self._put([entry for _, entry in self._said[start : start + AT_ONCE]])
                await asyncio.sleep(0)
        while self._journal.waiting(Delivery.STORE, 1):  # noqa: ASYNC110 - a file tells nobody when it changes
            await asyncio.sleep(POLL_S)

    async def _live_through(self, seconds: float, phase_s: float) -> None:
        await asyncio.sleep(phase_s)
        speed = (self._said[-1][0] - self._said[0][0]) / seconds or 1.0
        began_s, next_one = time.monotonic(), 0
        while next_one < len(self._said):
            now_s = self._said[0][0] + speed * (time.monotonic() - began_s)
            due = next_one
            while due < len(self._said) and self._said[due][0] <= now_s:
                due += 1
            self._put([entry for _, entry in self._said[next_one:due]])
            next_one = due
            await asyncio.sleep(STEP_S)

    def _put(self, entries: Sequence[Entry]) -> None:
        began_s = time.thread_time()
        self._journal.put(entries)
        self.put_cpu_s += time.thread_time() - began_s
        self.watch.note(entries)


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def play(homes: Sequence[Household], port: int, seconds: float) -> None:
    """Let every home live through its night, and print how it went."""
    stop = asyncio.Event()
    relays = [asyncio.create_task(one.relay(port, stop)) for one in homes]
    while not all(one.watch.connected for one in homes):
        for ended in (relay for relay in relays if relay.done()):
            ended.result()
        await asyncio.sleep(POLL_S)
    print(json.dumps({"event": "ready"}), flush=True)
    began_s, cpu_s = time.monotonic(), _cpu_s()
    await asyncio.gather(*(one.live(seconds, STEP_S * n / len(homes)) for n, one in enumerate(homes)))
    report = {
        "event": "done",
        "seconds": time.monotonic() - began_s,
        "cpu_s": _cpu_s() - cpu_s,
        "put_cpu_s": sum(one.put_cpu_s for one in homes),
        # The first word of each collector is that it is there.
        "acknowledged": sum(one.watch.acknowledged - 1 for one in homes),
        "confirmation_bytes": sum(one.watch.confirmation_bytes for one in homes),
        "lags_ms": [round(lag_s * MS_PER_S, 1) for one in homes for lag_s in one.watch.lags_s],
    }
    print(json.dumps(report), flush=True)
    stop.set()
    await asyncio.gather(*relays)


def main() -> None:
    """Play what the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--night", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--first", type=int, required=True)
    parser.add_argument("--homes", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    arguments = parser.parse_args()
    said = read(arguments.night)
    with ExitStack() as stack:
        homes = []
        for whose in map(home, range(arguments.first, arguments.first + arguments.homes)):
            journal = stack.enter_context(Journal(arguments.folder / f"{whose.account}.db"))
            homes.append(Household(whose, said, journal))
        asyncio.run(play(homes, arguments.port, arguments.seconds))


if __name__ == "__main__":
    main()

"""How long after an event is in the journal its row can be read in InfluxDB."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks.delivery.publishing import named
from tests.system.servers import READY_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.night.entries import Entry
    from tests.system.house import House

# Events come at any moment, not in step with the relay.
LONGEST_PAUSE_S = 0.3
ASK_EVERY_S = 0.002
SCORING = "latency"


def latencies_s(built: House, events: Sequence[Entry], seed: int = 1) -> list[float]:
    """Put one event after the other, and ask the database for its row until it is there.

    Parameters
    ----------
    built : House
        A collector, a broker, a writer and a database at work.
    events : sequence of Entry
        Entries of events.
    seed : int
        Of the pauses between them.

    Returns
    -------
    list of float
        From the return of the journal's `put` to the first answer that has the row, s.
    """
    rng = random.Random(seed)  # noqa: S311 - seeded pauses
    found = []
    for event in named(events, SCORING):
        time.sleep(rng.uniform(0.0, LONGEST_PAUSE_S))
        built.journal.put([replace(event, revision=0)])
        began_s = time.perf_counter()
        query = f"SELECT revision FROM leg_event WHERE scoring = '{SCORING}' AND time = {event.body['onset_ns']}"  # noqa: S608 - our own names
        query += f" AND kind = '{event.body['kind']}' AND sensor = '{event.body['sensor']}'"
        while not built.database.query(query):
            if time.perf_counter() - began_s > READY_S:
                raise TimeoutError(f"not in the database within {READY_S} s: {event.key}")
            time.sleep(ASK_EVERY_S)
        found.append(time.perf_counter() - began_s)
    return found

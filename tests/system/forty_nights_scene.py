"""Forty nights of a person in a real InfluxDB: one through the whole pipeline, the others made from a seed."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from detectors.signal import NS_PER_S
from ingest.night.entries import Delivery
from tests.forty_nights import DARK, SECOND_PERSON, made_nights, of_person
from tests.night_log import INFO, night_records, write_night
from tests.system.house import House
from tests.system.known_secrets import password_of
from tests.system.servers import COLLECTORS, DATABASE, READY_S, ROOT, influx, mosquitto, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.forty_nights import MadeNight
    from tests.system.servers import Influx

HOURS_OF_SIGNAL: Final = 0.25
H_NS: Final = 3600 * NS_PER_S
DAY_NS: Final = 24 * H_NS
STORED_WITHIN_S: Final = 300.0


@dataclass(frozen=True, slots=True)
class FortyNights:
    """The database, as a reader sees it, and what was put there.

    Parameters
    ----------
    database : Influx
        Behind it.
    made : list of MadeNight
        The nights that were made, oldest first.
    """

    database: Influx
    made: list[MadeNight]

    @property
    def all_ns(self) -> tuple[int, int]:
        """From before the first night to after the last, and to now, when it was delivered, UTC ns."""
        return self.made[0].start_ns - DAY_NS, max(INFO.start_ns, time.time_ns()) + DAY_NS

    @property
    def scored_ns(self) -> tuple[int, int]:
        """The night that went through the pipeline, as *Last night* looks at it, UTC ns."""
        return INFO.start_ns - 6 * H_NS, INFO.start_ns + 10 * H_NS

    def one_ns(self, *, is_dark: bool = False) -> tuple[int, int]:
        """Return 16 hours with a made night that has all, or one without valid signal, UTC ns."""
        night = next(one for one in reversed(self.made) if (one.ago in DARK) is is_dark)
        return night.end_ns - 15 * H_NS, night.end_ns + H_NS

    def ask(self, queries: Sequence[str]) -> list[list[dict[str, Any]]]:
        """Return the series of each query, asked together as Grafana asks: POST, as the reader, times in ms.

        Raises
        ------
        AssertionError
            If the database refuses one.
        """
        form = urllib.parse.urlencode({"db": DATABASE, "q": ";\n".join(queries), "epoch": "ms"})
        login = base64.b64encode(f"grafana:{password_of('grafana')}".encode()).decode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.database.port}/query",
            data=form.encode(),
            headers={"Authorization": f"Basic {login}"},
        )
        with urllib.request.urlopen(request, timeout=READY_S) as response:  # noqa: S310 - our own server on loopback
            results = json.load(response)["results"]
        for result, query in zip(results, queries, strict=True):
            assert "error" not in result, f"{result['error']}: {query}"
        return [result.get("series", []) for result in results]


@contextmanager
def forty_nights(folder: Path) -> Iterator[FortyNights]:
    """Fill a database and keep it until the context ends."""
    (folder / "influx").mkdir()
    (folder / "data").mkdir()
    with ExitStack() as stack:
        broker = stack.enter_context(
            mosquitto(folder / "mosquitto", (*COLLECTORS, f"collector:home:{SECOND_PERSON}:x"))
        )
        database = stack.enter_context(influx(folder / "influx"))
        house = House(folder, broker, database, journal="data/journal.sqlite")
        stack.callback(house.end)
        house.store.start()
        house.await_store()
        house.relay.start()
        scoring = _scored(folder)
        stack.callback(scoring.kill)
        made = made_nights()
        for night in made:
            house.journal.put(night.entries)
        house.journal.put(of_person(made[-1], SECOND_PERSON))
        output, errors = scoring.communicate(timeout=STORED_WITHIN_S)
        assert scoring.returncode == 0, errors
        assert json.loads(output)["published"]["changed"] > 0
        empty = "everything is confirmed by the writer"
        wait_until(lambda: not house.journal.waiting(Delivery.STORE, 1), empty, within_s=STORED_WITHIN_S)
        assert house.journal.counts().rejected == 0
        house.relay.stop()
        house.store.stop()
        yield FortyNights(database, made)


def _scored(folder: Path) -> subprocess.Popen[str]:
    """Begin to score a stored night and to put what is found into the journal."""
    write_night(folder / "data/nights" / "2026-09-21-2230", night_records(HOURS_OF_SIGNAL), INFO)
    store = "[store]\nurl = 'http://127.0.0.1:8086'\n"
    config = folder / "soleus.toml"
    config.write_text(f"delivery = 'store'\ndata_dir = '{folder}/data'\n{store}")
    argv = ["-m", "soleus", "replay", "--all", "--publish", "--json", "--config", str(config)]
    return subprocess.Popen(
        [sys.executable, *argv], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )

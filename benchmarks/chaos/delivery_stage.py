"""Every process between two legs and InfluxDB, each of which can be killed, and the links between them.

Virtual sensors on a radio of their own, `soleus night`, Mosquitto with the files of deploy/, two `soleus store` of one
group, InfluxDB 1.6 behind its rewrite. The collector reaches the broker, the writers the broker, and the writers the
database only over a `FaultyLink`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from benchmarks.chaos.echo import Echo
from benchmarks.chaos.faulty_link import FaultyLink
from benchmarks.chaos.night import Collector, new_clock, sensors, servers_at, write_config
from benchmarks.chaos.overheard import Deaf, Overheard
from ingest import wire
from ingest.night.entries import Delivery
from ingest.night.journal import Journal
from tests.system.known_secrets import password_of
from tests.system.servers import influx, mosquitto, python

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import ExitStack
    from pathlib import Path

    from benchmarks.chaos.faulty_link import Trouble
    from benchmarks.chaos.night import Sensors
    from tests.system.servers import Process

# The names that a configuration gives where it says nothing.
SITE, COLLECTOR, PERSON = "home", "collector", "p1"
WRITERS = ("one", "two")


@dataclass(slots=True)
class Post:
    """A process that has to be there, as systemd or Docker would see to.

    Parameters
    ----------
    name : str
        What it does.
    start : callable
        Starts it.
    runs : callable
        Says whether it is there.
    is_struck : bool
        Whether it was killed on purpose and is not back yet.
    """

    name: str
    start: Callable[[], None]
    runs: Callable[[], bool]
    is_struck: bool = False

    def come_back(self) -> None:
        """Be there again after a blow."""
        self.is_struck = False
        if not self.runs():
            self.start()


@dataclass(frozen=True, slots=True)
class Blow:
    """A way to kill a process with -9; `kind` is what it counts as."""

    kind: str
    post: Post
    kill: Callable[[], None]


class Stage:
    """All of it, running, until `stack` is closed.

    Parameters
    ----------
    folder : Path
        Where everything is kept; empty.
    stack : ExitStack
        Ends every process.
    hours, speed, seed, regime : float, float, int, str
        The simulated night, and how fast it is played.
    """

    def __init__(self, folder: Path, stack: ExitStack, *, hours: float, speed: float, seed: int, regime: str) -> None:
        self.folder = folder
        self.died: Counter[str] = Counter()
        self.struck: Counter[str] = Counter()
        self.troubled: Counter[str] = Counter()
        (folder / "influx").mkdir()
        self.broker = stack.enter_context(mosquitto(folder / "mosquitto"))
        self.database = stack.enter_context(influx(folder / "influx"))
        self._clock = new_clock(speed)
        self.legs: Sensors = stack.enter_context(sensors(hours, seed, self._clock, regime))
        self.sent, self.handed = Overheard(), Overheard()
        self._deaf = Deaf()
        self.links = self._lay_links(seed, stack)
        self.config = write_config(folder, servers_at(self.links["collector"].port, self.links["database"].port))
        self.collector: Collector | None = None
        writers = {name: self._writer(name) for name in WRITERS}
        self.posts, self.blows = self._posts(writers)
        stack.callback(self._end, list(writers.values()))
        self.echo = Echo(
            self.broker.address("collector"),
            self.broker.address("store"),
            wire.stored_topic(SITE, COLLECTOR),
            Random(f"{seed} echo"),  # noqa: S311 - chance, no secret
        )
        stack.callback(self.echo.close)
        for post in self.posts:
            post.come_back()

    @property
    def journal_file(self) -> Path:
        """The collector's journal."""
        return self.folder / "data" / "journal.sqlite"

    def is_delivered(self) -> bool:
        """Whether nothing waits in the journal."""
        with Journal(self.journal_file) as journal:
            return not journal.waiting(Delivery.STORE, 1)

    def n_waiting(self) -> int:
        """Return how many entries of the journal wait for their confirmation, or were refused."""
        with Journal(self.journal_file) as journal:
            counts = journal.counts()
        return counts.entries - counts.stored

    def end_night(self) -> None:
        """Press Ctrl-C, and wait until the night is scored to its end and delivered."""
        code = None if self.collector is None else self.collector.interrupt()
        if code != 0:
            raise RuntimeError(f"the last collector ended with {code}: {self.folder / 'collector.log'}")

    def strike(self, blow: Blow) -> None:
        """Kill a process; it stays away until it is told to return."""
        if not blow.post.runs():
            blow.post.start()
        blow.kill()
        blow.post.is_struck = True
        self.struck[blow.kind] += 1

    def trouble(self, link: str, trouble: Trouble) -> None:
        """Let something be wrong with a link."""
        self.links[link].suffer(trouble)
        self.troubled[trouble.name] += 1

    def look_after(self) -> None:
        """Start again what ended without having been killed, and count it."""
        for post in self.posts:
            if not post.is_struck and not post.runs():
                self.died[post.name] += 1
                post.start()

    def heal(self) -> None:
        """End every fault."""
        for link in self.links.values():
            link.calm()
        for post in self.posts:
            post.come_back()

    def _lay_links(self, seed: int, stack: ExitStack) -> dict[str, FaultyLink]:
        ends = {
            "collector": (self.broker.port, lambda: (self.sent.ear(), self._deaf)),
            "writers": (self.broker.port, lambda: (self._deaf, self.handed.ear())),
            "database": (self.database.port, lambda: (self._deaf, self._deaf)),
        }
        links = {}
        for name, (port, ears) in ends.items():
            links[name] = FaultyLink(port, Random(f"{seed} {name}"), ears)  # noqa: S311 - chance, no secret
            stack.callback(links[name].close)
        return links

    def _writer(self, name: str) -> Process:
        url = f"mqtt://store@127.0.0.1:{self.links['writers'].port}"
        secrets = {"SOLEUS_MQTT_PASSWORD": password_of("store"), "SOLEUS_STORE_TOKEN": f"store:{password_of('store')}"}
        return python(
            *("-m", "soleus", "store", "--config", str(self.config), "--broker", url),
            *("--name", name, "--group", "writers"),
            log=self.folder / f"writer-{name}.log",
            environ=secrets,
        )

    def _posts(self, writers: dict[str, Process]) -> tuple[list[Post], list[Blow]]:
        broker = Post("broker", self.broker.start, lambda: self.broker.process.running)
        database = Post("database", self.database.start, lambda: self.database.running)
        collector = Post("collector", self._start_collector, lambda: self.collector is not None and self.collector.runs)
        one, two = (Post("writer", writer.start, lambda w=writer: w.running) for writer in writers.values())
        # The first eight hold every kind, and the collector once: it takes the longest to come back.
        blows = [
            Blow("collector", collector, self._kill_collector),
            Blow("broker", broker, self.broker.process.kill),
            Blow("writer", one, writers["one"].kill),
            Blow("database", database, self.database.kill),
            Blow("broker and its disk", broker, self.broker.kill_and_forget),
            Blow("writer", two, writers["two"].kill),
            Blow("broker", broker, self.broker.process.kill),
            Blow("database", database, self.database.kill),
            Blow("broker and its disk", broker, self.broker.kill_and_forget),
            Blow("collector", collector, self._kill_collector),
        ]
        return [broker, database, one, two, collector], blows

    def _start_collector(self) -> None:
        environ = {"SOLEUS_MQTT_PASSWORD": password_of("collector")}
        self.collector = Collector(self.config, self.legs.port, self._clock, environ)

    def _kill_collector(self) -> None:
        if self.collector is not None:
            self.collector.kill()

    def _end(self, writers: list[Process]) -> None:
        self._kill_collector()
        for writer in writers:
            writer.kill()

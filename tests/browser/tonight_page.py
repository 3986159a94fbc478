"""What is done with the page Tonight in a browser, over a night whose clock the test sets."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.fake_live import LiveScene
from tests.fakes import FakeNightBook
from tests.system.servers import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator, Page

PHONE_PX = 360
BEGUN_S = 3_000.0
SAMPLES = """async ([stream, axis]) => {
  const { strips } = await import("/static/tonight.js");
  const line = strips.get(stream)?.lines.find((one) => one.axis === axis);
  if (!line) return { n: 0 };
  const { n, again, missing } = line.ring;
  return { n, again, missing, last: [...line.ring.last(1e6)] };
}"""
STREAM = ["left-shin/emg/200", "emg"]


@dataclass(slots=True)
class Clock:
    """Seconds of the night, which the test lets pass."""

    s: float = BEGUN_S
    _goes: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._goes.set()

    def __call__(self) -> float:
        self._goes.wait()
        return self.s

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Let everybody who asks for the time wait: the server hangs."""
        self._goes.clear()
        try:
            yield
        finally:
            self._goes.set()


def running_book(clock: Clock) -> FakeNightBook:
    """Return two sensors with one muscle and a motion each; the right one is gone after 100 s."""
    scene = LiveScene(2, 200.0, motion=True, away_since_s={"right-shin": BEGUN_S + 100})
    return FakeNightBook(running=True, so_far_s=round(BEGUN_S), scene=scene, now_s=clock)


def follow(page: Page, url: str) -> Locator:
    """Go to the page of tonight and wait until its traces are drawn."""
    page.goto(f"{url}/")
    page.wait_for_selector("#tonight[data-drawn]")
    return page.locator("#stream-state")


def come(page: Page, n: int) -> dict[str, object]:
    """Return the samples of the left leg's EMG once `n` of them have come."""
    found: dict[str, object] = {}

    def has_come() -> bool:
        found.update(page.evaluate(SAMPLES, STREAM))
        return int(str(found["n"])) >= n

    wait_until(has_come, f"{n} samples")
    return found

"""Deliver what waits while no night is being collected."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from ingest.night.entries import Delivery
from ingest.relay import RelaySettings, run_relay
from soleus.build import broker_address
from soleus.errors import ConfigError
from soleus.machine import goes_on
from soleus.nights import all_nights, alone, sending_lock

if TYPE_CHECKING:
    from ingest.night.journal import Journal
    from soleus.settings import Settings

# Nothing has been settled for so long: whoever should answer is away. A first connection takes seconds.
PATIENCE_S = 30.0
POLL_S = 0.1
# To count all that waits takes half a second for a third of a million entries: never more than this share of the time.
COUNTING_SHARE = 0.05


def expect_no_night(settings: Settings, option: str) -> None:
    """Refuse what would be in the way of a night that is being collected.

    Parameters
    ----------
    settings : Settings
        Where nights are kept.
    option : str
        What is refused then: to send (two connections of one name throw each other out), or to rewrite the journal.

    Raises
    ------
    ConfigError
        If a night is being collected.
    """
    night = next((folder.path.name for folder in all_nights(settings) if goes_on(folder)), None)
    if night is not None:
        msg = f"{option}: the night {night} is being collected, and sends what waits; again when it has ended"
        raise ConfigError(msg)


def send_waiting(journal: Journal, settings: Settings, *, patience_s: float = PATIENCE_S) -> int:
    """Deliver until nothing waits, or until nothing gets settled any more.

    Parameters
    ----------
    journal : Journal
        The journal.
    settings : Settings
        Which broker, and who empties the outbox.
    patience_s : float
        How long to go on without anything getting settled, s.

    Returns
    -------
    int
        How many were delivered; what was set aside is not among them.

    Raises
    ------
    ConfigError
        If there is no broker to send to, or another process sends.
    """
    broker = broker_address(settings.mqtt)
    if broker is None or settings.effective_delivery is Delivery.NONE:
        msg = "there is no broker to send to: set url in [mqtt]"
        raise ConfigError(msg)
    relay = RelaySettings(settings.site, settings.collector, broker, settings.effective_delivery)
    with alone(sending_lock(settings), "another process sends what waits, or removes it"):
        return asyncio.run(_send(journal, relay, patience_s))


async def _send(journal: Journal, settings: RelaySettings, patience_s: float) -> int:
    stop = asyncio.Event()
    before = now = journal.backlog(settings.delivery)
    task = asyncio.create_task(run_relay(journal, settings, stop), name="relay")
    until_s, count_at_s = time.monotonic() + patience_s, 0.0
    while journal.waiting(settings.delivery, 1) and time.monotonic() < until_s and not task.done():
        await asyncio.sleep(POLL_S)
        began_s = time.monotonic()
        if began_s < count_at_s:
            continue
        left, now = now, journal.backlog(settings.delivery)
        ended_s = time.monotonic()
        count_at_s = ended_s + (ended_s - began_s) / COUNTING_SHARE
        if now.waiting != left.waiting:
            until_s = ended_s + patience_s
    stop.set()
    await task
    after = journal.backlog(settings.delivery)
    return max(0, before.waiting - after.waiting - (after.set_aside - before.set_aside))

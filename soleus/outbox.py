"""How the outbox of this computer is: what waits, what was set aside, how full it is, and whether that is well."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from detectors.signal import NS_PER_S
from ingest.errors import DecodeError
from ingest.night.entries import Delivery
from ingest.night.journal import Journal
from ingest.night.outbox_bound import Fill, Fullness
from soleus.nights import journal_path
from soleus.verdicts import Finding, Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.night.outbox import Backlog
    from soleus.settings import Settings

# A relay and a store that are at work settle an entry within seconds, after a restart of either within minutes.
LATE_S = 3600.0
# Somebody else writes for a moment; a command that only looks need not wait for long.
BUSY_S = 5.0
EMPTIED_BY = {
    Delivery.STORE: "the store's confirmation",
    Delivery.BROKER: "the broker's acknowledgement",
    Delivery.NONE: "nobody: nothing is sent",
}
_S_PER_MIN, _S_PER_H, _S_PER_DAY = 60, 3600, 86400


@dataclass(frozen=True, slots=True)
class OutboxState:
    """An outbox, and whether it is as it should be.

    Parameters
    ----------
    backlog : Backlog
        What has not been delivered.
    delivery : Delivery
        Who empties it.
    fullness : Fullness
        How much of its bound is taken.
    age_s : float or None
        How long the oldest entry has waited, s; None if nothing waits.
    """

    backlog: Backlog
    delivery: Delivery
    fullness: Fullness
    age_s: float | None

    @property
    def is_late(self) -> bool:
        """Whether something has waited for longer than it should."""
        return self.age_s is not None and self.age_s >= LATE_S

    @property
    def is_well(self) -> bool:
        """Whether nothing was set aside, nothing is late, and there is room."""
        return not (self.backlog.set_aside or self.is_late or self.fullness.fill is Fill.FULL)

    def faults(self) -> list[tuple[str, str]]:
        """Return what is not well, worst first, each with what to do about it."""
        found = []
        if self.fullness.fill is not Fill.ROOM:
            found.append((str(self.fullness), self.fullness.consequence))
        if n_aside := self.backlog.set_aside:
            seen = f"{n_aside} {'entry was' if n_aside == 1 else 'entries were'} refused for good and set aside"
            found.append((seen, "soleus outbox says why; with the cause mended, soleus outbox --retry sends again"))
        if self.is_late and self.age_s is not None:
            seen = f"{self.backlog.waiting} wait for delivery, the oldest for {age(self.age_s)}"
            advice = (
                "they go with the next night, or with soleus outbox --send; if they do not, broker or store is away"
            )
            found.append((seen, advice))
        return found


def state_of(backlog: Backlog, settings: Settings, *, now_ns: int) -> OutboxState:
    """Return whether an outbox is as it should be.

    Parameters
    ----------
    backlog : Backlog
        What has not been delivered.
    settings : Settings
        Who empties it, and its bound.
    now_ns : int
        UTC, ns.
    """
    oldest = backlog.oldest
    # A clock that was set back makes nothing younger than new.
    age_s = None if oldest is None else max(0.0, (now_ns - oldest.since_ns) / NS_PER_S)
    fullness = Fullness(backlog.waiting_bytes, settings.outbox.max_bytes)
    return OutboxState(backlog, settings.effective_delivery, fullness, age_s)


def finding(settings: Settings) -> Finding | None:
    """Judge the outbox, for the commands that look at this computer.

    Parameters
    ----------
    settings : Settings
        Where the journal is, and its bound.

    Returns
    -------
    Finding or None
        None where nothing was recorded yet.
    """
    path = journal_path(settings)
    if not path.is_file():
        return None
    try:
        with Journal(path, busy_s=BUSY_S) as journal:
            backlog = journal.backlog(settings.effective_delivery)
    except (sqlite3.Error, DecodeError) as error:
        return Finding("outbox", Verdict.WRONG, f"the journal cannot be read: {error}", f"see {path}")
    values = {"waiting": float(backlog.waiting), "waiting_mb": backlog.waiting_bytes / 1e6}
    faults = state_of(backlog, settings, now_ns=time.time_ns()).faults()
    if not faults:
        seen = f"{backlog.waiting} wait for delivery" if backlog.waiting else "empty"
        return Finding("outbox", Verdict.OK, seen, "", values)
    seen, advice = faults[0]
    return Finding("outbox", Verdict.WARNING, "; ".join([seen, *(also for also, _ in faults[1:])]), advice, values)


def size_bytes(path: Path) -> int:
    """Return what a journal takes on the disk, what is not yet worked into the file included.

    Parameters
    ----------
    path : Path
        The file.
    """
    parts = (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm"))
    return sum(part.stat().st_size for part in parts if part.is_file())


def age(seconds: float) -> str:
    """Return a length of time as people say it.

    Examples
    --------
    >>> age(59.6), age(7500), age(200_000)
    ('1 min', '2 h 5 min', '2 days 7 h')
    """
    whole = round(seconds)
    if whole < _S_PER_MIN:
        return f"{whole} s"
    if whole < _S_PER_H:
        return f"{whole // _S_PER_MIN} min"
    if whole < _S_PER_DAY:
        return f"{whole // _S_PER_H} h {whole % _S_PER_H // _S_PER_MIN} min"
    days = whole // _S_PER_DAY
    return f"{days} day{'s' if days > 1 else ''} {whole % _S_PER_DAY // _S_PER_H} h"

"""What happens to time itself during a night: it is told, it is set by someone, and the computer sleeps through it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from detectors.signal import NS_PER_S
from ingest.night.records import RecoveryStep, TimePair

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.inbox import Inbox
    from ingest.timebase import Timebase

TIME_PAIR_EVERY_S = 10.0
# A clock that is kept right by the network moves by milliseconds between two pairs.
LEAST_SET_S = 1.0
# The two clocks are read one after the other; a machine that is busy may pause between them, but not for so long.
LEAST_SLEEP_S = 2.0
LOOK_EVERY_WALL_S = 1.0


async def tell_time(inbox: Inbox, timebase: Timebase, *, every_s: float = TIME_PAIR_EVERY_S) -> None:
    """Tie monotonic time to UTC, also while no sensor is there: silence must be dated too.

    A wall clock that was set is logged; no sample moves, because the decoders keep to the first pair of a night.

    Parameters
    ----------
    inbox : Inbox
        Where the pairs go, for ever.
    timebase : Timebase
        Time of the night.
    every_s : float
        Between two pairs, s of the night.
    """
    before_ns: int | None = None
    while True:
        pair = TimePair(timebase.mono_ns(), timebase.now_ns())
        offset_ns = pair.utc_ns - pair.mono_ns
        if before_ns is not None and abs(offset_ns - before_ns) > LEAST_SET_S * NS_PER_S:
            detail = f"by {(offset_ns - before_ns) / NS_PER_S:+.1f} s; no sample moves"
            inbox.tell(RecoveryStep(pair.mono_ns, "", "wall clock set", detail))
        before_ns = offset_ns
        inbox.tell(pair)
        await timebase.sleep(every_s)


async def notice_sleep(
    inbox: Inbox, timebase: Timebase, wake: Callable[[], None], *, look_every_s: float = LOOK_EVERY_WALL_S
) -> None:
    """Notice that the computer slept, by the clock that stood still meanwhile.

    Parameters
    ----------
    inbox : Inbox
        Where it is logged.
    timebase : Timebase
        Time of the night; its clock counts sleep.
    wake : callable
        Called after each sleep: whoever was connected then is not any more.
    look_every_s : float
        Between two looks, s of the wall clock.
    """
    before_ns = timebase.clock() - time.monotonic_ns()
    while True:
        await asyncio.sleep(look_every_s)
        ahead_ns = timebase.clock() - time.monotonic_ns()
        slept_s = (ahead_ns - before_ns) / NS_PER_S
        before_ns = ahead_ns
        if slept_s > LEAST_SLEEP_S:
            now_ns = timebase.mono_ns()
            inbox.tell(RecoveryStep(now_ns, "", "computer slept", f"for {slept_s * timebase.speed:.0f} s"))
            inbox.tell(TimePair(now_ns, timebase.now_ns()))
            wake()

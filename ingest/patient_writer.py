"""Writing until the database takes the points, or says no to the points themselves.

Whatever else is wrong (it is away, busy, or does not know us any more) is waited for, and said once a minute.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from typing import TYPE_CHECKING

from ingest.influx import Verdict

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from ingest.influx import Answer, InfluxWriter

log = logging.getLogger(__name__)

FIRST_RETRY_S = 0.5
LONGEST_RETRY_S = 60.0
# A token that was exchanged, a right or a bucket that was given back, shall not be noticed minutes later.
LONGEST_REFUSED_S = 10.0
SAY_AGAIN_S = 60.0
# Several writers that lost the same database do not come back at the same moment.
JITTER = 0.25
_FINAL = frozenset({Verdict.ACCEPTED, Verdict.BAD_POINT, Verdict.TOO_LARGE})


class PatientWriter:
    """A writer that tries again.

    Parameters
    ----------
    influx : InfluxWriter
        The database.
    fresh_token : callable, optional
        Returns the token as it is now, empty if it cannot be read; asked when the database does not accept ours.
    first_retry_s : float
        Wait before the second try, s; doubled with each further one.
    sleep : callable
        Waits so many seconds.
    now_s : callable
        Returns a monotonic time, s.
    """

    def __init__(
        self,
        influx: InfluxWriter,
        fresh_token: Callable[[], str] | None = None,
        *,
        first_retry_s: float = FIRST_RETRY_S,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._influx = influx
        self._fresh_token = fresh_token
        self._first_retry_s = first_retry_s
        self._sleep = sleep
        self._now_s = now_s
        self._jitter = random.Random()  # noqa: S311 - spreads retries, guards nothing
        self._said = ""
        self._say_at_s = 0.0

    @property
    def is_waiting(self) -> bool:
        """Whether the database did not take the newest lines, or not yet."""
        return bool(self._said)

    async def write(self, lines: Sequence[str]) -> Answer:
        """Write lines and return what the database said to them: taken, one of them is bad, or too large.

        Parameters
        ----------
        lines : sequence of str
            Line protocol.
        """
        answer = await asyncio.to_thread(self._influx.write, lines)
        if answer.verdict in _FINAL:
            return answer
        since_s, delay_s = self._now_s(), self._first_retry_s
        while answer.verdict not in _FINAL:
            if answer.verdict is Verdict.REFUSED:
                delay_s = min(delay_s, LONGEST_REFUSED_S)
            # The time that the database asks for is the least.
            wait_s = max(delay_s, answer.wait_s or 0.0) * self._jitter.uniform(1.0, 1.0 + JITTER)
            self._say(answer, wait_s)
            await self._sleep(wait_s)
            delay_s = min(2 * delay_s, LONGEST_RETRY_S)
            if answer.verdict is Verdict.REFUSED:
                await asyncio.to_thread(self._renew)
            answer = await asyncio.to_thread(self._influx.write, lines)
        log.info("InfluxDB answers our writes again, after %.1f s", self._now_s() - since_s)
        self._said = ""
        return answer

    def _renew(self) -> None:
        token = self._fresh_token() if self._fresh_token is not None else ""
        if token and self._influx.renew(token):
            log.info("the token has changed; going on with the new one")

    def _say(self, answer: Answer, wait_s: float) -> None:
        now_s = self._now_s()
        if answer.reason == self._said and now_s < self._say_at_s:
            return
        self._said, self._say_at_s = answer.reason, now_s + SAY_AGAIN_S
        log.warning("%s; trying again in %.1f s, and until then messages wait", answer.reason, wait_s)

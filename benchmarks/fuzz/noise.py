"""Notifications as no sensor should send them: random ones, and valid ones that were damaged on the way."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from detectors.signal import NS_PER_S
from ingest.night.records import LinkDown, LinkUp, NightStart, Notification, SetupReply, TimePair

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

    from benchmarks.fuzz.example import Example, Said
    from ingest.night.records import Record

SENSOR = "fuzzed"
UTC_NS = 1_790_000_000 * NS_PER_S
POOL_STEPS = 400
LONGEST = 300
MOST_FLIPS = 8
COUNTERS_WITHIN = 14
TIME_PAIR_NS = 10 * NS_PER_S
HOUR_NS = 3600 * NS_PER_S


def flipped(rng: Random, payload: bytes) -> bytes:
    """Return a packet with a few bits turned over."""
    damaged = bytearray(payload or b"\0")
    for _ in range(rng.randint(1, MOST_FLIPS)):
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
    return bytes(damaged)


def truncated(rng: Random, payload: bytes) -> bytes:
    """Return the beginning of a packet."""
    return payload[: rng.randint(0, len(payload))]


def extended(rng: Random, payload: bytes) -> bytes:
    """Return a packet with more behind it."""
    return payload + rng.randbytes(rng.randint(1, 24))


def jumped(rng: Random, payload: bytes) -> bytes:
    """Return a packet with other numbers where counters and times stand."""
    n_bytes = rng.choice((1, 2, 4))
    at = rng.randrange(max(1, min(len(payload), COUNTERS_WITHIN) - n_bytes + 1))
    number = int.from_bytes(payload[at : at + n_bytes], "little")
    near = number + rng.choice((-2, -1, 1, 2, 100, 30_000, -30_000))
    value = rng.choice((near, rng.getrandbits(8 * n_bytes), 0, -1)) % (1 << 8 * n_bytes)
    return payload[:at] + value.to_bytes(n_bytes, "little") + payload[at + n_bytes :]


def unchanged(_rng: Random, payload: bytes) -> bytes:
    """Return a packet as it is."""
    return payload


SPELLS = (0.01, 0.1, 1.0)
"""What share of the packets is noise, for a while each: in a quiet spell a decoder gets into its depths."""
SPELL_ENDS = 0.005


DAMAGES: tuple[tuple[Callable[[Random, bytes], bytes], int], ...] = (
    (unchanged, 50),
    (flipped, 14),
    (jumped, 14),
    (truncated, 12),
    (extended, 10),
)
"""What happens to a packet, and how often in a hundred."""


class Noise:
    """An endless night of one bad sensor.

    Parameters
    ----------
    example : Example
        What a good one says.
    rng : random.Random
        Source of all that goes wrong.
    speed : float
        Seconds of this night per second of the wall clock, as the log says it.
    """

    def __init__(self, example: Example, rng: Random, speed: float = 1.0) -> None:
        self._speed = speed
        self._rng = rng
        self._example = example
        self._pool = [said for number in range(POOL_STEPS) for said in example.step(number)]
        self._uuids = sorted({said.characteristic for said in (*self._pool, *example.replies)})
        self._damages = rng.choices(
            [damage for damage, _ in DAMAGES], weights=[share for _, share in DAMAGES], k=len(self._pool)
        )
        self._next = 0
        self._noisy = max(SPELLS)
        self._doings = (
            self._next_one, self._the_same, self._another, self._two_in_one, self._anything, self._reply,
        )  # fmt: skip
        self._shares = list(accumulate((60, 10, 10, 10, 8, 2)))
        self._pair_ns = 0
        self.mono_ns = 0

    def records(self, n_notifications: int) -> Iterator[Record]:
        """Yield so many notifications and answers, and between them what else a log holds."""
        yield NightStart(0, UTC_NS, self._speed, "fuzz")
        for said in self._example.replies:
            yield self._record(said)
        for _ in range(n_notifications):
            self.mono_ns += self._pause_ns()
            if self.mono_ns >= self._pair_ns:
                self._pair_ns = self.mono_ns + TIME_PAIR_NS
                yield TimePair(self.mono_ns, UTC_NS + self.mono_ns)
            yield from self._link()
            yield self._record(self._said())

    def _pause_ns(self) -> int:
        chance = self._rng.random()
        if chance > 0.002:  # noqa: PLR2004 - most of the time
            return int(self._example.step_ns * chance)
        return int((HOUR_NS if chance < 0.00002 else 10 * NS_PER_S) * self._rng.random())  # noqa: PLR2004 - once a day

    def _link(self) -> Iterator[Record]:
        chance = self._rng.random()
        if chance < 0.001:  # noqa: PLR2004 - about once in a thousand packets
            yield LinkDown(self.mono_ns, SENSOR, "fuzz")
            yield LinkUp(self.mono_ns, SENSOR, self._rng.choice((23, 64, 247)))
            for said in self._example.replies:
                yield self._record(said)
        elif chance < 0.0011:  # noqa: PLR2004 - a collector that was killed
            yield NightStart(self.mono_ns, UTC_NS + self.mono_ns, self._speed, "fuzz")

    def _said(self) -> Said:
        """Return what is said next: in a quiet spell nearly always the next packet, else anything."""
        if self._rng.random() < SPELL_ENDS:
            self._noisy = self._rng.choice(SPELLS)
        if self._rng.random() >= self._noisy:
            return self._following()
        return self._rng.choices(self._doings, cum_weights=self._shares)[0]()

    def _following(self) -> Said:
        self._next = (self._next + 1) % len(self._pool)
        return self._pool[self._next]

    def _next_one(self) -> Said:
        return self._damaged(self._following())

    def _the_same(self) -> Said:
        return self._pool[self._next]

    def _another(self) -> Said:
        return self._damaged(self._rng.choice(self._pool))

    def _two_in_one(self) -> Said:
        head, tail = self._rng.choice(self._pool), self._rng.choice(self._pool)
        cut, rest = self._rng.randint(0, len(head.payload)), self._rng.randint(0, len(tail.payload))
        return head._replace(payload=head.payload[:cut] + tail.payload[rest:])

    def _anything(self) -> Said:
        payload = self._rng.randbytes(self._rng.randint(0, LONGEST))
        return self._pool[0]._replace(characteristic=self._rng.choice(self._uuids), payload=payload)

    def _reply(self) -> Said:
        if not self._example.replies:
            return self._anything()
        reply = self._rng.choice(self._example.replies)
        request = self._rng.choice((reply.request, flipped(self._rng, reply.request or b"")))
        return self._damaged(reply)._replace(request=request)

    def _damaged(self, said: Said) -> Said:
        damage = self._damages[self._rng.randrange(len(self._damages))]
        return said if damage is unchanged else said._replace(payload=damage(self._rng, said.payload))

    def _record(self, said: Said) -> Record:
        if said.request is None:
            return Notification(self.mono_ns, SENSOR, said.characteristic, said.payload)
        return SetupReply(self.mono_ns, SENSOR, said.characteristic, said.request, said.payload)

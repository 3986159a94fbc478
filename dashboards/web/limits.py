"""How often somebody may ask: buckets of tokens, one per address, and no more of them than fit."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

from dashboards.web.guard import refusal
from dashboards.web.sessions import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from starlette.types import ASGIApp, Receive, Scope, Send

TOO_MANY = 429
MOST_KEYS = 4096
"""Addresses that are remembered, about 1 MB; of more the one that asked longest ago is forgotten."""
NETWORK_BITS = 64
"""An IPv6 network that one household has to itself: each of its addresses counts as the same one (RFC 6177)."""
REQUESTS_AT_ONCE = 500
REQUESTS_PER_S = 100.0
"""A page of a night asks for about 30 files at once, and a live one a few times a second."""
TRIES_AT_ONCE = 5
TRIES_PER_S = 1 / 20
ALL_TRIES_AT_ONCE = 50
ALL_TRIES_PER_S = 1 / 4
"""All addresses together guess at most 21 650 times a day: 8 random small letters would take 26 000 years."""
EVERYBODY = "everybody"
MOST_BROWSERS = 256


@dataclass(slots=True)
class _Bucket:
    level: float
    at_s: float


class Buckets:
    """Tokens that come back at a steady rate, counted for each key by itself.

    Parameters
    ----------
    most : int
        Tokens of a full bucket.
    per_s : float
        Tokens that come back, 1/s.
    now_s : callable
        Returns a time that never goes back, s.
    most_keys : int
        Keys that are remembered.

    Examples
    --------
    >>> buckets = Buckets(2, 0.5, now_s=lambda: 0.0)
    >>> [buckets.take("here") for _ in range(3)]
    [0.0, 0.0, 2.0]
    """

    def __init__(
        self, most: int, per_s: float, *, now_s: Callable[[], float] = time.monotonic, most_keys: int = MOST_KEYS
    ) -> None:
        self._most = most
        self._per_s = per_s
        self._now_s = now_s
        self._most_keys = most_keys
        self._buckets: OrderedDict[Hashable, _Bucket] = OrderedDict()

    def take(self, key: Hashable) -> float:
        """Take a token.

        Parameters
        ----------
        key : hashable
            Whose.

        Returns
        -------
        float
            0 if there was one, else how long until there is one, s.
        """
        now_s = self._now_s()
        bucket = self._buckets.setdefault(key, _Bucket(self._most, now_s))
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._most_keys:
            self._buckets.popitem(last=False)
        bucket.level = min(bucket.level + (now_s - bucket.at_s) * self._per_s, self._most)
        bucket.at_s = now_s
        if bucket.level < 1:
            return (1 - bucket.level) / self._per_s
        bucket.level -= 1
        return 0.0

    def give_back(self, key: Hashable) -> None:
        """Give a token back that was not used after all."""
        if key in self._buckets:
            self._buckets[key].level += 1

    def __len__(self) -> int:
        """Return how many keys are remembered."""
        return len(self._buckets)


class Tries:
    """How often who may guess.

    A browser in which the password was right before has tries of its own, so that nobody who guesses elsewhere locks
    its owner out.

    Parameters
    ----------
    each : Buckets
        Tries of an address, or of a known browser.
    all_of_them : Buckets
        Tries of all addresses together.

    References
    ----------
    OWASP, "Slow Down Online Guessing Attacks with Device Cookies".
    """

    def __init__(self, each: Buckets | None = None, all_of_them: Buckets | None = None) -> None:
        # One in which nobody is yet is empty, and none the less the one to take.
        self._each = Buckets(TRIES_AT_ONCE, TRIES_PER_S) if each is None else each
        self._all = Buckets(ALL_TRIES_AT_ONCE, ALL_TRIES_PER_S) if all_of_them is None else all_of_them
        self._known: OrderedDict[bytes, None] = OrderedDict()

    def begin(self, browser: str, address: str) -> float:
        """Count a try before it is looked at.

        Parameters
        ----------
        browser : str
            Token of the browser.
        address : str
            Where it is.

        Returns
        -------
        float
            0 if it may be looked at, else how long to wait, s.
        """
        known = digest(browser) in self._known
        who: Hashable = digest(browser) if known else address
        wait_s = self._each.take(who)
        if wait_s or known:
            return wait_s
        wait_s = self._all.take(EVERYBODY)
        if wait_s:
            self._each.give_back(who)
        return wait_s

    def succeed(self, browser: str, address: str, renewed: str) -> None:
        """Give a try back that was right, and know the browser from now on by a new token."""
        key = digest(browser)
        if key in self._known:
            del self._known[key]
            self._each.give_back(key)
        else:
            self._each.give_back(address)
            self._all.give_back(EVERYBODY)
        self._known[digest(renewed)] = None
        if len(self._known) > MOST_BROWSERS:
            self._known.popitem(last=False)


def household(host: str) -> str:
    """Return whom the address of a client stands for: itself, or the network of an IPv6 address.

    Parameters
    ----------
    host : str
        Address of a client.

    Examples
    --------
    >>> household("2001:db8::77:1"), household("::ffff:192.0.2.1"), household("192.0.2.1")
    ('2001:db8::/64', '192.0.2.1', '192.0.2.1')
    """
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Network((address, NETWORK_BITS), strict=False))
    return str(address)


def client_of(scope: Scope) -> str:
    """Return whom a request comes from."""
    client = scope.get("client")
    return household(client[0]) if client else ""


def retry_after(wait_s: float) -> dict[str, str]:
    """Return the header that says when to ask again."""
    return {"retry-after": str(math.ceil(wait_s))}


class RequestRate:
    """Refuse an address that asks more often than any page does.

    Parameters
    ----------
    app : ASGIApp
        What answers.
    requests : Buckets
        Requests that each address has left.
    """

    def __init__(self, app: ASGIApp, requests: Buckets) -> None:
        self._app = app
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        answer = self._app
        if scope["type"] == "http" and (wait_s := self._requests.take(client_of(scope))):
            answer = refusal(scope, TOO_MANY, "too many requests, try again in a moment", retry_after(wait_s))
        await answer(scope, receive, send)

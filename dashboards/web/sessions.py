"""Who has signed in: the password as a hash, and sessions that end."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
import unicodedata
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

DAY_S = 86400.0
IDLE_S = 14 * DAY_S
"""A session that is not used for this long ends. It outlasts the nights of a trip: nobody types a password at 3 a.m."""
LONGEST_S = 90 * DAY_S
MOST_SESSIONS = 64
"""Of more the one that was used longest ago ends."""
SCRYPT_COST = 2**14
"""16 MiB and about 50 ms for each guess; the hash is kept in memory only."""
_SCRYPT_R = 8
_SALT_BYTES = 16


class Password:
    """A password that is kept as its hash.

    Parameters
    ----------
    password : str
        The password; not kept.
    cost : int
        Of one guess; a power of 2.

    References
    ----------
    Percival C., Josefsson S., The scrypt Password-Based Key Derivation Function, RFC 7914 (2016).

    Examples
    --------
    >>> password = Password("correct horse")
    >>> password.matches("correct horse"), password.matches("Correct horse")
    (True, False)
    """

    def __init__(self, password: str, *, cost: int = SCRYPT_COST) -> None:
        self._cost = cost
        self._salt = secrets.token_bytes(_SALT_BYTES)
        self._hash = self._hashed(password)

    def matches(self, given: str) -> bool:
        """Return whether this is the password; takes about 50 ms and as long for every answer."""
        return hmac.compare_digest(self._hash, self._hashed(given))

    def _hashed(self, password: str) -> bytes:
        # Two keyboards write the same letter in different ways.
        letters = unicodedata.normalize("NFKC", password).encode("utf-8", "surrogateescape")
        return hashlib.scrypt(letters, salt=self._salt, n=self._cost, r=_SCRYPT_R, p=1)


def digest(token: str) -> bytes:
    """Return what is kept of a token: nobody who reads the memory can use it, and looking it up tells no time."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


@dataclass(slots=True)
class _Session:
    since_s: float
    used_s: float


class Sessions:
    """Sessions by the token that a browser brings; they are gone when the server ends.

    Parameters
    ----------
    now_s : callable
        Returns the time of day, s: a session also grows old while the computer sleeps.
    """

    def __init__(self, now_s: Callable[[], float] = time.time) -> None:
        self._now_s = now_s
        self._sessions: OrderedDict[bytes, _Session] = OrderedDict()

    def open(self) -> str:
        """Begin a session; the token is for one browser."""
        token = secrets.token_urlsafe()
        now_s = self._now_s()
        self._sessions[digest(token)] = _Session(now_s, now_s)
        if len(self._sessions) > MOST_SESSIONS:
            self._sessions.popitem(last=False)
        return token

    def renew(self, token: str) -> bool:
        """Return whether a token's session goes on; it is used by this."""
        key = digest(token)
        session = self._sessions.get(key)
        if session is None:
            return False
        now_s = self._now_s()
        if now_s - session.used_s >= IDLE_S or now_s - session.since_s >= LONGEST_S:
            del self._sessions[key]
            return False
        session.used_s = now_s
        self._sessions.move_to_end(key)
        return True

    def close(self, token: str) -> None:
        """End a session."""
        self._sessions.pop(digest(token), None)

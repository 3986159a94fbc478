"""What an error answer of InfluxDB says, without the line that it quotes: that holds a person's name.

1.x and 1.8's path for 2.x say ``{"error": ...}``, 2.x and 3 say ``{"code": ..., "message": ...}``.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# A database asks for seconds, a service in the cloud for minutes; who asks for more is asked again before that.
MOST_WAIT_S = 300.0
_CONFLICT = re.compile(
    r'field type conflict: input field "(\w+)" on measurement "(\w+)" is type (\w+), already exists as type (\w+)'
)
# The words that follow the quoted line, and limits, whose messages name the value that was too many.
_CAUSES = (
    "missing field value",
    "missing fields",
    "missing tag key",
    "missing tag value",
    "missing measurement",
    "invalid field format",
    "invalid number",
    "invalid boolean",
    "invalid value",
    "bad timestamp",
    "time outside range",
    "value out of range",
    "unbalanced quotes",
    "duplicate tags",
    "max key size exceeded",
    "max-values-per-tag limit exceeded",
    "max-series-per-database limit exceeded",
)


def words_of(body: bytes | str | None) -> str | None:
    """Return what the database says in an error answer.

    Parameters
    ----------
    body : bytes or str or None
        The answer's body.

    Returns
    -------
    str or None
        Its words, maybe none; None if no InfluxDB answers like that, but something in between, or something else.

    Examples
    --------
    >>> words_of(b'{"code":"forbidden","message":"insufficient permissions for write"}')
    'insufficient permissions for write'
    >>> words_of("<html>413 Request Entity Too Large</html>") is None
    True
    """
    text = body.decode(errors="replace") if isinstance(body, bytes) else body or ""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or not told.keys() & {"error", "message", "code"}:
        return None
    return str(told.get("error") or told.get("message") or "")


def cause_of(words: str, status: int) -> str:
    """Return why the database refuses a point for good, in words that name nobody.

    Parameters
    ----------
    words : str
        What it says, see :func:`words_of`.
    status : int
        The answer's HTTP status, for when it says nothing that we know.
    """
    if conflict := _CONFLICT.search(words):
        name, measurement, ours, theirs = conflict.groups()
        return f"field type conflict: {name} of {measurement} is {theirs} in the database, and {ours} here"
    if "field type conflict" in words:
        return "field type conflict"
    if "beyond retention policy" in words:
        return "it is older than what the bucket keeps (points beyond retention policy)"
    # Behind the last quotation mark: before it stands the line.
    tail = words[words.rfind("'") + 1 :]
    return next((cause for cause in _CAUSES if cause in tail), f"HTTP {status}")


def missing_in(words: str) -> str:
    """Return what a "not found" misses: ``organisation``, ``bucket``, or nothing that we know."""
    if "organization" in words:
        return "organisation"
    return "bucket" if "bucket" in words or "database" in words else ""


def asked_wait_s(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Return for how long the database asks us to wait (``Retry-After``), s; None if it does not say.

    Parameters
    ----------
    headers : mapping of str to str
        The answer's headers.
    now : datetime, optional
        The time in UTC, for a date in an answer that says not when it was given; read from the clock if not given.

    Returns
    -------
    float or None
        Between 0 and `MOST_WAIT_S`.

    Examples
    --------
    >>> asked_wait_s({"Retry-After": "7"}), asked_wait_s({"Retry-After": "86400"}), asked_wait_s({})
    (7.0, 300.0, None)
    >>> said = {"Retry-After": "Sun, 22 Nov 2026 09:00:30 GMT", "Date": "Sun, 22 Nov 2026 09:00:00 GMT"}
    >>> asked_wait_s(said)
    30.0
    """
    asked = headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.isdecimal():
        wait_s = float(asked)
    elif (until := _date(asked)) is not None:
        # The database's own clock, if it says what time that is: ours may differ.
        since = _date(headers.get("Date", "")) or now or datetime.now(UTC)
        wait_s = (until - since).total_seconds()
    else:
        return None
    return min(max(wait_s, 0.0), MOST_WAIT_S)


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)

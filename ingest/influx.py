"""Writing to InfluxDB: the only module that knows influxdb-client.

One synchronous request per batch, no retry inside the client: whoever calls decides what to do with a `Verdict`. The
same requests work on InfluxDB 2.x and 3; on 1.x behind a rewrite of the path, with ``user:password`` as the token.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple, Self

from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.rest import ApiException
from urllib3.exceptions import HTTPError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

# A database on the same network answers within milliseconds; one that compacts or swaps may need seconds.
TIMEOUT_S = 10.0
_MS_PER_S = 1000
_NS_PER_S = 1_000_000_000
_POINTS = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY})
_RIGHTS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})
# A comment line: it needs the right to write and writes nothing.
_NOTHING = "# may I write?"


@dataclass(frozen=True, slots=True)
class InfluxAddress:
    """Where the database is and how it knows us.

    Parameters
    ----------
    url : str
        ``http://host:8086``.
    bucket : str
        Bucket (2.x) or database (1.x, 3) to write to.
    org : str
        Organisation; ignored by 1.x and 3.
    token : str
        What allows us to write.
    """

    url: str
    bucket: str
    org: str
    token: str = field(repr=False)


class Verdict(StrEnum):
    """What the database said to a batch."""

    ACCEPTED = "accepted"
    BAD_POINT = "bad point"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"


class Answer(NamedTuple):
    """A verdict and its reason, without names of people and without credentials."""

    verdict: Verdict
    reason: str = ""


class InfluxWriter:
    """A client of one bucket; used by one thread at a time.

    Parameters
    ----------
    address : InfluxAddress
        The database.
    timeout_s : float
        Longest wait for an answer, s.
    """

    def __init__(self, address: InfluxAddress, *, timeout_s: float = TIMEOUT_S) -> None:
        self._address = address
        self._client = InfluxDBClient(
            url=address.url, token=address.token, org=address.org, timeout=round(timeout_s * _MS_PER_S)
        )
        self._api = self._client.write_api(write_options=SYNCHRONOUS)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the connections."""
        self._api.close()  # type: ignore[no-untyped-call] # the client leaves it untyped
        self._client.close()  # type: ignore[no-untyped-call] # the client leaves it untyped

    def write(self, lines: Sequence[str]) -> Answer:
        """Write one batch of line protocol with times in ns and return what the database said."""
        try:
            # Nanoseconds are the precision that the client assumes.
            self._api.write(self._address.bucket, self._address.org, "\n".join(lines))
        except ApiException as error:
            return self._judge(error)
        except (HTTPError, OSError) as error:
            return Answer(Verdict.UNAVAILABLE, f"InfluxDB {self._address.url} does not answer: {type(error).__name__}")
        return Answer(Verdict.ACCEPTED)

    def check(self) -> Answer:
        """Ask whether we may write to the bucket, without writing."""
        answer = self.write([_NOTHING])
        # A batch without points is a bad request to 2.x and 3, but only for those who may write.
        return Answer(Verdict.ACCEPTED) if answer.verdict is Verdict.BAD_POINT else answer

    def delete(self, start_ns: int, stop_ns: int, tags: Mapping[str, str]) -> Answer:
        """Remove the points in ``[start_ns, stop_ns)`` with all of these tags; InfluxDB 2.x only.

        Parameters
        ----------
        start_ns, stop_ns : int
            UTC, ns.
        tags : mapping of str to str
            Tags and their values; ``_measurement`` is one of them.
        """
        predicate = " AND ".join(f"{tag}={_quoted(value)}" for tag, value in tags.items())
        org = self._address.org
        try:
            # The database counts the last nanosecond in.
            self._client.delete_api().delete(
                _rfc3339(start_ns), _rfc3339(stop_ns - 1), predicate, self._address.bucket, org
            )
        except ApiException as error:
            return self._judge(error, "delete in")
        except (HTTPError, OSError) as error:
            return Answer(Verdict.UNAVAILABLE, f"InfluxDB {self._address.url} does not answer: {type(error).__name__}")
        return Answer(Verdict.ACCEPTED)

    def _judge(self, error: ApiException, what: str = "write to") -> Answer:
        if error.status in _POINTS:
            return Answer(Verdict.BAD_POINT, _cause(error))
        if error.status in _RIGHTS:
            fault = {
                HTTPStatus.UNAUTHORIZED: "does not accept the token",
                HTTPStatus.FORBIDDEN: f"does not let this token {what} bucket {self._address.bucket!r}",
                HTTPStatus.NOT_FOUND: f"has no bucket {self._address.bucket!r} in organisation {self._address.org!r}",
            }[HTTPStatus(error.status)]
            return Answer(Verdict.REFUSED, f"InfluxDB {self._address.url} {fault} (HTTP {error.status})")
        return Answer(Verdict.UNAVAILABLE, f"InfluxDB {self._address.url} is not ready (HTTP {error.status})")


def _quoted(value: str) -> str:
    """Return a value as a predicate quotes it."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _rfc3339(time_ns: int) -> str:
    seconds, ns = divmod(time_ns, _NS_PER_S)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{ns:09d}Z"


def _cause(error: ApiException) -> str:
    """Return why a point is bad; a message that quotes the line would carry a person's name and is left out."""
    body = error.body.decode(errors="replace") if isinstance(error.body, bytes) else str(error.body)
    try:
        told = json.loads(body)
        text = str(told.get("error") or told.get("message"))
    except (ValueError, AttributeError):
        text = ""
    if "field type conflict" in text or "retention policy" in text:
        return text
    return f"HTTP {error.status}"

"""Writing to InfluxDB: the only module that knows influxdb-client.

One synchronous request per batch, no retry inside the client: whoever calls decides what to do with a `Verdict`. The
same requests work on InfluxDB 2.x and 3; on 1.x behind a rewrite of the path, with ``user:password`` as the token.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple, Self

from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.rest import ApiException
from influxdb_client.service.write_service import WriteService
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError

from ingest.influx_words import asked_wait_s, cause_of, missing_in, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

# A database on the same network answers within milliseconds; one that compacts or swaps may need seconds.
TIMEOUT_S = 10.0
_MS_PER_S = 1000
_NS_PER_S = 1_000_000_000
_POINTS = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY})
_NOT_NOW = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
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
    TOO_LARGE = "too large"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"


class Answer(NamedTuple):
    """A verdict and its reason, without names of people and without credentials.

    `wait_s` is how long the database asks us to wait before the next try, s.
    """

    verdict: Verdict
    reason: str = ""
    wait_s: float | None = None


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
        self._timeout_s = timeout_s
        self._connect(address)

    def _connect(self, address: InfluxAddress) -> None:
        self._address = address
        self._client = InfluxDBClient(
            url=address.url, token=address.token, org=address.org, timeout=round(self._timeout_s * _MS_PER_S)
        )
        self._service = WriteService(self._client.api_client)  # type: ignore[no-untyped-call] # left untyped as well

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the connections."""
        self._client.close()  # type: ignore[no-untyped-call] # the client leaves it untyped

    def renew(self, token: str) -> bool:
        """Go on with another token; return whether it is another one."""
        if token == self._address.token:
            return False
        self._client.close()  # type: ignore[no-untyped-call] # the client leaves it untyped
        self._connect(replace(self._address, token=token))
        return True

    def write(self, lines: Sequence[str]) -> Answer:
        """Write one batch of line protocol with times in ns and return what the database said."""
        text, where = "\n".join(lines).encode(), self._address
        try:
            write = self._service.post_write_with_http_info
            told = write(where.org, where.bucket, text, precision="ns")  # type: ignore[no-untyped-call] # untyped
        except ApiException as error:
            return self._judge(error)
        except (HTTPError, OSError) as error:
            return self._silent(error)
        # Whatever else says "fine" has not written anything: a login page of a network, a proxy, another service.
        if told[1] != HTTPStatus.NO_CONTENT:
            return Answer(Verdict.UNAVAILABLE, self._stranger(told[1]))
        return Answer(Verdict.ACCEPTED)

    def check(self) -> Answer:
        """Ask whether we may write to the bucket, without writing."""
        answer = self.write([_NOTHING])
        match answer.verdict:
            case Verdict.BAD_POINT:
                # A batch without points is a bad request to 2.x and 3, but only for those who may write.
                return Answer(Verdict.ACCEPTED)
            case Verdict.TOO_LARGE:
                return Answer(Verdict.REFUSED, f"InfluxDB {self._address.url} takes not even a short line: HTTP 413")
            case _:
                return answer

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
            return self._silent(error)
        return Answer(Verdict.ACCEPTED)

    def _judge(self, error: ApiException, what: str = "write to") -> Answer:
        url, status, words = self._address.url, error.status, words_of(error.body)
        if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return Answer(Verdict.TOO_LARGE, f"it is larger than what InfluxDB takes at once (HTTP {status})")
        if status in _POINTS and words is not None:
            return Answer(Verdict.BAD_POINT, cause_of(words, status))
        fault = {
            HTTPStatus.UNAUTHORIZED: "does not accept the token",
            HTTPStatus.FORBIDDEN: f"does not let this token {what} bucket {self._address.bucket!r}",
            HTTPStatus.NOT_FOUND: self._missing(words),
        }.get(status)
        if fault is not None:
            return Answer(Verdict.REFUSED, f"InfluxDB {url} {fault} (HTTP {status})")
        wait_s = asked_wait_s(error.headers or {})
        if status in _NOT_NOW or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return Answer(Verdict.UNAVAILABLE, f"InfluxDB {url} is not ready (HTTP {status})", wait_s)
        return Answer(Verdict.UNAVAILABLE, self._stranger(status), wait_s)

    def _missing(self, words: str | None) -> str:
        bucket, org = self._address.bucket, self._address.org
        if words is None:
            return "has no /api/v2/write, expected InfluxDB 2, 3 or 1.8, or 1.x behind the rewrite of docs/influxdb.md"
        if missing_in(words) == "organisation":
            return f"has no organisation {org!r}"
        return f"has no bucket {bucket!r} in organisation {org!r}"

    def _stranger(self, status: int) -> str:
        return f"InfluxDB {self._address.url} answers HTTP {status}, which InfluxDB does not say: is it one?"

    def _silent(self, error: Exception) -> Answer:
        match error:
            case NewConnectionError():
                why = "no connection"
            case ConnectTimeoutError() | ReadTimeoutError():
                why = f"nothing within {self._timeout_s:g} s"
            case _:
                why = type(error).__name__
        return Answer(Verdict.UNAVAILABLE, f"InfluxDB {self._address.url} does not answer: {why}")


def _quoted(value: str) -> str:
    """Return a value as a predicate quotes it."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _rfc3339(time_ns: int) -> str:
    seconds, ns = divmod(time_ns, _NS_PER_S)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{ns:09d}Z"

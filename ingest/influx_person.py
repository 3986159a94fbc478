"""What InfluxDB holds of a person: read in InfluxQL, which versions 1 to 3 answer, and removed where the version can.

InfluxDB 1.x removes by InfluxQL, 2.x by its own request, 3 not by person.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from urllib.parse import urlencode

from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError

from ingest.errors import StoreRejected
from ingest.influx import InfluxWriter, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import TracebackType

    from urllib3 import BaseHTTPResponse

    from ingest.influx import InfluxAddress

# A day of one person is a few thousand rows: milliseconds. A year that is removed at once may take minutes.
READ_S = 30.0
REMOVE_S = 300.0
# So much is read at a time, and is in memory.
WINDOW_NS = 24 * 3600 * 1_000_000_000
# What 1.x takes; it keeps the last nanoseconds of 64 bits for itself.
FIRST_NS = -(2**63) + 2
LAST_NS = 2**63 - 2
# Tags that say whose a point is.
_WHOSE = frozenset({"site", "person"})
_INFLUXQL_REMOVES = 1
_PREDICATE_REMOVES = 2


class Span(NamedTuple):
    """Points of one measurement in ``[start_ns, stop_ns)``."""

    measurement: str
    start_ns: int
    stop_ns: int


@dataclass(frozen=True, slots=True)
class Table:
    """A measurement as the database describes it.

    Parameters
    ----------
    name : str
        Its name.
    tags, fields : tuple of str
        Names of its tags and fields.
    """

    name: str
    tags: tuple[str, ...]
    fields: tuple[str, ...]


class PersonPoints:
    """The points of one person at one site.

    Parameters
    ----------
    address : InfluxAddress
        The database; its token needs to read, and to remove as well if something is to be removed.
    site, person : str
        Whose points: both tags must be equal, because two homes may give their people the same names.
    """

    def __init__(self, address: InfluxAddress, site: str, person: str) -> None:
        self._address = address
        self._whose = {"site": site, "person": person}
        # An answer that is missing is asked for again by whoever repeats the command.
        self._pool = PoolManager(timeout=Timeout(READ_S), retries=False)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the connections."""
        self._pool.clear()

    def tables(self) -> list[Table]:
        """Return the measurements whose points say whose they are, whoever wrote them.

        Raises
        ------
        StoreRejected
            If the database does not answer, or does not let us read.
        """
        fields = {series["name"]: _firsts(series) for series in self._ask("SHOW FIELD KEYS")}
        tags = {series["name"]: _firsts(series) for series in self._ask("SHOW TAG KEYS")}
        return [Table(name, tags[name], fields.get(name, ())) for name in sorted(tags) if set(tags[name]) >= _WHOSE]

    def rows(self, table: Table) -> Iterator[list[Mapping[str, Any]]]:
        """Yield the points of a measurement by time, a day at a time; ``time`` is UTC, ns.

        Raises
        ------
        StoreRejected
            As for :meth:`tables`.
        """
        at_ns = self._first_ns(table.name, FIRST_NS)
        while at_ns is not None:
            stop_ns = min(at_ns + WINDOW_NS, LAST_NS)
            yield self._select(table.name, at_ns, stop_ns)
            at_ns = self._first_ns(table.name, stop_ns)

    def count(self, spans: Sequence[Span] | None = None) -> int:
        """Return in how many measurements (or spans) there are points.

        Raises
        ------
        StoreRejected
            As for :meth:`tables`.
        """
        if spans is None:
            spans = [Span(table.name, FIRST_NS, LAST_NS) for table in self.tables()]
        return sum(self._first_ns(*span) is not None for span in spans)

    def remove(self, spans: Sequence[Span] | None = None) -> None:
        """Remove all points of the person, or those of some spans; nothing happens where there are none.

        Raises
        ------
        StoreRejected
            If the database does not answer, does not let us remove, or cannot.
        """
        if spans is not None and not spans:
            return
        major = self._major()
        if major == _INFLUXQL_REMOVES:
            for statement in self._statements(spans):
                self._ask(statement, "remove", timeout_s=REMOVE_S)
            return
        if major != _PREDICATE_REMOVES:
            msg = f"InfluxDB {self._address.url} is of version {major}, which cannot remove what belongs to one person"
            raise StoreRejected(msg)
        with InfluxWriter(self._address, timeout_s=REMOVE_S) as database:
            for name, start_ns, stop_ns in spans or [Span("", FIRST_NS, LAST_NS)]:
                named = {"_measurement": name} if name else {}
                answer = database.delete(start_ns, stop_ns, {**self._whose, **named})
                if answer.verdict is not Verdict.ACCEPTED:
                    raise StoreRejected(answer.reason)

    def _statements(self, spans: Sequence[Span] | None) -> list[str]:
        if spans is None:
            # Also out of the index: a deleted series' name and tags would stay in it.
            return [f"DROP SERIES WHERE {self._mine()}"]
        mine = self._mine()
        return [f"DELETE FROM {_name(span.measurement)} WHERE {mine} AND {_between(span)}" for span in spans]  # noqa: S608 - quoted

    def _first_ns(self, name: str, start_ns: int, stop_ns: int = LAST_NS) -> int | None:
        """Return the time of the first point in a span."""
        where = f"{self._mine()} AND {_between(Span(name, start_ns, stop_ns))}"
        found = self._ask(f"SELECT * FROM {_name(name)} WHERE {where} ORDER BY time LIMIT 1")  # noqa: S608 - quoted
        return found[0]["values"][0][0] if found else None

    def _select(self, name: str, start_ns: int, stop_ns: int) -> list[Mapping[str, Any]]:
        where = f"{self._mine()} AND {_between(Span(name, start_ns, stop_ns))}"
        found = self._ask(f"SELECT * FROM {_name(name)} WHERE {where}")  # noqa: S608 - quoted
        return [dict(zip(series["columns"], row, strict=True)) for series in found for row in series["values"]]

    def _mine(self) -> str:
        return " AND ".join(f"{_name(tag)} = {_text(value)}" for tag, value in self._whose.items())

    def _major(self) -> int:
        """Return the database's major version."""
        told = self._request("GET", "/ping", "", READ_S).headers.get("X-Influxdb-Version", "")
        digits = told.lstrip("v").partition(".")[0]
        if not digits.isdigit():
            msg = f"InfluxDB {self._address.url} does not say which version it is, and they remove differently"
            raise StoreRejected(msg)
        return int(digits)

    def _ask(self, query: str, what: str = "read", timeout_s: float = READ_S) -> list[dict[str, Any]]:
        """Return the series that answer an InfluxQL statement; `what` it does is for the message."""
        form = urlencode({"db": self._address.bucket, "epoch": "ns", "q": query})
        response = self._request("POST", "/query", form, timeout_s)
        where = f"InfluxDB {self._address.url}"
        if response.status == HTTPStatus.UNAUTHORIZED:
            raise StoreRejected(f"{where} does not accept the token to {what} (HTTP {response.status})")
        try:
            (result,) = json.loads(response.data).get("results", [{"error": f"HTTP {response.status}"}])
            fault = str(result.get("error", ""))
            series: list[dict[str, Any]] = result.get("series", [])
        except (ValueError, AttributeError) as error:
            raise StoreRejected(
                f"{where} gives an answer that is no InfluxQL result (HTTP {response.status})"
            ) from error
        if response.status == HTTPStatus.FORBIDDEN or "not authorized" in fault:
            raise StoreRejected(f"{where} does not let this token {what} in bucket {self._address.bucket!r}")
        if "database not found" in fault or response.status == HTTPStatus.NOT_FOUND:
            raise StoreRejected(f"{where} has no bucket {self._address.bucket!r} that answers InfluxQL")
        if fault:
            # The database's own words may quote the query, which names the person.
            raise StoreRejected(f"{where} cannot {what} in bucket {self._address.bucket!r} (HTTP {response.status})")
        return series

    def _request(self, method: str, path: str, form: str, timeout_s: float) -> BaseHTTPResponse:
        headers = {
            "Authorization": f"Token {self._address.token}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }
        url = self._address.url.rstrip("/") + path
        try:
            return self._pool.request(method, url, body=form, headers=headers, timeout=Timeout(timeout_s))
        except (HTTPError, OSError) as error:
            # Without `from`: the client's error carries the request.
            msg = f"InfluxDB {self._address.url} does not answer: {type(error).__name__}"
            raise StoreRejected(msg) from None


def _firsts(series: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(row[0]) for row in series["values"])


def _between(span: Span) -> str:
    return f"time >= {span.start_ns} AND time < {span.stop_ns}"


def _name(name: str) -> str:
    """Return a name as InfluxQL quotes it."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _text(text: str) -> str:
    """Return a text as InfluxQL quotes it."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"

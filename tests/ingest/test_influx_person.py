"""What is asked of InfluxDB to hand over and to remove a person's points, and what each refusal is called.

Version 1.6 is asked for real in ``tests/system/test_privacy.py``; what 2.x is sent is compared with its documentation:
https://docs.influxdata.com/influxdb/v2/api/v2/#operation/PostDelete
"""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest

from ingest.errors import StoreRejected
from ingest.influx import InfluxAddress
from ingest.influx_person import PersonPoints, Span, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TOKEN = "quince-token"  # noqa: S105 - of no database


class Database:
    """A server that says which version it is, answers as it is told, and remembers what it was asked."""

    def __init__(self, version: str, judge: Callable[[str, str], tuple[int, str]]) -> None:
        self.version = version
        self.judge = judge
        self.asked: list[tuple[str, str]] = []
        self.logins: set[str] = set()
        self.port = 0

    def points(self, site: str = "home", person: str = "p1") -> PersonPoints:
        return PersonPoints(InfluxAddress(f"http://127.0.0.1:{self.port}", "legs", "org", TOKEN), site, person)

    def sent(self) -> list[tuple[str, Any]]:
        """Return what was asked, statements and requests as values."""
        return [
            (path.partition("?")[0], json.loads(body) if path.startswith("/api") else parse_qs(body)["q"][0])
            for path, body in self.asked
        ]


@contextmanager
def database(version: str, judge: Callable[[str, str], tuple[int, str]]) -> Iterator[Database]:
    scripted = Database(version, judge)

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(204, "")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            scripted.asked.append((self.path, body))
            scripted.logins.add(self.headers["Authorization"])
            self.answer(*scripted.judge(self.path, body))

        def answer(self, status: int, text: str) -> None:
            self.send_response(status)
            if scripted.version:
                self.send_header("X-Influxdb-Version", scripted.version)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        scripted.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield scripted
        finally:
            server.shutdown()
            thread.join()


def empty(_path: str, _body: str) -> tuple[int, str]:
    return 200, '{"results":[{"statement_id":0}]}'


def deleted(_path: str, _body: str) -> tuple[int, str]:
    return 204, ""


SPAN = Span("leg_event", 1_795_212_000_000_000_000, 1_795_212_000_000_000_002)


@pytest.mark.parametrize("version", ["v2.7.1", "2.9.1"])
def test_a_database_of_version_2_is_asked_by_predicate_and_counts_the_last_nanosecond_in(version: str) -> None:
    with database(version, deleted) as server, server.points() as points:
        points.remove([SPAN])
        points.remove()
    assert [path for path, _ in server.asked] == ["/api/v2/delete?org=org&bucket=legs"] * 2
    (_, one), (_, whole) = server.sent()
    assert one == {
        "predicate": 'site="home" AND person="p1" AND _measurement="leg_event"',
        "start": "2026-11-20T22:00:00.000000000Z",
        "stop": "2026-11-20T22:00:00.000000001Z",
    }
    assert whole["predicate"] == 'site="home" AND person="p1"'
    assert whole["start"].startswith("1677-09-21T00:12:43")
    assert whole["stop"].startswith("2262-04-11T23:47:16")
    assert server.logins == {f"Token {TOKEN}"}


def test_a_database_of_version_1_is_asked_in_influxql() -> None:
    with database("1.8.10", empty) as server, server.points() as points:
        points.remove([SPAN])
        points.remove()
    whose = "\"site\" = 'home' AND \"person\" = 'p1'"
    assert server.sent() == [
        ("/query", f'DELETE FROM "leg_event" WHERE {whose} AND time >= {SPAN.start_ns} AND time < {SPAN.stop_ns}'),  # noqa: S608 - what is expected
        ("/query", f"DROP SERIES WHERE {whose}"),
    ]


def test_nothing_is_removed_where_there_is_nothing_to_remove() -> None:
    """An empty list of spans is no night, and not everything."""
    for version in ("1.6.7", "2.9.1"):
        with database(version, deleted) as server, server.points() as points:
            points.remove([])
        assert server.asked == []


def test_a_name_cannot_widen_what_is_removed() -> None:
    nasty = "p' OR \"person\" =~ /.*/ OR 'a\\"
    with database("1.6.7", empty) as one, one.points(person=nasty) as points:
        points.remove()
    assert one.sent()[0][1].endswith("\"person\" = 'p\\' OR \"person\" =~ /.*/ OR \\'a\\\\'")
    with database("2.9.1", deleted) as two, two.points(person=nasty) as points:
        points.remove()
    assert two.sent()[0][1]["predicate"].endswith('person="p\' OR \\"person\\" =~ /.*/ OR \'a\\\\"')


@pytest.mark.parametrize(
    ("version", "status", "body", "says"),
    [
        ("1.6.7", 401, '{"error":"authorization failed"}', "does not accept the token"),
        ("1.6.7", 403, '{"error":"error authorizing query: store not authorized"}', "does not let this token remove"),
        ("1.6.7", 200, '{"results":[{"error":"database not found: legs"}]}', "has no bucket 'legs'"),
        ("1.6.7", 200, '{"results":[{"error":"at p1: no"}]}', "cannot remove in bucket 'legs'"),
        ("1.6.7", 502, "<html>", "gives an answer that is no InfluxQL result (HTTP 502)"),
        ("2.9.1", 401, '{"code":"unauthorized","message":"unauthorized access"}', "does not accept the token"),
        ("2.9.1", 403, '{"code":"forbidden"}', "does not let this token delete in bucket 'legs'"),
        ("2.9.1", 404, '{"code":"not found"}', "has no bucket 'legs' in organisation 'org'"),
        ("2.9.1", 503, "", "is not ready (HTTP 503)"),
        ("3.10.0", 404, "", "is of version 3, which cannot remove what belongs to one person"),
        ("", 404, "", "does not say which version it is"),
    ],
)  # fmt: skip
def test_a_refusal_is_one_clear_line_without_the_token_and_the_person(
    version: str, status: int, body: str, says: str
) -> None:
    with (
        database(version, lambda *_: (status, body)) as server,
        server.points() as points,
        pytest.raises(StoreRejected) as caught,
    ):
        points.remove()
    assert says in str(caught.value)
    assert TOKEN not in str(caught.value)
    assert "p1" not in str(caught.value)


def test_only_what_says_whose_it_is_is_handed_over() -> None:
    tags = {"leg_event": ["person", "site", "leg"], "cpu": ["host"], "weather": ["site"]}

    def judge(_path: str, body: str) -> tuple[int, str]:
        (query,) = parse_qs(body)["q"]
        columns, values = ("tagKey", tags) if "TAG" in query else ("fieldKey", {name: ["value"] for name in tags})
        series = [
            {"name": name, "columns": [columns], "values": [[one] for one in keys]} for name, keys in values.items()
        ]
        return 200, json.dumps({"results": [{"series": series}]})

    with database("1.6.7", judge) as server, server.points() as points:
        (table,) = points.tables()
    assert (table.name, table.tags, table.fields) == ("leg_event", ("person", "site", "leg"), ("value",))


def test_a_year_is_read_by_the_day_and_what_is_empty_between_is_passed_over() -> None:
    day_ns = 24 * 3600 * 10**9
    times = [0, 1, day_ns - 1, day_ns, 400 * day_ns]

    def judge(_path: str, body: str) -> tuple[int, str]:
        words = parse_qs(body)["q"][0].split()
        start, stop = (int(words[words.index(sign) + 1]) for sign in (">=", "<"))
        found = [[one, "p1"] for one in times if start <= one < stop][: 1 if "LIMIT" in words else None]
        series = [{"name": "diary", "columns": ["time", "person"], "values": found}] if found else []
        return 200, json.dumps({"results": [{"series": series}]})

    with database("1.6.7", judge) as server, server.points() as points:
        days = [[row["time"] for row in day] for day in points.rows(Table("diary", (), ()))]
    assert days == [[0, 1, day_ns - 1], [day_ns], [400 * day_ns]]
    assert len(server.asked) == 7

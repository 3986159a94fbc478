"""What each answer of InfluxDB means, from a server that gives every answer there is."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from ingest.influx import InfluxAddress, InfluxWriter, Verdict
from tests.scripted_influx import scripted_influx

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.scripted_influx import ScriptedInflux

CONFLICT = 'partial write: field type conflict: input field "x" is type float, already exists as type integer dropped=1'
QUOTED = "unable to parse 'leg_event,person=anna x=': missing field value"


@contextmanager
def database(status: int, message: str = "") -> Iterator[tuple[InfluxWriter, ScriptedInflux]]:
    """Run a server that answers every write with one status, and a writer to it."""
    with scripted_influx(lambda _: (status, message)) as server, InfluxWriter(server.address) as writer:
        yield writer, server


def test_a_batch_is_one_request_with_nanoseconds_and_the_token() -> None:
    with database(204) as (writer, server):
        assert writer.write(["a x=1 1", "b x=2 2"]).verdict is Verdict.ACCEPTED
    assert server.paths == ["/api/v2/write?org=home&bucket=legs&precision=ns"]
    assert (server.logins, server.accepted) == (["Token secret"], ["a x=1 1", "b x=2 2"])


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (400, Verdict.BAD_POINT),
        (413, Verdict.BAD_POINT),
        (422, Verdict.BAD_POINT),
        (401, Verdict.REFUSED),
        (403, Verdict.REFUSED),
        (404, Verdict.REFUSED),
        (429, Verdict.UNAVAILABLE),
        (500, Verdict.UNAVAILABLE),
        (502, Verdict.UNAVAILABLE),
        (503, Verdict.UNAVAILABLE),
    ],
)
def test_only_the_points_themselves_are_ever_given_up(status: int, verdict: Verdict) -> None:
    with database(status, "no") as (writer, _):
        assert writer.write(["a x=1 1"]).verdict is verdict


def test_a_database_that_is_not_there_is_unavailable() -> None:
    with InfluxWriter(InfluxAddress("http://127.0.0.1:1", "legs", "home", "secret")) as writer:
        answer = writer.write(["a x=1 1"])
    assert answer.verdict is Verdict.UNAVAILABLE
    assert "does not answer" in answer.reason


def test_the_reason_for_a_bad_point_is_told_unless_it_quotes_the_line() -> None:
    with database(422, CONFLICT) as (writer, _):
        assert writer.write(["a x=1 1"]).reason == CONFLICT
    with database(400, QUOTED) as (writer, _):
        assert writer.write(["a x=1 1"]).reason == "HTTP 400"


def test_the_check_writes_nothing_and_passes_where_an_empty_batch_is_a_bad_request() -> None:
    with database(204) as (writer, server):
        assert writer.check().verdict is Verdict.ACCEPTED
        assert server.accepted == []
    with database(400, "writing requires points") as (writer, _):
        assert writer.check().verdict is Verdict.ACCEPTED
    with database(401, "unauthorized") as (writer, _):
        assert writer.check().reason.endswith("does not accept the token (HTTP 401)")


def test_the_token_is_in_no_representation() -> None:
    assert "secret" not in repr(InfluxAddress("http://127.0.0.1:1", "legs", "home", "secret"))

"""What each answer of InfluxDB means, from a server that gives every answer there is."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from ingest.influx import Answer, InfluxAddress, InfluxWriter, Verdict
from tests.scripted_influx import RESET, SILENCE, scripted_influx

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.scripted_influx import ScriptedInflux

CONFLICT = (
    'partial write: field type conflict: input field "x" on measurement "a" is type float, '
    "already exists as type integer dropped=1"
)
PAGE = "<html><h1>Sorry</h1></html>"
PATIENCE_S = 60.0
# Who says nothing is not waited for.
SILENT_S = 0.2


@contextmanager
def database(status: int, message: str = "", **headers: str) -> Iterator[tuple[InfluxWriter, ScriptedInflux]]:
    """Run a server that answers every write with one status, and a writer to it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with (
        scripted_influx(lambda _: (status, message), named) as server,
        InfluxWriter(server.address, timeout_s=SILENT_S if status == SILENCE else PATIENCE_S) as writer,
    ):
        yield writer, server


def answer(status: int, message: str = "", **headers: str) -> Answer:
    with database(status, message, **headers) as (writer, _):
        return writer.write(["a x=1 1"])


def test_a_batch_is_one_request_with_nanoseconds_and_the_token() -> None:
    with database(204) as (writer, server):
        assert writer.write(["a x=1 1", "b x=2 2"]).verdict is Verdict.ACCEPTED
    assert server.paths == ["/api/v2/write?org=home&bucket=legs&precision=ns"]
    assert (server.logins, server.accepted) == (["Token secret"], ["a x=1 1", "b x=2 2"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (400, Verdict.BAD_POINT),
        (413, Verdict.TOO_LARGE),
        (422, Verdict.BAD_POINT),
        (401, Verdict.REFUSED),
        (403, Verdict.REFUSED),
        (404, Verdict.REFUSED),
        (408, Verdict.UNAVAILABLE),
        (429, Verdict.UNAVAILABLE),
        (500, Verdict.UNAVAILABLE),
        (502, Verdict.UNAVAILABLE),
        (503, Verdict.UNAVAILABLE),
        (SILENCE, Verdict.UNAVAILABLE),
        (RESET, Verdict.UNAVAILABLE),
    ],
)
def test_only_the_points_themselves_are_ever_given_up(status: int, verdict: Verdict) -> None:
    assert answer(status, "no").verdict is verdict


@pytest.mark.parametrize("status", [200, 202, 301, 400, 405, 418, 422])
def test_what_no_influxdb_says_neither_confirms_a_point_nor_condemns_it(status: int) -> None:
    verdict, reason, _ = answer(status, PAGE)
    assert verdict is Verdict.UNAVAILABLE
    assert reason.endswith(f"answers HTTP {status}, which InfluxDB does not say: is it one?")


@pytest.mark.slow
def test_a_database_that_is_not_there_is_unavailable() -> None:
    with InfluxWriter(InfluxAddress("http://127.0.0.1:1", "legs", "home", "secret")) as writer:
        assert writer.write(["a x=1 1"]).reason == "InfluxDB http://127.0.0.1:1 does not answer: no connection"
    assert answer(SILENCE).reason.endswith("does not answer: nothing within 0.2 s")
    assert answer(RESET).reason.endswith("does not answer: ProtocolError")


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ('{"error":"database not found: \\"legs\\""}', "has no bucket 'legs' in organisation 'home' (HTTP 404)"),
        ('bucket "legs" not found', "has no bucket 'legs' in organisation 'home' (HTTP 404)"),
        ('organization name "home" not found', "has no organisation 'home' (HTTP 404)"),
        ("404 page not found", "has no bucket 'legs' in organisation 'home' (HTTP 404)"),
        (PAGE, "behind the rewrite of docs/influxdb.md (HTTP 404)"),
    ],
)
def test_404_says_what_is_not_found(message: str, says: str) -> None:
    assert answer(404, message).reason.endswith(says)


def test_429_and_503_hand_on_how_long_to_wait() -> None:
    assert answer(429, "limit", Retry_After="7").wait_s == 7.0
    dates = {"Date": "Sun, 22 Nov 2026 09:00:00 GMT", "Retry_After": "Sun, 22 Nov 2026 09:00:30 GMT"}
    assert answer(503, "busy", **dates).wait_s is not None
    assert answer(503).wait_s is None


def test_the_check_writes_nothing_and_passes_where_an_empty_batch_is_a_bad_request() -> None:
    with database(204) as (writer, server):
        assert writer.check().verdict is Verdict.ACCEPTED
        assert server.accepted == []
    with database(400, "writing requires points") as (writer, _):
        assert writer.check().verdict is Verdict.ACCEPTED
    with database(401, "unauthorized") as (writer, _):
        assert writer.check().reason.endswith("does not accept the token (HTTP 401)")


def test_a_new_token_is_used_from_the_next_write_on() -> None:
    with database(204) as (writer, server):
        writer.write(["a x=1 1"])
        assert not writer.renew("secret")
        assert writer.renew("newer")
        writer.write(["a x=1 2"])
    assert server.logins == ["Token secret", "Token newer"]


def test_the_token_is_in_no_representation() -> None:
    assert "secret" not in repr(InfluxAddress("http://127.0.0.1:1", "legs", "home", "secret"))


def test_the_reason_for_a_bad_point_is_told() -> None:
    assert answer(422, CONFLICT).reason == "field type conflict: x of a is integer in the database, and float here"

"""What InfluxDB says in an error answer: told again without whose line it was, and without what we cannot know."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ingest.influx_words import MOST_WAIT_S, asked_wait_s, cause_of, missing_in, words_of

V1_CONFLICT = (
    '{"error":"partial write: field type conflict: input field \\"peak_uv\\" on measurement \\"leg_event\\" is type '
    'float, already exists as type integer dropped=1"}'
)
V2_CONFLICT = (
    '{"code":"unprocessable entity","message":"failure writing points to database: partial write: field type conflict: '
    'input field \\"peak_uv\\" on measurement \\"leg_event\\" is type float, already exists as type integer dropped=1"}'
)
LINE = 'leg_event,person=anna,site=home note="it\'s anna",x= 1'


@pytest.mark.parametrize("body", [V1_CONFLICT, V2_CONFLICT])
def test_a_type_conflict_is_the_same_reason_from_1_x_and_from_2_x(body: str) -> None:
    said = cause_of(words_of(body.encode()) or "", 422)
    assert said == "field type conflict: peak_uv of leg_event is integer in the database, and float here"


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        (f"unable to parse '{LINE}': missing field value", "missing field value"),
        (f"unable to parse '{LINE}': invalid number", "invalid number"),
        (f"unable to parse '{LINE}': something that anna wrote", "HTTP 400"),
        (f"unable to parse 'missing tag value {LINE}'", "HTTP 400"),
        (
            "partial write: points beyond retention policy dropped=3",
            "it is older than what the bucket keeps (points beyond retention policy)",
        ),
        (
            'partial write: max-values-per-tag limit exceeded (100/100): measurement="x" tag="person" value="anna"',
            "max-values-per-tag limit exceeded",
        ),
        ("field type conflict", "field type conflict"),
        ("anna", "HTTP 400"),
        ("", "HTTP 400"),
    ],
)
def test_no_reason_names_a_person(words: str, cause: str) -> None:
    assert cause_of(words, 400) == cause
    assert "anna" not in cause_of(words, 400)


@pytest.mark.parametrize(
    "body", [None, "", b"", "<html>", "[1]", "7", '{"status": "ok"}', b"\xff\xfe", "[" * 100_000, '"error"']
)
def test_what_is_no_error_of_influxdb_has_no_words(body: str | bytes | None) -> None:
    assert words_of(body) is None


def test_what_is_missing_is_told_apart() -> None:
    assert [missing_in(words) for words in ('organization name "x" not found', 'bucket "x" not found', "gone")] == [
        "organisation",
        "bucket",
        "",
    ]


@pytest.mark.parametrize(
    ("asked", "wait_s"),
    [
        ("0", 0.0),
        (" 12 ", 12.0),
        ("9" * 400, MOST_WAIT_S),
        ("-5", None),
        ("1.5", None),
        ("\u0663", None),
        ("soon", None),
        ("", None),
        ("Sun, 22 Nov 2026 09:00:20 GMT", 20.0),
        ("Sun, 22 Nov 2026 10:00:20 +0100", 20.0),
        ("Sun, 22 Nov 2026 09:00:20 -0000", 20.0),
        ("Sun, 22 Nov 2026 08:00:00 GMT", 0.0),
        ("Sun, 22 Nov 2099 09:00:00 GMT", MOST_WAIT_S),
        ("Sun, 99 Nov 2026 09:00:00 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_never_without_bound(asked: str, wait_s: float | None) -> None:
    now = datetime(2026, 11, 22, 9, 0, 0, tzinfo=UTC)
    assert asked_wait_s({"Retry-After": asked}, now) == wait_s


def test_a_date_is_counted_from_the_databases_own_clock() -> None:
    headers = {"Retry-After": "Sun, 22 Nov 2026 09:00:30 GMT", "Date": "Sun, 22 Nov 2026 09:00:10 GMT"}
    assert asked_wait_s(headers, datetime(2030, 1, 1, tzinfo=UTC)) == 20.0

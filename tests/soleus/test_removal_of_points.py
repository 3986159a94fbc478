"""Which points of a night are removed, and what is said of those that nobody could look for."""

from __future__ import annotations

from ingest.influx_person import Span
from soleus.removal_times import remove_points
from tests.ingest.test_influx_person import database

SPAN = Span("night", 1_795_212_060_000_000_000, 1_795_212_120_000_000_001)


def may_remove_and_not_read(path: str, _body: str) -> tuple[int, str]:
    return (204, "") if path.startswith("/api/v2/delete") else (403, "{}")


def test_with_a_token_that_may_not_read_the_thinned_points_go_and_others_are_not_called_removed() -> None:
    with database("v2.7.1", may_remove_and_not_read) as server, server.points() as points:
        said = remove_points(points, (SPAN,))
    sent = [request for path, request in server.sent() if path == "/api/v2/delete"]
    assert [(one["predicate"].rpartition("=")[2], one["start"][11:16]) for one in sent] == [
        ('"night"', "22:01"),
        ('"leg_epoch_10min"', "22:00"),
    ]
    assert "others were not looked for: " in said
    assert "does not let this token read in bucket 'legs'" in said

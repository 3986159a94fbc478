"""No panel shows a number for which a night had no valid signal: asked of a real InfluxDB that holds such a night."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from detectors.signal import NS_PER_S
from ingest.influx import InfluxWriter, Verdict
from ingest.night.entries import TopicKind
from ingest.points import points_of
from ingest.wire import Delivered
from tests.forty_nights import DARK, made_nights
from tests.influxql import FOLDER, asked, expand
from tests.night_log import INFO
from tests.system.servers import influx

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ingest.night.entries import Entry
    from tests.forty_nights import MadeNight
    from tests.influxql import Asked
    from tests.system.servers import Influx

pytestmark = pytest.mark.system
BOARDS = {
    name: json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    for name in ("last_night", "weeks", "sensors")
}
CHOSEN = {"person": INFO.person, "scoring": INFO.scoring, "leg": ".*", "sensor": ".*"}
H_NS = 3600 * NS_PER_S
# What a night without valid signal does have: how long it was, that none of it was valid, and the grade for that.
TOLD_OF_NOTHING = {"lasted": None, "grade": "C", "valid_h": 0}


@pytest.fixture(scope="module")
def nights() -> tuple[MadeNight, MadeNight]:
    """Return a night, and the one after it, which is dark."""
    before, dark, *_ = made_nights(7)
    assert dark.ago in DARK
    return before, dark


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory, nights: tuple[MadeNight, ...]) -> Iterator[Influx]:
    with influx(tmp_path_factory.mktemp("influx")) as database:
        for night in nights:
            put(database, night.entries)
        yield database


def put(database: Influx, entries: Iterable[Entry]) -> None:
    with InfluxWriter(database.address()) as writer:
        lines = [point.line() for one in entries for point in points_of(Delivered("home", "bedroom", 0, one))]
        assert writer.write(lines).verdict is Verdict.ACCEPTED


def of(name: str, *, where: str) -> list[Asked]:
    found = [one for one in asked(BOARDS[name]) if one.where == where]
    assert found
    return found


def rows(database: Influx, one: Asked, span_ns: tuple[int, int]) -> list[dict[str, Any]]:
    return database.rows(expand(one.query, CHOSEN, span_ns))


def around(night: MadeNight) -> tuple[int, int]:
    return night.start_ns - H_NS, night.end_ns + H_NS


def test_the_answer_of_a_dark_night_has_no_number_but_that_nothing_was_valid(
    database: Influx, nights: tuple[MadeNight, MadeNight]
) -> None:
    for one in of("last_night", where="stat"):
        for row in rows(database, one, around(nights[1])):
            ((name, value),) = [item for item in row.items() if item[0] not in {"time", "sensor", "kind"}]
            assert name in TOLD_OF_NOTHING, one
            assert TOLD_OF_NOTHING[name] in {None, value}, one


def test_where_the_last_of_two_nights_is_dark_the_joined_rows_end_without_a_number(
    database: Influx, nights: tuple[MadeNight, MadeNight]
) -> None:
    span_ns = nights[0].start_ns - H_NS, nights[1].end_ns + H_NS
    by_title: dict[str, list[list[dict[str, Any]]]] = {}
    for one in of("last_night", where="stat"):
        by_title.setdefault(one.title, []).append(rows(database, one, span_ns))
    for title, answers in by_title.items():
        *numbers, every = answers
        assert len(every) == 2, title
        if title == "Valid hours and grade":
            continue
        for found in numbers:
            # Joined by time as the panel does it: the night before is there, and the last row is empty.
            assert [row["time"] for row in found] == [every[0]["time"]], title


def test_curves_and_strips_of_a_dark_night_show_no_level_and_no_event(
    database: Influx, nights: tuple[MadeNight, MadeNight]
) -> None:
    for one in of("last_night", where="timeseries"):
        if one.title != "Link":
            values = [v for row in rows(database, one, around(nights[1])) for k, v in row.items() if is_value(k)]
            assert not [value for value in values if value is not None], one
    for one in of("last_night", where="state-timeline"):
        found = {value for row in rows(database, one, around(nights[1])) for value in row.values()}
        states = {value for value in found if isinstance(value, str)}
        assert states <= {"not known", "signal_gap", "electrode_off", "not_worn"}, one
    for one in of("last_night", where="table"):
        assert rows(database, one, around(nights[1])) == []


def is_value(name: str) -> bool:
    return name not in {"time", "sensor", "kind", "leg", "hour"}


@pytest.mark.parametrize("where", ["stat", "timeseries", "state-timeline", "barchart"])
def test_over_weeks_a_dark_night_adds_to_no_count_and_to_no_median(
    database: Influx, nights: tuple[MadeNight, MadeNight], where: str
) -> None:
    written = {"What you rated", "Valid hours"}
    for one in of("weeks", where=where):
        found = rows(database, one, around(nights[1]))
        told = [value for row in found for name, value in row.items() if is_value(name) and value is not None]
        if one.title in written or ('FROM "diary"' in one.query):
            continue
        # A count of nights may say 0; a sum, a mean and a median have nothing to say.
        assert told == [] or (one.target["alias"] == "nights" and told == [0]), one


@pytest.mark.parametrize(("hours", "since"), [(1, "end"), (9, "end"), (16, "end"), (3, "next start")])
def test_the_numbers_of_the_last_night_stand_until_the_next_one_is_over(
    database: Influx, nights: tuple[MadeNight, MadeNight], hours: int, since: str
) -> None:
    night, following = nights
    put(database, [replace(numbers_of(night), scoring="alone")])
    now_ns = (night.end_ns if since == "end" else following.start_ns) + hours * H_NS
    chosen = {**CHOSEN, "scoring": "alone"}
    for one in of("last_night", where="stat"):
        back_h = int(one.panel["timeFrom"].removesuffix("h"))
        assert database.rows(expand(one.query, chosen, (now_ns - back_h * H_NS, now_ns))), one


def test_a_night_with_signal_and_without_events_says_0(database: Influx, nights: tuple[MadeNight, MadeNight]) -> None:
    night = nights[0]
    whole = numbers_of(night)
    summary = {**as_mapping(whole.body["summary"]), "cramp_events": 0, "cramps": []}
    calm = replace(whole, scoring="calm", body={**whole.body, "summary": summary})
    put(database, [calm])
    first = of("last_night", where="stat")[0]
    (row,) = database.rows(expand(first.query, {**CHOSEN, "scoring": "calm"}, around(night)))
    assert row["cramp-like"] == 0


def test_a_number_that_a_later_scoring_does_not_know_is_not_shown_though_the_database_keeps_it(
    database: Influx, nights: tuple[MadeNight, MadeNight]
) -> None:
    night = nights[0]
    whole = numbers_of(night)
    known = as_mapping(whole.body["summary"])
    put(database, [replace(whole, scoring="again")])
    first = of("last_night", where="stat")[0]
    query = expand(first.query, {**CHOSEN, "scoring": "again"}, around(night))
    (row,) = database.rows(query)
    assert row["cramp-like"] == known["cramp_events"]
    body = {**whole.body, "summary": {**known, "cramp_events": None}, "unknown": " cramp_events "}
    assert any(cramps_by_hour(database, "again", around(night)).values())
    put(database, [replace(whole, scoring="again", revision=1, body=body)])
    assert cramps_by_hour(database, "again", around(night)) == {}
    kept = database.rows('SELECT "cramp_events" FROM "night" WHERE "scoring" = \'again\'')
    assert [row["cramp_events"] for row in kept] == [known["cramp_events"]]
    assert database.rows(query) == []


def test_hours_since_falling_asleep_are_those_of_the_estimate(
    database: Influx, nights: tuple[MadeNight, MadeNight]
) -> None:
    summary = as_mapping(numbers_of(nights[0]).body["summary"])
    recorded, slept = (
        {f"{one['hour']:02d}": one["cramps"] for one in summary[name] if one["valid_h"]}
        for name in ("by_hour", "by_hour_est")
    )
    assert recorded != slept
    assert cramps_by_hour(database, INFO.scoring, around(nights[0])) == slept


def cramps_by_hour(database: Influx, scoring: str, span_ns: tuple[int, int]) -> dict[str, int]:
    (one,) = [one for one in of("weeks", where="barchart") if "falling asleep" in one.title]
    found = database.rows(expand(one.query, {**CHOSEN, "scoring": scoring}, span_ns))
    return {row["hour"]: row["per night"] for row in found}


def test_a_level_that_a_later_scoring_does_not_know_is_a_hole(
    database: Influx, nights: tuple[MadeNight, MadeNight]
) -> None:
    epochs = [one for one in nights[0].entries if one.topic_kind is TopicKind.EPOCH and "resting_uv" in str(one.body)]
    for one in epochs:
        measures = {**as_mapping(one.body["measures"]), "resting_uv": -1.0, "quality_class": 2.0}
        put(database, [replace(one, scoring="less", revision=1, body={**one.body, "measures": measures})])
    (resting,) = [one for one in of("last_night", where="timeseries") if "resting" in one.target["alias"]]
    assert database.rows(expand(resting.query, {**CHOSEN, "scoring": "less"}, around(nights[0]))) == []


def test_a_sensor_that_never_sent_anything_has_no_share_of_samples_lost(
    database: Influx, nights: tuple[MadeNight, MadeNight]
) -> None:
    (one,) = [one for one in of("sensors", where="stat") if one.title == "Lost on the air"]
    assert {row["sensor"] for row in rows(database, one, around(nights[0]))} == {"left-shin", "right-shin"}
    assert {row["sensor"] for row in rows(database, one, around(nights[1]))} == {"left-shin"}


def numbers_of(night: MadeNight) -> Entry:
    """Return the entry with the numbers of a night, as its first scoring has them."""
    return next(one for one in night.entries if one.topic_kind is TopicKind.NIGHT and one.scoring == INFO.scoring)


def as_mapping(value: object) -> dict[str, Any]:
    assert isinstance(value, dict)
    return value

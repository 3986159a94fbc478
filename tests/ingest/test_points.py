"""What the detectors say of a simulated hour fits the schema, to the last measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from detectors.criteria import named
from detectors.pipeline import score
from detectors.recording import ArraySource, Recording, steady_clock
from detectors.signal import NS_PER_S, Quantity, Stream, Unit
from detectors.simulate import simulate_night
from ingest.night.entries import epoch_entry, event_entry, night_entry
from ingest.points import points_of
from ingest.wire import Delivered

if TYPE_CHECKING:
    from ingest.schema import Point

pytestmark = pytest.mark.slow

START_NS = 1_795_212_000 * NS_PER_S
WHOSE = ("p1", "n1", "default")


@pytest.fixture(scope="module")
def points() -> list[Point]:
    sources = []
    for leg in simulate_night(1.0, seed=4, regime="clean").legs:
        emg = Stream(f"{leg.leg}-shin", leg.leg, "tibialis", Quantity.EMG, Unit.MICROVOLT, ("emg",), leg.emg_fs_hz)
        motion = Stream(
            f"{leg.leg}-shin", leg.leg, "ankle", Quantity.ACCELERATION, Unit.G, ("x", "y", "z"), leg.acceleration_fs_hz
        )
        sources += [
            ArraySource(emg, steady_clock(START_NS, emg.fs_hz), leg.emg(0, leg.n_emg)),
            ArraySource(motion, steady_clock(START_NS, motion.fs_hz), leg.acceleration(0, leg.n_acceleration)),
        ]
    scored = score(Recording("hour", START_NS, tuple(sources)), named("wasm-2016"))
    entries = [event_entry(event, *WHOSE) for event in scored.events]
    entries += [epoch_entry(epoch, *WHOSE) for epoch in scored.epochs]
    entries.append(night_entry(scored.summary, *WHOSE, span_ns=(START_NS, START_NS + 3600 * NS_PER_S)))
    return [point for entry in entries for point in points_of(Delivered("home", "bedroom", 0, entry))]


def test_every_point_is_valid_line_protocol(points: list[Point]) -> None:
    of_nights = {"night", "night_hour", "night_interval"}
    assert {point.measurement.name for point in points} == {"leg_event", "leg_epoch", *of_nights}
    assert all(point.line() for point in points)


def test_what_a_night_says_of_a_sensor_joins_its_epochs(points: list[Point]) -> None:
    tags: dict[str, set[tuple[str | None, str | None]]] = {"leg_epoch": set(), "night": set()}
    for point in points:
        if point.measurement.name in tags and "sensor" in point.tags:
            tags[point.measurement.name].add((point.tags.get("sensor"), point.tags.get("kind")))
    assert tags["night"] == tags["leg_epoch"]
    assert len(tags["night"]) == 4


def test_no_two_points_fall_into_one(points: list[Point]) -> None:
    places = [(point.measurement.name, tuple(sorted(point.tags.items())), point.time_ns) for point in points]
    assert len(set(places)) == len(places)


def test_the_schema_names_every_field(points: list[Point]) -> None:
    written = {(point.measurement.name, name) for point in points for name in point.fields}
    named_there = {
        (p.measurement.name, name) for p in points for name in (*p.measurement.fields, *p.measurement.measures)
    }
    assert sorted(written - named_there) == []

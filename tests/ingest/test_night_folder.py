"""The folder of a night: what was written is read, also while the scorer writes."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.events import Epoch, Event, EventKind, EventQuality, Step
from detectors.recording import steady_clock
from detectors.signal import Clock, Knot, Leg, Quantity, Stream, Unit
from detectors.track import Track, TrackName
from ingest.errors import DecodeError
from ingest.night.folder import NightFolder, NightInfo, NightSensor
from ingest.night.json_file import write_json
from tests.ingest.logged_sensor import (
    NS_PER_S,
    UTC_NS,
)

if TYPE_CHECKING:
    from pathlib import Path


INFO_OF_NIGHT = NightInfo(
    site="home",
    person="p1",
    night="2026-11-21-230000",
    scoring="default",
    speed=1.0,
    sensors=(NightSensor("left-shin", "lsp", "C4:00:00:00:00:01", Leg.LEFT, "tibialis anterior"),),
    start_ns=UTC_NS,
    utc_offset_s=3600,
    version="0.1.0",
)
FS_HZ = 500.0
EMG = Stream("left-shin.ch1", Leg.LEFT, "tibialis anterior", Quantity.EMG, Unit.MICROVOLT, ("ch1",), FS_HZ)


def track(
    start: int, values: np.ndarray, *, name: TrackName = TrackName.ENVELOPE_UV, clock: Clock | None = None, hop: int = 5
) -> Track:
    at = clock or steady_clock(UTC_NS, FS_HZ)
    return Track(EMG, at, name, start, hop, values.astype(np.float64), np.zeros(len(values), np.uint16))


# --- JSON


def test_what_is_known_of_a_night_is_read_as_it_was_written(tmp_path: Path) -> None:
    folder = NightFolder(tmp_path / "night")
    folder.write_info(INFO_OF_NIGHT)
    assert folder.read_info() == INFO_OF_NIGHT
    text = folder.info_path.read_text(encoding="utf-8")
    assert list(json.loads(text)) == sorted(json.loads(text))


def test_events_and_epochs_are_read_as_they_were_written(tmp_path: Path) -> None:
    folder = NightFolder(tmp_path)
    assert (folder.read_events(), folder.read_epochs(), folder.read_summary(), folder.read_config()) == (
        (),
        (),
        None,
        None,
    )
    why = (Step("peak_uv", 80.0, 8.0, held=True),)
    event = Event(EventKind.CRAMP, "s", Leg.LEFT, 5, 9, {"peak_uv": 80.0}, EventQuality.LOW, why, 2)
    epoch = Epoch("s", Leg.LEFT, Quantity.EMG, UTC_NS, 30.0, {"resting_uv": 1.5})
    folder.write_events([event])
    folder.write_epochs([epoch])
    folder.write_summary({"valid_h": None})
    folder.write_config({"onset_uv": 8.0})
    assert folder.read_events() == (event,)
    assert folder.read_epochs() == (epoch,)
    assert folder.read_summary() == {"valid_h": None}
    assert folder.read_config() == {"onset_uv": 8.0}
    assert not list(tmp_path.glob(".*"))


def test_a_summary_that_is_no_object_is_refused(tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text("[1]")
    with pytest.raises(DecodeError, match="expected an object"):
        NightFolder(tmp_path).read_summary()


def test_seconds_that_a_new_segment_overlaps_are_kept_as_they_were_first(tmp_path: Path) -> None:
    store = NightFolder(tmp_path).tracks()
    store.append(track(0, np.ones(500)))
    store.append(track(0, np.ones(700) * 2))
    store.append(track(0, np.ones(100) * 3))
    (entry,) = store.read()
    assert entry.values.tolist() == [1.0] * 5 + [2.0] * 2
    store.close()


def test_a_number_that_json_does_not_know_is_refused_and_the_old_file_stays(tmp_path: Path) -> None:
    folder = NightFolder(tmp_path)
    folder.write_summary({"cramps": 1})
    with pytest.raises(ValueError, match="JSON"):
        folder.write_summary({"cramps": math.nan})
    assert folder.read_summary() == {"cramps": 1}


def test_two_threads_may_write_one_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "packets.index.json"
    both = threading.Barrier(2, timeout=60.0)

    def write(number: int) -> None:
        for _ in range(20):
            both.wait()
            write_json(path, {"n": number})

    with ThreadPoolExecutor(2) as pool:
        for written in [pool.submit(write, number) for number in range(2)]:
            written.result()
    assert json.loads(path.read_text()) in ({"n": 0}, {"n": 1})
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"format": 99}', '{"format": 1, "sensors": []}'])
def test_a_night_json_that_is_not_ours_is_refused_with_its_name(tmp_path: Path, text: str) -> None:
    folder = NightFolder(tmp_path)
    folder.info_path.write_text(text)
    with pytest.raises(DecodeError, match=r"night\.json"):
        folder.read_info()


def test_an_events_json_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    (tmp_path / "events.json").write_text('[{"kind": "sneeze"}]')
    with pytest.raises(DecodeError, match=r"events\.json"):
        NightFolder(tmp_path).read_events()


# --- tracks


def test_an_envelope_keeps_the_peak_of_each_second_and_tilt_its_last_value(tmp_path: Path) -> None:
    store = NightFolder(tmp_path).tracks()
    values = np.arange(250.0)
    store.append(track(0, values))
    store.append(track(0, values, name=TrackName.TILT_DEG))
    store.append(track(0, np.array([3.0, 4.0]), name=TrackName.RESTING_UV, hop=500))
    stored = {entry.name: entry for entry in store.read()}
    assert stored[TrackName.ENVELOPE_UV].values.tolist() == [99.0, 199.0, 249.0]
    assert stored[TrackName.TILT_DEG].values.tolist() == [99.0, 199.0, 249.0]
    assert stored[TrackName.RESTING_UV].values.tolist() == [3.0, 4.0]
    assert (stored[TrackName.ENVELOPE_UV].start_ns, stored[TrackName.ENVELOPE_UV].hop_s) == (UTC_NS, 1.0)
    assert (stored[TrackName.ENVELOPE_UV].sensor, stored[TrackName.ENVELOPE_UV].leg) == ("left-shin.ch1", Leg.LEFT)
    store.close()


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 1000), max_size=6), st.integers(0, 450))
def test_however_a_track_is_cut_the_same_seconds_are_stored(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int], first_hop: int
) -> None:
    values = np.random.default_rng(1).uniform(0, 100, 1000)

    def stored(edges: list[int]) -> list[float]:
        store = NightFolder(tmp_path_factory.mktemp("night")).tracks()
        for start, stop in itertools.pairwise(edges):
            store.append(track((first_hop + start) * 5, values[start:stop]))
        store.close()
        (entry,) = store.read()
        return list(entry.values.tolist())

    assert stored([0, *sorted(cuts), 1000]) == stored([0, 1000])


def test_seconds_that_were_not_measured_are_nan(tmp_path: Path) -> None:
    store = NightFolder(tmp_path).tracks()
    store.append(track(0, np.ones(100)))
    store.append(track(4 * 500, np.ones(100) * 2))
    (entry,) = store.read()
    assert np.isnan(entry.values).tolist() == [False, True, True, True, False]
    store.close()


def test_a_crystal_that_drifts_leaves_no_hole_and_stays_in_its_second(tmp_path: Path) -> None:
    slow = Clock((Knot(0, UTC_NS, FS_HZ), Knot(500, UTC_NS + round(1.6 * NS_PER_S), FS_HZ)))
    store = NightFolder(tmp_path).tracks()
    store.append(track(0, np.ones(100)))
    store.append(track(500, np.ones(100) * 2, clock=slow))
    (entry,) = store.read()
    assert entry.values.tolist() == [1.0, 2.0, 2.0]
    store.close()


def test_a_clock_that_is_days_off_does_not_fill_the_disk(tmp_path: Path) -> None:
    store = NightFolder(tmp_path).tracks()
    store.append(track(0, np.ones(100)))
    store.append(track(500, np.ones(100), clock=steady_clock(UTC_NS * 2, FS_HZ)))
    store.append(track(500, np.ones(0)))
    (entry,) = store.read()
    assert len(entry.values) == 1
    store.close()


def test_a_scorer_that_starts_again_starts_with_empty_tracks(tmp_path: Path) -> None:
    folder = NightFolder(tmp_path)
    for _ in range(2):
        store = folder.tracks(truncate=True)
        assert list(store.read()) == []
        store.append(track(0, np.ones(100)))
        store.close()
    assert len(list(folder.tracks().read())) == 1


@pytest.mark.parametrize("text", ["", '{"sensor": ', "null", "[]", "{}", '{"leg": "third"}'])
def test_a_track_whose_header_cannot_be_read_is_left_out(tmp_path: Path, text: str) -> None:
    store = NightFolder(tmp_path).tracks()
    store.append(track(0, np.ones(100)))
    store.append(track(0, np.ones(100), name=TrackName.TILT_DEG))
    store.close()
    next((tmp_path / "tracks").glob("*tilt*.json")).write_text(text)
    assert [entry.name for entry in store.read()] == [TrackName.ENVELOPE_UV]


def test_tracks_that_a_new_scorer_removes_while_they_are_read_are_left_out(tmp_path: Path) -> None:
    folder = NightFolder(tmp_path)
    store = folder.tracks()
    store.append(track(0, np.ones(100)))
    store.append(track(0, np.ones(100), name=TrackName.TILT_DEG))
    store.close()
    reading = store.read()
    assert next(reading).name is TrackName.ENVELOPE_UV
    folder.tracks(truncate=True)
    assert list(reading) == []


def test_a_sensor_name_that_is_no_file_name_keeps_its_track_in_the_folder(tmp_path: Path) -> None:
    stream = dataclasses.replace(EMG, sensor="../../évil")
    store = NightFolder(tmp_path).tracks()
    store.append(dataclasses.replace(track(0, np.ones(100)), stream=stream))
    store.close()
    assert [entry.sensor for entry in store.read()] == ["../../évil"]
    assert {path.parent for path in tmp_path.rglob("*.f32")} == {tmp_path / "tracks"}


def test_tracks_that_no_page_draws_over_a_night_are_not_kept(tmp_path: Path) -> None:
    store = NightFolder(tmp_path).tracks()
    store.append(track(0, np.ones(100), name=TrackName.WAVEFORM_UV, hop=1))
    assert list(store.read()) == []

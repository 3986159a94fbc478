"""Stored nights on the bench: decoded once, scored as the night was, and nothing of them left beside it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.rescore.thresholds import at_random
from dashboards.bench_values import Asked, Setting
from detectors.criteria import named
from detectors.events import EventKind
from detectors.pipeline import score
from detectors.rescore import Rescorer
from detectors.signal import NS_PER_S
from ingest.night.folder import NightFolder
from ingest.night.records import LinkDown, LinkUp, NightEnd, NightStart, Notification
from soleus.final_scoring import score_log
from soleus.night_decoding import log_pieces
from soleus.nights import nights_dir
from soleus.studio.night_source import NightSource
from soleus.studio.opening import studio_of
from soleus.studio.question import Question
from soleus.studio.room import Room
from soleus.studio.station import Station
from soleus.thresholds import apply_overrides
from tests.night_log import night_records, write_night
from tests.stored_nights import NIGHT, begun_night, stored_night

if TYPE_CHECKING:
    from pathlib import Path

    from detectors.criteria import Criteria
    from detectors.events import Event
    from detectors.recording import Recording
    from ingest.night.records import Record
    from soleus.scoring import NightScoring
    from soleus.settings import Settings

pytestmark = pytest.mark.slow

HOURS = 0.07
SUFFIXES = {".json", ".sqlite", ".packets", ".log", ".f32", ".npy", ".part", ".tmp", ""}
CRITERIA = named("wasm-2016")
SEED = 4
# An index of so short a recording would be unknown.
SHORT = ("validity.min_index_h", 0.01)


def hard_records(late_s: float) -> list[Record]:
    """Return a night with packets lost, a link that was away, and a right leg that joins late."""
    random = np.random.default_rng(SEED)
    kept: list[Record] = []
    for record in night_records(HOURS, seed=SEED):
        right, at_s = getattr(record, "sensor", "") == "right-shin", record.mono_ns / NS_PER_S
        gone = right and (at_s < late_s or 200 <= at_s < 225)
        if isinstance(record, Notification) and (gone or random.random() < 0.002):
            continue
        kept.append(record)
    link = LinkDown(200 * NS_PER_S, "right-shin", "supervision timeout"), LinkUp(225 * NS_PER_S, "right-shin", 247)
    inner = sorted(
        (*(one for one in kept if not isinstance(one, NightStart | NightEnd)), *link), key=lambda r: r.mono_ns
    )
    (start,), (end,) = ([one for one in kept if isinstance(one, kind)] for kind in (NightStart, NightEnd))
    return [start, *inner, end]


def opened(folder: NightFolder, room: Path) -> Recording:
    info = folder.read_info()
    recording = NightSource(info.night, folder.path, info.start_ns, ()).open(room)
    assert recording.layout is not None
    # Of a night that was scored its folder says so.
    return replace(recording, layout=recording.layout._replace(span_ns=folder_scored(folder).span_ns))


@cache
def folder_scored(folder: NightFolder) -> NightScoring:
    return score_log(lambda: log_pieces(folder.packets), folder.read_info(), CRITERIA).scoring


def shown(events: tuple[Event, ...] | list[Event]) -> list[Event]:
    return [event for event in events if event.kind is not EventKind.MARKER]


def random_criteria(n: int) -> list[Criteria]:
    random, basis = np.random.default_rng(SEED), apply_overrides(CRITERIA, dict([SHORT]))
    return [at_random(basis, random)[0] for _ in range(n)]


@pytest.mark.parametrize("late_s", [5.0, 100.0])
def test_it_is_the_night_that_was_scored_to_the_bit_and_scores_again_as_anew(tmp_path: Path, late_s: float) -> None:
    folder = write_night(tmp_path / NIGHT, hard_records(late_s))
    recording = opened(folder, tmp_path)
    night, rescorer = folder_scored(folder), Rescorer(recording, CRITERIA)
    assert shown(list(rescorer.score(CRITERIA).events)) == shown(night.events)
    assert len(night.events) > 5
    assert dict(rescorer.score(CRITERIA).summary) == dict(night.summary())
    # Those that join before anything can be said are looked at in one step.
    assert (rescorer.look(CRITERIA).glance is None) == (late_s > 30)
    for criteria in random_criteria(2):
        anew, again, looked = score(recording, criteria), rescorer.score(criteria), rescorer.look(criteria)
        assert again.events == anew.events
        assert dict(again.summary) == dict(anew.summary)
        movements = [event for event in anew.events if event.kind is EventKind.LEG_MOVEMENT]
        assert [(one.onset_ns, one.end_ns, one.leg, one.sensor) for one in looked.movements] == [
            (one.onset_ns, one.end_ns, one.leg, one.sensor) for one in movements
        ]
        assert looked.numbers.items() <= dict(anew.summary).items()


def files(settings: Settings) -> set[Path]:
    """Return what there is but the columns that every page of a night draws, and what SQLite keeps beside its file."""
    found = (path for path in settings.data_dir.rglob("*") if path.is_file())
    return {path for path in found if path.parent.name != "extremes" and path.suffix in SUFFIXES}


def test_a_stored_night_is_a_recording_whose_events_have_pages(tmp_path: Path) -> None:
    settings = stored_night(tmp_path, HOURS)
    before = files(settings)
    with studio_of(settings, patience_s=600.0, n_workers=1) as studio:
        (night,) = studio.bench.recordings()
        asked = Asked((night.key,), Setting(), "leg_movement")
        (settled,), (looked,) = studio.bench.settle(asked).nights, studio.bench.look(asked).nights
        views = studio.bench.signals(night.key, 0.0, night.duration_s, 300)
        # What is written while it lies ready has no name, so that it goes with the night and the process.
        assert files(settings) == before
    assert (night.key, night.is_night, night.subject) == (NIGHT, True, "p1")
    assert settled.events
    assert [event._replace(page="") for event in settled.events] == list(looked.events)
    assert all(f"/leg_movement/{event.leg}/" in event.page for event in settled.events)
    assert {view.quantity.value for view in views} == {"emg", "acceleration"}


def test_a_night_that_goes_on_or_is_damaged_is_a_line(tmp_path: Path) -> None:
    settings, folder = begun_night(tmp_path, 0.02)
    folder.packets.unlink()
    with studio_of(settings, n_workers=1) as studio:
        (night,) = studio.bench.recordings()
        (told,) = studio.bench.look(Asked((night.key,), Setting())).nights
    assert told.problem == night.problem == f"{NIGHT}: holds no packets, expected a night that was recorded"


def test_a_file_that_is_called_like_a_night_is_another_recording(tmp_path: Path) -> None:
    settings, _ = begun_night(tmp_path, 0.02)
    file = tmp_path / f"{NIGHT}.edf"
    file.write_text("no recording")
    with studio_of(settings, [file], n_workers=1) as studio:
        listed = studio.bench.recordings()
        assert [(one.key, one.is_night) for one in listed] == [(NIGHT, True), (f"{NIGHT}-2", False)]
        assert [studio.bench.recording(one.key) for one in listed] == list(listed)


def test_a_night_that_was_scored_anew_is_opened_anew(tmp_path: Path) -> None:
    settings = stored_night(tmp_path, HOURS)
    folder = NightFolder(nights_dir(settings) / NIGHT)
    station, info = Station(Room(tmp_path)), folder.read_info()
    first = station.look(Question(NightSource(NIGHT, folder.path, info.start_ns, (1,)), CRITERIA, "leg_movement"))
    folder.packets.unlink()
    write_night(folder.path, night_records(0.02, seed=3))
    later = station.look(Question(NightSource(NIGHT, folder.path, info.start_ns, (2,)), CRITERIA, "leg_movement"))
    assert first.events
    assert not later.events

"""The book of nights over a data folder: weeks, sensors, and no answer older than the files."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from dashboards.sensor_report import MissingSpan
from detectors.events import EventKind
from detectors.signal import NS_PER_S, Leg
from ingest.night.folder import NightFolder
from ingest.night.journal import Journal
from soleus.book import FolderBook
from soleus.nights import alone, journal_path, nights_dir
from tests.made_folder import CRITERIA, GAP_S, LASTS_S, Made, made_events, made_folder, made_info

if TYPE_CHECKING:
    from pathlib import Path

    from soleus.settings import Settings

N_NIGHTS = 5
MADE = Made(n_events=12, n_minutes=3)
NEWEST = made_info(N_NIGHTS - 1)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return made_folder(tmp_path_factory.mktemp("five") / "data", N_NIGHTS, MADE)


@pytest.fixture
def settings(stored: Settings, tmp_path: Path) -> Settings:
    """A copy to be changed, of files that have been as they are for long."""
    shutil.copytree(stored.data_dir, tmp_path / "data")
    return replace(stored, data_dir=tmp_path / "data")


def folder_of(settings: Settings, number: int) -> NightFolder:
    return NightFolder(nights_dir(settings) / made_info(number).night)


def book_of(settings: Settings) -> FolderBook:
    return FolderBook(settings, CRITERIA)


@pytest.mark.slow
def test_weeks_are_the_newest_nights_oldest_first_each_with_its_numbers_events_and_diary(stored: Settings) -> None:
    weeks = book_of(stored).weeks(3)
    assert [night.card.night_id for night in weeks] == [made_info(number).night for number in (2, 3, 4)]
    newest = weeks[-1]
    assert (newest.summary["cramp_probable"], newest.criteria, newest.version) == (1, "wasm-2016", "0.1.0")
    assert [entry.kind for entry in newest.diary] == ["remedy", "marker"]
    told = [(span.kind, span.leg, span.onset_ns, span.end_ns, span.tier) for span in newest.spans]
    events = [event for event in made_events(NEWEST, MADE.n_events) if event.measures.get("tier") != 0.0]
    expected = [(e.kind, e.leg, e.onset_ns, e.end_ns, int(e.measures.get("tier", 0))) for e in events]
    assert sorted(told) == sorted(expected)
    assert [span.onset_ns for span in newest.spans] == sorted(event.onset_ns for event in events)
    assert len(book_of(stored).weeks(100)) == N_NIGHTS
    assert book_of(stored).weeks(0) == []


def test_a_cramp_of_the_lowest_tier_is_no_span(stored: Settings) -> None:
    # The third tenth of the movements is of tier 0.
    events = made_events(NEWEST, 30)
    assert [event.measures["tier"] for event in events if event.kind is EventKind.CRAMP] == [2.0, 1.0, 0.0]
    spans = book_of(stored).weeks(1)[0].spans
    assert {span.tier for span in spans if span.kind is EventKind.CRAMP} == {1, 2}


def test_weeks_leave_out_a_night_without_a_final_word_whether_or_not_it_still_runs(settings: Settings) -> None:
    folder = folder_of(settings, 4)
    summary = folder.read_summary()
    assert summary is not None
    folder.write_summary({**summary, "final": False})
    book = book_of(settings)
    assert [card.running for card in book.nights()] == [False] * N_NIGHTS
    with alone(folder.path / "night.lock", "taken"):
        assert [card.running for card in book.nights()] == [True, *[False] * (N_NIGHTS - 1)]
        assert book.weeks(1)[0].card.night_id == made_info(3).night
    assert book.weeks(1)[0].card.night_id == made_info(3).night


def test_weeks_are_those_of_the_configured_person(settings: Settings) -> None:
    folder = folder_of(settings, 3)
    folder.write_info(replace(folder.read_info(), person="somebody else"))
    assert [night.card.night_id for night in book_of(settings).weeks(2)] == [made_info(n).night for n in (2, 4)]


def test_what_a_night_was_scored_with_names_every_threshold_that_was_changed(settings: Settings) -> None:
    folder = folder_of(settings, 4)
    config = folder.read_config()
    assert config is not None
    book = book_of(settings)
    assert book.night(NEWEST.night).criteria == "wasm-2016"
    changed = {"value": 6.0, "origin": "soleus.toml:12"}
    folder.write_config({**config, "criteria": {**config["criteria"], "leg_movement.onset_uv": changed}})
    assert book.night(NEWEST.night).criteria == "wasm-2016, leg_movement.onset_uv = 6.0"
    many = {f"part.number_{n}": changed for n in range(9)}
    folder.write_config({**config, "criteria": {**config["criteria"], **many}})
    assert book.night(NEWEST.night).criteria == "wasm-2016, 9 thresholds changed"


def test_a_sensor_is_told_by_minute_and_by_its_certificate(stored: Settings) -> None:
    left, right = book_of(stored).sensors(NEWEST.night)
    assert (left.view.name, left.view.leg, left.device, left.start_ns) == (
        "left-shin", Leg.LEFT, "lsp", NEWEST.start_ns
    )  # fmt: skip
    assert left.minutes["lost_share"] == pytest.approx([0.0, 0.5, 0.0])
    assert left.minutes["battery_pct"] == pytest.approx([90.0, 89.0, 88.0])
    np.testing.assert_array_equal(left.minutes["rssi_dbm"], np.array([-60, np.nan, -60], np.float32))
    away_s = GAP_S[1] - GAP_S[0]
    assert left.account == {
        "n_expected": 550.0 * LASTS_S,
        "n_received": 550.0 * LASTS_S - 500 * away_s,
        "n_resent": 84.0,
        "n_lost": 500 * away_s,
        "links_lost": 1.0,
        "clock_slope_ppm": 11.0,
    }
    onset_ns, end_ns = (NEWEST.start_ns + round(at_s * NS_PER_S) for at_s in GAP_S)
    assert (left.missing, right.missing) == ((MissingSpan(onset_ns, end_ns, "reconnect"),), ())


def test_before_the_certificate_a_sensor_is_told_by_its_minutes_and_gaps(settings: Settings) -> None:
    (folder_of(settings, 4).path / "certificate.json").unlink()
    left, right = book_of(settings).sensors(NEWEST.night)
    assert left.account == {"n_expected": 99_000.0, "n_received": 82_500.0, "n_lost": 16_500.0}
    assert [(span.end_ns - span.onset_ns, span.cause) for span in left.missing] == [(120 * NS_PER_S, "")]
    assert right.missing == ()


def test_a_sensor_that_was_never_heard_missed_the_whole_night(settings: Settings) -> None:
    folder = folder_of(settings, 4)
    stated = folder.read_certificate()
    assert stated is not None
    silent = {**stated["sensors"][1], "streams": [], "missing_s": {"start": float(LASTS_S)}, "link_losses": []}
    folder.write_certificate({**stated, "sensors": [stated["sensors"][0], silent]})
    right = book_of(settings).sensors(NEWEST.night)[1]
    assert right.account == {"links_lost": 0.0}
    assert right.missing == (MissingSpan(NEWEST.start_ns, NEWEST.start_ns + LASTS_S * NS_PER_S, "start"),)


def test_minutes_that_the_journal_no_longer_keeps_are_not_there(settings: Settings) -> None:
    with Journal(journal_path(settings)) as journal:
        journal.forget("p1", NEWEST.night)
    (left, _) = book_of(settings).sensors(NEWEST.night)
    assert (left.minutes, left.start_ns) == ({}, NEWEST.start_ns)
    assert left.account["n_lost"] == 500 * (GAP_S[1] - GAP_S[0])


def test_a_certificate_that_this_version_does_not_read_is_none(settings: Settings) -> None:
    folder = folder_of(settings, 4)
    (folder.path / "certificate.json").write_text("{")
    book = book_of(settings)
    assert "n_resent" not in book.sensors(NEWEST.night)[0].account
    assert book.night(NEWEST.night).completeness == ""
    folder.write_certificate({"format": 99, "verdict": "all of it"})
    assert "n_resent" not in book.sensors(NEWEST.night)[0].account


def test_no_answer_is_older_than_the_files(settings: Settings) -> None:
    folder, book = folder_of(settings, 4), book_of(settings)
    assert book.nights()[0].end_ns == NEWEST.start_ns + LASTS_S * NS_PER_S
    summary, stated = folder.read_summary(), folder.read_certificate()
    assert summary is not None
    assert stated is not None
    folder.write_summary({**summary, "end_ns": NEWEST.start_ns + 60 * NS_PER_S})
    folder.write_info(replace(folder.read_info(), utc_offset_s=-3600))
    folder.write_certificate({**stated, "verdict": "no gap"})
    card = book.nights()[0]
    assert (card.end_ns, card.utc_offset_s) == (NEWEST.start_ns + 60 * NS_PER_S, -3600)
    assert book.night(NEWEST.night).completeness == "no gap"
    shutil.rmtree(folder.path)
    assert [card.night_id for card in book.nights()] == [made_info(number).night for number in (3, 2, 1, 0)]
    with pytest.raises(KeyError):
        book.night(NEWEST.night)


def test_a_file_that_was_changed_in_place_and_given_its_old_date_is_read_again(settings: Settings) -> None:
    path, book = folder_of(settings, 4).info_path, book_of(settings)
    long_ago_ns = time.time_ns() - 3600 * NS_PER_S
    os.utime(path, ns=(long_ago_ns, long_ago_ns))
    assert book.nights()[0].utc_offset_s == 7200
    path.write_text(path.read_text().replace("7200", "3600"))
    os.utime(path, ns=(long_ago_ns, long_ago_ns))
    assert book.nights()[0].utc_offset_s == 3600

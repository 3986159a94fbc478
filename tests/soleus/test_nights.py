"""Where a night is kept, what the pages see of it, and which night goes on after a crash."""

from __future__ import annotations

import shutil
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from detectors.criteria import named
from detectors.events import EventKind
from detectors.signal import NS_PER_S, Leg, Quantity
from detectors.track import TrackName
from ingest.night.folder import NightFolder
from ingest.night.records import NightEnd
from soleus.book import FolderBook
from soleus.config import Config
from soleus.errors import ConfigError
from soleus.nights import RESUME_WITHIN_S, all_nights, alone, find_night, nights_dir, start_or_resume
from soleus.settings import SensorSettings, Settings
from tests.night_log import UTC_NS, night_records, score_night, write_night

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

CRITERIA = named("wasm-2016")
NIGHT = "2026-09-21-2230"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(Settings(person="p1", data_dir=tmp_path / "data"), CRITERIA, {})


@pytest.fixture(scope="module")
def scored_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data_dir = tmp_path_factory.mktemp("scored") / "data"
    settings = Settings(person="p1", data_dir=data_dir)
    score_night(write_night(nights_dir(settings) / NIGHT, night_records()), settings)
    return data_dir


@pytest.fixture
def scored(config: Config, scored_once: Path) -> NightFolder:
    shutil.copytree(scored_once, config.settings.data_dir)
    return NightFolder(nights_dir(config.settings) / NIGHT)


def test_a_new_night_is_readable_by_its_owner_only(config: Config) -> None:
    folder = start_or_resume(config.settings, utc_ns=UTC_NS)
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    assert folder.read_info().start_ns == UTC_NS


def test_a_night_that_was_cut_off_goes_on_and_one_that_was_ended_does_not(config: Config) -> None:
    records = night_records(0.02)
    cut_off = write_night(nights_dir(config.settings) / "2026-09-21-2230", records[:-1])
    assert start_or_resume(config.settings, utc_ns=UTC_NS + 3600 * NS_PER_S) == cut_off
    assert isinstance(records[-1], NightEnd)
    write_night(cut_off.path, records[-1:])
    assert start_or_resume(config.settings, utc_ns=UTC_NS + 3600 * NS_PER_S) != cut_off


def test_a_night_whose_collector_was_killed_before_it_wrote_a_word_goes_on(config: Config) -> None:
    started = start_or_resume(config.settings, utc_ns=UTC_NS)
    assert not started.packets.exists()
    assert start_or_resume(config.settings, utc_ns=UTC_NS + NS_PER_S) == started
    later_ns = UTC_NS + round((RESUME_WITHIN_S + 1) * NS_PER_S)
    assert start_or_resume(config.settings, utc_ns=later_ns) != started


def test_a_night_goes_on_with_the_sensors_that_it_began_with_and_with_no_other(config: Config) -> None:
    left = SensorSettings("left-shin", "lsp", "C4:00:00:00:00:01", Leg.LEFT, options={"factor": 1})
    right = SensorSettings("right-shin", "lsp", "C4:00:00:00:00:02", Leg.RIGHT)
    one, both = (replace(config.settings, sensors=sensors) for sensors in ((left,), (left, right)))
    started = start_or_resume(one, utc_ns=UTC_NS)
    assert start_or_resume(one, utc_ns=UTC_NS + NS_PER_S) == started
    other = start_or_resume(both, utc_ns=UTC_NS + 2 * NS_PER_S)
    assert [sensor.name for sensor in other.read_info().sensors] == ["left-shin", "right-shin"]
    moved = replace(both, sensors=(left, replace(right, leg=Leg.LEFT)))
    assert start_or_resume(moved, utc_ns=UTC_NS + 3 * NS_PER_S) != other


def test_a_night_that_was_cut_off_long_ago_does_not_go_on(config: Config) -> None:
    old = write_night(nights_dir(config.settings) / "2026-09-21-2230", night_records(0.02)[:-1])
    later_ns = UTC_NS + round((RESUME_WITHIN_S + 1) * NS_PER_S)
    assert start_or_resume(config.settings, utc_ns=later_ns) != old


def test_an_unknown_night_is_refused_with_the_names_of_those_that_there_are(
    config: Config, scored: NightFolder
) -> None:
    with pytest.raises(ConfigError, match=f"expected one of: {scored.path.name}"):
        find_night(config.settings, "yesterday")


def test_the_book_shows_what_the_scorer_found(config: Config, scored: NightFolder) -> None:
    book = FolderBook(config.settings, CRITERIA)
    (card,) = book.nights()
    assert (card.night_id, card.running, card.simulated) == (scored.path.name, False, False)
    view = book.night(card.night_id)
    assert [event.key for event in view.events] == [event.key for event in scored.read_events()]
    assert view.summary["valid_h"] == {key: pytest.approx(0.25, abs=0.001) for key in view.summary["valid_h"]}
    names = {(track.leg.value, track.name) for track in book.tracks(card.night_id)}
    assert {("left", TrackName.ENVELOPE_UV), ("right", TrackName.TILT_DEG)} <= names


def test_the_raw_stretch_of_an_event_holds_its_samples_and_its_envelope(config: Config, scored: NightFolder) -> None:
    book = FolderBook(config.settings, CRITERIA)
    view = book.night(scored.path.name)
    event = next(event for event in view.events if event.kind is EventKind.LEG_MOVEMENT)
    margin_ns = 2 * NS_PER_S
    stretch = book.raw(scored.path.name, event.sensor, event.onset_ns - margin_ns, event.end_ns + margin_ns)
    (emg,) = [signal for signal in stretch.signals if signal.quantity is Quantity.EMG]
    assert len(emg.data) == pytest.approx((event.duration_s + 4) * 500, abs=2)
    (envelope,) = [track for track in stretch.tracks if track.name is TrackName.ENVELOPE_UV]
    assert envelope.values.max() == pytest.approx(event.measures["peak_uv"], rel=1e-5)


def test_a_night_that_is_not_there_is_a_key_error(config: Config, scored: NightFolder) -> None:
    book = FolderBook(config.settings, CRITERIA)
    for name in ("nowhere", "../journal", scored.path.name + "/.."):
        with pytest.raises(KeyError):
            book.night(name)
    with pytest.raises(KeyError):
        book.raw(scored.path.name, "third-leg", 0, 1)


def test_a_night_that_was_played_faster_than_it_lasts_is_simulated(config: Config, scored: NightFolder) -> None:
    scored.write_info(replace(scored.read_info(), speed=200.0))
    (card,) = FolderBook(config.settings, CRITERIA).nights()
    assert card.simulated


def test_the_effective_configuration_is_kept_with_the_night(scored: NightFolder) -> None:
    kept = scored.read_config()
    assert kept is not None
    assert kept["criteria"]["leg_movement.onset_uv"]["value"] == CRITERIA.leg_movement.onset_uv


def test_a_scorer_that_begins_again_says_the_same(config: Config, scored: NightFolder) -> None:
    before = (scored.read_events(), scored.read_summary(), scored.read_epochs())
    score_night(scored, config.settings)
    assert (scored.read_events(), scored.read_summary(), scored.read_epochs()) == before
    assert [folder.path for folder in all_nights(config.settings)] == [scored.path]


def test_a_damaged_night_stops_neither_the_pages_nor_tonight(config: Config, scored: NightFolder) -> None:
    damaged = nights_dir(config.settings) / "2026-09-22-2230"
    damaged.mkdir()
    (damaged / "night.json").write_text("{")
    assert [card.night_id for card in FolderBook(config.settings, CRITERIA).nights()] == [scored.path.name]
    assert start_or_resume(config.settings, utc_ns=UTC_NS + 3600 * NS_PER_S).info_path.is_file()


def test_only_one_process_may_work_on_a_night(tmp_path: Path) -> None:
    lock = tmp_path / "night.lock"
    with alone(lock, "nobody is"), pytest.raises(ConfigError, match="somebody is"), alone(lock, "somebody is"):
        pass
    with alone(lock, "nobody is"):
        pass

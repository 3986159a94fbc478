"""Extremes of a stretch: those of its samples, from the scorer's files or made when a page asks."""

from __future__ import annotations

import fcntl
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest

from detectors.criteria import named
from detectors.signal import NS_PER_S, Quantity
from ingest.night.packets import LogFollower
from ingest.night.pyramid_files import is_whole
from ingest.night.records import NightEnd, Notification
from soleus.config import Config
from soleus.extremes import extremes
from soleus.nights import alone
from soleus.pyramids import LOCK, PyramidKeeper, make_extremes
from soleus.raw_stretch import raw_stretch
from soleus.settings import Settings
from soleus.workers.scorer import LiveScorer
from tests.night_log import UTC_NS, night_records, score_night, write_night
from tests.soleus.test_final_scoring import emptied_late

if TYPE_CHECKING:
    from pathlib import Path

    from dashboards.signals import ExtremesView
    from ingest.night.folder import NightFolder
    from ingest.night.records import Record

pytestmark = pytest.mark.slow

SENSOR = "left-shin"
HOURS = 0.1


@pytest.fixture(scope="module")
def records() -> list[Record]:
    """Return a night of six minutes in which one sensor is not heard for a while."""
    away_ns = range(100 * NS_PER_S, 130 * NS_PER_S)
    return [r for r in night_records(HOURS) if not (isinstance(r, Notification) and r.mono_ns in away_ns)]


@pytest.fixture(scope="module")
def made(records: list[Record], tmp_path_factory: pytest.TempPathFactory) -> NightFolder:
    folder = write_night(tmp_path_factory.mktemp("nights") / "night", records)
    make_extremes(folder)
    return folder


def at(*seconds: float) -> tuple[int, int]:
    first, last = (UTC_NS + round(s * NS_PER_S) for s in seconds)
    return first, last


def of(views: list[ExtremesView], quantity: Quantity) -> ExtremesView:
    (view,) = [view for view in views if view.quantity is quantity]
    return view


def files(folder: NightFolder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.extremes_path.iterdir()}


@pytest.mark.parametrize(("span_s", "n_buckets"), [((10.0, 40.0), 300), ((60.0, 90.0), 9), ((10.0, 350.0), 40)])
def test_every_value_is_the_extreme_of_samples_of_its_time(
    made: NightFolder, span_s: tuple[float, float], n_buckets: int
) -> None:
    views = list(extremes(made, SENSOR, at(*span_s), n_buckets))
    everything = raw_stretch(made, named("wasm-2016"), SENSOR, at(0, 360)).signals
    for view in views:
        signals = [signal for signal in everything if signal.quantity is view.quantity]
        time_s = np.concatenate([(s.start_ns - UTC_NS) / NS_PER_S + np.arange(len(s.data)) / s.fs_hz for s in signals])
        data = np.concatenate([signal.data for signal in signals])
        # A stored bucket, and what the clock of a stretch differs from that of the night.
        slack_s = max(0.18, view.hop_s / 4) + 0.01
        for number in range(1, len(view.low) - 1):
            start_s = (view.start_ns - UTC_NS) / NS_PER_S + number * view.hop_s
            inner = data[(time_s >= start_s + slack_s) & (time_s < start_s + view.hop_s - slack_s)]
            outer = data[(time_s >= start_s - slack_s) & (time_s < start_s + view.hop_s + slack_s)]
            if len(inner):
                assert (outer.min(axis=0) <= view.low[number]).all()
                assert (view.low[number] <= inner.min(axis=0)).all()
                assert (outer.max(axis=0) >= view.high[number]).all()
                assert (view.high[number] >= inner.max(axis=0)).all()
            if not len(outer):
                assert np.isnan(view.low[number]).all()


def test_a_short_stretch_has_the_samples_themselves(made: NightFolder) -> None:
    view = of(list(extremes(made, SENSOR, at(10, 12), 2000)), Quantity.EMG)
    (signal,) = [
        s for s in raw_stretch(made, named("wasm-2016"), SENSOR, at(10, 12)).signals if s.quantity is Quantity.EMG
    ]
    np.testing.assert_array_equal(view.low, view.high)
    np.testing.assert_array_equal(view.low, signal.data)
    assert view.hop_s == pytest.approx(1 / 500, rel=1e-3)
    assert abs(view.start_ns - signal.start_ns) <= 2_000_000


def test_about_as_many_values_come_as_are_asked_for(made: NightFolder) -> None:
    for n_buckets in (1, 50, 200):
        for view in extremes(made, SENSOR, at(0, 350), n_buckets):
            assert n_buckets <= len(view.low) <= n_buckets + 2
            assert view.hop_s == pytest.approx(350 / n_buckets)


def test_no_value_is_missing_where_samples_are(made: NightFolder) -> None:
    for n_buckets in (2187, 1500, 700, 331, 100):
        view = of(list(extremes(made, SENSOR, at(140, 350), n_buckets)), Quantity.EMG)
        assert not np.isnan(view.low).any()
    gap = of(list(extremes(made, SENSOR, at(90, 140), 10)), Quantity.EMG)
    assert np.flatnonzero(np.isnan(gap.low[:, 0])).tolist() in ([2, 3, 4, 5, 6, 7], [3, 4, 5, 6, 7], [2, 3, 4, 5, 6])


def test_where_nothing_was_recorded_there_is_nothing(made: NightFolder) -> None:
    assert extremes(made, SENSOR, at(5000, 9000), 100) == []
    assert extremes(made, SENSOR, at(5000, 5001), 1000) == []


def test_a_sensor_that_was_not_worn_and_a_stretch_of_nothing_are_refused(made: NightFolder) -> None:
    with pytest.raises(KeyError):
        extremes(made, "third-leg", at(0, 1), 10)
    for span_ns, n_buckets in ((at(1, 1), 10), (at(1, 2), 0)):
        with pytest.raises(ValueError, match="expected at least one"):
            extremes(made, SENSOR, span_ns, n_buckets)


@pytest.mark.slow
def test_the_scorer_writes_what_is_made_of_a_night_that_has_none(
    made: NightFolder, records: list[Record], tmp_path: Path
) -> None:
    settings = Settings(person="p1", data_dir=tmp_path)
    scored = write_night(tmp_path / "nights" / "night", records)
    score_night(scored, settings)
    assert is_whole(scored.extremes_path, scored.packets)
    for name, content in files(made).items():
        assert name == "whole.json" or files(scored)[name] == content


@pytest.mark.slow
def test_a_second_reading_replaces_the_first(tmp_path: Path) -> None:
    folder = write_night(tmp_path / "nights" / "night", emptied_late())
    score_night(folder, Settings(person="p1", data_dir=tmp_path))
    scored = files(folder)
    assert is_whole(folder.extremes_path, folder.packets)
    view = of(list(extremes(folder, SENSOR, at(110, 190), 10)), Quantity.EMG)
    assert not np.isnan(view.low).any()
    make_extremes(folder)
    assert files(folder) == scored


@pytest.mark.slow
def test_a_scorer_that_was_killed_leaves_what_the_next_one_makes_whole(tmp_path: Path, records: list[Record]) -> None:
    settings = Settings(person="p1", data_dir=tmp_path)
    folder = write_night(tmp_path / "nights" / "night", [r for r in records if not isinstance(r, NightEnd)])
    config = Config(settings, named("wasm-2016"), {})
    killed, follower = LiveScorer(folder, config), LogFollower(folder.packets)
    while killed.step(follower):
        pass
    with alone(folder.path / "night.lock", "a collector is at work"):
        # While the night lasts the page has what was scored, and makes nothing itself.
        so_far = extremes(folder, SENSOR, at(0, 300), 30)
        assert {len(view.low) >= 30 for view in so_far} == {True}
        assert {view.whole for view in so_far} == {False}
    killed.close()
    follower.close()
    assert not is_whole(folder.extremes_path, folder.packets)
    before = files(folder)
    make_extremes(folder)
    assert is_whole(folder.extremes_path, folder.packets)
    assert files(folder) != before


@pytest.mark.slow
def test_a_page_that_asks_first_has_them_made_once(tmp_path: Path, records: list[Record], made: NightFolder) -> None:
    folder = write_night(tmp_path / "night", records)
    assert [view.whole for view in extremes(folder, SENSOR, at(0, 300), 30)] == [True, True]
    assert files(folder) == files(made)
    written_ns = (folder.extremes_path / "whole.json").stat().st_mtime_ns
    extremes(folder, SENSOR, at(0, 300), 30)
    assert (folder.extremes_path / "whole.json").stat().st_mtime_ns == written_ns


def test_scoring_does_not_wait_for_a_page_that_has_them_made(tmp_path: Path, records: list[Record]) -> None:
    folder = write_night(tmp_path / "night", records[:10])
    with (folder.path / LOCK).open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        keeper = PyramidKeeper(folder)
        keeper.take(())
        keeper.begin_again()
        keeper.finish()
        keeper.close()
    assert not folder.extremes_path.exists()


def test_nothing_is_made_anew_of_a_night_that_is_being_removed(tmp_path: Path, records: list[Record]) -> None:
    folder = write_night(tmp_path / "night", records[:10])
    with alone(folder.path / "night.lock", "removed"), alone(folder.path / LOCK, "removed"):
        assert extremes(folder, SENSOR, at(0, 300), 30) == []
    assert not folder.extremes_path.exists()


def test_a_night_without_a_log_has_no_extremes(tmp_path: Path) -> None:
    folder = write_night(tmp_path / "night", [])
    folder.packets.unlink()
    assert extremes(folder, SENSOR, at(0, 300), 30) == []
    shutil.rmtree(folder.path)

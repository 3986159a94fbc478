"""Detectors of others: the contract, what they may not change, and what happens when they break."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from detectors import check_detector, named, plugin_of, plugin_parts, recording_of, score
from detectors.events import Event, EventKind
from detectors.parts import emg_parts
from detectors.rescore import Rescorer
from detectors.rescore.reads import noting, same
from detectors.signal import Leg, Quantity, Stream, Unit
from detectors.track import Track

if TYPE_CHECKING:
    from detectors.plugin import Plugin
    from detectors.signal import Gap

sys.path.append(str(Path(__file__).parents[1] / "data" / "lab_detectors"))
from lab_detectors import GivesUp, LongActivity  # type: ignore[import-not-found]  # as it is installed

CRITERIA = named("wasm-2016")
SHIN = Stream("shin", Leg.LEFT, "tibialis anterior", Quantity.EMG, Unit.MICROVOLT, ("emg",), 500.0)
THIRD = EventKind("plugin_third")


@dataclass(frozen=True, slots=True)
class Nothing:
    """No numbers."""


@dataclass
class CanChange:
    """What a detector could change while results are kept for it."""

    min_s: float = 1.0


@dataclass(frozen=True, slots=True)
class Listed:
    """What no command line can set."""

    band_hz: tuple[float, float] = (1.0, 2.0)


class Third:
    """A detector that finds nothing."""

    name = "third"
    quantity = Quantity.EMG
    criteria = Nothing()
    settled = 0

    def __init__(self, stream: Stream, criteria: Nothing) -> None:
        self.stream, self.numbers = stream, criteria

    def feed(self, item: Track | Gap) -> list[Event]:
        if isinstance(item, Track):
            self.settled = max(self.settled, item.start)
        return []

    def finish(self) -> list[Event]:
        return []

    def rejected(self) -> list[Event]:
        return []

    def event(self, **changes: Any) -> Event:
        return replace(Event(THIRD, self.stream.sensor, self.stream.leg, 10**9, 2 * 10**9, {"peak_uv": 1.0}), **changes)


@pytest.fixture(scope="module")
def emg_uv() -> np.ndarray:
    """Three minutes with two contractions of 2 s and one of 8 s."""
    emg_uv = np.random.default_rng(1).normal(0.0, 1.0, 180 * 500)
    for onset_s, end_s in ((70, 72), (100, 102), (140, 148)):
        emg_uv[onset_s * 500 : end_s * 500] *= 60.0
    return emg_uv


def with_plugins(*plugins: Plugin) -> Any:
    return replace(CRITERIA, plugins=plugins)


def test_a_kind_of_a_plug_in_is_one_object_and_is_not_among_ours() -> None:
    assert EventKind("plugin_third") is THIRD
    assert THIRD.is_plugin
    assert THIRD not in list(EventKind)
    assert not any(kind.is_plugin for kind in EventKind)
    for wrong in ("plugin_", "plugin_Third", "plugin_a b", "plugin__a", "plugin_1a", "third", f"plugin_{'a' * 41}"):
        with pytest.raises(ValueError, match="is not a valid EventKind"):
            EventKind(wrong)


@pytest.mark.slow
def test_a_detector_of_a_third_party_passes_the_contract_of_ours(emg_uv: np.ndarray) -> None:
    check_detector(plugin_parts(plugin_of(LongActivity), CRITERIA), SHIN, emg_uv[139 * 500 : 149 * 500, None])


def test_a_plug_in_adds_its_events_and_changes_none_of_ours(emg_uv: np.ndarray) -> None:
    recording = recording_of({SHIN: emg_uv})
    alone = score(recording, CRITERIA, with_rejected=True)
    together = score(recording, with_plugins(plugin_of(LongActivity, "1.2.0")), with_rejected=True)
    kind = EventKind("plugin_long_activity")
    assert tuple(event for event in together.events if event.kind is not kind) == alone.events
    assert tuple(event for event in together.rejected if event.kind is not kind) == alone.rejected
    assert together.summary == alone.summary
    (found,) = (event for event in together.events if event.kind is kind)
    assert found.onset_ns / 1e9 == pytest.approx(140.0, abs=0.2)
    assert sum(event.kind is kind for event in together.rejected) == 2


def test_the_numbers_of_a_plug_in_are_those_in_the_criteria(emg_uv: np.ndarray) -> None:
    plugin = plugin_of(LongActivity)
    shorter = replace(plugin, criteria=replace(plugin.criteria, min_s=1.0))
    found = score(recording_of({SHIN: emg_uv}), with_plugins(shorter)).events
    assert sum(event.kind is plugin.kind for event in found) == 3


def test_plug_ins_that_break_end_alone_and_are_named(emg_uv: np.ndarray) -> None:
    class AlsoGivesUp(Third):
        def feed(self, item: Track | Gap) -> list[Event]:
            if isinstance(item, Track):
                item.values[:] = 0.0
            return []

    recording = recording_of({SHIN: emg_uv})
    night = score(recording, with_plugins(plugin_of(AlsoGivesUp), plugin_of(LongActivity), plugin_of(GivesUp)))
    others = score(recording, with_plugins(plugin_of(LongActivity)))
    assert night.events == others.events
    assert night.summary == {
        **others.summary,
        "failed_plugins": {
            "third": "shin: ValueError: assignment destination is read-only",
            "gives_up": "shin: AttributeError: 'GivesUp' object has no attribute '_unknown'",
        },
    }


def test_two_plug_ins_of_one_name_and_one_with_the_name_of_our_thresholds_are_refused() -> None:
    third = plugin_of(Third)
    with pytest.raises(ValueError, match="a plug-in is called third, expected a name that no other"):
        with_plugins(third, third)
    with pytest.raises(ValueError, match="a plug-in is called leg_movement"):
        with_plugins(replace(third, name="leg_movement"))


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ({"name": "Third"}, "plug-in Wrong: name is 'Third', expected at most 40 lower case letters"),
        ({"quantity": "rotation"}, "plug-in third: quantity is 'rotation', expected one of emg, acceleration"),
        ({"criteria": {"min_s": 3.0}}, "expected its numbers: a frozen dataclass with values"),
        ({"criteria": Nothing}, "expected its numbers: a frozen dataclass with values"),
        ({"criteria": CanChange()}, "expected its numbers: a frozen dataclass with values"),
        ({"criteria": Listed()}, "band_hz is (1.0, 2.0), expected a number, a word, true or false, or None"),
    ],
)
def test_a_class_that_does_not_say_what_it_is_is_refused(said: dict[str, Any], what: str) -> None:
    wrong: Any = type("Wrong", (Third,), said)
    with pytest.raises(ValueError, match=re.escape(what)):
        plugin_of(wrong)


def test_a_plug_in_is_scored_again_with_other_numbers_without_measuring_anything_anew(emg_uv: np.ndarray) -> None:
    recording = recording_of({SHIN: emg_uv})
    plugin = plugin_of(LongActivity)
    rescorer = Rescorer(recording, with_plugins(plugin))
    n_events = set()
    for min_s, onset_uv in ((3.0, 20.0), (1.0, 20.0), (1.0, 200.0), (3.0, 20.0)):
        numbers = replace(plugin.criteria, min_s=min_s, onset_uv=onset_uv)
        criteria = with_plugins(replace(plugin, criteria=numbers), plugin_of(GivesUp))
        again, whole = rescorer.score(criteria, with_rejected=True), score(recording, criteria, with_rejected=True)
        assert (again.events, again.rejected) == (whole.events, whole.rejected)
        assert dict(again.summary) == dict(whole.summary)
        n_events.add(sum(event.kind is plugin.kind for event in again.events))
    assert n_events == {0, 1, 3}


def test_a_number_of_a_plug_in_is_swept_like_ours_and_an_unknown_one_is_refused(emg_uv: np.ndarray) -> None:
    criteria = with_plugins(plugin_of(LongActivity))
    rescorer = Rescorer(recording_of({SHIN: emg_uv}), criteria)
    found = [
        sum(event.kind.is_plugin for event in swept.score.events)
        for swept in rescorer.sweep("long_activity.min_s", (1.0, 3.0, 30.0), criteria)
    ]
    assert found == [3, 1, 0]
    for unknown in (
        "long_activity.max_s",
        "leg_movement.onset_v",
        "leg_movement",
        "name",
        "plugins.x",
        "nobodys.min_s",
    ):
        with pytest.raises(ValueError, match=f"there is no threshold '{unknown}'"):
            next(rescorer.sweep(unknown, (1.0,), criteria))


def test_the_numbers_of_a_plug_in_are_read_by_itself_alone() -> None:
    plugin = plugin_of(LongActivity)
    noted, reads = noting(with_plugins(plugin))
    parts = emg_parts(noted, scores_movements=True)
    parts.features(SHIN)
    assert ("plugins", "") in reads
    assert ("plugins", "long_activity") not in reads
    parts.detectors[-1](SHIN)
    assert reads["plugins", "long_activity"] == plugin.criteria
    assert same(reads, with_plugins(plugin))
    assert not same(reads, with_plugins(replace(plugin, criteria=replace(plugin.criteria, min_s=9.0))))
    assert not same(reads, CRITERIA)

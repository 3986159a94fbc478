"""A night that is scored again has the events and numbers of one that is scored from its samples."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.playing import recorded
from detectors.criteria import named
from detectors.layout import Layout, Stretch
from detectors.pipeline import score
from detectors.recording import ArraySource, Recording
from detectors.rescore import SWEPT, Rescorer
from detectors.signal import NS_PER_S, Gap, GapCause, Leg
from detectors.simulate import simulate_night

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from detectors.criteria import Criteria
    from detectors.pipeline import Score
    from detectors.recording import SampleSource
    from detectors.signal import Clock, Stream

WASM = named("wasm-2016")
FACTORS = (0.5, 0.8, 1.25, 2.0)


@pytest.fixture(scope="module")
def night() -> Recording:
    return recorded(simulate_night(0.12, 1007, "spastic"))


@pytest.fixture(scope="module")
def rescorer(night: Recording) -> Rescorer:
    return Rescorer(night, WASM)


@dataclass(frozen=True)
class CountedSource:
    """A source that notes the rate of what is read of it."""

    source: SampleSource
    read_hz: list[float]

    @property
    def stream(self) -> Stream:
        return self.source.stream

    @property
    def clock(self) -> Clock:
        return self.source.clock

    @property
    def n_samples(self) -> int:
        return self.source.n_samples

    def read(self, start: int, stop: int) -> NDArray[np.floating]:
        self.read_hz.append(self.stream.fs_hz)
        return self.source.read(start, stop)


def with_field(criteria: Criteria, group: str, field: str, value: object) -> Criteria:
    changed: Any = {group: replace(getattr(criteria, group), **{field: value})}
    return replace(criteria, **changed)


def varied(criteria: Criteria, random: np.random.Generator) -> Criteria:
    """One field of any group is changed, as far as the others allow it."""
    groups = [one.name for one in fields(criteria) if is_dataclass(getattr(criteria, one.name))]
    group = groups[random.integers(len(groups))]
    names = [one.name for one in fields(getattr(criteria, group))]
    field = names[random.integers(len(names))]
    value: object = getattr(getattr(criteria, group), field)
    if isinstance(value, bool):
        value = not value
    elif isinstance(value, int):
        value = value + 1
    elif isinstance(value, float):
        value = value * FACTORS[random.integers(len(FACTORS))]
    try:
        return with_field(criteria, group, field, value)
    except ValueError:
        return criteria


def assert_same(rescored: Score, whole: Score) -> None:
    assert rescored.events == whole.events
    assert rescored.rejected == whole.rejected
    assert rescored.epochs == whole.epochs
    assert rescored.summary == whole.summary


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_random_thresholds_give_the_score_of_a_full_run(night: Recording, rescorer: Rescorer, seed: int) -> None:
    random, criteria = np.random.default_rng(seed), WASM
    for _ in range(4):
        criteria = varied(criteria, random)
    assert_same(rescorer.score(criteria, with_rejected=True), score(night, criteria, with_rejected=True))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("group", "field", "factor"),
    [
        ("leg_movement", "onset_uv", 0.7),
        ("leg_movement", "quiet_s", 1.6),
        ("leg_movement", "max_lf_hf", 0.2),
        ("cramp", "onset_ratio", 0.7),
        ("wasm", "imi_min_s", 0.5),
        ("context", "train_share", 0.4),
    ],
)
def test_a_threshold_that_one_drags_gives_the_score_of_a_full_run(
    night: Recording, rescorer: Rescorer, group: str, field: str, factor: float
) -> None:
    criteria = with_field(WASM, group, field, factor * getattr(getattr(WASM, group), field))
    assert_same(rescorer.score(criteria, with_rejected=True), score(night, criteria, with_rejected=True))


@pytest.mark.slow
def test_a_night_with_gaps_and_segments_is_scored_again_as_in_one_run(night: Recording) -> None:
    left, right = (source for source in night.sources if source.stream.fs_hz > 100)
    assert isinstance(left, ArraySource)
    again = replace(left.stream, segment=1)
    first_s, again_s, late_s, length_s = 250, 300, 100, 430
    rate = round(left.stream.fs_hz)
    gap = Gap(left.stream, left.clock, 200 * rate, 5 * rate, GapCause.AIR)
    layout = Layout(
        (
            (
                Stretch(left.stream, left.clock, 0, 200 * rate, 0),
                gap,
                Stretch(left.stream, left.clock, 205 * rate, (first_s - 205) * rate, 205 * rate),
                Stretch(again, left.clock, again_s * rate, (length_s - again_s) * rate, again_s * rate),
            ),
            (Stretch(right.stream, right.clock, late_s * rate, (length_s - late_s) * rate, late_s * rate),),
        ),
        (0, length_s * NS_PER_S),
        {Leg.LEFT: left.stream.sensor},
    )
    recording = Recording("in pieces", 0, (left, right), layout=layout)
    rescorer = Rescorer(recording, WASM)
    for criteria in (WASM, with_field(WASM, "leg_movement", "onset_uv", 6.0)):
        assert_same(rescorer.score(criteria, with_rejected=True), score(recording, criteria, with_rejected=True))
    (swept,) = rescorer.sweep("leg_movement.onset_uv", (6.0,), WASM)
    assert swept.numbers == {name: swept.score.summary[name] for name in SWEPT}


def test_only_what_a_field_changes_is_computed_again(night: Recording) -> None:
    """The stream is read for tracks only, and a threshold of movements is none that they depend on."""
    read: list[float] = []
    sources = tuple(CountedSource(source, read) for source in night.sources)
    rescorer = Rescorer(replace(night, sources=sources), WASM)
    for group, field, factor, is_read in (
        ("leg_movement", "onset_uv", 1.1, set()),
        ("context", "train_share", 1.1, set()),
        ("leg_movement", "band_low_hz", 1.1, {500.0}),
        ("motion", "band_high_hz", 0.9, {50.0}),
    ):
        rescorer.score(WASM)
        read.clear()
        rescorer.score(with_field(WASM, group, field, factor * getattr(getattr(WASM, group), field)))
        assert set(read) == is_read, f"{group}.{field}"

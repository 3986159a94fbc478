"""What a sweep says of leg movements without a score is what the score says."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.playing import recorded
from detectors.criteria import named
from detectors.events import EventKind, Stage, StageSpan
from detectors.recording import ArraySource
from detectors.rescore import SWEPT, Rescorer, Swept
from detectors.rules.combined import LegMovement
from detectors.signal import NS_PER_S
from detectors.simulate import simulate_night

if TYPE_CHECKING:
    from detectors.recording import Recording

EMG_FROM_HZ = 100.0
_NAMED = named("wasm-2016")
# An index of a few minutes is asked for.
WASM = replace(_NAMED, validity=replace(_NAMED.validity, min_index_h=0.0))


@pytest.fixture(scope="module")
def night() -> Recording:
    return recorded(simulate_night(0.12, 1007, "spastic"))


@pytest.fixture(scope="module")
def rescorer(night: Recording) -> Rescorer:
    return Rescorer(night, WASM)


def assert_known(swept: Swept) -> None:
    """The numbers and movements were known before the score, and are its own."""
    numbers, movements = swept.numbers, swept.movements
    assert numbers == {name: swept.score.summary[name] for name in SWEPT}
    found = (event for event in swept.score.events if event.kind is EventKind.LEG_MOVEMENT)
    assert movements == tuple(LegMovement(one.onset_ns, one.end_ns, one.leg, one.sensor) for one in found)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("leg_movement.onset_uv", (40.0, 12.0, 8.0, 5.0)),
        ("leg_movement.min_s", (0.3, 0.9)),
        ("context.train_share", (0.01, 0.3)),
        ("wasm.imi_min_s", (2.0, 10.0, 20.0)),
        ("aasm.lm_min_s", (0.4, 1.0)),
        ("validity.low_weight", (0.0, 0.3)),
    ],
)
def test_the_indices_of_a_sweep_are_those_of_the_scores(
    rescorer: Rescorer, field: str, values: tuple[float, ...]
) -> None:
    for swept in rescorer.sweep(field, values, WASM):
        assert_known(swept)


@pytest.mark.slow
def test_a_movement_that_a_gap_cuts_weighs_as_little_in_a_sweep_as_in_a_score(
    night: Recording, rescorer: Rescorer
) -> None:
    events = rescorer.score(WASM).events
    cut = next(one for one in events if one.measures.get("clm") and "peak_uv" in one.measures)
    (source,) = (one for one in night.sources if one.stream.sensor == cut.sensor and one.stream.fs_hz > EMG_FROM_HZ)
    assert isinstance(source, ArraySource)
    samples = source.data.astype(np.float64)
    middle = source.clock.index_at((cut.onset_ns + cut.end_ns) // 2)
    samples[middle : middle + 1000] = np.nan
    others = (one for one in night.sources if one is not source)
    broken = replace(night, sources=(replace(source, data=samples), *others))
    swept, whole = Rescorer(broken, WASM).sweep("validity.low_weight", (0.25, 1.0), WASM)
    assert swept.numbers["lm"] == whole.numbers["lm"]
    assert swept.numbers["lm_per_h"] < whole.numbers["lm_per_h"]
    assert_known(swept)


@pytest.mark.slow
def test_a_sweep_counts_movements_in_the_sleep_that_a_person_scored(night: Recording) -> None:
    start_ns, end_ns = night.span_ns
    middle_ns = start_ns + 200 * NS_PER_S
    stages = (StageSpan(start_ns, middle_ns, Stage.WAKE), StageSpan(middle_ns, end_ns, Stage.N2))
    rescorer = Rescorer(replace(night, stages=stages), WASM)
    for swept in rescorer.sweep("leg_movement.onset_uv", (8.0, 6.0), WASM):
        assert_known(swept)


@pytest.mark.slow
@pytest.mark.parametrize("scored", [(), (Stage.WAKE,), (Stage.WAKE, Stage.N2)])
@pytest.mark.parametrize("min_index_h", [0.0, 4.0])
def test_a_look_says_why_there_is_no_index_as_the_score_does(
    night: Recording, scored: tuple[Stage, ...], min_index_h: float
) -> None:
    edges = np.linspace(*night.span_ns, len(scored) + 1).astype(np.int64).tolist()
    stages = tuple(
        StageSpan(onset_ns, end_ns, stage) for (onset_ns, end_ns), stage in zip(pairwise(edges), scored, strict=True)
    )
    criteria = replace(_NAMED, validity=replace(_NAMED.validity, min_index_h=min_index_h))
    looked = Rescorer(replace(night, stages=stages), criteria).look(criteria)
    assert looked.glance is not None
    assert looked.glance.no_index == looked.score.summary["reasons"].get("plms_wasm_per_h", "")


def test_a_sweep_sets_one_field_to_each_value(rescorer: Rescorer) -> None:
    few, many = rescorer.sweep("leg_movement.onset_uv", (40.0, 8.0), WASM)
    assert (few.value, many.value, many.criteria) == (40.0, 8.0, WASM)
    assert few.numbers["lm"] < many.numbers["lm"]
    assert len(few.movements) < len(many.movements)
    assert many.score.events == rescorer.score(WASM).events


def test_a_sweep_scores_nothing_that_nobody_asks_for(rescorer: Rescorer) -> None:
    for swept in rescorer.sweep("wasm.min_series", (4, 5), WASM):
        assert 0 < swept.numbers["lm"] <= len(swept.movements)
        assert "score" not in vars(swept)


def test_the_hours_of_a_score_are_known_before_its_other_numbers(rescorer: Rescorer) -> None:
    before, whole = rescorer.score(WASM).summary, dict(rescorer.score(WASM).summary)
    assert (before["valid_h"], before["good_h"]) == (whole["valid_h"], whole["good_h"])
    assert dict(before) == whole

"""The detectors that are run over a whole night at once find what they find when they are fed piece by piece."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from benchmarks.playing import recorded
from detectors.criteria import named
from detectors.recording import ArraySource
from detectors.rescore.cramps import CrampRuns, cramps_in
from detectors.rescore.found import found_in, judged
from detectors.rescore.held_arrays import HeldInMemory
from detectors.rescore.movement_runs import MovementRuns
from detectors.rescore.movements import candidates_in, glimpsed_in, movements_in
from detectors.rescore.plan import plan_of
from detectors.rescore.reads import Kept, noting
from detectors.rescore.segments import segments_of
from detectors.runs import Run
from detectors.signal import Quantity
from detectors.simulate import simulate_night

if TYPE_CHECKING:
    from detectors.criteria import Criteria
    from detectors.rescore.found import Judged
    from detectors.rescore.movements import Glimpse
    from detectors.rescore.plan import Opening
    from detectors.rescore.segments import Segment

WASM = named("wasm-2016")
FACTORS = (0.2, 0.5, 0.8, 1.25, 2.0)
# Fields that the tracks depend on would need other tracks.
OF_TRACKS = {"band_low_hz", "band_high_hz", "nyquist_share", "filter_order", "envelope_s", "max_resting_uv"}
MOVEMENTS, CRAMPS = 0, 2


@pytest.fixture(scope="module")
def channel() -> tuple[Opening, Segment]:
    """One leg of a simulated night, with samples missing in some places."""
    whole = recorded(simulate_night(0.3, 1007, "spastic"), ("emg",))
    source = whole.sources[0]
    assert isinstance(source, ArraySource)
    samples = source.data.astype(np.float64)
    random = np.random.default_rng(2)
    for missing in (3, 40, 700, 9000):
        first = random.integers(len(samples))
        samples[first : first + missing] = np.nan
    recording = replace(whole, sources=(replace(source, data=samples),))
    plan = plan_of(WASM, recording)
    (segment,) = segments_of(WASM, recording, plan, Quantity.EMG, HeldInMemory())
    return plan.openings[0], segment


def varied(group: str, random: np.random.Generator) -> Any:
    """Some numbers of a group are changed, as far as the others allow it."""
    criteria: Any = WASM
    for _ in range(random.integers(1, 5)):
        held = getattr(criteria, group)
        name = random.choice([one.name for one in fields(held) if one.name not in OF_TRACKS])
        try:
            changed = replace(held, **{name: getattr(held, name) * random.choice(FACTORS)})
        except ValueError:
            continue
        criteria = replace(criteria, **{group: changed})
    return criteria


@pytest.mark.slow
def test_leg_movements_are_those_of_the_detector_under_any_thresholds(channel: tuple[Opening, Segment]) -> None:
    opening, segment = channel
    random, numbers = np.random.default_rng(3), set()
    runs: Kept[MovementRuns] = Kept(MovementRuns)
    for _ in range(12):
        criteria = varied("leg_movement", random)
        (fed,) = found_in(criteria, segment, opening, MOVEMENTS)
        known = runs.get(criteria, segment)
        (at_once,) = movements_in(criteria, known, candidates_in(criteria, known))
        assert (at_once.events, at_once.rejected) == (fed.events, fed.rejected)
        numbers.add((len(fed.events), len(fed.rejected)))
    assert len(numbers) > 1


def glimpsed(criteria: Criteria, runs: MovementRuns, known: Judged) -> tuple[Glimpse, ...]:
    return glimpsed_in(criteria, runs, candidates_in(criteria, runs), known)


@pytest.mark.slow
def test_what_was_noted_of_runs_answers_under_no_other_rules_and_of_no_other_half_minutes(
    channel: tuple[Opening, Segment],
) -> None:
    _, segment = channel
    strict = replace(WASM, validity=replace(WASM.validity, max_dropout_share=1e-9))
    half_minutes = [judged(one, segment) for one in (WASM, strict)]
    random, runs, found = np.random.default_rng(5), MovementRuns(WASM, segment), set()
    for _ in range(12):
        criteria = varied("leg_movement", random)
        for known in half_minutes:
            found.add(glimpsed(criteria, runs, known))
            assert glimpsed(criteria, runs, known) == glimpsed(criteria, MovementRuns(WASM, segment), known)
    assert {glimpse.low for several in found for glimpse in several} == {False, True}
    assert len(found) > len(half_minutes)


def test_runs_that_were_found_are_movements_also_when_what_was_measured_of_them_is_forgotten(
    channel: tuple[Opening, Segment],
) -> None:
    _, segment = channel
    runs, known = MovementRuns(WASM, segment), judged(WASM, segment)
    candidates = candidates_in(WASM, runs)
    longest = max(runs.parts, key=lambda part: part.stop - part.first)
    onsets = range(longest.first, longest.stop - 2)
    # As many others as are kept.
    others = [Run(onset, onset + length) for length in (1, 2) for onset in onsets][:20_000]
    assert len(others) == 20_000
    runs.facts(longest, others)
    expected = glimpsed(WASM, MovementRuns(WASM, segment), known)
    assert expected
    assert glimpsed_in(WASM, runs, candidates, known) == expected


@pytest.mark.slow
def test_cramps_are_those_of_the_detector_under_any_thresholds(channel: tuple[Opening, Segment]) -> None:
    opening, segment = channel
    random, numbers = np.random.default_rng(4), set()
    runs: Kept[CrampRuns] = Kept(CrampRuns)
    for _ in range(12):
        criteria = varied("cramp", random)
        (fed,) = found_in(criteria, segment, opening, CRAMPS)
        (at_once,) = cramps_in(criteria, runs.get(criteria, segment))
        assert (at_once.events, at_once.rejected) == (fed.events, fed.rejected)
        numbers.add((len(fed.events), len(fed.rejected)))
    assert len(numbers) > 1


def test_a_result_is_kept_until_a_field_that_was_read_for_it_changes() -> None:
    computed: list[float] = []

    def part(criteria: Criteria) -> float:
        computed.append(criteria.leg_movement.onset_uv)
        return criteria.leg_movement.onset_uv

    kept: Kept[float] = Kept(part)
    other = replace(WASM, leg_movement=replace(WASM.leg_movement, min_s=0.6), cramp=replace(WASM.cramp, min_s=8.0))
    higher = replace(WASM, leg_movement=replace(WASM.leg_movement, onset_uv=9.0))
    assert [kept.get(one) for one in (WASM, other, higher, WASM)] == [8.0, 8.0, 9.0, 8.0]
    assert computed == [8.0, 9.0]
    assert list(kept.reads()) == [("leg_movement", "onset_uv")]


def test_what_a_property_of_criteria_reads_is_noted() -> None:
    criteria, reads = noting(WASM)
    assert criteria.cramp.longest_window_s == WASM.cramp.longest_window_s
    assert ("cramp", "rhythm_window_s") in reads
    assert ("cramp", "onset_uv") not in reads


def test_criteria_that_are_compared_as_a_whole_are_read_as_a_whole() -> None:
    criteria, reads = noting(WASM)
    assert criteria.wasm == WASM.wasm
    assert {field for group, field in reads if group == "wasm"} == {one.name for one in fields(WASM.wasm)}

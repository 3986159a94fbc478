"""What is tested on real muscle: voluntary EMG in simulated and in real rest, walking, and two human raters."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.accuracy.nights import CRITERIA, found_rows
from benchmarks.playing import emg_source, played
from detectors.criteria import named
from detectors.evaluate import Tally, tally
from detectors.evaluate.marks import joined
from detectors.evaluate.membership import LEAST_S
from detectors.events import EventKind
from detectors.matching import match
from detectors.published import AASM, WASM_2016
from detectors.recording import Recording
from detectors.rules.scored_movements import apply_rules
from detectors.signal import NS_PER_S, Leg
from detectors.simulate import named_regime, simulate_night
from ingest.files.events_tsv import read_events
from tests import assemble_edf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from detectors.simulate import Regime
    from ingest.files.events_tsv import ScoredEvents

    Row = dict[str, Any]
    Signal = NDArray[np.float64]

HOURS = 0.5
IOU_MIN = 0.3
FS_HZ = assemble_edf.FS_HZ
# As the simulator calls a movement clear: three times the level that reaches the published rise.
CLEAR_FACTOR, ONSET_UV = 3.0, 8.0
MOVEMENT_S = (0.7, 8.0)
PAUSE_S = (8.0, 40.0)
LEVEL_UV = (12.0, 120.0)
FIRST_S, LAST_S = 60.0, 20.0
# One sustained contraction per stretch, of six holds one after the other.
HOLDS = 6
HELD_UV = (15.0, 150.0)
WALK_S = REST_S = 60.0
RATERS = ("rater1", "rater2")


def semi_real_rows(regime: str, seed: int) -> Row:
    """Place real voluntary contractions into simulated rest and score that.

    Returns
    -------
    dict
        ``movements``: what became of the clear ones, ``held``: how many sustained contractions there
        were and how many were marked as cramp-like (probable or possible).
    """
    night = simulate_night(HOURS, seed, _still(named_regime(regime)), emg_fs_hz=FS_HZ)
    leg = night.legs[0]
    signal = leg.emg(0, leg.n_emg)[:, 0].astype(np.float64)
    noise_uv = float(np.sqrt(np.median(signal.reshape(-1, FS_HZ).var(axis=1))))
    placed, held = _place(np.random.default_rng((seed, 7)), signal)
    found = _found(signal)
    least_uv = CLEAR_FACTOR * (noise_uv + max(ONSET_UV, noise_uv))
    clear = [span for span, level_uv in placed if level_uv >= least_uv]
    other = [span for span, level_uv in placed if level_uv < least_uv] + held
    counts = _counted(found, clear, other)
    cramps = _spans(found, EventKind.CRAMP)
    marked = match(cramps, np.array(held), iou_min=IOU_MIN)
    return {"movements": counts, "held": len(held), "marked": len(marked.pairs), "false_cramps": len(marked.false)}


def real_rows() -> Row:
    """Score what is real from one end to the other.

    Returns
    -------
    dict
        Movements and the sustained contraction of ten assembled minutes, what is found at rest and
        while walking, and how two people's lists compare.
    """
    signal, placed, sustained = assemble_edf.night()
    found = _found(signal)
    held = np.array([sustained], dtype=float)
    walk = _found(assemble_edf.walk("TA", REST_S, WALK_S))
    return {
        "movements": _counted(found, [tuple(one) for one in placed], [tuple(sustained)]),
        "sustained": len(match(_spans(found, EventKind.CRAMP), held, iou_min=IOU_MIN).pairs),
        "rest_events": Counter(row["kind"] for row in _found(assemble_edf.rest(assemble_edf.TOTAL_S))),
        "rest_s": assemble_edf.TOTAL_S,
        "walking_cramps": len(_spans(walk, EventKind.CRAMP)),
        "walking_s": WALK_S,
        "raters": _raters(),
    }


def _still(regime: Regime) -> Regime:
    """Return a regime in which no muscle acts and nothing comes loose."""
    never = (inf, inf)
    return replace(
        regime,
        movements=replace(regime.movements, series_gap_s=inf, isolated_per_h=0.0, short_interval_share=0.0),
        cramps=replace(regime.cramps, stratum_s=inf),
        shifts=replace(regime.shifts, interval_s=never),
        other=replace(
            regime.other,
            fasciculations_per_h=(0.0, 0.0),
            myoclonus_per_h=(0.0, 0.0),
            jerks_per_h=0.0,
            trains_per_h=0.0,
            alternating_per_h=0.0,
            clonus_per_h=0.0,
            spasms_per_h=0.0,
            holds_per_h=0.0,
        ),
        sleep=replace(regime.sleep, toilet_share=0.0, restless_per_h=0.0),
        contact=replace(regime.contact, off_per_h=0.0, poor_per_h=0.0, gain_steps_per_h=0.0, humming_per_h=0.0),
    )


def _place(
    rng: np.random.Generator, signal: Signal
) -> tuple[list[tuple[tuple[float, float], float]], list[tuple[float, float]]]:
    """Add movements, with their levels, and one sustained contraction in the middle; return when they are."""
    real = assemble_edf.excerpts(assemble_edf.TIBIALIS)
    people = list(assemble_edf.HOLDING)
    placed = []
    middle_s = len(signal) / FS_HZ / 2
    at_s = FIRST_S
    held: list[tuple[float, float]] = []
    while at_s < len(signal) / FS_HZ - MOVEMENT_S[1] - LAST_S:
        if not held and at_s > middle_s:
            order = rng.permutation(people)[:HOLDS]
            piece = assemble_edf.cross_faded(real[f"hold_{person}"] for person in order)
            span, _ = _added(signal, piece, at_s, _log_uniform(rng, HELD_UV))
            held.append(span)
        else:
            piece = real[f"hold_{rng.choice(people)}"]
            n = round(_log_uniform(rng, MOVEMENT_S) * FS_HZ)
            begin = int(rng.integers(len(piece) - n))
            span, level_uv = _added(signal, piece[begin : begin + n], at_s, _log_uniform(rng, LEVEL_UV))
            placed.append((span, level_uv))
        at_s = span[1] + _log_uniform(rng, PAUSE_S)
    return placed, held


def _added(signal: Signal, piece: Signal, onset_s: float, level_uv: float) -> tuple[tuple[float, float], float]:
    """Add a piece at a level, µV RMS."""
    begin = round(onset_s * FS_HZ)
    signal[begin : begin + len(piece)] += assemble_edf.edged(piece) * (level_uv / float(np.std(piece)))
    return (begin / FS_HZ, (begin + len(piece)) / FS_HZ), level_uv


def _log_uniform(rng: np.random.Generator, limits: tuple[float, float]) -> float:
    return float(np.exp(rng.uniform(*np.log(limits))))


def _found(signal: Signal) -> list[Row]:
    recording = Recording("real", 0, (emg_source(Leg.LEFT, signal, float(FS_HZ)),))
    return found_rows(played(recording, named(CRITERIA)))


def _spans(rows: Sequence[Row], kind: EventKind) -> Signal:
    """Return the events of a kind; cramp-like ones that are shown only."""
    return np.array(
        [(row["onset_s"], row["end_s"]) for row in rows if row["kind"] == kind and row["tier"] >= 1], dtype=float
    ).reshape(-1, 2)


def _counted(found: Sequence[Row], clear: Sequence[Any], other: Sequence[Any]) -> Row:
    truth, neutral = (np.array(spans, dtype=float).reshape(-1, 2) for spans in (clear, other))
    movements = _spans(found, EventKind.LEG_MOVEMENT)
    counts = tally(movements, truth, partial(match, iou_min=IOU_MIN), neutral=neutral, hours=HOURS)
    return {name: getattr(counts, name) for name in Tally.__slots__}


def _raters() -> Row:
    """Compare what two people marked in one real hour, before and after the rules."""
    lists = [read_events(assemble_edf.DATA / "rbdtector" / f"{rater}.tsv") for rater in RATERS]
    return {
        "legs": {leg.value: _agreement(lists, leg) for leg in (Leg.LEFT, Leg.RIGHT)},
        "wasm": [sum(one.plm for one in apply_rules(each.movements, WASM_2016).movements) for each in lists],
        "aasm": [sum(one.plm for one in apply_rules(each.movements, AASM).movements) for each in lists],
    }


def _agreement(lists: Sequence[ScoredEvents], leg: Leg) -> Row:
    """Match the two lists of one leg; what one person marked twice is one stretch."""
    one, other = (
        joined(
            np.array(
                [(m.onset_ns / NS_PER_S, m.end_ns / NS_PER_S) for m in each.movements if m.leg is leg], dtype=float
            ).reshape(-1, 2)
        )
        for each in lists
    )
    one, other = (spans[spans[:, 1] - spans[:, 0] >= LEAST_S] for spans in (one, other))
    pairs = len(match(one, other, iou_min=IOU_MIN).pairs)
    return {"counts": [len(one), len(other)], "pairs": pairs, "f1": 2 * pairs / max(1, len(one) + len(other))}

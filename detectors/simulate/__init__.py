"""Legs and nights with known truth."""

from detectors.simulate.named import REGIMES, named_regime
from detectors.simulate.night import LegSignal, SimulatedNight, simulate_night
from detectors.simulate.regimes import Regime
from detectors.simulate.splits import TEST_SEEDS, TUNING_SEEDS, Split, split_of
from detectors.simulate.truth import Cause, SpanKind, TruthEvent, TruthSpan

CLEAN, HARD = named_regime("clean"), named_regime("hard")

__all__ = [
    "CLEAN",
    "HARD",
    "REGIMES",
    "TEST_SEEDS",
    "TUNING_SEEDS",
    "Cause",
    "LegSignal",
    "Regime",
    "SimulatedNight",
    "SpanKind",
    "Split",
    "TruthEvent",
    "TruthSpan",
    "named_regime",
    "simulate_night",
    "split_of",
]

"""Legs and nights with known truth."""

from detectors.simulate.night import LegSignal, SimulatedNight, simulate_night
from detectors.simulate.regimes import CLEAN, HARD, Regime, named_regime
from detectors.simulate.truth import TruthEvent

__all__ = ["CLEAN", "HARD", "LegSignal", "Regime", "SimulatedNight", "TruthEvent", "named_regime", "simulate_night"]

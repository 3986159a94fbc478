"""Score a recording again with other thresholds, at the cost of what depends on them."""

from detectors.rescore.held_arrays import HeldInMemory, TrackStore
from detectors.rescore.rescorer import Rescorer
from detectors.rescore.sweep import SWEPT, Swept

__all__ = ["SWEPT", "HeldInMemory", "Rescorer", "Swept", "TrackStore"]

"""Score a recording again with other thresholds, at the cost of what depends on them."""

from detectors.rescore.held_arrays import HeldInMemory, TrackStore
from detectors.rescore.rescorer import Rescorer

__all__ = ["HeldInMemory", "Rescorer", "TrackStore"]

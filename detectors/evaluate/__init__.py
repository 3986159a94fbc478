"""How well found events agree with true ones, and how sure that is."""

from detectors.evaluate.agreement import Pooled, Tally, pooled, tally
from detectors.evaluate.comparison import Compared, compare, matchings
from detectors.evaluate.marks import Mark, MarkedNight
from detectors.evaluate.statistics import (
    Interval,
    bland_altman,
    bootstrap,
    clopper_pearson,
    icc_a1,
    icc_a1_interval,
    rule_of_three_per_h,
)

__all__ = [
    "Compared",
    "Interval",
    "Mark",
    "MarkedNight",
    "Pooled",
    "Tally",
    "bland_altman",
    "bootstrap",
    "clopper_pearson",
    "compare",
    "icc_a1",
    "icc_a1_interval",
    "matchings",
    "pooled",
    "rule_of_three_per_h",
    "tally",
]

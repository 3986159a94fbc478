"""How well found events agree with true ones, and how sure that is."""

from detectors.evaluate.agreement import Pooled, Tally, pooled, tally
from detectors.evaluate.statistics import (
    Interval,
    bland_altman,
    bootstrap,
    clopper_pearson,
    icc_a1,
    rule_of_three_per_h,
)

__all__ = [
    "Interval",
    "Pooled",
    "Tally",
    "bland_altman",
    "bootstrap",
    "clopper_pearson",
    "icc_a1",
    "pooled",
    "rule_of_three_per_h",
    "tally",
]

"""What somebody wrote about the synthetic night."""

from __future__ import annotations

from dashboards.weeks import DiaryEntry
from detectors.signal import NS_PER_S
from tests.synthetic_night import DURATION_S, START_NS, to_ns


def remedy(time_ns: int) -> DiaryEntry:
    return DiaryEntry(time_ns, "remedy", "magnesium", {"dose_mg": 300.0})


def rating(time_ns: int, quality_1_5: float) -> DiaryEntry:
    """How somebody slept, 1 (badly) to 5 (well)."""
    return DiaryEntry(time_ns, "rating", "", {"sleep_quality": quality_1_5})


def diary() -> tuple[DiaryEntry, ...]:
    """The evening before, a button in the night, and the morning after."""
    return (
        remedy(START_NS - 3600 * NS_PER_S),
        DiaryEntry(START_NS - 1800 * NS_PER_S, "caffeine", "one cup of black tea", {"dose_mg": 40.0}),
        DiaryEntry(to_ns(12_660.0), "marker", "cramp"),
        DiaryEntry(to_ns(12_800.0), "note", "right calf, hard as a stone; stood up"),
        rating(to_ns(DURATION_S + 900.0), 2.0),
    )

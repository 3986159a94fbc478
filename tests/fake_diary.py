"""What somebody wrote about the synthetic night, sixty days of a diary before it, and a book that keeps more."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from dashboards.diary import DiaryEntry, PastEntry
from detectors.signal import NS_PER_S
from tests.synthetic_night import DURATION_S, START_NS, to_ns

if TYPE_CHECKING:
    from dashboards.diary import Written

N_DAYS = 60
HOUR_NS = 3600 * NS_PER_S
DAY_NS = 24 * HOUR_NS
REMEDY_DAYS = range(31, 45)
"""Days before the newest evening on which the diary says magnesium."""
CHANGED_NS = START_NS + DURATION_S * NS_PER_S + HOUR_NS
"""When the fake book changes an entry: the morning after, UTC ns."""


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


@cache
def sixty_days(seed: int = 60) -> tuple[DiaryEntry, ...]:
    """Return a made-up diary of the sixty days up to the evening of the synthetic night, by time; nobody's."""
    entries = [entry for ago in range(1, N_DAYS + 1) for entry in _day(ago, np.random.default_rng((seed, ago)))]
    first_ns, last_ns = (START_NS - ago * DAY_NS - HOUR_NS for ago in (REMEDY_DAYS[-1], REMEDY_DAYS[0]))
    magnesium = {"name": "magnesium"}
    entries += [
        DiaryEntry(first_ns, "remedy_on", "", {"dose_mg": 300.0}, magnesium),
        DiaryEntry(last_ns, "remedy_off", "", {}, magnesium),
    ]
    ordered = sorted(entries, key=lambda entry: (entry.time_ns, entry.kind))
    return tuple(replace(entry, key=_key(entry)) for entry in ordered)


def _written_of_the_night() -> list[DiaryEntry]:
    return [replace(entry, key=_key(entry)) for entry in diary() if entry.kind != "marker"]


def _day(ago: int, rng: np.random.Generator) -> list[DiaryEntry]:
    """Return what is written of one day: coffee in the afternoon, maybe cramps in the night, a morning."""
    start_ns = START_NS - ago * DAY_NS
    entries = [DiaryEntry(start_ns - 8 * HOUR_NS, "caffeine", "", {"amount_mg": 80.0}, {"name": "coffee"})]
    for _ in range(rng.poisson(0.7 if ago in REMEDY_DAYS else 1.3)):
        leg = ("left", "right")[int(rng.random() < 0.6)]
        words = {"leg": leg, "muscle": "calf", "helped": "standing up"}
        minutes, pain = float(rng.integers(1, 9)), float(rng.integers(3, 10))
        values = {"minutes": minutes, "pain_0_10": pain, "woke": 1.0}
        entries.append(DiaryEntry(start_ns + round(float(rng.uniform(1, 7)) * HOUR_NS), "cramp", "", values, words))
    if rng.random() < 0.4:
        entries.append(
            DiaryEntry(start_ns - HOUR_NS, "urge", "", {"intensity_0_10": float(rng.integers(2, 8))}, {"leg": "both"})
        )
    if rng.random() < 0.9:
        values = {"sleep_quality": float(rng.integers(1, 6)), "rested_0_10": float(rng.integers(2, 9))}
        entries.append(DiaryEntry(start_ns + 9 * HOUR_NS, "morning", "", values))
    return entries


def _key(entry: DiaryEntry) -> str:
    return f'["diary", "p1", "{entry.kind}", {entry.time_ns}]'


@dataclass(slots=True)
class FakeDiary:
    """A diary in memory, as :class:`dashboards.diary.DiaryBook` has it.

    Parameters
    ----------
    now_ns : int
        What dates an entry without a time, UTC ns.
    entries : dict of str to DiaryEntry
        By key; sixty days and the synthetic night if not given.
    """

    now_ns: int = CHANGED_NS
    entries: dict[str, DiaryEntry] = field(
        default_factory=lambda: {entry.key: entry for entry in (*sixty_days(), *_written_of_the_night())}
    )
    struck: list[str] = field(default_factory=list)

    def between(self, onset_ns: int, end_ns: int) -> tuple[DiaryEntry, ...]:
        marks = [entry for entry in diary() if entry.kind == "marker"]
        found = [entry for entry in (*self.entries.values(), *marks) if onset_ns <= entry.time_ns < end_ns]
        return tuple(sorted(found, key=lambda entry: (entry.time_ns, entry.kind)))

    def write(self, entry: Written) -> DiaryEntry:
        new = _entered(entry, self.now_ns if entry.time_ns is None else self._in_time(entry))
        while (key := _key(new)) in self.entries:
            if _same(self.entries[key], new):
                return self.entries[key]
            new = replace(new, time_ns=new.time_ns + 1)
        self.entries[key] = replace(new, key=key)
        return self.entries[key]

    def amend(self, key: str, entry: Written) -> DiaryEntry:
        old = self.entries[key]
        new = _entered(entry, old.time_ns if entry.time_ns is None else self._in_time(entry))
        if not _same(old, new):
            past = PastEntry(old.time_ns, old.kind, old.text, old.values, old.words, self.now_ns)
            self.entries[key] = replace(new, key=key, history=(*old.history, past))
        return self.entries[key]

    def strike(self, key: str) -> None:
        del self.entries[key]
        self.struck.append(key)

    def _in_time(self, entry: Written) -> int:
        time_ns = entry.time_ns or 0
        if time_ns > self.now_ns + (366 * DAY_NS if entry.kind == "period" else DAY_NS):
            message = f"time_ns is {time_ns}, more than a day ahead of this computer's clock, expected an earlier time"
            raise ValueError(message)
        return time_ns


def _entered(entry: Written, time_ns: int) -> DiaryEntry:
    words = {name: word.strip() for name, word in entry.words.items() if word.strip()}
    return DiaryEntry(time_ns, entry.kind, " ".join(entry.text.split()), dict(entry.values), words)


def _same(old: DiaryEntry, new: DiaryEntry) -> bool:
    return replace(old, key="", history=()) == replace(new, key="", history=())

"""When the person slept, by the stages that a person scored or by an estimate: what the numbers of a night need."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from detectors.annotations import Span
from detectors.events import Stage
from detectors.numbers.unknown import Unknown
from detectors.quality.valid_hours import joined
from detectors.signal import NS_PER_S, S_PER_H, S_PER_MIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from detectors.events import StageSpan

STAGES = "stages"
ESTIMATE = "estimate"
NO_SLEEP_KNOWN = Unknown("no sleep stages were given and there is no estimate of sleep")
NO_STAGES = Unknown("no sleep stages were given")
# Awakenings are counted from these lengths on (science.md 6.3).
SHORT_AWAKENING_S = 120.0
LONG_AWAKENING_S = 300.0
# Sleep that lasts to this far before the end of the signal was not seen to end.
TRUNCATED_S = 120.0


@dataclass(frozen=True, slots=True)
class SleepBasis:
    """Sleep and wake of a night.

    Parameters
    ----------
    name : str
        ``stages`` or ``estimate``.
    in_bed : Span
        From lights off to lights on, or from the first to the last that is known, UTC ns.
    sleep, wake : tuple of Span
        In order, joined, without overlap, UTC ns.
    """

    name: str
    in_bed: Span
    sleep: tuple[Span, ...]
    wake: tuple[Span, ...]

    @property
    def period(self) -> Span | None:
        """From sleep onset to the end of the last sleep, UTC ns; None without sleep."""
        return Span(self.sleep[0].onset_ns, self.sleep[-1].end_ns) if self.sleep else None

    def asleep(self, t_ns: int) -> bool:
        """Return whether an instant lies in sleep."""
        return lies_in(t_ns, self.sleep)

    def awake(self, t_ns: int) -> bool:
        """Return whether an instant lies in wake."""
        return lies_in(t_ns, self.wake)

    def wake_inside(self) -> list[Span]:
        """Return the stretches of wake between sleep onset and the end of the last sleep."""
        period = self.period
        if period is None:
            return []
        return [span for span in self.wake if period.onset_ns <= span.onset_ns < period.end_ns]

    def awakenings(self, least_s: float) -> int:
        """Return how many of them last at least so long."""
        return sum(seconds(span) >= least_s for span in self.wake_inside())

    def numbers(self) -> dict[str, Any]:
        """Return how long and how well the person slept."""
        tst_s, tib_s = sum(map(seconds, self.sleep)), seconds(self.in_bed)
        none = no_sleep(self.name)
        known: dict[str, Any] = {
            "tib_est_h": tib_s / S_PER_H,
            "tst_est_h": tst_s / S_PER_H,
            "se_est_percent": 100 * tst_s / tib_s if tib_s else none,
        }
        period = self.period
        if period is None:
            return known | dict.fromkeys(_OF_SLEEP, none)
        return known | {
            "spt_est_h": seconds(period) / S_PER_H,
            "sol_est_min": (period.onset_ns - self.in_bed.onset_ns) / NS_PER_S / S_PER_MIN,
            "waso_est_min": sum(map(seconds, self.wake_inside())) / S_PER_MIN,
            "awakenings_est": self.awakenings(SHORT_AWAKENING_S),
            "awakenings_5min_est": self.awakenings(LONG_AWAKENING_S),
        }


_OF_SLEEP = ("spt_est_h", "sol_est_min", "waso_est_min", "awakenings_est", "awakenings_5min_est")
UNKNOWN_SLEEP = dict.fromkeys(("tib_est_h", "tst_est_h", "se_est_percent", *_OF_SLEEP), NO_SLEEP_KNOWN)


def no_sleep(name: str) -> Unknown:
    """Return why a number about sleep is unknown where a basis has none."""
    return Unknown(f"no sleep in the {name}")


def seconds(span: Span) -> float:
    """Return the length of a stretch, s."""
    return (span.end_ns - span.onset_ns) / NS_PER_S


def lies_in(t_ns: int, spans: Sequence[Span]) -> bool:
    """Return whether an instant lies in one of some stretches, which are in order and do not overlap."""
    position = bisect_right(spans, t_ns, key=lambda span: span.onset_ns) - 1
    return position >= 0 and t_ns < spans[position].end_ns


def by_stages(stages: Sequence[StageSpan]) -> SleepBasis | None:
    """Return the sleep that a person scored.

    Parameters
    ----------
    stages : sequence of StageSpan
        By onset; what lies between them was not scored and is neither sleep nor wake.

    Returns
    -------
    SleepBasis or None
        None without stages.
    """
    if not stages:
        return None
    sleep = (Span(span.onset_ns, span.end_ns) for span in stages if span.stage is not Stage.WAKE)
    wake = (Span(span.onset_ns, span.end_ns) for span in stages if span.stage is Stage.WAKE)
    return basis_of(STAGES, sleep, wake)


def basis_of(name: str, sleep: Iterable[Span], wake: Iterable[Span], in_bed: Span | None = None) -> SleepBasis:
    """Return a basis of stretches in any order; time in bed is all of them where it is not given."""
    asleep, awake = (tuple(joined(spans, touching_s=0.0)) for spans in (sleep, wake))
    both = [*asleep, *awake]
    if in_bed is None:
        in_bed = Span(min(span.onset_ns for span in both), max(span.end_ns for span in both))
    return SleepBasis(name, in_bed, asleep, awake)

"""The page about what suggestions are worth, docs/labelling-gain.md, and what the pages may say of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from statistics import median
from string import Template
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.accuracy.text import table
from soleus.studio.candidates import FITTED, N_TRIES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.suggest.runs import Asked, Changes, Fitted

TEXT = Path(__file__).with_name("labelling-gain.md.in")
# A gain below it is none: differences between nights are many times larger.
LEAST_GAIN = 0.005
# Thresholds that are off by so much have something to gain.
FAR_OFF = 0.02


class Nights(NamedTuple):
    """How many nights are labelled in a run and how many judge all of them, their length, h, and their first seeds."""

    n_labelled: int
    n_judged: int
    hours: float
    first: int
    first_judged: int


class Gains(NamedTuple):
    """By how much F1 on other nights rises in each run, with suggested answers and with random ones."""

    suggested: tuple[float, ...]
    random: tuple[float, ...]

    @property
    def medians(self) -> tuple[float, float]:
        """The median of each."""
        return median(self.suggested), median(self.random)

    @property
    def is_as_good(self) -> bool:
        """Whether the fewer suggested answers bring at least what the random ones do, and anything at all."""
        suggested, random = self.medians
        return suggested >= max(random, LEAST_GAIN)


@dataclass(frozen=True, slots=True)
class Found:
    """What came of it.

    Parameters
    ----------
    runs : sequence of tuple of Fitted
        Each run from the published thresholds, and from drawn ones.
    f1 : mapping of thresholds to float
        F1 of all nights that judge.
    nights : Nights
        Which nights.
    asked : Asked
        How many answers were asked for.
    minutes : float
        How long it took, min.
    version : str
        Of Soleus.
    """

    runs: Sequence[tuple[Fitted, ...]]
    f1: Mapping[Changes, float]
    nights: Nights
    asked: Asked
    minutes: float
    version: str

    def gains(self, at: int) -> Gains:
        """Return the gains from the published thresholds, 0, or from drawn ones, 1."""
        pairs = [
            [self.f1[changes] - self.f1[run[at].begin] for changes in (run[at].by_suggested, run[at].by_random)]
            for run in self.runs
        ]
        suggested, random = zip(*pairs, strict=True)
        return Gains(suggested, random)

    @property
    def summary(self) -> str:
        """The answer as text."""
        return f"{_medians(self)}\n\n{_rows(self, 1)}\n\n{_rows(self, 0)}"


def words(found: Found) -> str:
    """Return what the pages may say of suggestions."""
    n_suggested, n_random = found.asked
    published, drawn = found.gains(0), found.gains(1)
    runs = f"median of {len(found.runs)} runs on simulated nights"
    (suggested, random), (from_published, _) = drawn.medians, published.medians
    beside = f"{suggested:+.3f} after {n_suggested} suggested answers, {random:+.3f} after {n_random} at random"
    about = "Suggested is what thresholds disagree about most."
    if not drawn.is_as_good:
        shown = "Labelling it has not been shown to find better thresholds than labelling at random"
        return f"{about} {shown}: F1 on other nights changed by {beside} ({runs})."
    told = f"{about} From thresholds that were off, F1 on other nights changed by {beside} ({runs})"
    if from_published < LEAST_GAIN:
        return f"{told}; from the published ones there was nothing to gain ({from_published:+.3f})."
    return f"{told}; from the published ones by {from_published:+.3f}."


def page(found: Found) -> str:
    """Return the page."""
    nights, published, drawn = found.nights, found.gains(0), found.gains(1)
    n_suggested, n_random = found.asked
    text = Template(TEXT.read_text(encoding="utf-8"))
    return text.substitute(
        version=found.version,
        minutes=f"{found.minutes:.0f}",
        n_runs=len(found.runs),
        n_suggested=n_suggested,
        n_random=n_random,
        n_labelled=nights.n_labelled,
        n_judged=nights.n_judged,
        hours=f"{nights.hours:g}",
        first=1000 + nights.first,
        last=1000 + nights.first + nights.n_labelled * len(found.runs) - 1,
        first_judged=1000 + nights.first_judged,
        last_judged=1000 + nights.first_judged + nights.n_judged - 1,
        n_tries=N_TRIES,
        fitted=", ".join(f"`{name}` {low:g} to {high:g}" for name, low, high in FITTED["leg_movement"]),
        n_candidates=f"{median(run[1].n_candidates for run in found.runs):.0f}",
        medians=_medians(found),
        verdict=_verdict(drawn, n_suggested, n_random),
        verdict_published=_verdict(published, n_suggested, n_random),
        rows=_rows(found, 1),
        rows_published=_rows(found, 0),
        far_off=_far_off(found),
        words=words(found),
    )


def _verdict(gains: Gains, n_suggested: int, n_random: int) -> str:
    suggested, random = gains.medians
    said = f"{n_suggested} suggested answers {suggested:+.4f}, {n_random} random ones {random:+.4f}"
    if max(suggested, random) < LEAST_GAIN:
        return f"Neither brings anything: {said} (medians; below {LEAST_GAIN:g} is nothing)."
    better = sum(one >= other for one, other in zip(*gains, strict=True))
    which = "at least as much as" if gains.is_as_good else "**less than**"
    return (
        f"The suggested answers bring {which} the random ones: {said} (medians); "
        f"they do so in {better} of {len(gains.suggested)} runs."
    )


def _far_off(found: Found) -> str:
    """Say what came of the runs that had something to gain; they are picked after the fact."""
    best, gains = max(found.f1.values()), found.gains(1)
    far = [number for number, run in enumerate(found.runs) if best - found.f1[run[1].begin] >= FAR_OFF]
    told = (f"run {one + 1} {gains.suggested[one]:+.4f} and {gains.random[one]:+.4f}" for one in far)
    listed = f": {', '.join(told)} (suggested and random)" if far else ""
    return f"{len(far)} of {len(found.runs)} began at least {FAR_OFF:g} below the highest F1{listed}."


def _medians(found: Found) -> str:
    best = max(found.f1.values())
    rows = []
    for at, name in ((1, "drawn"), (0, "published (`wasm-2016`)")):
        begin = median(found.f1[run[at].begin] for run in found.runs)
        gains = [f"{one:+.4f}" for one in found.gains(at).medians]
        rows.append((name, f"{begin:.4f}", *gains, f"{best:.4f}"))
    n_suggested, n_random = found.asked
    heads = ("thresholds at first", "F1 with them", f"gain, {n_suggested} suggested", f"gain, {n_random} random")
    return table((*heads, "highest F1 of all thresholds tried"), rows)


def _rows(found: Found, at: int) -> str:
    gains = found.gains(at)
    rows = [
        (
            str(number + 1),
            str(run[at].n_candidates),
            f"{found.f1[run[at].begin]:.4f}",
            f"{gains.suggested[number]:+.4f}",
            f"{gains.random[number]:+.4f}",
            f"{run[at].n_suggested}, {run[at].n_random}",
        )
        for number, run in enumerate(found.runs)
    ]
    return table(("run", "candidates", "F1 at first", "gain, suggested", "gain, random", "answers"), rows)

"""The page about what a choice is worth, docs/tuning.md."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from benchmarks.accuracy.text import table
from soleus.tune.shown import words

if TYPE_CHECKING:
    from soleus.tune.nested import Outcome, Study
    from soleus.tune.tradeoff import Estimate

TEXT = Path(__file__).with_name("tuning.md.in")


@dataclass(frozen=True, slots=True)
class Found:
    """What came of it.

    Parameters
    ----------
    study : Study
        What was asked.
    outcome : Outcome
        What `soleus tune` says.
    held_back, unchanged : Estimate
        What the choice, and the thresholds as they were, are worth on new nights.
    n_judged : int
        How many new nights.
    hours : float
        Length of each night, h.
    minutes : float
        How long it took, min.
    version : str
        Of Soleus.
    """

    study: Study
    outcome: Outcome
    held_back: Estimate
    unchanged: Estimate
    n_judged: int
    hours: float
    minutes: float
    version: str

    @property
    def is_inside(self) -> bool:
        """Whether new nights are found as well as the cross-validation says."""
        return self.outcome.nested.low <= self.held_back.value <= self.outcome.nested.high

    @property
    def summary(self) -> str:
        """The answer as text."""
        verdict = "inside" if self.is_inside else "OUTSIDE"
        return f"{_answers(self)}\nchosen: {_values(self.outcome.choice.values)}\nnew nights lie {verdict} the interval"


def page(found: Found) -> str:
    """Return the page."""
    plan, outcome = found.study.plan, found.outcome
    seeds = sorted(int(name.rpartition("-")[2]) for name in found.study.subjects)
    inside = "inside" if found.is_inside else "**outside**"
    text = Template(TEXT.read_text(encoding="utf-8")).substitute(
        version=found.version,
        minutes=f"{found.minutes:.0f}",
        n_tuned=len(found.study.subjects),
        n_judged=found.n_judged,
        hours=f"{found.hours:g}",
        first=seeds[0],
        last=seeds[-1],
        varied=", ".join(f"`{one.name}={one.words}`" for one in plan.varied),
        n_tries=plan.n_tries,
        n_searches=len(outcome.folds) + 1,
        method=plan.method.value,
        words=found.study.tradeoff.words,
        verdict=f"F1 on new nights, {found.held_back.value:.3f}, lies {inside} the interval of the nested "
        f"cross-validation, {outcome.nested.low:.3f} to {outcome.nested.high:.3f}.",
        answers=_answers(found),
        chosen=_values(outcome.choice.values),
        kept="Nothing was better than the thresholds as they were." if outcome.choice.is_unchanged else "",
        folds=_folds(found),
    )
    return text.replace(". \n", ".\n")


def _answers(found: Found) -> str:
    outcome = found.outcome
    rows = [
        ("nested cross-validation: held back in turn", words(outcome.nested), words(outcome.unchanged)),
        ("new nights", words(found.held_back), words(found.unchanged)),
        ("the nights it was chosen on (too good)", words(outcome.chosen_on), ""),
    ]
    return table(("F1 of leg movements", "chosen", "as they were (`wasm-2016`)"), rows)


def _folds(found: Found) -> str:
    rows = [
        (
            str(result.fold.number),
            _values(result.choice.values),
            words(result.chosen_on),
            words(result.held_back),
            words(result.unchanged),
        )
        for result in found.outcome.folds
    ]
    return table(("fold", "chosen without it", "on the others", "held back", "as they were"), rows)


def _values(values: object) -> str:
    pairs = values.items() if isinstance(values, dict) else ()
    return ", ".join(f"`{name.rpartition('.')[2]}` {value:g}" for name, value in pairs)

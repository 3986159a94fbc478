"""A finished choice as tables in the terminal."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from soleus.thresholds import flatten
from soleus.tune.space import Range
from soleus.tune.tradeoff import FORBIDDEN, Aim

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from soleus.tune.criteria_file import Chosen
    from soleus.tune.space import Varied
    from soleus.tune.tradeoff import Estimate

FEW_SUBJECTS = 20
MOST_SHOWN = 6


def print_chosen(chosen: Chosen, path: Path) -> None:
    """Print what was chosen, fold by fold, and what to beware of."""
    # Whole lines even where the terminal is narrow or absent: what is printed is searched with grep.
    console = Console(width=None if os.isatty(1) else 200, highlight=False)
    study, outcome = chosen.study, chosen.outcome
    unit = study.tradeoff.unit
    console.print(f"Chosen for the {study.tradeoff.words}", markup=False)
    console.print(_thresholds(chosen))
    console.print(f"\nWhat was chosen without each fold, and what it was worth there ({unit})", markup=False)
    console.print(_folds(chosen))
    console.print(f"\nOn subjects that the choice has not seen: {words(outcome.nested)} {unit}", markup=False)
    console.print(f"The same with the thresholds as they were: {words(outcome.unchanged)} {unit}", markup=False)
    console.print(f"Gain: {words(outcome.gain)}", markup=False)
    if study.tradeoff.aim is Aim.FALSE:
        both = words(outcome.sensitivity), words(outcome.sensitivity_as_it_was)
        console.print(f"Sensitivity on subjects not seen: {both[0]}, with the thresholds as they were: {both[1]}")
    console.print(f"On the subjects that it was chosen on:      {words(outcome.chosen_on)} {unit}", markup=False)
    for warning in warnings(chosen):
        console.print(f"Note: {warning}", markup=False)
    console.print(f"Written to {path}", markup=False)


def warnings(chosen: Chosen) -> Iterator[str]:
    """Yield what the figures do not say by themselves.

    Parameters
    ----------
    chosen : Chosen
        A finished choice.

    Yields
    ------
    str
        One sentence each.
    """
    outcome = chosen.outcome
    if outcome.choice.is_unchanged:
        yield "nothing was better than the thresholds as they were; they were kept."
    elif not outcome.gain.low > 0 and not _found_too_little(chosen):
        yield "the interval of the gain holds 0: on other subjects the old thresholds may do as well."
    yield from _finds_too_little(chosen)
    for one in chosen.study.plan.varied:
        if not outcome.choice.is_unchanged and one.at_its_edge(outcome.choice.values[one.name]):
            yield f"{one.name} was chosen at the edge of what was allowed ({one.words}): a wider one may hold a better."
        different = {str(result.choice.values[one.name]) for result in outcome.folds}
        if len(different) == len(outcome.folds):
            yield f"{one.name} was chosen differently in every fold: the data hardly say what it should be."
    n = len(set(chosen.study.subjects.values()))
    if n < FEW_SUBJECTS:
        yield f"{n} subjects are few: an interval over them is rough, and too narrow rather than too wide."


def _finds_too_little(chosen: Chosen) -> Iterator[str]:
    outcome, least = chosen.outcome, chosen.study.tradeoff.least_sensitivity
    if chosen.study.tradeoff.aim is not Aim.FALSE:
        return
    if outcome.choice.cost >= FORBIDDEN:
        yield f"nothing that was tried finds {least:g} of the events; what comes nearest was chosen."
    if _found_too_little(chosen):
        found = f"{outcome.sensitivity_as_it_was.value:.3f}"
        yield f"the thresholds as they were find {found} of the events: their false events are nothing to compare with."
    if outcome.choice.cost < FORBIDDEN and outcome.sensitivity.value < least:
        found = f"{outcome.sensitivity.value:.3f}"
        yield f"on subjects that it has not seen the choice finds {found} of the events, and {least:g} were asked for."


def _found_too_little(chosen: Chosen) -> bool:
    """Return whether the thresholds as they were, not changed, would not have been allowed."""
    outcome, tradeoff = chosen.outcome, chosen.study.tradeoff
    is_too_little = outcome.sensitivity_as_it_was.value < tradeoff.least_sensitivity
    return tradeoff.aim is Aim.FALSE and not outcome.choice.is_unchanged and is_too_little


def words(estimate: Estimate) -> str:
    """Return a number with its interval."""
    if math.isnan(estimate.value):
        return "unknown"
    interval = "" if math.isnan(estimate.low) else f" (95 % {estimate.low:.3f} to {estimate.high:.3f})"
    return f"{estimate.value:.3f}{interval}"


def _thresholds(chosen: Chosen) -> Table:
    table = Table("threshold", "was", "chosen", "among", box=None)
    before, after = flatten(chosen.study.criteria), flatten(chosen.criteria)
    for one in chosen.study.plan.varied:
        table.add_row(one.name, str(before[one.name]), str(after[one.name]), _among(one))
    return table


def _among(one: Varied) -> str:
    if isinstance(one, Range) or len(one.values) <= MOST_SHOWN:
        return one.words
    return f"{one.values[0]}, {one.values[1]}, ... {one.values[-1]} ({len(one.values)} values)"


def _folds(chosen: Chosen) -> Table:
    table = Table("fold", "subjects", "chosen", "on the others", "held back", "as it was", box=None)
    for result in chosen.outcome.folds:
        table.add_row(
            str(result.fold.number),
            str(len(result.fold.held_back)),
            _values(result.choice.values),
            words(result.chosen_on),
            words(result.held_back),
            words(result.unchanged),
        )
    return table


def _values(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name.rpartition('.')[2]} {value}" for name, value in values.items())

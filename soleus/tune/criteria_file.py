"""The criteria file: the chosen thresholds, and all that is needed to choose them again."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from soleus import __version__
from soleus.criteria_toml import thresholds_told, write_criteria
from soleus.provenance import TABLE
from soleus.tune.space import applied

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from detectors.criteria import Criteria
    from soleus.tune.nested import FoldResult, Outcome, Study
    from soleus.tune.nights import NightSource
    from soleus.tune.tradeoff import Estimate

# What a person reads: the interval is wider than the last of these digits.
DIGITS = 4
HEAD = """\
# Thresholds chosen by `soleus tune`. Take them with `soleus score --criteria {file}`, or for a night with
#     criteria = "{file}"
# in soleus.toml. [set] holds what differs from the named set; [tuned] says how it was chosen.
# "nested" is what a choice made in this way was worth on subjects that it had not seen. "chosen_on" is what
# this choice is worth on the very subjects that it was made on: do not expect it of others.
"""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A finished choice and what it was made from.

    Parameters
    ----------
    name : str
        What to call it.
    study : Study
        What was asked.
    sources : sequence of NightSource
        The nights.
    outcome : Outcome
        The answer.
    read_as : mapping of str to object
        What was said about the files: channels, layout, time zone, salvage, takes, scorer.
    """

    name: str
    study: Study
    sources: Sequence[NightSource]
    outcome: Outcome
    read_as: Mapping[str, object] = field(default_factory=dict)

    @property
    def criteria(self) -> Criteria:
        """The chosen thresholds."""
        return applied(self.study.criteria, self.outcome.choice.values)


def as_plain(chosen: Chosen) -> dict[str, Any]:
    """Return the contents of a criteria file.

    Parameters
    ----------
    chosen : Chosen
        A finished choice.

    Returns
    -------
    dict
        ``criteria``, ``detectors`` and ``set`` (where there are any) and ``tuned``, as in the file.
    """
    told = {**_asked(chosen), **_answered(chosen.outcome), **_lists(chosen)}
    return {**thresholds_told(chosen.criteria), TABLE: told}


def write(chosen: Chosen, path: Path) -> None:
    """Write a criteria file: whole or not at all.

    Parameters
    ----------
    chosen : Chosen
        A finished choice.
    path : Path
        Where to; an earlier file is replaced.

    Raises
    ------
    ConfigError
        If what was written would not be read as it was meant; nothing has changed then.
    """
    write_criteria(as_plain(chosen), HEAD.format(file=path.name), path)


def estimate_row(estimate: Estimate) -> dict[str, float]:
    """Return a number and its interval as plain values; what cannot be said is left out."""
    told = {name: float(f"{number:.{DIGITS}g}") for name, number in estimate._asdict().items()}
    return {name: number for name, number in told.items() if math.isfinite(number)}


def _asked(chosen: Chosen) -> dict[str, Any]:
    study, plan = chosen.study, chosen.study.plan
    return {
        "name": chosen.name,
        "version": __version__,
        "chosen_for": study.tradeoff.words,
        "tradeoff": asdict(study.tradeoff),
        "measured_as": study.tradeoff.unit,
        "varied": [f"{one.name}={one.words}" for one in plan.varied],
        "search": plan.method.value,
        "most_tries": plan.n_tries,
        "patience": plan.patience,
        "drops_early": plan.drops_early,
        "seed": plan.seed,
        "outer_folds": study.n_outer,
        "inner_folds": study.n_inner,
        "subjects": len(set(study.subjects.values())),
        "nights": len(study.subjects),
        **({"read_as": dict(chosen.read_as)} if chosen.read_as else {}),
    }


def _answered(outcome: Outcome) -> dict[str, Any]:
    return {
        "tries": outcome.choice.n_tries,
        "dropped_early": outcome.choice.n_dropped,
        "impossible": outcome.choice.n_impossible,
        "kept_as_it_was": outcome.choice.is_unchanged,
        "nested": estimate_row(outcome.nested),
        "as_it_was": estimate_row(outcome.unchanged),
        "gain": estimate_row(outcome.gain),
        "nested_sensitivity": estimate_row(outcome.sensitivity),
        "sensitivity_as_it_was": estimate_row(outcome.sensitivity_as_it_was),
        "chosen_on": estimate_row(outcome.chosen_on),
    }


def _lists(chosen: Chosen) -> dict[str, Any]:
    held_back_in = {name: one.fold.number for one in chosen.outcome.folds for name in one.fold.held_back}
    return {
        "fold": [_fold(one) for one in chosen.outcome.folds],
        "night": [
            {
                "name": source.name,
                "subject": source.subject,
                "held_back_in": held_back_in[source.subject],
                **{
                    key: digest
                    for key, digest in (
                        ("recording_sha256", source.recording_sha256),
                        ("beside_sha256", source.beside_sha256),
                        ("reference_sha256", source.reference_sha256),
                    )
                    if digest
                },
            }
            for source in chosen.sources
        ],
    }


def _fold(result: FoldResult) -> dict[str, Any]:
    return {
        "number": result.fold.number,
        "held_back": list(result.fold.held_back),
        "values": {name: "none" if value is None else value for name, value in sorted(result.choice.values.items())},
        "tries": result.choice.n_tries,
        "chosen_on": estimate_row(result.chosen_on),
        "held_back_on": estimate_row(result.held_back),
        "as_it_was": estimate_row(result.unchanged),
    }

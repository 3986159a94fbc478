"""``docs/validation.md``: what was tested on what, and what was not."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import scipy

from benchmarks.accuracy import tables
from benchmarks.accuracy.aims import aims_table
from benchmarks.accuracy.conditions import CONDITIONS
from benchmarks.accuracy.evaluation import peer_nights
from benchmarks.accuracy.matrix_page import margins
from benchmarks.accuracy.peer import WAYS
from benchmarks.accuracy.text import error, false_rate, sensitivity, share, table
from detectors.evaluate import Tally, pooled
from detectors.evaluate.classes import CLASSES
from soleus import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from detectors.evaluate import Pooled

    Row = dict[str, Any]

TEMPLATE = Path(__file__).with_name("validation.md.in")


class Results(NamedTuple):
    """Everything that the page is about.

    Parameters
    ----------
    nights : mapping of str to sequence of dict
        Simulated nights by condition.
    semi_real : mapping of str to sequence of dict
        Real contractions in simulated rest, by regime.
    real : dict
        What is real from one end to the other.
    cells : sequence of dict
        The robustness matrix.
    """

    nights: Mapping[str, Sequence[Row]]
    semi_real: Mapping[str, Sequence[Row]]
    real: Row
    cells: Sequence[Row]


def validation_page(results: Results) -> str:
    """Return the page as Markdown."""
    nights = results.nights
    some = next(iter(nights.values()))
    filled = {
        "version": __version__,
        "libraries": f"Python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}",
        "n_nights": len(some),
        "hours": f"{some[0]['hours']:g}",
        "total_h": f"{sum(row['hours'] for there in nights.values() for row in there):.0f}",
        "last_seed": max(row["seed"] for row in some),
        "conditions": table(
            ("nights", "what they are like"), [(one.name, one.says) for one in CONDITIONS if one.name in nights]
        ),
        "aims": aims_table(nights),
        "movements": tables.movements(nights),
        "peer_clean": _peer_clean(nights),
        "indices": tables.indices(nights),
        "sleep": tables.sleep(nights),
        "held": tables.held(nights),
        "false_alarms": tables.false_alarms(nights),
        "classes": _classes(nights),
        "matches": table(("class", "a match is"), [(one.name, one.rule) for one in CLASSES]),
        "semi_real": _semi_real(results.semi_real),
        "n_cells": len(results.cells),
        "n_crashed": sum(1 for cell in results.cells if cell["error"]),
        **_real(results.real),
    }
    return TEMPLATE.read_text(encoding="utf-8").format_map(filled)


def _classes(nights: Mapping[str, Sequence[Row]]) -> str:
    parts = []
    for condition in CONDITIONS:
        there = nights.get(condition.name)
        if there:
            parts += [f"### Simulated, {condition.name}", "", tables.by_class(there, condition), ""]
    return "\n".join(parts).rstrip()


def _peer_clean(nights: Mapping[str, Sequence[Row]]) -> str:
    """Return what the peer reaches on the simulated nights."""
    said = [
        f"{share(max(peer_nights(there, way).f1 or 0.0 for way in WAYS))} ({name})"
        for name in ("clean", "hard")
        if (there := nights.get(name))
    ]
    return " and ".join(said)


def _semi_real(regimes: Mapping[str, Sequence[Row]]) -> str:
    rows = []
    for name, there in regimes.items():
        counts = _pooled([row["movements"] for row in there])
        held, marked = (sum(row[key] for row in there) for key in ("held", "marked"))
        rows.append(
            (
                name,
                str(counts.n_true),
                sensitivity(counts),
                share(counts.ppv, counts.ppv_interval),
                share(counts.f1, counts.f1_interval),
                false_rate(counts),
                error(counts.onset_error),
                f"{marked} of {held}",
                str(sum(row["false_cramps"] for row in there)),
            )
        )
    head = (
        "rest", "movements", "sensitivity", "PPV", "F1", "false per h", "onset error",
        "sustained contractions marked", "marked besides",
    )  # fmt: skip
    return table(head, rows)


def _real(real: Row) -> dict[str, str]:
    movements = _pooled([real["movements"]])
    raters = real["raters"]
    legs = [
        (leg, str(one["counts"][0]), str(one["counts"][1]), str(one["pairs"]), f"{one['f1']:.2f}")
        for leg, one in raters["legs"].items()
    ]
    return {
        "real_movements": f"{movements.hits} of {movements.n_true} movements found, {movements.false} besides",
        "real_onset": error(movements.onset_error),
        "real_sustained": "marked as cramp-like" if real["sustained"] else "not marked as cramp-like",
        "rest": f"{_counts(real['rest_events'])} in {real['rest_s'] / 60:.0f} min",
        "walking": f"{real['walking_cramps']} in {real['walking_s']:.0f} s",
        "raters": table(
            ("leg", "first rater", "second rater", "in both, IoU 0.3", "F1 of one against the other"), legs
        ),
        "raters_wasm": " and ".join(map(str, raters["wasm"])),
        "raters_aasm": " and ".join(map(str, raters["aasm"])),
    }


def _counts(events: Mapping[str, int]) -> str:
    return ", ".join(f"{n} × {kind.replace('_', ' ')}" for kind, n in events.items()) or "nothing found"


def _pooled(rows: Sequence[Row]) -> Pooled:
    return pooled([Tally(**row) for row in rows])


def summary(results: Results) -> str:
    """Return what is printed at the end of a run."""
    nights = results.nights
    parts = [
        "Simulated signals: nothing here is evidence about people.",
        aims_table(nights),
        tables.movements(nights),
        tables.indices(nights),
        tables.sleep(nights),
        _classes(nights),
        tables.held(nights),
        tables.false_alarms(nights),
        "Real voluntary contractions in simulated rest.",
        _semi_real(results.semi_real),
        "Robustness: mean F1 of leg movements over all cells with each value.",
        margins(results.cells),
    ]
    return "\n\n".join(parts)

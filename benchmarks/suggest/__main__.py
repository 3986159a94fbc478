"""``python -m benchmarks.suggest``: what labelling suggested events is worth. Writes docs/labelling-gain.md.

Figures go to stdout, progress to stderr. Exit code 0: the pages say of suggestions what the figures allow, and no
more; 1: they do not; 2: asked for what cannot be done.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.progress import track

from benchmarks.accuracy.work import TOP
from benchmarks.suggest.page import Found, Nights, page, words
from benchmarks.suggest.runs import PUBLISHED, WORD, Asked, drawn_begin, fitted, judged
from benchmarks.tune.nights import sources, tuning_seeds
from dashboards.labelling_gain import GAIN_WORDS
from soleus import __version__
from soleus.studio.candidates import tries_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.suggest.runs import Changes, Fitted
    from soleus.tune.nights import NightSource

PAGE = TOP / "docs" / "labelling-gain.md"
RUNS, NIGHTS, JUDGED, HOURS, SEED = 20, 4, 20, 0.5, 1
# Nights that neither docs/tuning.md nor the making of this method has seen.
FIRST, FIRST_JUDGED = 100, 300
ASKED = Asked(suggested=40, random=80)


def main() -> int:
    """Label, fit, judge on other nights, print and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.suggest", description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help="how often nights are labelled")
    parser.add_argument("--nights", type=int, default=NIGHTS, help="nights that are labelled in each run")
    parser.add_argument("--judged", type=int, default=JUDGED, help="nights that all are judged on")
    parser.add_argument("--hours", type=float, default=HOURS, help="length of each")
    parser.add_argument("--first", type=int, default=FIRST, help="number of the first seed for tuning")
    parser.add_argument("--no-page", action="store_true", help="write nothing")
    asked = parser.parse_args()
    try:
        labelled = sources(tuning_seeds(asked.first, asked.runs * asked.nights), asked.hours)
        others = sources(tuning_seeds(asked.first + FIRST_JUDGED - FIRST, asked.judged), asked.hours)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    began_s = time.monotonic()
    runs = _runs([labelled[at : at + asked.nights] for at in range(0, len(labelled), asked.nights)])
    nights = Nights(asked.nights, len(others), asked.hours, asked.first, asked.first + FIRST_JUDGED - FIRST)
    found = Found(runs, _judged(runs, others), nights, ASKED, (time.monotonic() - began_s) / 60.0, __version__)
    print(found.summary)
    if not asked.no_page:
        PAGE.write_text(page(found), encoding="utf-8")
    allowed = words(found)
    print(f"\nallowed: {allowed}")
    return 0 if allowed == GAIN_WORDS else 1


def _runs(groups: Sequence[Sequence[NightSource]]) -> list[tuple[Fitted, ...]]:
    """Return each run from the published thresholds, and from drawn ones."""
    shown = track(groups, "runs", console=Console(stderr=True), transient=True)
    return [tuple(fitted(nights, ((), drawn_begin(SEED, run)), ASKED, (SEED, run))) for run, nights in enumerate(shown)]


def _judged(runs: Sequence[Sequence[Fitted]], others: Sequence[NightSource]) -> dict[Changes, float]:
    """Return the F1 of all other nights together, by thresholds: those of the runs, and every one that was tried."""
    every = {changes for run in runs for one in run for changes in (one.begin, one.by_suggested, one.by_random)}
    listed = sorted(every | set(tries_of(PUBLISHED, WORD)))
    shown = track(others, "other nights", console=Console(stderr=True), transient=True)
    counts = np.array([list(judged(night, listed)) for night in shown])
    hits, missed, false = counts.sum(axis=0).T
    return dict(zip(listed, (2 * hits / (2 * hits + missed + false)).tolist(), strict=True))


if __name__ == "__main__":
    sys.exit(main())

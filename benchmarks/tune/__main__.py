"""``python -m benchmarks.tune``: does a choice do on new nights what its cross-validation says? Writes docs/tuning.md.

Figures go to stdout, progress to stderr. Exit code 0: the F1 of nights that nothing has seen lies inside the
95 % interval of the nested cross-validation; 1: it does not; 2: asked for what cannot be done.
"""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING

from benchmarks.accuracy.work import TOP, source_key
from benchmarks.tune.nights import sources, tuning_seeds
from benchmarks.tune.page import Found, page
from detectors.criteria import named
from soleus import __version__
from soleus.tune.crew import Crew
from soleus.tune.nested import Study
from soleus.tune.plan import Method, Plan
from soleus.tune.search import StudyFile
from soleus.tune.space import all_differ, applied, parse_varied
from soleus.tune.tradeoff import Tradeoff
from soleus.tune.watching import Watch

if TYPE_CHECKING:
    from detectors.criteria import Criteria
    from soleus.tune.nights import NightSource
    from soleus.tune.tradeoff import Estimate

PAGE = TOP / "docs" / "tuning.md"
CRITERIA = "wasm-2016"
VARIED = ("leg_movement.onset_uv=4:16:log", "leg_movement.onset_ratio=0.55:2", "leg_movement.offset_uv=1:3.5")
NIGHTS, HELD_BACK, HOURS, TRIES = 20, 40, 1.0, 30
FOLDS, INNER, SEED, WORKERS = 5, 4, 1, 2


def main() -> int:
    """Tune, judge on new nights, print and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tune", description=__doc__)
    parser.add_argument("--nights", type=int, default=NIGHTS, help="nights that are tuned on")
    parser.add_argument("--held-back", type=int, default=HELD_BACK, help="nights that it is judged on")
    parser.add_argument("--hours", type=float, default=HOURS, help="length of each")
    parser.add_argument("--tries", type=int, default=TRIES, help="tries of each search")
    parser.add_argument("--no-page", action="store_true", help="write nothing")
    asked = parser.parse_args()
    try:
        tuned_on = sources(tuning_seeds(0, asked.nights), asked.hours)
        judged_on = sources(tuning_seeds(asked.nights, asked.held_back), asked.hours)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    began_s = time.monotonic()
    study = _study(tuned_on, asked.tries)
    found = _found(study, tuned_on, judged_on, asked.hours, began_s)
    print(found.summary)
    if not asked.no_page:
        PAGE.write_text(page(found), encoding="utf-8")
    return 0 if found.is_inside else 1


def _study(nights: list[NightSource], tries: int) -> Study:
    criteria = named(CRITERIA)
    varied = all_differ([parse_varied(text, criteria) for text in VARIED])
    plan = Plan(varied, Method.TPE, tries, patience=0, drops_early=True, seed=SEED)
    return Study({one.name: one.subject for one in nights}, criteria, plan, Tradeoff(), FOLDS, INNER)


def _found(
    study: Study, tuned_on: list[NightSource], judged_on: list[NightSource], hours: float, began_s: float
) -> Found:
    cache = TOP / ".cache" / "tune"
    cache.mkdir(parents=True, exist_ok=True)
    # One that was interrupted goes on, unless what the detectors say may have changed since.
    file = cache / f"{source_key()}-{len(tuned_on)}-{hours:g}h.db"
    with Watch(len(tuned_on) + len(judged_on)) as watch, closing(StudyFile(file, asdict(study.plan))) as kept:
        watch.expect(study.plan.n_tries * (len(study.folds) + 1))
        with _crew(study, tuned_on, watch) as count:
            outcome = study.run(count, kept, watch.tried)
        chosen = applied(study.criteria, outcome.choice.values)
        # Once: a second look would be a choice.
        with _crew(study, judged_on, watch) as count:
            held_back, unchanged = (_judged(study, judged_on, count, one) for one in (chosen, study.criteria))
    file.unlink()
    minutes = (time.monotonic() - began_s) / 60.0
    return Found(study, outcome, held_back, unchanged, len(judged_on), hours, minutes, __version__)


def _crew(study: Study, nights: list[NightSource], watch: Watch) -> Crew:
    n_open, word = len(nights), study.tradeoff.word
    return Crew(nights, study.criteria, word, n_workers=WORKERS, n_open=n_open, after_night=watch.scored)


def _judged(study: Study, nights: list[NightSource], count: Crew, criteria: Criteria) -> Estimate:
    counts = count(criteria, [one.name for one in nights])
    return study.tradeoff.estimate(list(counts.values()), [one.subject for one in nights])


if __name__ == "__main__":
    sys.exit(main())

"""``python -m benchmarks.rescore``: a night scored again after a change of thresholds, against one scored anew.

Prints how long it takes by the group of what is changed, how long a sweep of a thousand values takes, and for how many
random sets of thresholds events, rejected candidates, half minutes and all numbers are those of a full run. Times are
processor time of one process; the ratio to a full score of the same night in the same run says more than they do.
No part goes on for longer than ``--seconds`` by the clock: a busy machine tries less, and the result says how much.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from rich.console import Console
from rich.progress import track

from benchmarks.playing import recorded
from benchmarks.rescore.thresholds import at_random, groups, names, nearby
from detectors.criteria import named
from detectors.pipeline import score
from detectors.rescore import Rescorer
from detectors.simulate import simulate_night

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from detectors.criteria import Criteria
    from detectors.pipeline import Score
    from detectors.recording import Recording
    from detectors.rescore import Swept

    Row = dict[str, Any]

Item = TypeVar("Item")
Result = TypeVar("Result")

CRITERIA = "wasm-2016"
SEED = 3
REGIMES = ("clean", "hard", "spastic", "artefact", "healthy")
STEPS = (1.01, 0.99, 1.02)
# Hours, values, sets, and hours of the nights that these are tried on.
QUICK = (1.0, 100, 10, 0.2)
SWEPT = "leg_movement.onset_uv"
DRAGGED = ("leg_movement.onset_uv", "leg_movement.min_s", "cramp.onset_uv", "wasm.imi_min_s", "context.train_share")
MS = 1000.0


def main() -> int:
    """Measure, compare, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rescore", description=__doc__.split("\n\n")[1])
    parser.add_argument("--hours", type=float, default=8.0, help="length of the night that is timed")
    parser.add_argument("--values", type=int, default=1000, help="values of the sweep")
    parser.add_argument("--sets", type=int, default=200, help="random sets of thresholds")
    parser.add_argument("--set-hours", type=float, default=0.5, help="length of the nights that they are tried on")
    parser.add_argument("--seconds", type=float, default=600.0, help="longest time that any part of it goes on")
    parser.add_argument("--quick", action="store_true", help="one hour, 100 values, 10 sets")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    wanted = parser.parse_args()
    if wanted.quick:
        wanted.hours, wanted.values, wanted.sets, wanted.set_hours = QUICK
    timed = times(wanted.hours, wanted.values, wanted.seconds) if wanted.hours > 0 else {}
    compared = comparison(wanted.sets, wanted.set_hours, wanted.seconds)
    result = {**timed, "random_sets": compared}
    print(json.dumps(result, indent=2) if wanted.json else text(result))
    return 1 if compared["different"] else 0


def times(hours: float, n_values: int, most_s: float) -> Row:
    """Return how long scoring takes: anew, again by group of fields, and in a sweep; each part for `most_s` at most."""
    recording, criteria = recorded(simulate_night(hours, SEED, "clean")), named(CRITERIA)
    full_s, whole = _timed(lambda: _complete(score(recording, criteria)))
    tracks_s, rescorer = _timed(lambda: Rescorer(recording, criteria))
    first_s, _ = _timed(lambda: rescorer.score(criteria))
    fields = _shown(DRAGGED, "dragged fields", most_s)
    by_field = {name: _again(rescorer, nearby(criteria, name, STEPS)) for name in fields}
    several = _shown(groups(criteria), "groups of fields", most_s)
    by_group = {group: _group(rescorer, criteria, group) for group in several}
    return {
        "hours": hours,
        "events": len(whole.events),
        "full_s": full_s,
        "tracks_s": tracks_s,
        "first_s": first_s,
        "by_field_ms": by_field,
        "by_group_ms": by_group,
        "sweep": _sweep(rescorer, criteria, n_values, most_s),
    }


def _sweep(rescorer: Rescorer, criteria: Criteria, n_values: int, most_s: float) -> Row:
    """Return how long a sweep takes that is asked for the movements and their indices."""
    # Where only some of them can be tried, they are as far apart as the others, and from everywhere.
    values = np.random.default_rng(SEED).permutation(np.linspace(4.0, 16.0, n_values)).tolist()
    swept = rescorer.sweep(SWEPT, _shown(values, "sweep", most_s), criteria)
    tried_s = [_timed(partial(_glanced, one))[0] for one in swept]
    each_s = statistics.fmean(tried_s)
    return {
        "field": SWEPT,
        "values": n_values,
        "tried": len(tried_s),
        "s": n_values * each_s,
        "ms_per_value": MS * each_s,
        "median_ms": MS * statistics.median(tried_s),
    }


def _group(rescorer: Rescorer, criteria: Criteria, group: str) -> Row:
    """Return the median over two fields of a group, each changed once."""
    rescorer.score(criteria)
    changed = [one for field in names(criteria, group) for one in nearby(criteria, f"{group}.{field}", STEPS[:1])]
    return _again(rescorer, changed[:: max(1, len(changed) // 2)][:2])


def _again(rescorer: Rescorer, sets: Iterable[Criteria]) -> Row:
    """Return the median time of the events, of all numbers but the robustness, and of that as well."""
    rows = []
    for criteria in sets:
        events_s, again = _timed(partial(rescorer.score, criteria))
        numbers_s, _ = _timed(partial(again.summary.__getitem__, "lm"))
        varied_s, _ = _timed(partial(again.summary.__getitem__, "robustness"))
        rows.append((events_s, events_s + numbers_s, events_s + numbers_s + varied_s))
    events, known, everything = (MS * statistics.median(column) for column in zip(*rows, strict=True))
    return {"events": events, "and_numbers": known, "and_robustness": everything}


def _glanced(swept: Swept) -> tuple[object, ...]:
    return swept.numbers, swept.movements


def comparison(n_sets: int, hours: float, most_s: float) -> Row:
    """Return for how many random sets of thresholds a night scored again is the night scored anew."""
    random, different, tried = np.random.default_rng(SEED), [], 0
    nights = [recorded(simulate_night(hours, SEED + number, regime)) for number, regime in enumerate(REGIMES)]
    rescorers: dict[int, Rescorer] = {}
    for number in _shown(range(n_sets), "random sets", most_s):
        tried += 1
        at = number % len(nights)
        rescorers.setdefault(at, Rescorer(nights[at], named(CRITERIA)))
        criteria, changes = at_random(named(CRITERIA), random)
        if (wrong := _wrong(nights[at], rescorers[at], criteria)) is not None:
            different.append(f"{REGIMES[at]}: {changes}: {wrong}")
    return {"sets": tried, "wanted": n_sets, "nights": len(nights), "hours": hours, "different": different}


def _wrong(recording: Recording, rescorer: Rescorer, criteria: Criteria) -> str | None:
    """Say what is different, None if nothing is."""
    said = [_said(lambda: score(recording, criteria, with_rejected=True))]
    said.append(_said(lambda: rescorer.score(criteria, with_rejected=True)))
    if said[0] == said[1]:
        return None
    return next((name for name in said[0] if said[0][name] != said[1].get(name)), "error")


def _said(run: Callable[[], Score]) -> Row:
    """Return everything that a score says, or why there is none; what is no number is equal to itself."""
    try:
        one = run()
    except ValueError as error:
        return {"error": str(error)}
    return {
        "events": one.events,
        "rejected": one.rejected,
        "epochs": one.epochs,
        "numbers": repr(sorted(dict(one.summary).items())),
    }


def _complete(one: Score) -> Score:
    dict(one.summary)
    return one


def _timed(run: Callable[[], Result]) -> tuple[float, Result]:
    began = time.process_time()
    result = run()
    return time.process_time() - began, result


def _shown(items: Iterable[Item], what: str, most_s: float) -> Iterator[Item]:
    """Yield items behind a bar on standard error, until the time is over."""
    until_s = time.monotonic() + most_s
    for item in track(list(items), what, console=Console(file=sys.stderr)):
        yield item
        if time.monotonic() > until_s:
            return


def text(result: Row) -> str:
    """Return the result as a table."""
    return "\n".join((*(_times(result) if "full_s" in result else ()), *_comparison(result["random_sets"])))


def _times(result: Row) -> Iterator[str]:
    yield (
        f"a simulated night of {result['hours']:g} h, 2 legs, EMG 500 Hz and acceleration 50 Hz, "
        f"{result['events']} events: full score {result['full_s']:.2f} s of processor time; "
        f"tracks {result['tracks_s']:.2f} s, first score from them {result['first_s']:.2f} s"
    )
    yield f"{'again after a change of, ms':32} {'events':>8} {'+ numbers':>10} {'+ robustness':>13} {'of full':>8}"
    for name, ms in (result["by_field_ms"] | result["by_group_ms"]).items():
        share = ms["events"] / MS / result["full_s"]
        times = f"{ms['events']:8.0f} {ms['and_numbers']:10.0f} {ms['and_robustness']:13.0f}"
        yield f"{name:32} {times} {share:8.1%}"
    sweep = result["sweep"]
    each = f"{sweep['ms_per_value']:.1f} ms each, median {sweep['median_ms']:.1f} ms, by {sweep['tried']} of them"
    yield f"sweep of {sweep['values']} values of {sweep['field']} for its indices: {sweep['s']:.1f} s, {each}"


def _comparison(compared: Row) -> Iterator[str]:
    same = compared["sets"] - len(compared["different"])
    where = f"{compared['nights']} nights of {compared['hours']:g} h"
    sets = f"{compared['sets']} random sets ({compared['wanted']} wanted) over all fields"
    yield f"{same} of {sets}, on {where}: the same as a full run"
    yield from compared["different"]


if __name__ == "__main__":
    sys.exit(main())

"""``soleus rules``: the published rules, and nothing else, on a list of scored events."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from detectors.annotations import stage_at
from detectors.published import AASM, WASM_2016
from detectors.rules.movement_summary import short_name, summarise_movements
from detectors.rules.rule_comparison import compare_rules
from detectors.rules.scored_movements import ScoredMovements, apply_rules
from detectors.signal import NS_PER_S
from ingest.files.events_tsv import read_events
from soleus import options
from soleus.result_output import console_width

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from detectors.rules.combined import CombinedMovement

RULES = {criteria.name: criteria for criteria in (WASM_2016, AASM)}
FORMATS = ("table", "json", "csv")


@click.command()
@click.argument("events", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--rules", "name", type=click.Choice(tuple(RULES)), default=WASM_2016.name, show_default=True, help="Which rules."
)
@click.option("--compare", is_flag=True, help="Apply every rule set and show them side by side.")
@options.output_format(*FORMATS)
def command(events: Path, name: str, *, compare: bool, form: str) -> None:
    """Apply the rules for leg movements to EVENTS, a tab-separated list.

    Columns are onset and duration, in seconds, and trial_type: LM left, LM right, Sleep stage W
    (N1, N2, N3, R), Apnea, Hypopnea or Arousal. The rules join the legs, decide what is a
    candidate, and find the series; nothing is detected again.
    """
    listed = read_events(events)
    chosen = RULES.values() if compare else (RULES[name],)
    scores = [apply_rules(listed.movements, criteria, annotations=listed.annotations) for criteria in chosen]
    if form == "json":
        answers = [_answer(score) for score in scores]
        compared = {"compare": answers, "movements": _compared(scores)} if compare else answers[0]
        click.echo(json.dumps(compared, allow_nan=False))
    elif form == "csv":
        _write_csv(scores)
    else:
        _show(scores)


def _answer(score: ScoredMovements) -> dict[str, object]:
    events = [_event(movement, score) for movement in score.movements]
    return {"rules": score.criteria.name, "events": events, "summary": summarise_movements(score)}


def _event(movement: CombinedMovement, score: ScoredMovements) -> dict[str, object]:
    return {
        "onset_s": movement.onset_ns / NS_PER_S,
        "end_s": movement.end_ns / NS_PER_S,
        "leg": movement.leg.value,
        "clm": movement.clm,
        "plm": movement.plm,
        "series": movement.series,
        "imi_s": movement.imi_s,
        "respiratory": movement.respiratory,
        "stage": stage_at(movement.onset_ns, score.annotations.stages),
    }


def _compared(scores: Sequence[ScoredMovements]) -> list[dict[str, object]]:
    """Return every leg's movement with what each rule set makes of it, and in what they differ."""
    first, second = scores
    return [
        {
            "onset_s": one.movement.onset_ns / NS_PER_S,
            "end_s": one.movement.end_ns / NS_PER_S,
            "leg": one.movement.leg.value,
            first.criteria.name: None if one.first is None else _event(one.first, first),
            second.criteria.name: None if one.second is None else _event(one.second, second),
            "differ": list(one.reasons),
        }
        for one in compare_rules(first, second)
    ]


def _write_csv(scores: Sequence[ScoredMovements]) -> None:
    rows = [{"rules": s.criteria.name, **_event(movement, s)} for s in scores for movement in s.movements]
    columns = ("rules", "onset_s", "end_s", "leg", "clm", "plm", "series", "imi_s", "respiratory", "stage")
    writer = csv.DictWriter(sys.stdout, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def _show(scores: Sequence[ScoredMovements]) -> None:
    console = Console()
    console_width(console)
    console.print(_numbers(scores))
    if len(scores) > 1:
        console.print(_differences(scores))
    else:
        console.print(_movements(scores[0]))


def _numbers(scores: Sequence[ScoredMovements]) -> Table:
    table = Table("", *(score.criteria.name for score in scores), title="Numbers")
    summaries = [_comparable(score) for score in scores]
    for key in summaries[0]:
        table.add_row(key, *(_cell(summary[key]) for summary in summaries))
    return table


def _comparable(score: ScoredMovements) -> Mapping[str, object]:
    """Return the plain numbers of a summary under names that every rule set shares."""
    summary = summarise_movements(score)
    infix = f"_{short_name(score)}_"
    return {key.replace(infix, "_"): value for key, value in summary.items() if not isinstance(value, tuple | dict)}


def _movements(score: ScoredMovements) -> Table:
    columns = ("onset s", "duration s", "leg", "parts", "candidate", "series", "interval s", "respiratory", "stage")
    table = Table(*columns, title=f"Combined movements, {score.criteria.name}")
    for movement in score.movements:
        stage = stage_at(movement.onset_ns, score.annotations.stages)
        numbers = (movement.onset_ns / NS_PER_S, movement.duration_s, movement.leg, len(movement.parts), movement.clm)
        rest = (movement.series, movement.imi_s, movement.respiratory, stage)
        table.add_row(*(_cell(value) for value in (*numbers, *rest)))
    return table


def _differences(scores: Sequence[ScoredMovements]) -> Table:
    """List the movements that the rule sets do not agree on."""
    first, second = scores
    title = "Where they differ"
    table = Table("onset s", "leg", first.criteria.name, second.criteria.name, "in what", title=title)
    for one in compare_rules(first, second):
        if one.reasons:
            words = (_word(one.first), _word(one.second), ", ".join(one.reasons))
            table.add_row(_cell(one.movement.onset_ns / NS_PER_S), one.movement.leg, *words)
    return table


def _word(movement: CombinedMovement | None) -> str:
    if movement is None:
        return "-"
    place = f"series {movement.series}" if movement.plm else "candidate" if movement.clm else "no candidate"
    return f"{movement.leg}, {movement.duration_s:.2f} s, {place}"


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else ""
    return f"{value:.2f}" if isinstance(value, float) else str(value)

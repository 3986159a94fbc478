"""Why each event is one and each rejected candidate is none, as plain values and as lines to read."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from rich.console import Console

from detectors.events import StepRole
from detectors.explain import explain
from soleus.result import event_rows
from soleus.result_output import clock, console_width, kind_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from detectors.events import Event, Step
    from detectors.pipeline import Score


def explained(answer: Mapping[str, Any], score: Score, start_ns: int) -> dict[str, Any]:
    """Return a result with the trace of every event and of every rejected candidate.

    Parameters
    ----------
    answer : mapping
        From :func:`soleus.result.result`.
    score : Score
        What it was made from, with the rejected candidates.
    start_ns : int
        Begin of the recording, UTC ns.

    Returns
    -------
    dict
        The result; each of its events and of the added ``rejected`` has ``why``, the comparisons
        in the order of the rules, each with its ``role``, and ``flips``: what would have turned the
        decision round, each with the value that its threshold would have had to take (null where no
        threshold would have done it). A threshold above the resting level is given as a level.
    """
    return {
        **answer,
        "events": _rows(score.events, start_ns, told=True),
        "rejected": _rows(score.rejected, start_ns, told=False),
    }


def print_explanations(answer: Mapping[str, Any]) -> None:
    """Print the trace of every event and rejected candidate for a person.

    Parameters
    ----------
    answer : mapping
        From :func:`explained`.
    """
    console = Console(highlight=False)
    console_width(console)
    console.print("\nWhy", style="bold")
    for event in answer["events"]:
        _print(console, event, "is one")
    console.print("\nCandidates that a rule turned down", style="bold")
    for event in answer["rejected"]:
        _print(console, event, "is none")


def _rows(events: Iterable[Event], start_ns: int, *, told: bool) -> list[dict[str, Any]]:
    listed = list(events)
    return [
        {**row, **_trace(event, told=told)} for row, event in zip(event_rows(listed, start_ns), listed, strict=True)
    ]


def _trace(event: Event, *, told: bool) -> dict[str, Any]:
    explanation = explain(event, told=told)
    return {
        "why": [_step(step) for step in explanation.path],
        "flips": [
            {"rule": step.rule, "threshold": _finite(step.threshold), "to": to} for step, to in explanation.flips
        ],
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "rule": step.rule,
        "value": step.value,
        "threshold": _finite(step.threshold),
        "held": step.held,
        "role": str(step.role),
    }


def _finite(threshold: float) -> float | None:
    """Return a threshold; None where there was none to compare with, because the level was too high."""
    return threshold if math.isfinite(threshold) else None


def _print(console: Console, event: Mapping[str, Any], verdict: str) -> None:
    if not event["why"]:
        return
    what = f"{clock(event['onset_s'])} {event['leg']} {event['sensor']}: {kind_words(event['kind'])} {verdict}"
    console.print(what, markup=False)
    flips = {flip["rule"] for flip in event["flips"]}
    for step in event["why"]:
        threshold = "none" if step["threshold"] is None else f"{step['threshold']:.4g}"
        outcome = _outcome(step, flips)
        console.print(f"    {step['rule']}: {step['value']:.4g} against {threshold}: {outcome}", markup=False)


def _outcome(step: Mapping[str, Any], flips: Collection[str]) -> str:
    words = "held" if step["held"] else "did not hold"
    if step["role"] == StepRole.INFORMATION:
        return f"{words}, for information"
    if step["role"] == StepRole.ALTERNATIVE:
        words = f"{words}, one of several"
    if step["rule"] not in flips:
        return words
    return f"{words}, the closest" if step["held"] else f"{words}, was needed"

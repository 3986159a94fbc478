"""What became of many recordings, as text: a line for each that failed, a table of all of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from soleus.cohort.order import State
from soleus.result import dumps
from soleus.result_output import NOTE, console_width

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soleus.cohort.order import Outcome

S_PER_H = 3600.0
# Of the numbers of a night, those that a line has room for.
SHOWN = {
    "lm": "leg movements",
    "plms_wasm_per_h": "PLMS/h (WASM)",
    "cramp_probable": "cramp-like, probable",
    "night_grade": "grade",
}


def failure_json(outcome: Outcome) -> str:
    """Return a recording that was not scored as one line of JSON, where the others have their events.

    Parameters
    ----------
    outcome : Outcome
        What became of it.

    Returns
    -------
    str
        Keys ``recording``, with the file alone, and ``error``.
    """
    return dumps({"recording": {"file": outcome.name}, "error": outcome.reason})


def outcome_row(outcome: Outcome, summary: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what became of a recording as plain values.

    Parameters
    ----------
    outcome : Outcome
        What became of it.
    summary : mapping or None
        Its row in ``summaries`` of the data set, where it was scored.

    Returns
    -------
    dict
        Keys ``file``, ``state``, ``reason``, ``recording``, ``n_events``, ``duration_s``, ``start`` and ``summary``;
        null where it was not scored.
    """
    told: Mapping[str, Any] = {} if summary is None or outcome.state is State.FAILED else summary
    return {
        "file": outcome.name,
        "state": outcome.state,
        "reason": outcome.reason or None,
        **{name: told.get(name) for name in ("recording", "start", "duration_s", "n_events", "data_sha256")},
        "summary": json.loads(told["summary_json"]) if told else None,
    }


def print_outcomes(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print what became of recordings for a person.

    Parameters
    ----------
    rows : sequence of mapping
        From :func:`outcome_row`.
    """
    console = Console(highlight=False)
    console_width(console)
    table = Table("recording", "", "hours", "events", *SHOWN.values(), box=None)
    for row in rows:
        # As text: a name may hold what would be taken for colours.
        cells = [row["file"], str(row["state"])]
        if row["summary"] is not None:
            cells += [f"{row['duration_s'] / S_PER_H:.2f}", str(row["n_events"])]
            cells += [_number(row["summary"].get(name)) for name in SHOWN]
        table.add_row(*map(Text, cells))
    console.print(table)
    for row in rows:
        if row["reason"] is not None:
            console.print(row["reason"], markup=False, soft_wrap=True)
    console.print(NOTE, style="dim")


def closing_words(states: Sequence[State]) -> str:
    """Return how many recordings were scored, as a sentence.

    Parameters
    ----------
    states : sequence of State
        What became of each of them.

    Returns
    -------
    str
        One line.

    Examples
    --------
    >>> closing_words([State.SCORED, State.FAILED])
    '2 recordings: 1 scored, 0 kept as they were, 1 failed'
    """
    n = {state: states.count(state) for state in State}
    parts = f"{n[State.SCORED]} scored, {n[State.KEPT]} kept as they were, {n[State.FAILED]} failed"
    return f"{len(states)} recordings: {parts}"


def _number(value: object) -> str:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)

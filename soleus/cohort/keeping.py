"""Many recordings scored into a data set, with a line for each."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from soleus.cohort.course import Staff, outcomes
from soleus.cohort.dataset import open_dataset
from soleus.cohort.order import State
from soleus.cohort.outcome_output import closing_words, outcome_row, print_outcomes
from soleus.plugins import failure_lines
from soleus.result import dumps

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from soleus.cohort.order import Manner

EXIT_DONE, EXIT_FAILED = 0, 1


def keep_outcomes(folder: Path, files: Sequence[Path], manner: Manner, staff: Staff, *, as_lines: bool) -> int:
    """Score recordings into a data set, and print what became of each.

    Parameters
    ----------
    folder : Path
        The data set; begun if it is not there.
    files : sequence of Path
        The recordings.
    manner : Manner
        How.
    staff : Staff
        Who scores.
    as_lines : bool
        Print JSON, a line for each as it comes, and not a table at the end.

    Returns
    -------
    int
        Exit code: 1 if a recording failed.

    Raises
    ------
    ConfigError
        If something else is in the folder, or another process writes into it.
    """
    told: list[State] = []
    rows: list[dict[str, Any]] = []
    with (
        open_dataset(folder, manner.scoring_sha256()) as dataset,
        closing(outcomes(files, manner, staff=staff, dataset=dataset)) as coming,
    ):
        for file, outcome in zip(files, coming, strict=True):
            told.append(outcome.state)
            if outcome.state is State.FAILED:
                click.echo(f"soleus: {outcome.reason}", err=True)
            row = outcome_row(outcome, dataset.summary(file))
            for line in failure_lines((row["summary"] or {}).get("failed_plugins", {})):
                click.echo(f"soleus: {outcome.name}: {line}", err=True)
            if as_lines:
                click.echo(dumps(row))
            else:
                rows.append(row)
    if not as_lines:
        print_outcomes(rows)
    click.echo(f"soleus: {closing_words(told)}", err=True)
    return EXIT_FAILED if State.FAILED in told else EXIT_DONE

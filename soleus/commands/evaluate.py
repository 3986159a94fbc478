"""``soleus evaluate``: how well found events agree with references, and these with each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from detectors.evaluate.comparison import matchings
from soleus import options
from soleus.cohort.order import Manner
from soleus.config import choose_criteria
from soleus.evaluation.cases import cases_of, read_pairs
from soleus.evaluation.course import evaluate, is_scored_here
from soleus.evaluation.output import csv_of, print_answer
from soleus.evaluation.pooling import answer_of
from soleus.result import dumps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from detectors.evaluate.comparison import Matching
    from soleus.evaluation.cases import Case
    from soleus.evaluation.course import Line

EXIT_SOMETHING_FAILED = 1
ONSET_S = 1.0


@click.command()
@click.argument("found", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[FOUND]...")
@click.option(
    "--reference",
    "references",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    metavar="LIST_OR_FOLDER",
    help="What a person scored: a list (TSV, EDF+, XML, text), or a folder of lists named like the recordings; "
    "once per scorer.",
)
@click.option(
    "--pairs",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="TABLE.csv",
    help="Say what goes together: columns subject, recording, found, and one per scorer.",
)
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write a report with plots to this file.")
@click.option("--force", is_flag=True, help="Replace the report that is there.")
@options.output_format("table", "json", "csv")
@options.config_file
@options.criteria
@options.assignments
@options.channels
@options.layout
@options.salvage
@options.takes
@click.option(
    "--sleep",
    is_flag=True,
    help="Compare the estimate of sleep and wake as well; each recording is then scored a second time, without stages.",
)
@options.time_zone
@click.option(
    "--onset-s",
    type=click.FloatRange(min=0.0, min_open=True),
    callback=options.finite,
    default=ONSET_S,
    show_default=True,
    help="How far apart two onsets may be where the onset alone decides what is a match.",
)
def command(  # noqa: PLR0913 - one parameter per option
    *,
    found: tuple[Path, ...],
    references: tuple[Path, ...],
    pairs: Path | None,
    html: Path | None,
    force: bool,
    form: str,
    config_file: Path | None,
    criteria: str | None,
    assignments: tuple[str, ...],
    channels: Mapping[str, str],
    layout: Path | None,
    salvage: bool,
    takes: Mapping[str, str],
    sleep: bool,
    time_zone: str | None,
    onset_s: float,
) -> int:
    """Say how well events agree with references: sensitivity, PPV, F1, kappa, and the numbers of the night.

    FOUND is a recording to be scored, a result of `soleus score --format json`, a list of events, or a folder of any
    of these. Without FOUND the references are compared with each other; with it they are, too, beside it. A folder
    of `soleus simulate` brings its own truth along.

    What fails is a line in the table of recordings; then the exit code is 1.
    """
    if html is not None:
        _expect_new(html, force=force)
    cases = _cases(found, references, pairs, with_tables=layout is not None)
    thresholds = choose_criteria(criteria, config_file, assignments)
    manner = Manner(thresholds, channels, layout, time_zone, salvage=salvage)
    lines = _evaluated(cases, manner, matchings(onset_s), takes, sleep=sleep)
    scored_here = any(is_scored_here(case, layout) for case in cases)
    answer = answer_of(lines, thresholds if scored_here else None)
    if html is not None:
        # Loaded here: most runs draw nothing.
        from soleus.evaluation.page import page_of, write_page  # noqa: PLC0415 - see above

        write_page(html, page_of(answer, lines))
    if form == "json":
        click.echo(dumps(answer))
    elif form == "csv":
        click.echo(csv_of(answer), nl=False)
    else:
        print_answer(answer)
    return EXIT_SOMETHING_FAILED if any(line.errors for line in lines) else 0


def _expect_new(html: Path, *, force: bool) -> None:
    """Refuse a report that cannot be written before hours are spent on it."""
    if not html.resolve().parent.is_dir():
        raise click.UsageError(f"--html {html}: {html.parent} is not a folder, expected one to write into")
    if html.exists() and not force:
        raise click.UsageError(f"--html {html}: exists already, expected a new file (or --force to replace it)")


def _cases(
    found: tuple[Path, ...], references: tuple[Path, ...], pairs: Path | None, *, with_tables: bool
) -> list[Case]:
    if pairs is not None:
        if found or references:
            msg = "--pairs: got FOUND or --reference as well, expected the table alone: it names every file"
            raise click.UsageError(msg)
        return read_pairs(pairs)
    if not found and not references:
        msg = "got nothing to compare, expected FOUND and --reference, several --reference, or --pairs"
        raise click.UsageError(msg)
    return cases_of(found, references, with_tables=with_tables)


def _evaluated(
    cases: Sequence[Case], manner: Manner, others: Sequence[Matching], takes: Mapping[str, str], *, sleep: bool
) -> list[Line]:
    columns = (TextColumn("read and compared"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=2 * len(cases))
        return evaluate(cases, manner, others, takes=takes, with_sleep=sleep, advance=lambda: bar.advance(task))

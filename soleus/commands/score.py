"""``soleus score``: recordings to events and the numbers of the night."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from detectors.pipeline import score
from soleus import options
from soleus.cohort.course import Staff, outcomes
from soleus.cohort.fulfilling import opened
from soleus.cohort.order import Manner
from soleus.cohort.outcome_output import failure_json
from soleus.cohort.search import recordings_in
from soleus.config import choose_criteria
from soleus.explanation import explained, print_explanations
from soleus.plugins import failure_lines
from soleus.progress import watched, while_opening
from soleus.result import difference, read_events, result
from soleus.result_output import as_csv, as_json, as_tsv, print_tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from soleus.result import Difference

# Which formats can say what --diff and --explain find.
COMPARED = ("table", "json")
FAILED = 1


@click.command()
@click.argument("places", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE|FOLDER...")
@options.output_format("table", "json", "csv", "tsv")
@options.config_file
@options.criteria
@options.assignments
@options.channels
@options.layout
@options.time_zone
@click.option(
    "--stages",
    "stages",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="EVENTS.tsv",
    help="Sleep stages that a person scored, as `soleus rules` reads them; instead of any that the file holds.",
)
@options.salvage
@click.option(
    "--block-samples",
    metavar="N",
    type=click.IntRange(min=1),
    help="Cut every stream into blocks of N samples; changes speed and memory, never the result.",
)
@click.option(
    "--diff",
    "other",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="OTHER.json",
    help="Show which events come, go or move against another result of this command.",
)
@click.option(
    "--explain",
    is_flag=True,
    help="Add why each event is one, and every candidate that a rule turned down (table, json).",
)
@click.option("--workers", metavar="N", type=click.IntRange(min=1), help="Score on N processes of this computer.")
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Score on the workers of a Dask scheduler (tls://host:8786) that see the same files; docs/cohorts.md says "
    "whom it trusts.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DATASET",
    help="Keep events, summaries and failures in a Parquet data set and print a line for each recording; what is in it "
    "already is not scored again.",
)
def command(  # noqa: PLR0913 - one parameter per option
    *,
    places: tuple[Path, ...],
    form: str,
    config_file: Path | None,
    criteria: str | None,
    assignments: tuple[str, ...],
    channels: Mapping[str, str],
    layout: Path | None,
    time_zone: str | None,
    stages: Path | None,
    salvage: bool,
    block_samples: int | None,
    other: Path | None,
    explain: bool,
    workers: int | None,
    cluster: str | None,
    out: Path | None,
) -> int:
    """Find leg movements and cramp-like contractions in each FILE and give the numbers of the night.

    A FOLDER is searched for recordings, in and below it. With --format json one object per recording is
    printed, each on its own line. csv holds every event; tsv holds the leg movements and sleep stages as
    `soleus rules` reads them.

    One recording that cannot be scored ends the command with exit code 2. Among several it is a line on
    stderr and in the output, the others are scored, and the exit code is 1.
    """
    thresholds = choose_criteria(criteria, config_file, assignments)
    manner = Manner(
        thresholds, channels, layout, time_zone, stages, block_samples, with_reasons=explain, salvage=salvage
    )
    staff, compared = Staff(workers, cluster), {"--diff": other is not None, "--explain": explain}
    files = recordings_in(places, apart_from=out, with_tables=layout is not None)
    # One that is named twice is scored once.
    _expect_form(form, max(len(places), len(files)), compared)
    _expect_possible(staff, len(files), form=form, is_of_one=stages is not None)
    if out is not None:
        _expect_kept(form, compared)
        # Loaded here: tables and Parquet are not needed to score a file.
        from soleus.cohort.keeping import keep_outcomes  # noqa: PLC0415 - see above

        return keep_outcomes(out, files, manner, staff, as_lines=form == "json")
    earlier = None if other is None else read_events(other, list(map(str, files)))
    if len(files) == 1 and staff == Staff():
        _score_one(files[0], manner, form, earlier)
        return 0
    return _score_all(files, manner, staff, form=form, earlier=earlier)


def _score_one(file: Path, manner: Manner, form: str, earlier: Sequence[Any] | None) -> None:
    """Score the only recording; whatever is wrong with it is raised."""
    with while_opening(file):
        recording = opened(file, str(file), manner)
    scored = score(
        watched(recording),
        manner.criteria,
        block_samples=manner.block_samples,
        with_rejected=manner.with_reasons,
        with_epochs=False,
    )
    answer = result(recording, manner.criteria, scored)
    _say_failures(answer)
    told = explained(answer, scored, recording.start_ns) if manner.with_reasons else answer
    if form == "tsv":
        click.echo(as_tsv(told, recording), nl=False)
    elif form == "csv":
        click.echo(as_csv([told]), nl=False)
    else:
        _show(form, told, None if earlier is None else difference(told["events"], earlier[0]))


def _say_failures(answer: Mapping[str, Any], whose: str = "") -> None:
    """Say on stderr which detectors of others ended, and among several recordings in which."""
    for line in failure_lines(answer.get("summary", {}).get("failed_plugins", {})):
        click.echo(f"soleus: {whose}{line}", err=True)


def _score_all(files: Sequence[Path], manner: Manner, staff: Staff, *, form: str, earlier: Sequence[Any] | None) -> int:
    """Score several; one that is refused is a line, and the others go on."""
    answers: list[Mapping[str, Any]] = []
    n_failed = 0
    with closing(outcomes(files, manner, staff=staff)) as told:
        for position, outcome in enumerate(told):
            _say_failures(outcome.answer or {}, f"{outcome.name}: ")
            if outcome.answer is None:
                n_failed += 1
                click.echo(f"soleus: {outcome.reason}", err=True)
                if form == "json":
                    click.echo(failure_json(outcome))
                elif form == "table":
                    click.echo(f"\n{outcome.name}: not scored")
            elif form == "csv":
                answers.append(outcome.answer)
            else:
                change = None if earlier is None else difference(outcome.answer["events"], earlier[position])
                _show(form, outcome.answer, change)
    if form == "csv":
        click.echo(as_csv(answers), nl=False)
    if n_failed:
        click.echo(f"soleus: {n_failed} of {len(files)} recordings were not scored", err=True)
    return FAILED if n_failed else 0


def _expect_possible(staff: Staff, n_files: int, *, form: str, is_of_one: bool) -> None:
    """Refuse options that do not go together."""
    if staff.n_workers is not None and staff.cluster is not None:
        msg = "--workers with --cluster: expected one of them: a cluster has workers of its own"
        raise click.UsageError(msg)
    if is_of_one and n_files > 1:
        msg = f"--stages: got {n_files} files, expected one: the list is of one night"
        raise click.UsageError(msg)
    if form == "tsv" and staff != Staff():
        msg = "--format tsv with --workers or --cluster: expected neither: the list is of one recording"
        raise click.UsageError(msg)


def _expect_kept(form: str, unkept: Mapping[str, bool]) -> None:
    """Refuse what a data set does not hold."""
    if form not in COMPARED:
        msg = f"--out with --format {form}: expected --format {' or '.join(COMPARED)}: the events are in the data set"
        raise click.UsageError(msg)
    for option, is_set in unkept.items():
        if is_set:
            msg = f"{option} with --out: expected one of them: the data set does not hold that"
            raise click.UsageError(msg)


def _expect_form(form: str, n_files: int, compared: Mapping[str, bool]) -> None:
    """Refuse what a format cannot say."""
    if form == "tsv" and n_files > 1:
        msg = f"--format tsv: got {n_files} files, expected one: the list does not name files"
        raise click.UsageError(msg)
    for option, is_set in compared.items():
        if is_set and form not in COMPARED:
            expected = " or ".join(COMPARED)
            msg = f"{option} with --format {form}: expected --format {expected}: the others only list events"
            raise click.UsageError(msg)


def _show(form: str, answer: Mapping[str, Any], change: Difference | None) -> None:
    if form == "json":
        click.echo(as_json(answer, change))
        return
    print_tables(answer, change)
    if "rejected" in answer:
        print_explanations(answer)

"""``soleus score``: recordings to events and the numbers of the night."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from detectors.pipeline import score
from ingest.files.edf import read_edf
from ingest.files.events_tsv import read_events as read_scored
from soleus import options
from soleus.config import choose_criteria
from soleus.explanation import explained, print_explanations
from soleus.progress import watched
from soleus.result import difference, read_events, result
from soleus.result_output import as_csv, as_json, as_tsv, print_tables
from soleus.scorable import expect_scorable, expect_stages_inside, expect_usable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from detectors.criteria import Criteria
    from detectors.events import StageSpan
    from detectors.recording import Recording
    from soleus.result import Difference

# Which formats can say what --diff and --explain find.
COMPARED = ("table", "json")


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@options.output_format("table", "json", "csv", "tsv")
@options.config_file
@options.criteria
@options.assignments
@click.option(
    "--channel",
    "channels",
    metavar="LABEL=CHANNEL",
    multiple=True,
    help="Say what a channel is whose label is not understood, for example 'EMG4=EMG TA-L'; may be repeated.",
)
@click.option(
    "--stages",
    "stages",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="EVENTS.tsv",
    help="Sleep stages that a person scored, as `soleus rules` reads them; instead of any that the file holds.",
)
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
def command(  # noqa: PLR0913 - one parameter per option
    *,
    files: tuple[Path, ...],
    form: str,
    config_file: Path | None,
    criteria: str | None,
    assignments: tuple[str, ...],
    channels: tuple[str, ...],
    stages: Path | None,
    block_samples: int | None,
    other: Path | None,
    explain: bool,
) -> None:
    """Find leg movements and cramp-like contractions in each FILE and give the numbers of the night.

    With --format json one object per file is printed, each on its own line. csv holds every event;
    tsv holds the leg movements and sleep stages as `soleus rules` reads them.
    """
    thresholds = choose_criteria(criteria, config_file, assignments)
    labels = dict(map(parse_channel, channels))
    if stages is not None and len(files) > 1:
        msg = f"--stages: got {len(files)} files, expected one: the list is of one night"
        raise click.UsageError(msg)
    _expect_form(form, len(files), {"--diff": other is not None, "--explain": explain})
    earlier = None if other is None else read_events(other, list(map(str, files)))
    answers: list[dict[str, Any]] = []
    for position, file in enumerate(files):
        recording = replace(read_edf(file, channels=labels), name=str(file))
        if stages is not None:
            recording = replace(recording, stages=_stages(stages, recording.start_ns))
        _expect_scorable(recording, thresholds)
        end_ns = max((one.clock.at(one.n_samples) for one in recording.sources), default=recording.start_ns)
        expect_stages_inside(recording.stages, (recording.start_ns, end_ns), name=recording.name)
        scored = score(watched(recording), thresholds, block_samples=block_samples, with_rejected=explain)
        answer = result(recording, thresholds, scored)
        change = None if earlier is None else difference(answer["events"], earlier[position])
        answers.append(explained(answer, scored, recording.start_ns) if explain else answer)
        _show(form, answers[-1], recording, change)
    if form == "csv":
        click.echo(as_csv(answers), nl=False)


def _expect_scorable(recording: Recording, thresholds: Criteria) -> None:
    """Refuse thresholds that cannot be applied; an exported night, like the night itself, only where they err."""
    streams = [one.stream for one in recording.sources]
    if recording.layout is None:
        expect_scorable(thresholds, streams, recording.stages, name=recording.name)
        return
    expect_scorable(thresholds, (), recording.stages, name=recording.name)
    for stream in streams:
        expect_usable(thresholds, stream, name=recording.name)


def _stages(path: Path, start_ns: int) -> tuple[StageSpan, ...]:
    """Read stages whose times count from the start of the recording."""
    listed = read_scored(path).annotations.stages
    return tuple(span._replace(onset_ns=start_ns + span.onset_ns, end_ns=start_ns + span.end_ns) for span in listed)


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


def _show(form: str, answer: Mapping[str, Any], recording: Recording, change: Difference | None) -> None:
    if form == "json":
        click.echo(as_json(answer, change))
    elif form == "tsv":
        click.echo(as_tsv(answer, recording), nl=False)
    elif form == "table":
        print_tables(answer, change)
        if "rejected" in answer:
            print_explanations(answer)


def parse_channel(text: str) -> tuple[str, str]:
    """Split ``LABEL=CHANNEL``.

    Parameters
    ----------
    text : str
        What follows ``--channel``.

    Returns
    -------
    tuple of str
        The label in the file, and the label that it should have had.

    Raises
    ------
    click.UsageError
        If there is no ``=``.

    Examples
    --------
    >>> parse_channel("EMG4=EMG TA-L")
    ('EMG4', 'EMG TA-L')
    """
    label, equals, channel = text.rpartition("=")
    if not equals:
        msg = f"--channel {text}: expected LABEL=CHANNEL, for example 'EMG4=EMG TA-L'"
        raise click.UsageError(msg)
    return label.strip(), channel.strip()

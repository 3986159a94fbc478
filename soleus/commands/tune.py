"""``soleus tune``: search thresholds on scored recordings, and say how good such a choice is."""

from __future__ import annotations

import json
import os
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from soleus import options
from soleus.config import choose_criteria
from soleus.errors import ConfigError
from soleus.nights import alone
from soleus.track_store import allow_many_files
from soleus.tune.asked import TRIES, Asked
from soleus.tune.crew import Alone, Crew
from soleus.tune.criteria_file import Chosen, as_plain, write
from soleus.tune.nested import Study
from soleus.tune.nights import Bench
from soleus.tune.plan import Method
from soleus.tune.question import question
from soleus.tune.shown import print_chosen
from soleus.tune.sources import paired, sources
from soleus.tune.tradeoff import Aim, Tradeoff
from soleus.tune.watching import Watch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    from detectors.criteria import Criteria
    from soleus.tune.nested import CountNights, Outcome
    from soleus.tune.nights import NightSource

SUFFIX = ".toml"
OPTUNA = "optuna"


@click.command()
@click.argument("recordings", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE|FOLDER]...")
@click.option(
    "--reference",
    "references",
    type=click.Path(exists=True, path_type=Path),
    metavar="LIST|FOLDER",
    multiple=True,
    help="What a person scored, or a folder of such lists; not needed for folders of soleus simulate.",
)
@click.option(
    "--pairs",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="TABLE.csv",
    help="Columns subject, found (a recording) and one per scorer, in place of FILE and --reference.",
)
@click.option("--scorer", metavar="NAME", help="Whose list counts, where there are several.")
@click.option(
    "--vary",
    "texts",
    metavar="GROUP.FIELD=VALUES",
    multiple=True,
    required=True,
    help="What may change: LOW:HIGH, LOW:HIGH:log, LOW:HIGH:STEP or A,B,C; may be repeated.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.toml",
    required=True,
    help="The criteria file to write.",
)
@click.option("--name", help="What to call the choice; the name of the file if not given.")
@click.option(
    "--cost",
    "aim",
    type=click.Choice([one.value for one in Aim]),
    default=Aim.F1.value,
    show_default=True,
    help="Choose the highest F1, the index nearest to the reference, or the fewest false events per night.",
)
@click.option(
    "--class",
    "word",
    metavar="CLASS",
    default=Tradeoff().word,
    show_default=True,
    help="Which events are counted: leg_movement, cramp (possible or probable), cramp_probable, twitch, ...",
)
@click.option(
    "--beta",
    type=click.FloatRange(min=0, min_open=True),
    callback=options.finite,
    default=1.0,
    show_default=True,
    help="For f1: how many times sensitivity weighs as much as PPV.",
)
@click.option(
    "--least-sensitivity",
    type=click.FloatRange(min=0, max=1),
    default=0.9,
    show_default=True,
    help="For false: the share of the events that must be found.",
)
@click.option(
    "--search",
    "method",
    type=click.Choice([one.value for one in Method]),
    help="Every combination, by lot, or where the tries so far were good; grid if there are only values, else tpe.",
)
@click.option("--tries", type=click.IntRange(min=1), help=f"The most tries of one search; {TRIES}, or the whole grid.")
@click.option(
    "--patience",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="End a search after so many tries without a better one; 0 never does.",
)
@click.option(
    "--drop-early/--no-drop-early",
    "drops_early",
    default=True,
    show_default=True,
    help="Give a try up that is worse than half of the others on the first subjects.",
)
@click.option("--folds", type=click.IntRange(min=2), default=5, show_default=True, help="Folds that are held back.")
@click.option(
    "--inner-folds", type=click.IntRange(min=1), default=4, show_default=True, help="Groups inside of each search."
)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed of all that is drawn.")
@click.option(
    "--study",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.db",
    help="SQLite file of the tries, to go on from; beside --out if not given.",
)
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Processes that score.")
@click.option(
    "--keep-open", type=click.IntRange(min=1), default=50, show_default=True, help="Nights held in memory at once."
)
@options.config_file
@options.criteria
@options.assignments
@options.channels
@options.layout
@options.salvage
@options.takes
@options.time_zone
@click.option("--force", is_flag=True, help="Replace the criteria file of an earlier run.")
@options.output_format("table", "json")
def command(**given: Any) -> None:
    """Choose thresholds on scored recordings and write them to a criteria file.

    Every subject is held back once: what is chosen on the others is judged on those who were held back,
    and that is what the choice is worth. The file says how it came about, and `soleus score --criteria`
    and `soleus night` take it as it is. A run that was interrupted goes on where it stopped.
    """
    asked = Asked(**given)
    study_file = asked.study or asked.out.with_suffix(".db")
    _expect_optuna()
    _expect_out(asked.out, study_file, force=asked.force)
    thresholds = choose_criteria(asked.criteria, asked.config_file, asked.assignments)
    plan, tradeoff = asked.plan(thresholds), asked.tradeoff
    with_tables = asked.layout is not None
    matched = paired(asked.recordings, asked.references, asked.pairs, asked.scorer, with_tables=with_tables)
    _expect_text([asked.name or "", *(text for one, _ in matched for text in (one.recording, one.subject))])
    reading = asked.reading
    allow_many_files()
    with Watch(len(matched)) as watch:
        nights = sources(matched, reading, tuple(asked.takes.items()), watch.read)
        whose = {one.name: one.subject for one in nights}
        study = Study(whose, thresholds, plan, tradeoff, asked.folds, asked.inner_folds)
        watch.expect(plan.n_tries * (len(study.folds) + 1))
        with _crew(nights, thresholds, asked, watch) as count:
            outcome = _run(study, question(study, nights, reading, asked.takes), study_file, (count, watch))
    judged = {name: value for name, value in (("takes", dict(asked.takes)), ("scorer", asked.scorer)) if value}
    chosen = Chosen(asked.name or asked.out.stem, study, nights, outcome, {**reading.told, **judged})
    write(chosen, asked.out)
    if asked.form == "json":
        click.echo(json.dumps(as_plain(chosen), allow_nan=False))
    else:
        print_chosen(chosen, asked.out)


def _expect_optuna() -> None:
    if find_spec(OPTUNA) is None:
        msg = f"soleus tune needs {OPTUNA}, which is not installed: pip install 'soleus[research]'"
        raise ConfigError(msg)


def _expect_out(out: Path, study: Path, *, force: bool) -> None:
    """Refuse what could not be written at the end, hours later."""
    if out.suffix != SUFFIX or not out.name.isprintable():
        msg = f"--out {str(out)!r}: expected a name that ends in {SUFFIX}"
        raise click.UsageError(msg)
    if out.exists() and not force:
        msg = f"--out {out}: exists already, expected a new name (or --force to replace it)"
        raise click.UsageError(msg)
    if out.absolute() == study.absolute():
        msg = f"--study {study}: is what --out names, expected a file of its own"
        raise click.UsageError(msg)
    for option, file in (("--out", out), ("--study", study)):
        if not file.parent.is_dir():
            msg = f"{option} {file}: there is no folder {file.parent}"
            raise click.UsageError(msg)
        if not os.access(file.parent, os.W_OK):
            msg = f"{option} {file}: nothing can be written into the folder {file.parent}"
            raise click.UsageError(msg)


def _expect_text(names: Sequence[str]) -> None:
    for name in names:
        if any("\ud800" <= letter <= "\udfff" for letter in name):
            msg = f"{name!r}: expected a name in UTF-8: it stands in the criteria file"
            raise ConfigError(msg)


def _crew(
    nights: Sequence[NightSource], criteria: Criteria, asked: Asked, watch: Watch
) -> AbstractContextManager[CountNights]:
    if asked.workers == 1:
        return Alone(Bench(nights, criteria, asked.word, n_open=asked.keep_open), watch.scored)
    sizes = {"n_workers": asked.workers, "n_open": asked.keep_open}
    return Crew(nights, criteria, asked.word, **sizes, after_night=watch.scored)


def _run(study: Study, asked: Mapping[str, object], file: Path, hands: tuple[CountNights, Watch]) -> Outcome:
    # Late: it takes a second, and nobody should wait for it to learn of a misspelt name.
    from soleus.tune.search import StudyFile  # noqa: PLC0415 - see above

    count, watch = hands
    busy = f"another `soleus tune` writes {file.name}, expected one at a time"
    with alone(file.with_name(f".{file.name}.lock"), busy), closing(StudyFile(file, asked)) as kept:
        return study.run(count, kept, watch.tried)

"""The results of many recordings in one Parquet data set, each recording's written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from ingest.errors import DecodeError
from ingest.files.parquet import ParquetFile, write_parquet
from ingest.night.json_file import write_json
from soleus import __version__
from soleus.cohort.data_hash import DataHash
from soleus.cohort.order import State
from soleus.cohort.outcome_tables import EVENTS, FAILURES, SUMMARIES, event_sheet, failure_sheet, summary_sheet
from soleus.errors import ConfigError
from soleus.nights import alone

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ingest.files.sheet import Sheet
    from soleus.cohort.order import Outcome

TABLES: Final = (EVENTS, SUMMARIES, FAILURES)
ASKED: Final = (
    *("recording", "start", "duration_s", "n_events", "summary_json"),
    *("data_sha256", "beside_sha256", "scoring_sha256"),
)
DESCRIPTION: Final = "dataset.json"
LOCK: Final = ".lock"
FORM: Final = "soleus-cohort"
FORM_VERSION: Final = 1
PARQUET: Final = ".parquet"
_NAME_LETTERS, _HASH_LETTERS = 60, 12


class Dataset:
    """A data set that this process alone writes into, see :func:`open_dataset`.

    Parameters
    ----------
    folder : Path
        The data set.
    scoring_sha256 : str
        From :meth:`soleus.cohort.order.Manner.scoring_sha256`.

    Notes
    -----
    Each table is a folder with one file per recording. A file is written beside its place, synced and renamed. A
    recording is done when its file in ``summaries`` is there, which is written after that in ``events`` and taken away
    before it. So whenever the program is killed every file is whole, and only what is done counts as done.
    """

    def __init__(self, folder: Path, scoring_sha256: str) -> None:
        self._folder = folder
        self._scoring_sha256 = scoring_sha256

    def done(self, path: Path) -> DataHash | None:
        """Return what was in a recording when it was scored in the manner of this run, None if it was not.

        Parameters
        ----------
        path : Path
            The recording.
        """
        try:
            summary = self.summary(path)
        except DecodeError:
            # A disk that forgets takes one result, and not the run.
            return None
        if summary is None or summary["scoring_sha256"] != self._scoring_sha256:
            return None
        return DataHash(summary["data_sha256"], summary["beside_sha256"])

    def summary(self, path: Path) -> Mapping[str, Any] | None:
        """Return what a line on a recording needs of its row in ``summaries``, None if it is not done.

        Parameters
        ----------
        path : Path
            The recording.
        """
        file = self._file(SUMMARIES, recording_name(path))
        if not file.exists():
            return None
        table = ParquetFile(file)
        return {name: column[0] for name, column in zip(ASKED, table.read(0, ASKED), strict=True)}

    def keep(self, path: Path, outcome: Outcome) -> None:
        """Write what became of a recording, in place of what became of it before.

        Parameters
        ----------
        path : Path
            The recording.
        outcome : Outcome
            What became of it; one that was kept is there already.
        """
        name = recording_name(path)
        if outcome.state is State.SCORED:
            self._file(SUMMARIES, name).unlink(missing_ok=True)
            self._write(event_sheet(name, outcome), name)
            self._write(summary_sheet(name, outcome, self._scoring_sha256), name)
        if outcome.state is State.FAILED:
            if outcome.data is not None or self.done(path) is None:
                # An earlier result is not that of this data or manner; where the data could not be read it may be.
                self._file(SUMMARIES, name).unlink(missing_ok=True)
                self._file(EVENTS, name).unlink(missing_ok=True)
            self._write(failure_sheet(name, outcome, self._scoring_sha256, __version__), name)
        else:
            self._file(FAILURES, name).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Take away what a killed run left: files beside their place, and events of recordings that are not done."""
        for path in self._folder.glob(f".{DESCRIPTION}*"):
            path.unlink()
        for table in TABLES:
            (self._folder / table).mkdir(parents=True, exist_ok=True)
            for path in (self._folder / table).glob(".*"):
                path.unlink()
        for path in (self._folder / EVENTS).glob(f"*{PARQUET}"):
            if not self._file(SUMMARIES, path.stem).exists():
                path.unlink()

    def _file(self, table: str, name: str) -> Path:
        return self._folder / table / f"{name}{PARQUET}"

    def _write(self, sheet: Sheet, name: str) -> None:
        path = self._file(sheet.name, name)
        part = path.with_name(f".{path.name}")
        write_parquet(part, sheet)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
        _sync(path.parent)


@contextmanager
def open_dataset(folder: Path, scoring_sha256: str) -> Iterator[Dataset]:
    """Open a data set for writing, or begin one.

    Parameters
    ----------
    folder : Path
        Where it is; a new or empty folder, or a data set of this kind.
    scoring_sha256 : str
        From :meth:`soleus.cohort.order.Manner.scoring_sha256`.

    Yields
    ------
    Dataset
        The data set, without what a killed run left in it.

    Raises
    ------
    ConfigError
        If something else is there, or another process writes into it.
    """
    _expect_ours(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with alone(folder / LOCK, "another `soleus score` writes into it, expected one at a time"):
        if not (folder / DESCRIPTION).is_file():
            write_json(folder / DESCRIPTION, {"form": FORM, "version": FORM_VERSION, "tables": TABLES})
        dataset = Dataset(folder, scoring_sha256)
        dataset.sweep()
        yield dataset


def recording_name(path: Path) -> str:
    """Return the name of a recording's files: its own, and a hash of where it lies.

    Parameters
    ----------
    path : Path
        The recording.

    Returns
    -------
    str
        The same for every way to write the same place.

    Examples
    --------
    >>> from pathlib import Path
    >>> recording_name(Path("/nights/ward 3/night.edf"))
    'night-dc07697fd427'
    """
    place = os.path.abspath(path)  # noqa: PTH100 - Path.absolute() keeps `..`
    plain = re.sub(r"[^\w.-]+", "-", path.stem, flags=re.ASCII).strip("-.")[:_NAME_LETTERS]
    return f"{plain or 'recording'}-{hashlib.sha256(os.fsencode(place)).hexdigest()[:_HASH_LETTERS]}"


def _expect_ours(folder: Path) -> None:
    """Refuse a place that holds something else: what is in it would be taken for results, or taken away."""
    if not folder.exists():
        return
    if not folder.is_dir():
        msg = f"--out {folder}: is a file, expected a folder"
        raise ConfigError(msg)
    if (folder / DESCRIPTION).is_file():
        if _is_described(folder / DESCRIPTION):
            return
    elif all(path.name == LOCK or path.name.startswith(f".{DESCRIPTION}") for path in folder.iterdir()):
        return
    msg = f"--out {folder}: holds something else, expected a new folder or an earlier data set of `soleus score`"
    raise ConfigError(msg)


def _is_described(path: Path) -> bool:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return isinstance(told, dict) and (told.get("form"), told.get("version")) == (FORM, FORM_VERSION)


def _sync(folder: Path) -> None:
    """Bring a renamed file's name to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""Handing a person all of their data: night folders, journal and InfluxDB, with a list of hashes."""

from __future__ import annotations

import json
import re
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ingest.errors import IngestError
from ingest.influx_person import PersonPoints
from ingest.night.journal import Journal
from soleus import __version__
from soleus.effective import effective
from soleus.errors import ConfigError
from soleus.exporting import NightExport
from soleus.handover_text import README
from soleus.labels.belongings import MARK_COLUMNS, acts_of, count_acts, marks_of
from soleus.privacy import links_of
from soleus.result import dumps
from soleus.saved_criteria import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from ingest.influx import InfluxAddress
    from ingest.night.folder import NightFolder
    from soleus.config import Config
    from soleus.privacy import Belongings
    from soleus.private_files import PrivateFiles
    from soleus.settings import Settings

FORMAT_VERSION = 1
ROWS = "journal/journal.jsonl"
# Held while somebody is at work, and empty.
LOCKS = frozenset({"night.lock", "recorder.lock", "extremes.lock"})
# Which of an entry's values says when it was.
TIMES = ("onset_ns", "start_ns", "time_ns")
WHEN = "time_utc"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Handover:
    """What a person gets.

    Parameters
    ----------
    files : PrivateFiles
        Where it goes.
    belongings : Belongings
        Whose it is.
    told : callable of str and int
        Is told of what (``nights``, ``journal``, ``InfluxDB``) how many bytes, rows or points were written.

    Attributes
    ----------
    missing : list of str
        What could not be had, and why.
    """

    def __init__(self, files: PrivateFiles, belongings: Belongings, told: Callable[[str, int], None]) -> None:
        self._files = files
        self._whose = belongings
        self._told = told
        self.missing = [f"{path}: nobody can say whose night it is" for path in belongings.unknown]

    def nights(self, *, edf: bool) -> None:
        """Copy every file of the night folders; with `edf` add one that other programs read."""
        for folder in self._whose.nights:
            home = f"nights/{folder.path.name}"
            for path in files_of(folder):
                name = f"{home}/{path.relative_to(folder.path).as_posix()}"
                try:
                    self._files.copy(path, name, lambda n_bytes: self._told("nights", n_bytes))
                except FileNotFoundError:
                    # A marker on its way into the log of a running night; a copy of the log has it later.
                    self.missing.append(f"{path}: went away while it was copied")
            self.missing.extend(
                f"{path}: is a link to {target}, and links are not followed" for path, target in links_of(folder)
            )
            if edf and not (folder.path / "night.edf").exists():
                self._edf(folder, f"{home}/night.edf")

    def journal(self, path: Path) -> None:
        """Write the journal's rows as they are kept, and by kind as tables."""
        if not path.is_file():
            return
        columns: dict[str, dict[str, None]] = {}
        try:
            with Journal(path) as journal:
                self._files.lines(ROWS, self._noted(journal.everything(self._whose.person), columns))
        except (IngestError, sqlite3.Error) as error:
            self.missing.append(f"{path}: {error}")
            return
        for kind, names in sorted(columns.items()):
            rows = (flat(row) for row in self._files.read_lines(ROWS) if kind_of(row) == kind)
            self._files.table(f"journal/{_file_name(kind)}.csv", list(names), rows)

    def labels(self, settings: Settings) -> None:
        """Write what raters did in the nights as it is kept, and as a table what they marked."""
        person = self._whose.person
        try:
            if count_acts(settings, person):
                self._files.lines("labels/acts.jsonl", acts_of(settings, person))
                rows = ({WHEN: utc(row["onset_ns"]), **row} for row in marks_of(settings, person))
                self._files.table("labels/marks.csv", [WHEN, *MARK_COLUMNS], rows)
        except IngestError as error:
            self.missing.append(str(error))

    def criteria(self, settings: Settings) -> None:
        """Write in which criteria files the nights are named."""
        try:
            rows = list(rows_of(settings, self._whose.person))
        except OSError as error:
            self.missing.append(f"criteria files: {error}")
            return
        if rows:
            self._files.lines("criteria/chosen_on.jsonl", iter(rows))

    def points(self, address: InfluxAddress) -> None:
        """Write what InfluxDB holds, each measurement as a table."""
        try:
            for site in self._whose.sites:
                with PersonPoints(address, site, self._whose.person) as points:
                    self._measurements(points, site)
        except IngestError as error:
            self.missing.append(str(error))

    def finish(self, config: Config) -> None:
        """Write the settings, what a person should know, and at last the list of the files."""
        self._files.text("settings.json", dumps(effective(config)) + "\n")
        missing = "".join(f"  - {fault}\n" for fault in self.missing) or "  (nothing)\n"
        self._files.text("README.txt", README.format(person=self._whose.person, missing=missing))
        manifest = {
            "format": FORMAT_VERSION,
            "version": __version__,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "person": self._whose.person,
            "sites": list(self._whose.sites),
            "missing": self.missing,
            "files": self._files.written,
        }
        self._files.text("manifest.json", dumps(manifest) + "\n")

    def _edf(self, folder: NightFolder, name: str) -> None:
        try:
            night = NightExport(folder, folder.read_info())
            night.write(self._files.path(name), folder.read_events())
        except (ConfigError, IngestError, FileNotFoundError) as error:
            self.missing.append(f"night.edf of {folder.path.name}: {error}")
            return
        self._files.keep(name)

    def _noted(
        self, rows: Iterator[Mapping[str, Any]], columns: dict[str, dict[str, None]]
    ) -> Iterator[Mapping[str, Any]]:
        """Pass rows on and note, for each kind, which columns its table needs."""
        for row in rows:
            columns.setdefault(kind_of(row), {}).update(dict.fromkeys(flat(row)))
            self._told("journal", 1)
            yield row

    def _measurements(self, points: PersonPoints, site: str) -> None:
        folder = "influxdb" if len(self._whose.sites) == 1 else f"influxdb/{_file_name(site)}"
        for table in points.tables():
            rows = (
                {WHEN: utc(row["time"]), "time_ns": row["time"], **row} for day in points.rows(table) for row in day
            )
            names = [WHEN, "time_ns", *table.tags, *table.fields]
            self._files.table(f"{folder}/{_file_name(table.name)}.csv", names, self._counted(rows))

    def _counted(self, rows: Iterator[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        for row in rows:
            self._told("InfluxDB", 1)
            yield row


def files_of(folder: NightFolder) -> Iterator[Path]:
    """Yield the files of a night that say something."""
    for path in sorted(folder.path.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.name not in LOCKS:
            yield path


def kind_of(row: Mapping[str, Any]) -> str:
    """Return what a row of the journal is about: its topic, or its table."""
    return str(row.get("topic", row["table"]))


def flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of the journal as one of a table.

    Parameters
    ----------
    row : mapping
        As `Journal.everything` yields it.

    Examples
    --------
    >>> flat({"table": "entry", "night": "n1", "body": {"time_ns": 1500, "values": {"dose_mg": 300.0}, "why": [1]}})
    {'time_utc': '1970-01-01T00:00:00.000001Z', 'night': 'n1', 'time_ns': 1500, 'values.dose_mg': 300.0, 'why': '[1]'}
    """
    body = row.get("body") or {}
    kept = {name: value for name, value in row.items() if name not in {"table", "topic", "body"}}
    when = next((body[name] for name in TIMES if isinstance(body.get(name), int)), None)
    return {WHEN: None if when is None else utc(when), **kept, **_leaves(body, "")}


def _leaves(value: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, inner in value.items():
        if isinstance(inner, dict):
            found.update(_leaves(inner, f"{prefix}{name}."))
        else:
            found[prefix + name] = json.dumps(inner, ensure_ascii=False) if isinstance(inner, list) else inner
    return found


def utc(time_ns: int) -> str:
    """Return an instant as a date, to the microsecond; empty if no calendar has it."""
    try:
        return f"{EPOCH + timedelta(microseconds=time_ns // 1000):%Y-%m-%dT%H:%M:%S.%f}Z"
    except OverflowError:
        return ""


def _file_name(name: str) -> str:
    return re.sub(r"[^\w.-]", "_", name).lstrip(".") or "_"

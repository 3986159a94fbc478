"""What ``soleus score`` wrote: lines of JSON, or a data set of many recordings."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final

from ingest.errors import DecodeError
from ingest.files.parquet import ParquetFile
from soleus.cohort.dataset import DESCRIPTION, FORM, PARQUET
from soleus.cohort.outcome_tables import EVENTS, FAILURES, SUMMARIES
from soleus.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    Result = dict[str, Any]

EVENT: Final = ("kind", "leg", "sensor", "onset_s", "end_s")
# The measures that decide what an event counts as.
MEASURES: Final = ("tier", "in_train")


def read_results(path: Path) -> list[Result]:
    """Read the results in a file, or in a data set.

    Parameters
    ----------
    path : Path
        One JSON object per line, from ``soleus score --format json``, or the folder of ``soleus score --out``.

    Returns
    -------
    list of dict
        One per recording: ``recording``, ``events`` and ``summary``; of one that was not scored ``recording`` and
        ``error``.

    Raises
    ------
    ConfigError
        If it is neither.
    DecodeError
        If a file of the data set is damaged.
    """
    if path.is_dir():
        return list(_dataset(path))
    try:
        found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (ValueError, RecursionError) as error:
        msg = f"{path}: cannot be read as the output of `soleus score --format json`: {error}"
        raise ConfigError(msg) from error
    if not found or not all(map(_is_result, found)):
        msg = f"{path}: got {len(found)} JSON objects, expected results of `soleus score --format json`, one per line"
        raise ConfigError(msg)
    return found


def read_result(path: Path) -> Result:
    """Read the one result in a file.

    Raises
    ------
    ConfigError
        If it is no result, or there are several.
    DecodeError
        If a file of a data set is damaged.
    """
    (answer, *more) = read_results(path)
    if more:
        raise ConfigError(f"{path}: got {1 + len(more)} results, expected one: the list is of one recording")
    return answer


def is_dataset(folder: Path) -> bool:
    """Return whether a folder is what ``soleus score --out`` wrote."""
    described = folder / DESCRIPTION
    return described.is_file() and f'"{FORM}"' in described.read_text(encoding="utf-8", errors="replace")


def _is_result(read: Any) -> bool:
    return isinstance(read, dict) and isinstance(read.get("recording"), dict) and ("events" in read or "error" in read)


def _dataset(folder: Path) -> Iterator[Result]:
    for path in sorted((folder / SUMMARIES).glob(f"*{PARQUET}")):
        for file, start, duration_s, streams, summary in _rows(
            path, ("file", "start", "duration_s", "streams_json", "summary_json")
        ):
            recording = {
                "file": file,
                "start": str(start),
                "duration_s": float(duration_s),
                "streams": _told(streams, path),
            }
            events = list(_events(folder / EVENTS / path.name))
            yield {"recording": recording, "events": events, "summary": _told(summary, path)}
    for path in sorted((folder / FAILURES).glob(f"*{PARQUET}")):
        for file, reason in _rows(path, ("file", "reason")):
            yield {"recording": {"file": file}, "error": reason}


def _events(path: Path) -> Iterator[Result]:
    for cells in _rows(path, (*EVENT, *MEASURES)):
        event = dict(zip(EVENT, cells, strict=False))
        measures = {name: value for name, value in zip(MEASURES, cells[len(EVENT) :], strict=True) if _known(value)}
        yield {**event, "measures": measures}


def _rows(path: Path, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a table; what it has no column of is None."""
    file = ParquetFile(path)
    there = [name for name in names if name in file.names]
    for piece in range(file.n_pieces):
        for cells in zip(*(column.tolist() for column in file.read(piece, there)), strict=True):
            row = dict(zip(there, cells, strict=True))
            yield tuple(row.get(name) for name in names)


def _known(value: float | None) -> bool:
    return value is not None and not math.isnan(value)


def _told(text: str, path: Path) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError) as error:
        raise DecodeError(f"{path}: got {str(text)[:40]!r}, expected JSON") from error

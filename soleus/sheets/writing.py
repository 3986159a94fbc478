"""Tables of nights as files: CSV or Parquet, and beside them what every column means."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ingest.files.parquet import write_parquet
from ingest.files.sheet import csv_text
from soleus import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ingest.files.sheet import Sheet

DESCRIPTION: Final = "datapackage.json"
TABLE_FORMS: Final = ("csv", "parquet")
_MEDIA_TYPES: Final = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}


def write_sheets(folder: Path, sheets: Sequence[Sheet], form: str) -> tuple[str, ...]:
    """Write tables, one file each, and a Frictionless data package that says what every column means.

    Parameters
    ----------
    folder : Path
        An empty folder.
    sheets : sequence of Sheet
        The tables.
    form : str
        ``csv`` or ``parquet``.

    Returns
    -------
    tuple of str
        The names of the files.

    Raises
    ------
    IngestError
        If the form needs a library that is not installed.
    """
    for sheet in sheets:
        path = folder / f"{sheet.name}.{form}"
        if form == "parquet":
            write_parquet(path, sheet)
        else:
            path.write_text(csv_text(sheet), encoding="utf-8", newline="")
    package = json.dumps(data_package(sheets, form), indent=2, ensure_ascii=False)
    (folder / DESCRIPTION).write_text(f"{package}\n", encoding="utf-8")
    return (*(f"{sheet.name}.{form}" for sheet in sheets), DESCRIPTION)


def data_package(sheets: Sequence[Sheet], form: str) -> dict[str, Any]:
    """Return the description of tables (Frictionless data package, version 1).

    Parameters
    ----------
    sheets : sequence of Sheet
        The tables.
    form : str
        The ending of their files.

    Returns
    -------
    dict
        Each table with its columns: name, type and what it says.
    """
    return {
        "profile": "data-package",
        "name": "soleus-nights",
        "title": "Nights as Soleus scored them",
        "description": (
            "Events are found by software and can be wrong. They are no diagnosis. The unit of a number is the "
            "end of its name; times ending in _ns are UTC."
        ),
        "generator": f"soleus {__version__}",
        "resources": [
            {
                "name": sheet.name,
                "path": f"{sheet.name}.{form}",
                "format": form,
                "mediatype": _MEDIA_TYPES[form],
                "description": sheet.words,
                "schema": {
                    "fields": [
                        {"name": column.name, "type": column.cell_type.value, "description": column.words}
                        for column in sheet.columns
                    ],
                    "missingValues": [""],
                },
            }
            for sheet in sheets
        ],
    }

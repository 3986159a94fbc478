"""Tables as Apache Parquet; the only place that knows pyarrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.errors import IngestError
from ingest.files.sheet import CellType

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.files.sheet import Sheet

WORDS = "description"


def write_parquet(path: Path, sheet: Sheet) -> None:
    """Write a table as a Parquet file.

    Parameters
    ----------
    path : Path
        The file; an existing one is replaced.
    sheet : Sheet
        The table. Its words, and those of its columns, are in the file as metadata under ``description``.

    Raises
    ------
    IngestError
        If pyarrow is not installed.
    """
    try:
        # Loaded here: it takes longer than everything else of a command, which nearly never needs it.
        import pyarrow as pa  # noqa: PLC0415 - see above
        from pyarrow import parquet  # noqa: PLC0415 - see above
    except ModuleNotFoundError as error:
        msg = f"{path}: Parquet needs pyarrow, which is not installed: pip install pyarrow, or export as csv"
        raise IngestError(msg) from error
    types = {
        CellType.TEXT: pa.string(),
        CellType.WHOLE: pa.int64(),
        CellType.NUMBER: pa.float64(),
        CellType.FLAG: pa.bool_(),
        CellType.TIME: pa.string(),
    }
    fields = [
        pa.field(column.name, types[column.cell_type], metadata={WORDS: column.words}) for column in sheet.columns
    ]
    schema = pa.schema(fields, metadata={WORDS: sheet.words})
    parquet.write_table(pa.Table.from_pylist(list(sheet.rows), schema=schema), path)

"""Tables as Apache Parquet; with the columns of CSV the only place that knows pyarrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ingest.errors import DecodeError, IngestError
from ingest.files.sheet import CellType

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

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


class ParquetFile:
    """A Parquet file, read one row group and a few columns at a time.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    IngestError
        If pyarrow is not installed.
    DecodeError
        If it is no whole Parquet file.
    """

    __slots__ = ("_file", "_path", "n_pieces", "names")

    def __init__(self, path: Path) -> None:
        try:
            # Loaded here: it takes longer than everything else of a command, which nearly never needs it.
            import pyarrow as pa  # noqa: PLC0415 - see above
            from pyarrow import parquet  # noqa: PLC0415 - see above
        except ModuleNotFoundError as error:
            raise IngestError(f"{path}: Parquet needs pyarrow, which is not installed: pip install pyarrow") from error
        try:
            self._file: Any = parquet.ParquetFile(path)
            metadata = self._file.metadata
            self.names: tuple[str, ...] = tuple(self._file.schema_arrow.names)
            self.n_pieces: int = metadata.num_row_groups
        except (pa.ArrowException, OSError, ValueError) as error:
            raise DecodeError(f"{path}: is no whole Parquet file: {_first_line(error)}") from error
        self._path = path

    def read(self, piece: int, names: Sequence[str]) -> list[NDArray[Any]]:
        """Return columns of one row group.

        Parameters
        ----------
        piece : int
            Number of the row group.
        names : sequence of str
            The columns.

        Returns
        -------
        list of ndarray
            In the order of `names`; what is empty is NaN, None or NaT.

        Raises
        ------
        DecodeError
            If the file is damaged.
        """
        import pyarrow as pa  # noqa: PLC0415 - loaded already

        try:
            table = self._file.read_row_group(piece, columns=list(dict.fromkeys(names)), use_threads=False)
            return [table.column(name).to_numpy() for name in names]
        except (pa.ArrowException, OSError, ValueError, KeyError) as error:
            raise DecodeError(f"{self._path}: row group {piece}: {_first_line(error)}") from error

    def is_utc(self, name: str) -> bool:
        """Return whether a column of dates says its offset from UTC."""
        return getattr(self._file.schema_arrow.field(name).type, "tz", None) is not None

    def texts(self, group: int) -> list[list[str]]:
        """Return all columns of one row group as text; what is empty is ``""``."""
        import pyarrow as pa  # noqa: PLC0415 - loaded already

        try:
            table = self._file.read_row_group(group, use_threads=False)
            return [[cell or "" for cell in column.cast(pa.string()).to_pylist()] for column in table.columns]
        except (pa.ArrowException, OSError, ValueError, KeyError) as error:
            raise DecodeError(f"{self._path}: row group {group}: {_first_line(error)}") from error


def read_rows(path: Path) -> tuple[list[str], list[list[str]]]:
    """Return a small table as text.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    tuple of (list of str, list of list of str)
        Names of the columns, and the cells of each row; what is empty is ``""``.

    Raises
    ------
    IngestError
        If pyarrow is not installed.
    DecodeError
        If it is no whole Parquet file.
    """
    file = ParquetFile(path)
    rows: list[list[str]] = []
    for group in range(file.n_pieces):
        rows += [list(cells) for cells in zip(*file.texts(group), strict=True)]
    return list(file.names), rows


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:160]

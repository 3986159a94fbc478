"""A table of numbers as text, read some megabytes at a time."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any, Final

from ingest.errors import DecodeError, IngestError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from ingest.files.table_layout import CsvForm

PIECE_BYTES: Final = 1 << 20
_LONGEST_LINE: Final = 1 << 16
_OFFSET: Final = re.compile(r"(?:Z|[+-]\d\d:?\d\d)$")


class CsvFile:
    """A table as text, cut between lines into pieces of about a megabyte.

    Parameters
    ----------
    path : Path
        The file.
    form : CsvForm
        How it is written.
    dates, texts : sequence of str
        The columns that are dates with a time, and text; all others that are read are numbers.

    Raises
    ------
    IngestError
        If pyarrow is not installed.
    DecodeError
        If it is no text in lines.
    """

    __slots__ = ("_borders", "_dates", "_form", "_path", "_texts", "_utc", "names")

    def __init__(self, path: Path, form: CsvForm, *, dates: Sequence[str] = (), texts: Sequence[str] = ()) -> None:
        self._path, self._form, self._dates, self._texts = path, form, dates, texts
        with path.open("rb") as file:
            for number in range(form.skip_lines):
                if not _line(file, path):
                    raise DecodeError(f"{path}: has {number} lines, expected a table behind {form.skip_lines}")
            begin = file.tell()
            names = next(csv.reader([_line(file, path)], delimiter=form.delimiter), [])
            self.names = tuple(
                name.strip() if form.header else str(number) for number, name in enumerate(names, start=1)
            )
            if not any(self.names):
                raise DecodeError(f"{path}: got no names of columns, expected a table")
            borders = [file.tell() if form.header else begin]
            size = path.stat().st_size
            while borders[-1] < size:
                file.seek(min(borders[-1] + PIECE_BYTES, size))
                _line(file, path)
                borders.append(file.tell())
        self._borders = borders
        self._utc = any(name in self.names and self.is_utc(name) for name in dates)

    @property
    def n_pieces(self) -> int:
        """How many pieces there are."""
        return len(self._borders) - 1

    def read(self, piece: int, names: Sequence[str]) -> list[NDArray[Any]]:
        """Return columns of one piece.

        Parameters
        ----------
        piece : int
            Its number.
        names : sequence of str
            The columns.

        Returns
        -------
        list of ndarray
            In the order of `names`; an empty cell is NaN, NaT or None.

        Raises
        ------
        DecodeError
            If a cell is not what its column is, or the file became shorter.
        """
        try:
            # Loaded here: it takes longer than everything else of a command, which nearly never needs it.
            import pyarrow as pa  # noqa: PLC0415 - see above
            from pyarrow import csv as arrow_csv  # noqa: PLC0415 - see above
        except ModuleNotFoundError as error:
            raise IngestError(
                f"{self._path}: CSV needs pyarrow, which is not installed: pip install pyarrow"
            ) from error
        begin, end = self._borders[piece], self._borders[piece + 1]
        with self._path.open("rb") as file:
            file.seek(begin)
            stored = file.read(end - begin)
        kinds = {name: self._kind(name, pa) for name in names}
        try:
            table = arrow_csv.read_csv(
                io.BytesIO(stored),
                arrow_csv.ReadOptions(use_threads=False, column_names=self.names, block_size=len(stored) + 1),
                arrow_csv.ParseOptions(delimiter=self._form.delimiter),
                arrow_csv.ConvertOptions(
                    column_types=kinds, include_columns=list(kinds), decimal_point=self._form.decimal,
                    strings_can_be_null=True,
                ),
            )  # fmt: skip
        except (pa.ArrowException, ValueError, KeyError) as error:
            told = (str(error) or type(error).__name__).splitlines()[0][:160]
            raise DecodeError(f"{self._path}: bytes {begin} to {end}: {told}") from error
        return [table.column(name).to_numpy() for name in names]

    def is_utc(self, name: str) -> bool:
        """Return whether a column of dates says its offset from UTC, as its first row has it."""
        with self._path.open("rb") as file:
            file.seek(self._borders[0])
            cells = next(csv.reader([_line(file, self._path)], delimiter=self._form.delimiter), [])
        at = self.names.index(name)
        return at < len(cells) and _OFFSET.search(cells[at].strip()) is not None

    def _kind(self, name: str, pa: Any) -> Any:
        if name in self._texts:
            return pa.string()
        if name not in self._dates:
            return pa.float64()
        return pa.timestamp("ns", tz="UTC") if self._utc else pa.timestamp("ns")


def _line(file: io.BufferedReader, path: Path) -> str:
    """Return the rest of the line, which is not longer than one can be."""
    at = file.tell()
    line = file.readline(_LONGEST_LINE)
    if len(line) == _LONGEST_LINE:
        raise DecodeError(
            f"{path}: byte {at} begins a line of more than {_LONGEST_LINE} bytes, expected a table as text"
        )
    return line.decode("utf-8-sig", "replace")

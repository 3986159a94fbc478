"""The signals in a table, whether each has a column of its own or all of them share one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

import numpy as np

from ingest.errors import DecodeError
from ingest.files.table_layout import DATE, NS_PER_UNIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ingest.files.table_layout import TableLayout

# The streams are read in turns, ten minutes of each; long tables have pieces that hold little of each.
_HELD_BYTES: Final = 64 << 20
_LEAST_HELD: Final = 2
_FARTHEST_NS: Final = 7.258e18
"""The year 2200; beyond 2262 there is no such number."""


class Pieces(Protocol):
    """A table that is read piece by piece."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        ...

    @property
    def n_pieces(self) -> int:
        """How many pieces there are."""
        ...

    def read(self, piece: int, names: Sequence[str]) -> list[NDArray[Any]]:
        """Return columns of one piece."""
        ...

    def is_utc(self, name: str) -> bool:
        """Return whether a column of dates says its offset from UTC."""
        ...


class Piece(NamedTuple):
    """What one piece of a table holds.

    Parameters
    ----------
    values : mapping of str to ndarray of float32
        By the name of the column or channel, as they are written.
    times_ns : mapping of str to ndarray of int64
        When each was measured, as the time column says it; empty where there is none.
    """

    values: dict[str, NDArray[np.float32]]
    times_ns: dict[str, NDArray[np.int64]]

    @property
    def n_bytes(self) -> int:
        """How much memory it takes."""
        return sum(one.nbytes for one in self.values.values()) + sum(one.nbytes for one in self.times_ns.values())


class TableSignals:
    """The signals of a table; the pieces read last are kept for the other streams.

    Parameters
    ----------
    pieces : Pieces
        The table.
    layout : TableLayout
        What its columns are.
    place : str
        The file, for messages.

    Raises
    ------
    DecodeError
        If the table lacks a column that is declared.
    """

    __slots__ = ("_held", "_layout", "_pieces", "_place", "n_pieces")

    def __init__(self, pieces: Pieces, layout: TableLayout, place: str) -> None:
        self._pieces, self._layout, self._place = pieces, layout, place
        self._held: dict[int, Piece] = {}
        self.n_pieces = pieces.n_pieces
        needed = [*(layout.long or layout.columns), *((layout.time[0],) if layout.time else ())]
        for name in needed:
            if pieces.names.count(name) != 1:
                listed = ", ".join(map(repr, pieces.names[:20]))
                raise DecodeError(
                    f"{place}: {layout.path} declares column {name!r}, expected one of the table's: {listed}"
                )

    @property
    def times_are_utc(self) -> bool:
        """Whether the time column says its offset from UTC."""
        return self._layout.time is not None and self._pieces.is_utc(self._layout.time[0])

    def piece(self, number: int) -> Piece:
        """Return one piece, from memory if it was read before.

        Parameters
        ----------
        number : int
            Its number.

        Returns
        -------
        Piece
            It may not be changed.

        Raises
        ------
        DecodeError
            If it cannot be read.
        """
        held = self._held.pop(number, None)
        if held is None:
            held = self._read(number)
        self._held[number] = held
        while len(self._held) > _LEAST_HELD and sum(one.n_bytes for one in self._held.values()) > _HELD_BYTES:
            del self._held[next(iter(self._held))]
        return held

    def _read(self, number: int) -> Piece:
        layout = self._layout
        names = list(layout.long or layout.columns)
        columns = self._pieces.read(number, [*names, *((layout.time[0],) if layout.time else ())])
        times = self._times(columns[-1]) if layout.time else None
        if layout.long is None:
            values = {name: self._numbers(name, column) for name, column in zip(names, columns, strict=False)}
            return Piece(values, {} if times is None else dict.fromkeys(names, times))
        channel, value = columns[0], self._numbers(names[1], columns[1])
        rows = {name: np.flatnonzero(channel == name) for name in layout.columns}
        held = {name: value[at] for name, at in rows.items()}
        return Piece(held, {} if times is None else {name: times[at] for name, at in rows.items()})

    def _numbers(self, name: str, column: NDArray[Any]) -> NDArray[np.float32]:
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                numbers: NDArray[np.float32] = column.astype(np.float32)
        except (TypeError, ValueError) as error:
            raise DecodeError(f"{self._place}: column {name!r} holds {column.dtype}, expected numbers") from error
        # No converter gives a number without an end: like an empty cell, it is none.
        return np.where(np.isinf(numbers), np.float32(np.nan), numbers)

    def _times(self, column: NDArray[Any]) -> NDArray[np.int64]:
        """Return what the time column says, as ns."""
        name, unit = self._layout.time or ("", DATE)
        is_date = np.issubdtype(column.dtype, np.datetime64)
        if is_date != (unit == DATE):
            held = "dates" if is_date else column.dtype
            raise DecodeError(
                f"{self._place}: column {name!r} holds {held}, expected what {self._layout.path} calls {unit!r}"
            )
        if is_date:
            times: NDArray[np.int64] = column.astype("datetime64[ns]").astype(np.int64)
            missing = np.isnat(column)
        else:
            numbers = np.asarray(column, dtype=np.float64)
            missing = ~np.isfinite(numbers)
            numbers = np.where(missing, 0.0, numbers) * NS_PER_UNIT[unit]
            if np.abs(numbers).max(initial=0.0) > _FARTHEST_NS:
                raise DecodeError(f"{self._place}: column {name!r} holds times beyond the year 2200, expected {unit}")
            is_whole = np.issubdtype(column.dtype, np.integer)
            # As whole numbers: a float of this size holds no single nanoseconds.
            times = column.astype(np.int64) * NS_PER_UNIT[unit] if is_whole else np.rint(numbers).astype(np.int64)
        if missing.any():
            raise DecodeError(
                f"{self._place}: column {name!r} is empty in {missing.sum()} rows, expected a time in each"
            )
        return times

"""Fields of a packet that somebody described: ``"i16 x"``, ``"magic a0 01"``, ``"skip 3"``."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

TYPES = {
    "i8": 1, "u8": 1, "i16": 2, "u16": 2, "i24": 3, "u24": 3, "i32": 4, "u32": 4, "f32": 4, "f64": 8,
}  # fmt: skip
"""Types of a field and their bytes: signed and unsigned numbers, and floating point."""
MAGIC = "magic"
SKIP = "skip"
_NAMED = re.compile(r"(\w+)\s+([A-Za-z_]\w*)")
_BITS_PER_BYTE = 8
_THREE = 3
_CODES = {
    "i8": "b", "u8": "B", "i16": "h", "u16": "H", "i24": "3s", "u24": "3s", "i32": "i", "u32": "I", "f32": "f",
    "f64": "d",
}  # fmt: skip


class ByteOrder(StrEnum):
    """Which byte of a number comes first."""

    LITTLE = "little"
    BIG = "big"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: where it lies and what it is.

    Parameters
    ----------
    kind : str
        A key of `TYPES`, ``magic`` or ``skip``.
    name : str
        What it is called; empty for ``magic`` and ``skip``.
    start : int
        Its first byte.
    n_bytes : int
        How many it has.
    magic : bytes
        What ``magic`` has to be.
    """

    kind: str
    name: str
    start: int
    n_bytes: int
    magic: bytes = b""

    @property
    def span(self) -> int:
        """After how many counts an unsigned number begins again."""
        return 1 << (_BITS_PER_BYTE * self.n_bytes)

    @property
    def is_unsigned(self) -> bool:
        """Whether it can count."""
        return self.kind.startswith("u")


def parse_fields(texts: Iterable[str], key: str) -> tuple[Field, ...]:
    """Read a list of fields that follow each other.

    Parameters
    ----------
    texts : iterable of str
        As in the configuration.
    key : str
        What the list is called there, for messages.

    Returns
    -------
    tuple of Field
        One per text.

    Raises
    ------
    ValueError
        If a text is no field, or two have the same name.

    Examples
    --------
    >>> [(field.name, field.start) for field in parse_fields(["magic a0", "u8 number", "i16 x"], "fields")]
    [('', 0), ('number', 1), ('x', 2)]
    """
    fields: list[Field] = []
    for text in texts:
        field = _field(text.strip(), fields[-1].start + fields[-1].n_bytes if fields else 0, key)
        if field.name and field.name in [other.name for other in fields]:
            msg = f"{key} has {field.name!r} twice, expected a different name for each field"
            raise ValueError(msg)
        fields.append(field)
    return tuple(fields)


def _field(text: str, start: int, key: str) -> Field:
    kind, _, rest = text.partition(" ")
    if kind == MAGIC:
        return _magic(text, rest, start, key)
    if kind == SKIP:
        if not re.fullmatch(r"[1-9]\d{0,2}", rest.strip()):
            msg = f"{key} has {text!r}, expected a number of bytes such as 'skip 3'"
            raise ValueError(msg)
        return Field(kind, "", start, int(rest))
    named = _NAMED.fullmatch(text)
    if named is None or named[1] not in TYPES:
        msg = f"{key} has {text!r}, expected a type and a name such as 'i16 x'; types are {', '.join(TYPES)}"
        raise ValueError(msg)
    return Field(named[1], named[2], start, TYPES[named[1]])


def _magic(text: str, rest: str, start: int, key: str) -> Field:
    try:
        magic = bytes.fromhex(rest)
    except ValueError:
        magic = b""
    if not magic:
        msg = f"{key} has {text!r}, expected bytes in hexadecimal such as 'magic a0 01'"
        raise ValueError(msg)
    return Field(MAGIC, "", start, len(magic), magic)


def size_of(fields: tuple[Field, ...]) -> int:
    """Return how many bytes fields take."""
    return sum(field.n_bytes for field in fields)


def fits(fields: tuple[Field, ...], payload: bytes) -> bool:
    """Return whether every magic field is what it has to be."""
    return all(payload[field.start : field.start + field.n_bytes] == field.magic for field in fields if field.magic)


class SampleLayout:
    """The fields of one sample of which some are columns, compiled: bytes to rows.

    Parameters
    ----------
    fields : tuple of Field
        All of them, one after the other.
    columns : tuple of Field
        Those that are read, in the order of the columns.
    order : ByteOrder
        Of every number.
    """

    def __init__(self, fields: tuple[Field, ...], columns: tuple[Field, ...], order: ByteOrder) -> None:
        codes = [_CODES[field.kind] if field in columns else f"{field.n_bytes}x" for field in fields]
        self._struct = struct.Struct(("<" if order is ByteOrder.LITTLE else ">") + "".join(codes))
        as_sent = [field for field in fields if field in columns]
        self._three_bytes = [as_sent.index(field) for field in columns if field.n_bytes == _THREE]
        self._signed = [field.kind.startswith("i") for field in as_sent]
        self._order = order
        self._columns = None if as_sent == list(columns) else [as_sent.index(field) for field in columns]

    def read(self, body: bytes) -> NDArray[np.float64]:
        """Return the columns of samples that follow each other.

        Parameters
        ----------
        body : bytes
            Whole samples, at least one.

        Returns
        -------
        ndarray of float64, shape (n_samples, n_columns)
            The numbers; every integer type is exact.
        """
        rows: list[tuple[Any, ...]] = list(self._struct.iter_unpack(body))
        if self._three_bytes:
            rows = [self._with_three_bytes(row) for row in rows]
        values = np.array(rows, np.float64)
        return values if self._columns is None else values[:, self._columns]

    def _with_three_bytes(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        read = list(row)
        for at in self._three_bytes:
            read[at] = int.from_bytes(row[at], self._order.value, signed=self._signed[at])
        return tuple(read)


def read_number(payload: bytes, field: Field, order: ByteOrder) -> int:
    """Return one unsigned field of a packet."""
    return int.from_bytes(payload[field.start : field.start + field.n_bytes], order.value)


def write_fields(fields: tuple[Field, ...], values: Mapping[str, float], order: ByteOrder) -> bytes:
    """Return fields as bytes; what has no value is 0.

    Raises
    ------
    OverflowError
        If a number does not fit its field.
    """
    return b"".join(_write(field, values.get(field.name, 0), order) for field in fields)


def _write(field: Field, value: float, order: ByteOrder) -> bytes:
    if field.magic:
        return field.magic
    if field.kind.startswith("f"):
        little = np.array(value, f"<f{field.n_bytes}").tobytes()
        return little if order is ByteOrder.LITTLE else little[::-1]
    return round(value).to_bytes(field.n_bytes, order.value, signed=field.kind.startswith("i"))

"""Fields of a packet that somebody described: ``"i16 x"``, ``"magic a0 01"``, ``"skip 3"``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

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
_WIDEST = 4


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


def read_column(rows: NDArray[np.uint8], field: Field, order: ByteOrder) -> NDArray[np.float64]:
    """Return one field of every row.

    Parameters
    ----------
    rows : ndarray of uint8, shape (n_rows, n_bytes)
        The bytes, one row per sample.
    field : Field
        Which.
    order : ByteOrder
        Of its bytes.

    Returns
    -------
    ndarray of float64, shape (n_rows,)
        The numbers; every integer type is exact.
    """
    cells = np.ascontiguousarray(rows[:, field.start : field.start + field.n_bytes])
    cells = cells[:, ::-1] if order is ByteOrder.BIG else cells
    if field.kind.startswith("f"):
        values = np.ascontiguousarray(cells).view(f"<f{field.n_bytes}")[:, 0]
    else:
        wide = np.zeros((len(cells), _WIDEST), np.uint8)
        wide[:, _WIDEST - field.n_bytes :] = cells  # shifted back down, the sign comes along
        number = wide.view("<u4" if field.is_unsigned else "<i4")[:, 0]
        values = number >> (_BITS_PER_BYTE * (_WIDEST - field.n_bytes))
    return values.astype(np.float64)


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

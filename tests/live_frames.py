"""Frames of the live stream as a page reads them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from numpy.typing import NDArray

WORD_BYTES = 4


@dataclass(frozen=True, slots=True)
class LiveFrame:
    """One frame: its header, and the samples of each column."""

    header: dict[str, Any]
    columns: dict[str, NDArray[np.float32]]
    start_s: dict[str, float]


class FrameReader:
    """Puts pieces of a stream together."""

    def __init__(self) -> None:
        self._held = b""

    def push(self, piece: bytes) -> Iterator[LiveFrame]:
        self._held += piece
        while len(self._held) >= WORD_BYTES:
            stop = WORD_BYTES + int.from_bytes(self._held[:WORD_BYTES], "little")
            if len(self._held) < stop:
                return
            blob, self._held = self._held[WORD_BYTES:stop], self._held[stop:]
            yield _decode(blob)


async def frames_of(pieces: AsyncIterator[bytes]) -> AsyncIterator[LiveFrame]:
    """Yield the frames of a stream as they come."""
    reader = FrameReader()
    async for piece in pieces:
        for frame in reader.push(piece):
            yield frame


def all_frames(body: bytes) -> list[LiveFrame]:
    """Return the frames of a stream that has ended."""
    return list(FrameReader().push(body))


def _decode(blob: bytes) -> LiveFrame:
    base = WORD_BYTES + int.from_bytes(blob[:WORD_BYTES], "little")
    header = json.loads(blob[WORD_BYTES:base])
    columns, start_s = {}, {}
    for column in header.pop("columns"):
        name = f"{column['sensor']}/{column['axis']}"
        columns[name] = np.frombuffer(blob, "<f4", column["n"], base + column["offset"])
        start_s[name] = column["start_s"]
    return LiveFrame(header, columns, start_s)

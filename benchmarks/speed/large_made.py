"""``python -m benchmarks.speed.large_made wide NIGHT.edf 2000``: large files out of the EDF of a night.

*wide*: the same night with as many other channels as it takes, like a polysomnography; *long*: the records of the
night again and again, their time stamps going on. Prints the path as JSON. A process of its own, for what one has
held in memory counts for every process that it starts.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.speed.processes import folder
from ingest.files.edf_annotations import LABELS
from ingest.files.edf_header import FILE_BYTES, N_RECORDS_AT, N_RECORDS_BYTES, read_header

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ingest.files.edf_header import Header

BYTES_PER_MB = 1_000_000
RECORDS_AT_ONCE = 600
# Begins every time stamp of EDF+, and ends it when nothing is said of the record.
SIGN, NOTHING_SAID = b"+", b"\x14\x14\x00"
# A channel that no leg has, field by field as EDF writes them, with 500 samples in a record.
OTHER = (
    (16, "EEG other"),
    (80, ""),
    (8, "uV"),
    (8, "-1000"),
    (8, "1000"),
    (8, "-32768"),
    (8, "32767"),
    (80, ""),
    (8, "500"),
    (32, ""),
)
OTHER_SAMPLES, SAMPLE_BYTES = 500, 2
HEADER_BYTES_AT, HEADER_BYTES_WIDE, COUNT_AT, COUNT_WIDE = 184, 8, 252, 4


def _field(value: object, width: int) -> bytes:
    return f"{value:<{width}}".encode()


def _records(source: Path, header: Header, numbers: range) -> Iterator[np.ndarray]:
    """Yield some records at a time, shape (n, bytes), those of the night again where it is over."""
    width = header.n_per_record * header.sample_bytes
    held = np.memmap(source, np.uint8, "r", header.n_bytes, (header.n_records, width))
    for first in range(numbers.start, numbers.stop, RECORDS_AT_ONCE):
        yield held[np.arange(first, min(first + RECORDS_AT_ONCE, numbers.stop)) % header.n_records]


def write_long(source: Path, path: Path, megabytes: int) -> None:
    """Write a file of a size whose hours are many."""
    header = read_header(source)
    n_records = (megabytes * BYTES_PER_MB - header.n_bytes) // (header.n_per_record * header.sample_bytes)
    stamps = [
        slice(one.first * header.sample_bytes, (one.first + one.n_per_record) * header.sample_bytes)
        for one in header.channels
        if one.label in LABELS
    ]
    with source.open("rb") as file:
        head = bytearray(file.read(header.n_bytes))
    head[N_RECORDS_AT : N_RECORDS_AT + N_RECORDS_BYTES] = _field(n_records, N_RECORDS_BYTES)
    number = 0
    with path.open("wb") as file:
        file.write(head)
        for piece in _records(source, header, range(n_records)):
            for record in piece:
                said = SIGN + f"{number * header.record_s:g}".encode() + NOTHING_SAID
                for at in stamps:
                    record[at] = np.frombuffer(said.ljust(at.stop - at.start, b"\0"), np.uint8)
                number += 1
            file.write(piece.tobytes())


def write_wide(source: Path, path: Path, megabytes: int) -> None:
    """Write a file of a size whose channels are many."""
    header = read_header(source)
    n_channels = len(header.channels)
    with source.open("rb") as file:
        fixed, described = bytearray(file.read(FILE_BYTES)), file.read(header.n_bytes - FILE_BYTES)
    more_bytes = megabytes * BYTES_PER_MB - header.n_records * header.n_per_record * header.sample_bytes
    n_others = max(0, round(more_bytes / (header.n_records * OTHER_SAMPLES * SAMPLE_BYTES)))
    blocks, at = [], 0
    for width, value in OTHER:
        blocks += [described[at : at + width * n_channels], _field(value, width) * n_others]
        at += width * n_channels
    wide = b"".join(blocks)
    fixed[HEADER_BYTES_AT : HEADER_BYTES_AT + HEADER_BYTES_WIDE] = _field(FILE_BYTES + len(wide), HEADER_BYTES_WIDE)
    fixed[COUNT_AT : COUNT_AT + COUNT_WIDE] = _field(n_channels + n_others, COUNT_WIDE)
    noise = np.random.default_rng(1).integers(0, 256, n_others * OTHER_SAMPLES * SAMPLE_BYTES, np.uint8).tobytes()
    with path.open("wb") as file:
        file.write(bytes(fixed) + wide)
        for piece in _records(source, header, range(header.n_records)):
            file.writelines(record.tobytes() + noise for record in piece)


WAYS = {"wide": write_wide, "long": write_long}


def main() -> None:
    """Write one file, once per computer."""
    parser = argparse.ArgumentParser()
    parser.add_argument("way", choices=WAYS)
    parser.add_argument("night", type=Path)
    parser.add_argument("megabytes", type=int)
    arguments = parser.parse_args()
    path = folder() / "large" / f"{arguments.way}-{arguments.megabytes}.edf"
    if not path.exists():
        print(f"making a file of {arguments.megabytes} MB ...", file=sys.stderr)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        WAYS[arguments.way](arguments.night, part, arguments.megabytes)
        part.replace(path)
    print(json.dumps(str(path)))


if __name__ == "__main__":
    main()

"""A file of two gigabytes and one of a tenth of it: memory must not grow with the hours."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.speed.processes import cost, folder, night_file, scoring
from benchmarks.speed.rows import Row, at_most
from ingest.files.edf_annotations import LABELS
from ingest.files.edf_header import N_RECORDS_AT, N_RECORDS_BYTES, read_header

if TYPE_CHECKING:
    from pathlib import Path

LARGE_MB, SMALL_MB = 2000, 200
AIM_SHARE = 1.2
BYTES_PER_MB = 1_000_000
AT_ONCE = 3600
# Begins every time stamp of EDF+, and ends it when nothing is said of the record.
SIGN, NOTHING_SAID = b"+", b"\x14\x14\x00"


def repeated(source: Path, megabytes: int) -> Path:
    """Return a file of a size: the records of a night again and again, their time stamps going on.

    Parameters
    ----------
    source : Path
        An EDF+ file.
    megabytes : int
        Wanted size, 10^6 bytes.

    Returns
    -------
    Path
        The file, made once per computer.
    """
    path = folder() / "large" / f"{megabytes}.edf"
    header = read_header(source)
    width = header.n_per_record * header.sample_bytes
    n_records = (megabytes * BYTES_PER_MB - header.n_bytes) // width
    if path.exists() and path.stat().st_size == header.n_bytes + n_records * width:
        return path
    print(f"making a file of {megabytes} MB once ...", file=sys.stderr)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    records = np.memmap(source, np.uint8, "r", header.n_bytes, (header.n_records, width))
    stamps = [
        slice(one.first * header.sample_bytes, (one.first + one.n_per_record) * header.sample_bytes)
        for one in header.channels
        if one.label in LABELS
    ]
    head = bytearray(_head(source, header.n_bytes))
    head[N_RECORDS_AT : N_RECORDS_AT + N_RECORDS_BYTES] = f"{n_records:<{N_RECORDS_BYTES}}".encode()
    with path.open("wb") as file:
        file.write(head)
        for first in range(0, n_records, AT_ONCE):
            numbers = np.arange(first, min(first + AT_ONCE, n_records))
            piece = records[numbers % header.n_records]
            for number, record in zip(numbers.tolist(), piece, strict=True):
                for at in stamps:
                    said = SIGN + f"{number * header.record_s:g}".encode() + NOTHING_SAID
                    record[at] = np.frombuffer(said.ljust(at.stop - at.start, b"\0"), np.uint8)
            file.write(piece.tobytes())
    return path


def _head(source: Path, n_bytes: int) -> bytes:
    with source.open("rb") as file:
        return file.read(n_bytes)


def large_file_row(hours: float, large_mb: int = LARGE_MB) -> Row:
    """Score both files and compare the peak memory."""
    small = cost(scoring(repeated(night_file(hours), SMALL_MB)))
    large_path = repeated(night_file(hours), large_mb)
    large = cost(scoring(large_path))
    large_path.unlink()
    share = large.peak_mb / small.peak_mb
    return Row(
        f"peak memory of scoring a file of {large_mb / 1000:g} GB",
        f"that of one of {SMALL_MB} MB",
        f"{share:.2f} times ({large.peak_mb:.0f} MB, {small.peak_mb:.0f} MB; {large.cpu_s:.0f} s of processor)",
        f"{AIM_SHARE:g} times or less",
        at_most(share, AIM_SHARE),
        {"ratio": share, "peak_mb": large.peak_mb, "anchor_peak_mb": small.peak_mb, "cpu_s": large.cpu_s},
    )

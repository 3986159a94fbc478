"""How much of a device's file is in memory at a time."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from detectors.signal import SampleBlock
from ingest.files.axivity import read_axivity
from ingest.files.axivity_blocks import BLOCK, HEADER_BYTES

AX3 = Path(__file__).parent.parent / "data" / "device_files" / "ax3.cwa"
BLOCK_S, N_SAMPLES = 0.6, 120


def long_file(path: Path, n_blocks: int) -> Path:
    """Write the first block again and again, each when the one before ends."""
    stored = AX3.read_bytes()
    blocks = np.repeat(np.frombuffer(stored[HEADER_BYTES : HEADER_BYTES + BLOCK.itemsize], BLOCK), n_blocks)
    begins_s = np.arange(n_blocks) * BLOCK_S
    minutes, seconds = np.divmod(begins_s.astype(np.int64), 60)
    hours, minutes = np.divmod(minutes, 60)
    fraction = (begins_s % 1 * 32768).astype(np.int64)
    blocks["time"] = (20 << 26) | (1 << 22) | (1 << 17) | (hours << 12) | (minutes << 6) | seconds
    blocks["fraction"] = 0x8000 | fraction
    # Read at the first sample, moved back by the fraction as the firmware does it.
    blocks["read_at"] = -((fraction * 2 * 200) >> 16)
    blocks["checksum"] = 0
    sums = blocks.view("<u2").reshape(n_blocks, -1).sum(axis=1, dtype=np.int64)
    blocks["checksum"] = -sums & 0xFFFF
    path.write_bytes(stored[:HEADER_BYTES] + blocks.tobytes())
    return path


def peak_bytes(path: Path, n_blocks: int) -> int:
    tracemalloc.start()
    try:
        recording = read_axivity(path)
        opened = tracemalloc.get_traced_memory()[1]
        items = recording.items(None)
        # What reading keeps for the next block of samples is the same for every file.
        tracemalloc.reset_peak()
        assert sum(len(item.data) for item in items if isinstance(item, SampleBlock)) == n_blocks * N_SAMPLES
        return max(opened, tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()


@pytest.mark.slow
def test_a_file_six_times_as_long_needs_an_eighth_of_what_it_is_longer_at_most(tmp_path: Path) -> None:
    short, long = 10_000, 60_000
    peaks = [peak_bytes(long_file(tmp_path / f"{n}.cwa", n), n) for n in (short, long)]
    assert peaks[1] - peaks[0] < (long - short) * BLOCK.itemsize / 8

"""Blocks of any size become the same hops and frames."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.framing import EMG_HOP_S, MAX_FRAMES, MOTION_HOP_S, Framer, Grid, Piece, grid_of
from detectors.recording import steady_clock
from detectors.signal import Gap, GapCause, SampleBlock
from tests.made_legs import emg_stream

STREAM = emg_stream(20.0)
CLOCK = steady_clock(0, 20.0)
GRID = Grid(hop=4, hops_per_frame=5)


def block(start: int, stop: int) -> SampleBlock:
    return SampleBlock(STREAM, CLOCK, start, np.arange(start, stop, dtype=float)[:, np.newaxis])


def pieces(*items: SampleBlock | Gap) -> list[Piece]:
    framer = Framer(STREAM, GRID)
    out = [output for item in items for output in framer.feed(item)] + list(framer.finish())
    return [output for output in out if isinstance(output, Piece)]


@pytest.mark.parametrize(
    ("fs_hz", "hop_s", "hop", "hops_per_frame"),
    [
        (100.0, EMG_HOP_S, 1, 100),
        (250.0, EMG_HOP_S, 2, 125),
        (256.0, EMG_HOP_S, 3, 85),
        (1111.7, EMG_HOP_S, 11, 101),
        (2000.0, EMG_HOP_S, 20, 100),
        (25.0, MOTION_HOP_S, 1, 25),
        (52.0, MOTION_HOP_S, 1, 52),
    ],
)
def test_a_frame_is_a_second_of_whole_hops(fs_hz: float, hop_s: float, hop: int, hops_per_frame: int) -> None:
    grid = grid_of(fs_hz, hop_s)
    assert grid == Grid(hop, hops_per_frame)
    assert grid.frame == pytest.approx(fs_hz, abs=hop)


@pytest.mark.slow
@given(cuts=st.lists(st.integers(0, 200), max_size=10))
def test_every_sample_comes_once_and_frames_begin_on_the_grid(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), 200 + 13]
    out = pieces(*(block(start, stop) for start, stop in pairwise(edges)))
    assert np.concatenate([piece.data[:, 0] for piece in out]).tolist() == list(range(213))
    assert all(piece.start % GRID.frame == 0 for piece in out)
    assert [piece.restart for piece in out] == [True] + [False] * (len(out) - 1)


def test_the_first_frame_after_a_restart_stands_alone() -> None:
    assert [len(piece.data) for piece in pieces(block(0, 100))] == [20, 80]


def test_after_a_gap_a_piece_reaches_to_the_end_of_its_frame_and_the_next_frame_stands_alone() -> None:
    gap = Gap(STREAM, CLOCK, 50, 7, GapCause.AIR)
    out = pieces(block(0, 50), gap, block(57, 120))
    assert [(piece.start, len(piece.data), piece.restart) for piece in out] == [
        (0, 20, True),
        (20, 20, False),
        (40, 10, False),
        (57, 3, True),
        (60, 20, False),
        (80, 40, False),
    ]


def test_a_long_block_is_cut_so_that_memory_stays_small() -> None:
    lengths = [len(piece.data) for piece in pieces(block(0, 20 * 1000))]
    assert max(lengths) == MAX_FRAMES * GRID.frame
    assert sum(lengths) == 20 * 1000


def test_what_waits_is_a_copy_that_the_sender_may_overwrite() -> None:
    framer, sent = Framer(STREAM, GRID), block(0, 10)
    assert not list(framer.feed(sent))
    sent.data[:] = -1.0
    (piece,) = framer.feed(block(10, 20))
    assert isinstance(piece, Piece)
    assert piece.data[:, 0].tolist() == list(range(20))

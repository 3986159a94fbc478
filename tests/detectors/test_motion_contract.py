"""The detectors of acceleration keep the contract at every sampling rate, with gaps and one sample at a time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detectors.conformance import check_detector
from detectors.framing import Framer, Grid, Piece
from detectors.motion.jerk import BriefJerkDetector
from detectors.motion.leg_movement import MotionLegMovementDetector
from detectors.motion.possible_episode import PossibleEpisodeDetector
from detectors.recording import steady_clock
from detectors.signal import Gap, GapCause, SampleBlock
from tests.made_legs import changed, motion_stream, run, seconds, turned
from tests.made_motion import parts_of, shaken

pytestmark = pytest.mark.slow

# Minutes become seconds, so that a check of every cut takes no time.
EPISODE = changed(
    "possible_episode",
    quiet_s=4.0,
    abrupt_s=1.0,
    window_s=4.0,
    min_terms=1,
    held_s=2.0,
    tremor_s=2.0,
    end_quiet_s=2.0,
    max_s=10.0,
    max_hole_s=1.0,
)
SHORT = replace(
    EPISODE,
    jerk=replace(EPISODE.jerk, level_s=8.0, level_every_s=4.0),
    motion=replace(EPISODE.motion, max_held_s=4.0),
)
# A turn that stays, one that comes back, one that is held, and a jerk.
TURNS = ((6.0, 25.0, 0.5, 0.0), (7.2, 8.0, 0.3, 0.4), (9.5, 3.0, 0.2, 0.0), (11.2, -3.0, 0.3, 0.0))
JERKS = ((13.2, 0.2, 0.2),)


@pytest.mark.parametrize("fs_hz", [25.0, 50.0, 52.0, 104.0, 128.0, 200.0, 500.0])
def test_motion_detectors_keep_the_contract_at_every_rate(fs_hz: float) -> None:
    samples = shaken(turned(17.0, TURNS, fs_hz=fs_hz), JERKS, fs_hz=fs_hz)
    samples[round(10.6 * fs_hz)] += 30.0
    parts = parts_of(MotionLegMovementDetector, BriefJerkDetector, PossibleEpisodeDetector, criteria=SHORT)
    events, _ = run(parts, motion_stream(fs_hz), samples)
    kinds = {event.kind.value for event in events}
    assert kinds == {"leg_movement", "shift", "brief_jerk", "possible_episode"}
    (held,) = [event for event in events if event.kind == "leg_movement" and round(seconds(event)[0], 0) in {9, 10}]
    assert held.duration_s > 1.5
    check_detector(parts, motion_stream(fs_hz), samples, seed=round(fs_hz))


def pieces(framer: Framer, *items: SampleBlock | Gap) -> list[Piece]:
    out = [output for item in items for output in framer.feed(item)] + list(framer.finish())
    return [output for output in out if isinstance(output, Piece)]


def test_small_blocks_are_gathered_to_several_frames() -> None:
    stream, clock = motion_stream(20.0), steady_clock(0, 20.0)
    blocks = [SampleBlock(stream, clock, at, np.zeros((5, 3))) for at in range(0, 130, 5)]
    gap = Gap(stream, clock, 130, 3, GapCause.AIR)
    found = pieces(Framer(stream, Grid(4, 5), 2), *blocks, gap, SampleBlock(stream, clock, 133, np.zeros((10, 3))))
    # The first frame after a restart stands alone; a gap lets out what waits, whole frames before the part of one.
    assert [(piece.start, len(piece.data)) for piece in found] == [
        (0, 20),
        (20, 20),
        (40, 40),
        (80, 40),
        (120, 10),
        (133, 7),
        (140, 3),
    ]


def test_a_gap_lets_out_the_whole_frames_that_wait() -> None:
    stream, clock = motion_stream(20.0), steady_clock(0, 20.0)
    blocks = [SampleBlock(stream, clock, at, np.zeros((5, 3))) for at in range(0, 70, 5)]
    found = pieces(Framer(stream, Grid(4, 5), 2), *blocks, Gap(stream, clock, 70, 3, GapCause.AIR))
    assert [(piece.start, len(piece.data), piece.restart) for piece in found] == [
        (0, 20, True),
        (20, 20, False),
        (40, 20, False),
        (60, 10, False),
    ]

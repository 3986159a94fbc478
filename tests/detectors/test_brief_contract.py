"""Twitches, trains, clonus and weak tonic activity keep the contract at every sampling rate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detectors.chain import Parts
from detectors.conformance import check_detector
from detectors.emg.cramp import CrampDetector
from detectors.emg.features import EmgFeatures
from detectors.emg.rhythm import RhythmDetector
from detectors.emg.tonic import TonicDetector
from detectors.emg.twitch import TwitchDetector
from detectors.events import EventKind
from tests.made_legs import CRITERIA, emg, emg_stream, run

pytestmark = pytest.mark.slow

# A minute of rest before anything is said would make the signal too long to be fed sample by sample.
QUICK = replace(
    CRITERIA, tonic=replace(CRITERIA.tonic, level_step_s=4.0, seed_s=9.0, level_s=20.0, bridged_s=2.0, min_s=3.0)
)
PARTS = Parts(
    lambda stream: EmgFeatures(stream, QUICK),
    tuple(
        lambda stream, kind=kind: kind(stream, QUICK)
        for kind in (RhythmDetector, CrampDetector, TonicDetector, TwitchDetector)
    ),
)
TRAIN = [(11.0 + 0.5 * number, 0.25, 40.0) for number in range(6)]
CLONUS = [(16.5 + number / 6, 0.07, 60.0) for number in range(14)]
TWITCHES = [(21.4, 0.02, 80.0), (22.3, 0.1, 60.0), (22.8, 0.02, 80.0), (22.87, 0.02, 80.0)]
WEAK = [(26.5, 4.5, 5.0)]


def signal(fs_hz: float) -> np.ndarray:
    return emg(32.0, [*TRAIN, *CLONUS, *TWITCHES, *WEAK], fs_hz=fs_hz, noise_uv=1.0).astype(np.float32)


@pytest.mark.parametrize(
    "fs_hz",
    [
        128.0,
        500.0,
        *(pytest.param(fs_hz, marks=pytest.mark.slow) for fs_hz in (100.0, 200.0, 250.0, 256.0, 1000.0, 1111.7)),
    ],
)
def test_detectors_of_brief_and_rhythmic_events_keep_the_contract(fs_hz: float) -> None:
    check_detector(PARTS, emg_stream(fs_hz), signal(fs_hz), seed=round(fs_hz))


def test_the_signal_of_the_contract_has_something_of_every_kind_in_it() -> None:
    kinds = {event.kind for event in run(PARTS, emg_stream(), signal(500.0))[0]}
    assert kinds >= {EventKind.RHYTHMIC_TRAIN, EventKind.CLONUS, EventKind.TONIC, EventKind.TWITCH}


def test_nothing_is_found_where_nothing_happens() -> None:
    quiet = np.random.default_rng(5).normal(0.0, 2.0, (120 * 500, 1))
    assert run(PARTS, emg_stream(), quiet)[0] == []

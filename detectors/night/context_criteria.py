"""What one event says about another: how close in time, how much in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from detectors.limits import expect_positive, expect_rising


class AlternationRule(NamedTuple):
    """Rates, Hz, and lengths of bursts, s, of legs that take turns; both ends belong to them."""

    low_hz: float
    high_hz: float
    burst_min_s: float
    burst_max_s: float


@dataclass(frozen=True, slots=True)
class ContextCriteria:
    """What channels, legs and kinds of sensors must share for one event to bear on another.

    Parameters
    ----------
    train_share : float
        A leg movement of which more than this share lies in rhythmic trains is part of the train.
    alternating_rate : float
        Largest difference of two legs' rates that still is one rhythm, relative to the higher one.
    alternating_phase : float
        How far the phase between two legs may lie from half a turn, in turns.
    alma_low_hz, alma_high_hz : float
        Rates of alternating leg muscle activation, Hz.
    alma_burst_min_s, alma_burst_max_s : float
        Length of its bursts, s.
    motion_share : float
        Acceleration says something about a time if it was there for this much of it, 0 to 1.
    walking_share : float
        A train of which more than this share lies in walking is walking.
    moved_s : float
        A movement in EMG and one in acceleration closer than this are the same, s.
    activation_s : float
        What follows a movement within this time is part of the activation, s.
    common_mode_s : float
        Contractions of two legs that begin and end less than this apart are suspected to come from
        what both amplifiers share, s.
    leaving_s : float
        A contraction that begins this long after the person began to leave the bed is walking, s.
    no_muscle_ratio, full_muscle_ratio : float
        Ratio of calf to shin at which the muscle term of a cramp-like contraction is 0 and 1.
    after_twitches_s : float
        How long after a contraction twitches are counted, s.
    full_twitches : float
        How many of them make that term 1.
    tonic_movement_g : float
        Acceleration above which weak activity counts as part of a movement, g.
    tonic_followed_s : float
        Weak activity is shown where something follows it within this time, s.
    episode_upright_s : float
        Getting up this long after the onset of a possible episode speaks for it, s.
    twitch_clear_s : float
        How far a twitch must lie from leg movements and contractions, s.
    twitch_together_s : float
        Twitches of all channels closer than this are an artefact, s.

    Raises
    ------
    ValueError
        If a number is not positive or two limits contradict each other.
    """

    train_share: float
    alternating_rate: float
    alternating_phase: float
    alma_low_hz: float
    alma_high_hz: float
    alma_burst_min_s: float
    alma_burst_max_s: float
    motion_share: float
    walking_share: float
    moved_s: float
    activation_s: float
    common_mode_s: float
    leaving_s: float
    no_muscle_ratio: float
    full_muscle_ratio: float
    after_twitches_s: float
    full_twitches: float
    tonic_movement_g: float
    tonic_followed_s: float
    episode_upright_s: float
    twitch_clear_s: float
    twitch_together_s: float

    def __post_init__(self) -> None:
        expect_positive("context", self)
        expect_rising("context", train_share=self.train_share, one=1.0)
        expect_rising("context", motion_share=self.motion_share, one=1.0)
        expect_rising("context", walking_share=self.walking_share, one=1.0)
        expect_rising("context", alternating_rate=self.alternating_rate, one=1.0)
        expect_rising("context", alternating_phase=self.alternating_phase, half_a_turn=0.5)
        expect_rising("context", alma_low_hz=self.alma_low_hz, alma_high_hz=self.alma_high_hz)
        expect_rising("context", alma_burst_min_s=self.alma_burst_min_s, alma_burst_max_s=self.alma_burst_max_s)
        expect_rising("context", no_muscle_ratio=self.no_muscle_ratio, full_muscle_ratio=self.full_muscle_ratio)

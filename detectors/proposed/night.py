"""What channels say together: our own numbers, reasoned and tried on simulated signals, not validated on people.

Published numbers stand in ``published.py`` and are only referred to from here. Everything in this
file can be changed in ``soleus.toml`` or with ``--set group.field=value``.
"""

from __future__ import annotations

from typing import Final

from detectors.night.context_criteria import ContextCriteria
from detectors.night.restlessness_criteria import RestlessnessCriteria
from detectors.published import ALMA

RESTLESSNESS: Final = RestlessnessCriteria(
    gap_s=2.0,  # a leg that pauses for longer has come to rest
    min_s=3.0,  # the shortest large movement in adults
    max_s=45.0,  # the longest one in sleep; what lasts longer is likely to be wake
    peak_g=0.050,  # well above a toe's movement
    orientation_deg=10.0,  # as for shifts
    emg_s=3.0,  # as long as the movement itself must be
    min_signs=2,  # in the sleep laboratory: two channels
    piece_s=900.0,  # a leg that never rests must not hold the night up
)

CONTEXT: Final = ContextCriteria(
    train_share=0.5,  # most of the movement
    alternating_rate=0.15,  # one walk of two legs; a rate over four bursts is not known better
    alternating_phase=0.2,  # a quarter of a turn would be neither together nor in turn
    alma_low_hz=ALMA.low_hz,
    alma_high_hz=ALMA.high_hz,
    alma_burst_min_s=ALMA.burst_min_s,
    alma_burst_max_s=ALMA.burst_max_s,
    motion_share=0.5,  # most of it: a lost packet hides little, a dead sensor everything
    walking_share=0.5,  # as for movements in trains
    moved_s=0.5,  # acceleration begins after the muscle and rings on
    activation_s=10.0,  # science.md 6.6
    common_mode_s=0.020,  # two legs are no closer than tens of milliseconds
    leaving_s=10.0,  # a cramp can drive a person out of bed; walking follows it
    no_muscle_ratio=0.5,  # mostly the shin: stretching, or holding the foot up
    full_muscle_ratio=2.0,  # mostly the calf, where cramps are
    after_twitches_s=60.0,
    full_twitches=3.0,
    tonic_movement_g=0.020,  # as for the onset of a movement
    tonic_followed_s=120.0,  # as for cramp-like contractions
    episode_upright_s=180.0,  # science.md 3.7
    twitch_clear_s=1.0,  # before and after a movement single units fire
    twitch_together_s=0.005,  # no nerve reaches all muscles within five milliseconds
)

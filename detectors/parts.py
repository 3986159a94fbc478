"""Which features and detectors a channel gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.chain import Parts
from detectors.emg.cramp import CrampDetector
from detectors.emg.features import EmgFeatures
from detectors.emg.leg_movement import EmgLegMovementDetector
from detectors.motion.features import MotionFeatures
from detectors.motion.leg_movement import MotionLegMovementDetector
from detectors.motion.posture import PostureDetector

if TYPE_CHECKING:
    from detectors.criteria import Criteria


def emg_parts(criteria: Criteria, *, scores_movements: bool) -> Parts:
    """Return the parts of one channel of EMG.

    Parameters
    ----------
    criteria : Criteria
        Every threshold.
    scores_movements : bool
        Whether the leg movements of its leg are those of this channel.

    Returns
    -------
    Parts
        Features and detectors.
    """
    movements = (lambda s: EmgLegMovementDetector(s, criteria),) if scores_movements else ()
    return Parts(lambda s: EmgFeatures(s, criteria), (*movements, lambda s: CrampDetector(s, criteria)))


def motion_parts(criteria: Criteria) -> Parts:
    """Return the parts of one acceleration sensor.

    Parameters
    ----------
    criteria : Criteria
        Every threshold.

    Returns
    -------
    Parts
        Features and detectors.
    """
    return Parts(
        lambda s: MotionFeatures(s, criteria),
        (lambda s: MotionLegMovementDetector(s, criteria), lambda s: PostureDetector(s, criteria)),
    )

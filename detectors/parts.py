"""Which features and detectors a channel gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from detectors.chain import Parts
from detectors.emg.cramp import CrampDetector
from detectors.emg.electrode import ElectrodeDetector
from detectors.emg.features import EmgFeatures
from detectors.emg.leg_movement import EmgLegMovementDetector
from detectors.emg.rhythm import RhythmDetector
from detectors.emg.tonic import TonicDetector
from detectors.emg.twitch import TwitchDetector
from detectors.motion.features import MotionFeatures
from detectors.motion.jerk import BriefJerkDetector
from detectors.motion.leg_movement import MotionLegMovementDetector
from detectors.motion.possible_episode import PossibleEpisodeDetector
from detectors.motion.posture import PostureDetector

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from detectors.chain import Detector, Features
    from detectors.criteria import Criteria
    from detectors.signal import Stream

Part = TypeVar("Part")

_EVERY_EMG_CHANNEL: Final = (RhythmDetector, CrampDetector, TonicDetector, TwitchDetector, ElectrodeDetector)
_EVERY_ACCELERATION: Final = (
    MotionLegMovementDetector,
    PostureDetector,
    BriefJerkDetector,
    PossibleEpisodeDetector,
)


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
    kinds = (EmgLegMovementDetector,) if scores_movements else ()
    return _parts(EmgFeatures, (*kinds, *_EVERY_EMG_CHANNEL), criteria)


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
    return _parts(MotionFeatures, _EVERY_ACCELERATION, criteria)


def _parts(
    features: Callable[[Stream, Criteria], Features],
    detectors: Sequence[Callable[[Stream, Criteria], Detector]],
    criteria: Criteria,
) -> Parts:
    def built(part: Callable[[Stream, Criteria], Part]) -> Callable[[Stream], Part]:
        return lambda stream: part(stream, criteria)

    return Parts(built(features), tuple(built(detector) for detector in detectors))

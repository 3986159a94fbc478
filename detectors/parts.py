"""Which features and detectors a channel gets."""

from __future__ import annotations

from functools import partial
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
from detectors.plugin import GuardedPlugin
from detectors.signal import Quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from detectors.chain import Detector, Features
    from detectors.criteria import Criteria
    from detectors.plugin import Failed, Plugin
    from detectors.signal import Stream

Part = TypeVar("Part")

_EVERY_EMG_CHANNEL: Final = (RhythmDetector, CrampDetector, TonicDetector, TwitchDetector, ElectrodeDetector)
_EVERY_ACCELERATION: Final = (
    MotionLegMovementDetector,
    PostureDetector,
    BriefJerkDetector,
    PossibleEpisodeDetector,
)


def unheard(_name: str, _why: str) -> None:
    """Forget why a plug-in ended: for parts that are built to be tried."""


def emg_parts(criteria: Criteria, *, scores_movements: bool, failed: Failed = unheard, alone: bool = False) -> Parts:
    """Return the parts of one channel of EMG.

    Parameters
    ----------
    criteria : Criteria
        Every threshold.
    scores_movements : bool
        Whether the leg movements of its leg are those of this channel.
    failed : callable
        Is told the name of a plug-in that ended, and why.
    alone : bool
        Whether nothing is looked for but leg movements, and seconds without electrode.

    Returns
    -------
    Parts
        Features and detectors.
    """
    if alone:
        # No leg movement depends on the waveforms.
        features = partial(EmgFeatures, with_waveforms=False)
        return _parts(features, (EmgLegMovementDetector, ElectrodeDetector), criteria)
    others = guarded(criteria, Quantity.EMG, failed)
    return _parts(EmgFeatures, (*emg_kinds(scores_movements=scores_movements), *others), criteria)


def emg_kinds(*, scores_movements: bool) -> tuple[Callable[[Stream, Criteria], Detector], ...]:
    """Return our own detectors of a channel of EMG, in the order of :func:`emg_parts`."""
    return ((EmgLegMovementDetector,) if scores_movements else ()) + _EVERY_EMG_CHANNEL


def motion_parts(criteria: Criteria, *, failed: Failed = unheard, alone: bool = False) -> Parts:
    """Return the parts of one acceleration sensor.

    Parameters
    ----------
    criteria : Criteria
        Every threshold.
    failed : callable
        Is told the name of a plug-in that ended, and why.
    alone : bool
        Whether nothing is looked for but leg movements and turns.

    Returns
    -------
    Parts
        Features and detectors.
    """
    if alone:
        return _parts(MotionFeatures, (MotionLegMovementDetector, PostureDetector), criteria)
    others = guarded(criteria, Quantity.ACCELERATION, failed)
    return _parts(MotionFeatures, (*_EVERY_ACCELERATION, *others), criteria)


def plugin_parts(plugin: Plugin, criteria: Criteria) -> Parts:
    """Return a plug-in alone, with nothing that hides what it does wrong: what :func:`check_detector` takes.

    Parameters
    ----------
    plugin : Plugin
        Which.
    criteria : Criteria
        Every threshold of the features that it reads.

    Returns
    -------
    Parts
        Features and the one detector.
    """
    features = EmgFeatures if plugin.quantity is Quantity.EMG else MotionFeatures
    return _parts(features, (lambda stream, _: plugin.detector(stream, plugin.criteria),), criteria)


def guarded(criteria: Criteria, quantity: Quantity, failed: Failed) -> list[Callable[[Stream, Criteria], Detector]]:
    """Return what builds the plug-ins that are switched on for a quantity."""

    def built(plugin: Plugin) -> Callable[[Stream, Criteria], Detector]:
        return lambda stream, _: GuardedPlugin(plugin, stream, failed)

    return [built(plugin) for plugin in criteria.plugins if plugin.quantity is quantity]


def _parts(
    features: Callable[[Stream, Criteria], Features],
    detectors: Sequence[Callable[[Stream, Criteria], Detector]],
    criteria: Criteria,
) -> Parts:
    def built(part: Callable[[Stream, Criteria], Part]) -> Callable[[Stream], Part]:
        return lambda stream: part(stream, criteria)

    return Parts(built(features), tuple(built(detector) for detector in detectors))

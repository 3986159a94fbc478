"""Every threshold of a scoring run in one value."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

from detectors.proposed import brief, cramp, emg, motion, night, sleep, validity
from detectors.published import AASM, WASM_2016

if TYPE_CHECKING:
    from detectors.emg.brief_criteria import RhythmCriteria, TwitchCriteria
    from detectors.emg.cramp_criteria import CrampCriteria
    from detectors.emg.criteria import LegMovementCriteria, QualityCriteria, RestingCriteria
    from detectors.emg.quality_criteria import EcgCriteria, ElectrodeCriteria, LineCriteria
    from detectors.emg.tonic_criteria import TonicCriteria
    from detectors.motion.brief_criteria import JerkCriteria, PossibleEpisodeCriteria
    from detectors.motion.criteria import MotionCriteria, OrientationCriteria
    from detectors.motion.posture_criteria import PostureCriteria
    from detectors.night.context_criteria import ContextCriteria
    from detectors.night.restlessness_criteria import RestlessnessCriteria
    from detectors.plugin import Plugin
    from detectors.quality.criteria import ValidityCriteria
    from detectors.rules.series_criteria import SeriesCriteria
    from detectors.sleep.criteria import SleepCriteria, WearCriteria

NAMES: Final = ("wasm-2016",)
"""Every set that :func:`named` knows."""


@dataclass(frozen=True, slots=True)
class Criteria:
    """A named set of criteria.

    Parameters
    ----------
    name : str
        What to call the set.
    leg_movement : LegMovementCriteria
        Leg movements in EMG.
    cramp : CrampCriteria
        Cramp-like contractions in EMG.
    resting : RestingCriteria
        The resting level that both compare with.
    quality : QualityCriteria
        When a second of EMG cannot be trusted.
    line, ecg, electrode : LineCriteria, EcgCriteria, ElectrodeCriteria
        Mains, heart beat and loose electrodes in EMG.
    twitch, rhythm, tonic : TwitchCriteria, RhythmCriteria, TonicCriteria
        Twitches, rhythmic trains and weak sustained activity in EMG.
    motion : MotionCriteria
        Movements in acceleration.
    orientation : OrientationCriteria
        Changes of position in acceleration.
    jerk, possible_episode : JerkCriteria, PossibleEpisodeCriteria
        Brief jerks and possible episodes in acceleration.
    posture : PostureCriteria
        A leg that stands.
    sleep, wear : SleepCriteria, WearCriteria
        Sleep estimated from acceleration, and a sensor that is not worn.
    restlessness : RestlessnessCriteria
        Large movements of the leg.
    context : ContextCriteria
        What an event must share with another to bear on it.
    validity : ValidityCriteria
        What signal counts, and how much of it a number needs.
    wasm, aasm : SeriesCriteria
        Which movements count and form series, by two standards.
    plugins : tuple of Plugin
        Detectors of others that are switched on, with their own numbers; none in a named set.

    Raises
    ------
    ValueError
        If two plug-ins have the same name, or one has the name of a group.
    """

    name: str
    leg_movement: LegMovementCriteria
    cramp: CrampCriteria
    resting: RestingCriteria
    quality: QualityCriteria
    line: LineCriteria
    ecg: EcgCriteria
    electrode: ElectrodeCriteria
    twitch: TwitchCriteria
    rhythm: RhythmCriteria
    tonic: TonicCriteria
    motion: MotionCriteria
    orientation: OrientationCriteria
    jerk: JerkCriteria
    possible_episode: PossibleEpisodeCriteria
    posture: PostureCriteria
    sleep: SleepCriteria
    wear: WearCriteria
    restlessness: RestlessnessCriteria
    context: ContextCriteria
    validity: ValidityCriteria
    wasm: SeriesCriteria
    aasm: SeriesCriteria
    plugins: tuple[Plugin, ...] = ()

    def __post_init__(self) -> None:
        names = [plugin.name for plugin in self.plugins]
        taken = [name for name in names if names.count(name) > 1 or name in {item.name for item in fields(self)}]
        if taken:
            msg = f"a plug-in is called {taken[0]}, expected a name that no other and no group of thresholds has"
            raise ValueError(msg)


def named(name: str) -> Criteria:
    """Return a set of criteria by its name.

    Parameters
    ----------
    name : str
        ``wasm-2016``: the published amplitude rules with our resting level and relative terms.

    Returns
    -------
    Criteria
        The set.

    Raises
    ------
    ValueError
        If no set has that name.

    Examples
    --------
    >>> named("wasm-2016").leg_movement.onset_uv
    8.0
    """
    known = {
        "wasm-2016": Criteria(
            name="wasm-2016",
            leg_movement=emg.LEG_MOVEMENT,
            cramp=cramp.CRAMP,
            resting=emg.RESTING,
            quality=emg.QUALITY,
            line=emg.LINE,
            ecg=emg.ECG,
            electrode=emg.ELECTRODE,
            twitch=brief.TWITCH,
            rhythm=brief.RHYTHM,
            tonic=brief.TONIC,
            motion=motion.MOTION,
            orientation=motion.ORIENTATION,
            jerk=motion.JERK,
            possible_episode=motion.POSSIBLE_EPISODE,
            posture=sleep.POSTURE,
            sleep=sleep.SLEEP,
            wear=sleep.WEAR,
            restlessness=night.RESTLESSNESS,
            context=night.CONTEXT,
            validity=validity.VALIDITY,
            wasm=WASM_2016,
            aasm=AASM,
        )
    }
    if name not in known:
        msg = f"criteria are called {name!r}, expected one of: {', '.join(NAMES)}"
        raise ValueError(msg)
    return known[name]

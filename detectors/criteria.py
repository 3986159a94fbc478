"""Every threshold of a scoring run in one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from detectors import proposed
from detectors.published import AASM, WASM_2016

if TYPE_CHECKING:
    from detectors.emg.cramp_criteria import CrampCriteria
    from detectors.emg.criteria import LegMovementCriteria, QualityCriteria, RestingCriteria
    from detectors.motion.criteria import MotionCriteria, OrientationCriteria
    from detectors.series_criteria import SeriesCriteria


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
    motion : MotionCriteria
        Movements in acceleration.
    orientation : OrientationCriteria
        Changes of position in acceleration.
    wasm, aasm : SeriesCriteria
        Which movements count and form series, by two standards.
    """

    name: str
    leg_movement: LegMovementCriteria
    cramp: CrampCriteria
    resting: RestingCriteria
    quality: QualityCriteria
    motion: MotionCriteria
    orientation: OrientationCriteria
    wasm: SeriesCriteria
    aasm: SeriesCriteria


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
            leg_movement=proposed.LEG_MOVEMENT,
            cramp=proposed.CRAMP,
            resting=proposed.RESTING,
            quality=proposed.QUALITY,
            motion=proposed.MOTION,
            orientation=proposed.ORIENTATION,
            wasm=WASM_2016,
            aasm=AASM,
        )
    }
    if name not in known:
        msg = f"criteria are called {name!r}, expected one of: {', '.join(known)}"
        raise ValueError(msg)
    return known[name]

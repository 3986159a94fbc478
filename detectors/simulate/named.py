"""The regimes by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.simulate.ranges import artefact, clean, hard, healthy, spastic
from detectors.simulate.splits import Split

if TYPE_CHECKING:
    from detectors.simulate.regimes import Regime

RANGES_OF_TEST: tuple[Regime, ...] = (clean.TEST, hard.TEST, healthy.TEST, spastic.TEST, artefact.TEST)
RANGES_OF_TUNING: tuple[Regime, ...] = (clean.TUNING, hard.TUNING, healthy.TUNING, spastic.TUNING, artefact.TUNING)
REGIMES = tuple(regime.name for regime in RANGES_OF_TEST)


def named_regime(name: str, split: Split | str = Split.TEST) -> Regime:
    """Return the regime of a name.

    Parameters
    ----------
    name : str
        ``clean``, ``hard``, ``healthy``, ``spastic`` or ``artefact``.
    split : Split or str
        Whether its ranges are those for the test or those for tuning.

    Returns
    -------
    Regime
        The regime.

    Raises
    ------
    ValueError
        If there is no regime or no split of that name.

    Examples
    --------
    >>> named_regime("clean").emg.noise_uv, named_regime("clean", "tuning").emg.noise_uv
    ((1.0, 1.6), (0.6, 0.98))
    """
    regimes = {one.name: one for one in (RANGES_OF_TUNING if Split(split) is Split.TUNING else RANGES_OF_TEST)}
    if name not in regimes:
        msg = f"regime is {name!r}, expected one of {', '.join(regimes)}"
        raise ValueError(msg)
    return regimes[name]

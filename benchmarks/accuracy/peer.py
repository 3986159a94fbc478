"""Leg movements as ``psgscoring`` finds them (BSD-3-Clause): the same night through another program.

It is asked as its own pipeline asks it: raw EMG in µV, every epoch called sleep since nights are compared
whole. It scores one person's legs together, so each leg is asked alone for its movements and both
together for the index.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from detectors.simulate import SimulatedNight

EPOCH_S = 30
# Its two ways to end a movement: below its onset threshold, or by the 2 µV of the AASM rule.
WAYS = {"psgscoring": False, "psgscoring, offset_aasm": True}


def peer_rows(night: SimulatedNight) -> dict[str, Any]:
    """Return the movements of each leg and the index, by the way in which a movement ends."""
    legs = {leg.leg.value: leg.emg(0, leg.n_emg)[:, 0].astype(float) for leg in night.legs}
    fs_hz = night.legs[0].emg_fs_hz
    asleep = ["N2"] * (round(night.duration_s) // EPOCH_S + 1)
    return {
        name: {
            "movements": {leg: _movements(data_uv, fs_hz, asleep, literal=literal) for leg, data_uv in legs.items()},
            # Asking for the index costs as much as asking for both lists, so it is asked for once.
            "plmi_per_h": None if literal else _index(tuple(legs.values()), fs_hz, asleep),
        }
        for name, literal in WAYS.items()
    }


def _movements(
    data_uv: NDArray[np.float64], fs_hz: float, asleep: list[str], *, literal: bool
) -> list[tuple[float, float]]:
    answer = _asked(data_uv, None, fs_hz, asleep, literal=literal)
    return [(event["onset_s"], event["onset_s"] + event["duration_s"]) for event in answer["events"]]


def _index(legs: tuple[NDArray[np.float64], ...], fs_hz: float, asleep: list[str]) -> float | None:
    index: float | None = _asked(legs[0], legs[1], fs_hz, asleep, literal=False)["summary"]["plm_index"]
    return index


def _asked(
    left: NDArray[np.float64], right: NDArray[np.float64] | None, fs_hz: float, asleep: list[str], *, literal: bool
) -> dict[str, Any]:
    # Only `make accuracy` has it installed.
    from psgscoring.plm import analyze_plm  # noqa: PLC0415 - a development-only dependency

    answer: dict[str, Any] = analyze_plm(
        left, right, fs_hz, asleep, leg_unit="uV", event_list_cap=None, offset_aasm=literal
    )
    if not answer["success"]:
        msg = f"psgscoring: {answer['error']}"
        raise RuntimeError(msg)
    return answer

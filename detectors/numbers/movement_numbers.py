"""The numbers of a night that count leg movements and their series (science.md 1.4, 6.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detectors.events import EventKind
from detectors.numbers.night_view import share
from detectors.numbers.unknown import NO_SIGNAL, TOO_FEW, Unknown, rate
from detectors.rules import indices
from detectors.sleep.basis import NO_STAGES, lies_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.numbers.night_view import NightView
    from detectors.rules.combined import CombinedMovement

_NO_SLEEP_SIGNAL = Unknown("no valid signal in scored sleep")
_NO_WAKE_SIGNAL = Unknown("no valid signal in scored wake")


def movement_numbers(night: NightView) -> dict[str, Any]:
    """Return counts, rates and intervals of the leg movements of a night.

    Parameters
    ----------
    night : NightView
        The night; its basis is the stages of a person, or none.

    Returns
    -------
    dict
        Values by name, or why they are unknown. ``lm_per_h`` and ``clm_per_h`` are per hour of valid
        recording, the other rates per hour of the basis.
    """
    wasm, hours = night.facts.wasm, night.valid.movement_h()
    if not hours:
        return dict.fromkeys((*_COUNTED, *_RATES, *_INTERVALS, *_SHARES, "plmw_wasm_per_h"), NO_SIGNAL)
    candidates = [movement for movement in wasm if movement.clm]
    series = night.of_kind(EventKind.PERIODIC_SERIES)
    return {
        "lm": len(wasm),
        "clm": len(candidates),
        "plm_wasm": sum(movement.plm for movement in wasm),
        "plm_aasm": sum(movement.plm for movement in night.facts.aasm),
        "plm_series": len(series),
        "plm_series_mean_n": sum(s.measures["n"] for s in series) / len(series) if series else TOO_FEW,
        "lm_per_h": rate(night.counted(wasm), hours, night.too_short),
        "clm_per_h": rate(night.counted(candidates), hours, night.too_short),
        **periodic_rates(night),
        "plmw_wasm_per_h": NO_STAGES if night.basis is None else _wake_rate(night),
        **_intervals(wasm),
        **_shares(night),
    }


def no_periodic_rates(night: NightView) -> Unknown | None:
    """Return why there are no periodic movements per hour of this night; None where there are."""
    if not night.valid.movement_h():
        return NO_SIGNAL
    index = rate(0.0, night.valid.movement_h(night.sleep), night.too_short, _NO_SLEEP_SIGNAL)
    return index if isinstance(index, Unknown) else None


def periodic_rates(night: NightView) -> dict[str, Any]:
    """Return the periodic, short-interval and isolated movements per hour of sleep, or of the recording."""
    wasm, sleep_h = night.facts.wasm, night.valid.movement_h(night.sleep)
    counted = {
        "plms_wasm_per_h": [movement for movement in wasm if movement.plm],
        "plms_aasm_per_h": [movement for movement in night.facts.aasm if movement.plm],
        "silms_per_h": indices.short_interval(wasm),
        "isolms_per_h": indices.isolated(wasm),
    }
    return {
        name: rate(_asleep(night, movements), sleep_h, night.too_short, _NO_SLEEP_SIGNAL)
        for name, movements in counted.items()
    }


def estimated_rates(night: NightView) -> dict[str, Any]:
    """Return the rates per hour of estimated sleep and wake; every name ends in ``_est``."""
    rates = {**periodic_rates(night), "plmw_wasm_per_h": _wake_rate(night)}
    return {f"{name}_est": value for name, value in rates.items()}


def _asleep(night: NightView, movements: Sequence[CombinedMovement]) -> float:
    return night.counted(movement for movement in movements if night.in_sleep(movement.onset_ns))


def _wake_rate(night: NightView) -> float | Unknown:
    basis = night.basis
    if basis is None:
        return NO_STAGES
    in_wake = [movement for movement in night.facts.wasm if movement.plm and basis.awake(movement.onset_ns)]
    return rate(night.counted(in_wake), night.valid.movement_h(basis.wake), night.too_short, _NO_WAKE_SIGNAL)


def _intervals(movements: Sequence[CombinedMovement]) -> dict[str, Any]:
    mean, sd = indices.log_imi_spread(movements)
    known = {
        "periodicity_index": indices.periodicity_index(movements),
        "imi_mode_s": indices.imi_mode_s(movements),
        "log_imi_mean": mean,
        "log_imi_sd": sd,
    }
    histogram = indices.imi_histogram(movements)
    drawn = {"edges_s": list(histogram.edges), "counts": list(histogram.counts)}
    return {name: TOO_FEW if value is None else value for name, value in known.items()} | {"imi_histogram": drawn}


def _shares(night: NightView) -> dict[str, Any]:
    """Return how many movements both legs made, were seen moving, and came with movement of the body."""
    movements, notes = night.facts.wasm, night.facts.notes

    def told(movement: CombinedMovement, name: str) -> bool | None:
        parts = [notes.get(part) for part in movement.parts if night.scored_by_emg(part.leg)]
        known = [getattr(note, name) for note in parts if note is not None and getattr(note, name) is not None]
        return any(known) if known else None

    moved = share(movements, lambda movement: told(movement, "moved"))
    activated = share(movements, lambda movement: told(movement, "activated"))
    no_motion = Unknown("no leg movement in EMG on a leg with acceleration")
    return {
        "bilateral_percent": _bilateral_percent(night),
        "moved_share": no_motion if moved is None else moved,
        "with_activation_share": no_motion if activated is None else activated,
    }


def _bilateral_percent(night: NightView) -> float | Unknown:
    """Return the share of movements that both legs made, while both could be scored, %."""
    both = night.valid.both
    if not both.hours:
        return Unknown("one leg gave a signal")
    if night.valid.one_leg:
        return Unknown(f"both legs gave a signal at once for {both.hours:.2f} h only")
    spans = both.stretches()
    seen = [movement for movement in night.facts.wasm if lies_in(movement.onset_ns, spans)]
    percent = indices.bilateral_percent(seen)
    return TOO_FEW if percent is None else percent


def movement_source(night: NightView) -> str | Unknown:
    """Return what movements were found in: ``emg``, ``acceleration`` or ``mixed``, one leg in each."""
    quantities = night.valid.quantities
    if not quantities:
        return NO_SIGNAL
    return str(next(iter(quantities))) if len(quantities) == 1 else "mixed"


_COUNTED = ("lm", "clm", "plm_wasm", "plm_aasm", "plm_series", "plm_series_mean_n", "lm_per_h", "clm_per_h")
_RATES = ("plms_wasm_per_h", "plms_aasm_per_h", "silms_per_h", "isolms_per_h")
_INTERVALS = ("periodicity_index", "imi_mode_s", "log_imi_mean", "log_imi_sd", "imi_histogram")
_SHARES = ("bilateral_percent", "moved_share", "with_activation_share")

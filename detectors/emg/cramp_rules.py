"""What a sustained contraction is compared with, and how sure that makes one of it (science.md 3.5)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from detectors.emg.confidence import share
from detectors.events import Step, StepRole
from detectors.resting import quantile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from detectors.emg.brief_criteria import RhythmCriteria
    from detectors.emg.contraction import Contraction, Rhythm
    from detectors.emg.cramp_criteria import CrampCriteria
    from detectors.events import EventKind

_P95 = 0.95
_HALF = 0.5


class Judged(NamedTuple):
    """A contraction with everything that is compared."""

    kind: EventKind
    span: tuple[int, int]
    measures: dict[str, float]
    why: tuple[Step, ...]


def amplitudes(contraction: Contraction, envelope_s: float, resting_uv: float) -> dict[str, float]:
    """Return ``peak_uv``, ``mean_uv``, ``p95_uv`` of the envelope, and the ``ratio`` of the last to rest."""
    envelope = contraction.rms(envelope_s)
    p95_uv = quantile(envelope, _P95)
    return {
        "peak_uv": float(envelope.max()),
        "mean_uv": float(envelope.mean()),
        "p95_uv": p95_uv,
        "ratio": p95_uv / resting_uv,
    }


def artefact_steps(measures: dict[str, float], criteria: CrampCriteria) -> tuple[Step, ...]:
    """Return the comparisons of ``lf_hf`` and ``line_ratio``, where they were measured."""
    limits = {"max_lf_hf": ("lf_hf", criteria.max_lf_hf), "max_line_share": ("line_ratio", criteria.max_line_share)}
    return tuple(
        Step(rule, measures[name], limit, measures[name] <= limit)
        for rule, (name, limit) in limits.items()
        if name in measures
    )


def ending_steps(contraction: Contraction, end: int, width: int, offset_uv: float) -> tuple[Step, ...]:
    """Return the comparison that ended a run at hop `end`, if it was not the signal that ended."""
    after = contraction.power.between(end, end + width)
    if len(after) < width:
        return ()
    return (Step("offset_uv", math.sqrt(float(after.mean())), offset_uv, held=True, role=StepRole.INFORMATION),)


def is_rhythmic(rhythm: Rhythm, criteria: CrampCriteria) -> bool:
    """Return whether the rhythm test is positive."""
    return rhythm.share > criteria.rhythm_share and rhythm.prominence > criteria.rhythm_prominence


def clonus_steps(
    rhythm: Rhythm, criteria: CrampCriteria, limits: RhythmCriteria, least_depth: tuple[str, float]
) -> tuple[Step, ...]:
    """Return the comparisons that make a rhythm a clonus, given the rule about its depth."""
    rule, depth = least_depth
    return (
        Step("rhythm_share", rhythm.share, criteria.rhythm_share, rhythm.share > criteria.rhythm_share),
        Step(
            "rhythm_prominence",
            rhythm.prominence,
            criteria.rhythm_prominence,
            rhythm.prominence > criteria.rhythm_prominence,
        ),
        Step("clonus_low_hz", rhythm.hz, limits.clonus_low_hz, rhythm.hz >= limits.clonus_low_hz),
        Step("clonus_high_hz", rhythm.hz, limits.clonus_high_hz, rhythm.hz <= limits.clonus_high_hz),
        Step(rule, rhythm.depth, depth, rhythm.depth >= depth),
        Step("clonus_max_half", rhythm.half, limits.clonus_max_half, rhythm.half <= limits.clonus_max_half),
    )


def cramp_steps(measures: dict[str, float], criteria: CrampCriteria) -> tuple[Step, ...]:
    """Return the comparisons that tell a cramp-like contraction from rhythmic and patchy activity."""
    duty, modulation = measures["duty"], measures["modulation"]
    part, prominence = measures["rhythm_share"], measures["rhythm_prominence"]
    either = StepRole.ALTERNATIVE
    return (
        Step("min_duty", duty, criteria.min_duty, duty >= criteria.min_duty),
        Step("max_modulation", modulation, criteria.max_modulation, modulation <= criteria.max_modulation),
        Step("rhythm_share", part, criteria.rhythm_share, part <= criteria.rhythm_share, either),
        Step(
            "rhythm_prominence",
            prominence,
            criteria.rhythm_prominence,
            prominence <= criteria.rhythm_prominence,
            either,
        ),
    )


def terms(measures: dict[str, float], criteria: CrampCriteria, *, clipped: bool) -> dict[str, float]:
    """Return the terms of the confidence that one channel of EMG gives, each between 0 and 1."""
    known = {
        "duration": share(measures["duration_s"], criteria.min_s, criteria.full_duration_s),
        "amplitude": share(
            math.log(measures["ratio"]),
            math.log(criteria.no_amplitude_ratio),
            math.log(criteria.full_amplitude_ratio),
        ),
        "stationarity": share(measures["modulation"], criteria.max_modulation, criteria.full_modulation),
        "profile": share(measures["profile"], criteria.no_profile, criteria.full_profile),
    }
    limits = {"lf_hf": criteria.max_lf_hf, "line_ratio": criteria.max_line_share}
    clean = [share(measures[name], limit, _HALF * limit) for name, limit in limits.items() if name in measures]
    if clean:
        known["cleanliness"] = 0.0 if clipped else min(clean)
    return known


def least_depth(measures: Mapping[str, float], criteria: CrampCriteria, limits: RhythmCriteria) -> tuple[str, float]:
    """Return the rule about the depth of a clonus, and what it asks for.

    Parameters
    ----------
    measures : mapping of str to float
        ``duration_s``, ``band_low_hz`` and ``band_high_hz`` are used.
    criteria : CrampCriteria
        From ``min_s`` on a rhythm is long enough to stand out.
    limits : RhythmCriteria
        Depths in a band of ``clonus_band_hz``; in a narrower one any muscle fluctuates more.

    Returns
    -------
    tuple of str and float
        Name of the rule, and the least depth.
    """
    rule = "clonus_min_depth" if measures["duration_s"] >= criteria.min_s else "clonus_short_depth"
    narrow = limits.clonus_band_hz / (measures["band_high_hz"] - measures["band_low_hz"])
    return rule, float(getattr(limits, rule)) * math.sqrt(max(narrow, 1.0))


def under_an_artefact(why: Iterable[Step], rise_ratio: float, least: float) -> tuple[Step, ...]:
    """Return steps, that of the movement artefact one of two, since muscle may rise beyond what it explains."""
    steps: list[Step] = []
    for step in why:
        # Without a rise measured there is nothing to choose from.
        if not rise_ratio or step.rule != "max_lf_hf":
            steps.append(step)
            continue
        either = StepRole.ALTERNATIVE
        risen = Step("min_rise_ratio", rise_ratio, least, rise_ratio >= least, either)
        steps += [step._replace(role=either), risen]
    return tuple(steps)

"""Single happenings of a simulated night: a movement, a cramp, a turn, each with its truth."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.events import EventKind
from detectors.simulate.randomness import clipped_log_normal, log_uniform
from detectors.simulate.truth import Burst, Rotation, TruthEvent

if TYPE_CHECKING:
    from detectors.signal import Leg
    from detectors.simulate.regimes import MovementRegime, Range, Regime
    from detectors.simulate.timetable import MovementTime, Span

# The published rise above rest (AASM; WASM 2016), µV, and how far above the level that reaches it "clear" begins.
ONSET_UV = 8.0
CLEAR_FACTOR = 3.0
CLEAR_MOVEMENT_S = 0.7
CLEAR_CRAMP_S = 15.0
CLEAR_CRAMP_RATIO = 5.0
MOVEMENT_MEDIAN_S = 2.3
MOVEMENT_SIGMA = 0.45
MOVEMENT_LIMITS_S = (0.6, 9.5)
RISE_S = (0.03, 0.25)
FALL_S = (0.1, 0.5)
# Rise and fall together never take more than this share of a short movement.
EDGE_SHARE = 0.5
POLYPHASIC_SHARE = 0.2
DIP_DEPTH = (0.3, 0.6)
# Muscle moves the leg about 50 ms after its electrical onset.
ELECTROMECHANICAL_S = 0.05
OUT_S = (0.2, 0.6)
BACK_S = (0.3, 1.5)
LEVER_M = (0.25, 0.35)
CALF_SHARE_OF_MOVEMENT = 0.35
CALF_SHARE_OF_CRAMP = 1.8
CRAMP_DECAY_SHARE = (0.1, 0.4)
# Slow wandering below 0.5 Hz, and the common drive of 1.3 to 1.5 Hz that motor units show in a cramp (Minetto 2009).
SWAY_HZ = ((0.03, 0.1), (0.1, 0.4), (1.3, 1.5))
SWAY_DEPTH = ((0.05, 0.15), (0.03, 0.1), (0.03, 0.08))
SHIFT_BURST_LEAD_S = 0.2
SHIFT_BURST_TAIL_S = (0.5, 3.0)
SHIFT_BURST_UV = (40.0, 150.0)
# A raised cosine passes 10 % of its height at this share of its length.
RISE_10_SHARE = float(np.arccos(0.8) / np.pi)


class Happening(NamedTuple):
    """What happens to one leg at one time, and what it looks like."""

    truth: tuple[TruthEvent, ...]
    burst: Burst | None
    rotation: Rotation | None

    @property
    def leg(self) -> Leg:
        """The leg that it happens to."""
        return self.truth[0].leg

    @property
    def onset_s(self) -> float:
        """When it begins, s."""
        return min(event.onset_s for event in self.truth)


def clear_movement_uv(noise_uv: float) -> float:
    """Return the level from which a movement is clear, µV RMS."""
    return CLEAR_FACTOR * (noise_uv + max(ONSET_UV, noise_uv))


def movement(rng: np.random.Generator, time: MovementTime, leg: Leg, noise_uv: float, regime: Regime) -> Happening:
    """Draw a leg movement."""
    length_s = clipped_log_normal(rng, MOVEMENT_MEDIAN_S, MOVEMENT_SIGMA, MOVEMENT_LIMITS_S)
    amplitude_uv = log_uniform(rng, *regime.movements.amplitude_uv)
    burst = _burst(rng, time.onset_s, time.onset_s + length_s, amplitude_uv)
    rotation = _visible(rng, burst, regime.movements)
    clear = length_s >= CLEAR_MOVEMENT_S and amplitude_uv >= clear_movement_uv(noise_uv)
    truth = TruthEvent(
        kind=EventKind.LEG_MOVEMENT,
        leg=leg,
        onset_s=burst.onset_s,
        end_s=burst.end_s,
        amplitude_uv=amplitude_uv,
        clear=clear,
        series=time.series,
        rise_10_s=burst.onset_s + RISE_10_SHARE * burst.rise_s,
        angle_deg=rotation.angle_deg if rotation else 0.0,
    )
    return Happening((truth,), burst, rotation)


def cramp(rng: np.random.Generator, span: Span, leg: Leg, noise_uv: float, regime: Regime) -> Happening:
    """Draw a cramp: it builds up, wanders, fades; the leg lies still."""
    length_s = span.end_s - span.onset_s
    ratio = log_uniform(rng, *regime.cramps.ratio)
    # Three time constants of an exponential build-up, as a raised cosine; never more than a third of the cramp.
    rise_s = min(3.0 * float(rng.uniform(*regime.cramps.rise_s)), length_s / 3.0)
    sway = tuple(
        (float(rng.uniform(*hz)), float(rng.uniform(*depth)), float(rng.uniform(0.0, 2.0 * np.pi)))
        for hz, depth in zip(SWAY_HZ, SWAY_DEPTH, strict=True)
    )
    burst = Burst(
        onset_s=span.onset_s,
        end_s=span.end_s,
        amplitude_uv=ratio * noise_uv,
        rise_s=rise_s,
        fall_s=float(rng.uniform(*CRAMP_DECAY_SHARE)) * length_s,
        sway=sway,
        calf_share=CALF_SHARE_OF_CRAMP,
    )
    truth = TruthEvent(
        kind=EventKind.CRAMP,
        leg=leg,
        onset_s=burst.onset_s,
        end_s=burst.end_s,
        amplitude_uv=burst.amplitude_uv,
        clear=length_s >= CLEAR_CRAMP_S and ratio >= CLEAR_CRAMP_RATIO,
        rise_10_s=burst.onset_s + RISE_10_SHARE * rise_s,
    )
    return Happening((truth,), burst, None)


def shift(rng: np.random.Generator, span: Span, leg: Leg, noise_uv: float, regime: Regime) -> Happening:
    """Draw a turn of the leg into a new posture, with the muscle activity that makes it."""
    burst = _burst(
        rng,
        span.onset_s - SHIFT_BURST_LEAD_S,
        span.end_s + float(rng.uniform(*SHIFT_BURST_TAIL_S)),
        log_uniform(rng, *SHIFT_BURST_UV),
    )
    roll = 1.0 if rng.random() < 0.5 else -1.0  # noqa: PLR2004 - a fair coin
    rotation = Rotation(
        onset_s=span.onset_s,
        out_s=span.end_s - span.onset_s,
        hold_s=0.0,
        back_s=0.0,
        angle_deg=float(rng.uniform(*regime.shifts.angle_deg)),
        axis=(roll, 0.0, 0.0),
        lever_m=float(rng.uniform(*LEVER_M)),
    )
    turned = TruthEvent(
        kind=EventKind.SHIFT,
        leg=leg,
        onset_s=span.onset_s,
        end_s=span.end_s,
        amplitude_uv=burst.amplitude_uv,
        clear=True,
        angle_deg=rotation.angle_deg,
    )
    moved = TruthEvent(
        kind=EventKind.LEG_MOVEMENT,
        leg=leg,
        onset_s=burst.onset_s,
        end_s=burst.end_s,
        amplitude_uv=burst.amplitude_uv,
        clear=burst.amplitude_uv >= clear_movement_uv(noise_uv),
        rise_10_s=burst.onset_s + RISE_10_SHARE * burst.rise_s,
        angle_deg=rotation.angle_deg,
    )
    return Happening((turned, moved), burst, rotation)


def _burst(rng: np.random.Generator, onset_s: float, end_s: float, amplitude_uv: float) -> Burst:
    """Draw the envelope of a movement."""
    length_s = end_s - onset_s
    rise_s, fall_s = float(rng.uniform(*RISE_S)), float(rng.uniform(*FALL_S))
    shrink = min(1.0, EDGE_SHARE * length_s / (rise_s + fall_s))
    polyphasic = rng.random() < POLYPHASIC_SHARE
    centres = (0.5,) if rng.random() < 0.5 else (0.35, 0.65)  # noqa: PLR2004 - a fair coin
    return Burst(
        onset_s=onset_s,
        end_s=end_s,
        amplitude_uv=amplitude_uv,
        rise_s=rise_s * shrink,
        fall_s=fall_s * shrink,
        dips=tuple((centre, float(rng.uniform(*DIP_DEPTH))) for centre in centres) if polyphasic else (),
        calf_share=CALF_SHARE_OF_MOVEMENT,
    )


def _visible(rng: np.random.Generator, burst: Burst, regime: MovementRegime) -> Rotation | None:
    """Draw how the leg turns and comes back, or None when acceleration shows nothing."""
    seen = rng.random() < regime.visible_share
    out_s, back_s = _within(rng, OUT_S), _within(rng, BACK_S)
    angle_deg = log_uniform(rng, *regime.angle_deg)
    tilt_rad = float(rng.normal(0.0, 0.2))
    lever_m = _within(rng, LEVER_M)
    if not seen:
        return None
    length_s = burst.end_s - burst.onset_s
    out_s = min(out_s, length_s / 2.0)
    return Rotation(
        onset_s=burst.onset_s + ELECTROMECHANICAL_S,
        out_s=out_s,
        hold_s=max(0.0, length_s - out_s - back_s),
        back_s=back_s,
        angle_deg=angle_deg,
        axis=(0.0, float(np.cos(tilt_rad)), float(np.sin(tilt_rad))),
        lever_m=lever_m,
    )


def _within(rng: np.random.Generator, limits: Range) -> float:
    """Return a uniform number inside limits."""
    return float(rng.uniform(*limits))

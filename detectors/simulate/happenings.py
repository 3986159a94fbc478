"""Movements and turns of a simulated night, each with its truth and what makes it in the signals."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.events import EventKind
from detectors.simulate.plan import Burst, Contact, Pop, Potential, Rotation, Table, Walk, Wave
from detectors.simulate.randomness import clipped_log_normal, level, log_uniform
from detectors.simulate.timetable import Span
from detectors.simulate.truth import Cause, TruthEvent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detectors.signal import Leg
    from detectors.simulate.regimes import Regime
    from detectors.simulate.surroundings import Range
    from detectors.simulate.timetable import MovementTime

# The published rise above rest (AASM; WASM 2016), µV, and how far above the level that reaches it "clear" begins.
ONSET_UV = 8.0
CLEAR_FACTOR = 3.0
CLEAR_MOVEMENT_S = 0.7
MOVEMENT_MEDIAN_S = 2.3
MOVEMENT_SIGMA = 0.45
MOVEMENT_LIMITS_S = (0.6, 9.5)
RISE_S = (0.03, 0.25)
FALL_S = (0.1, 0.5)
# Rise and fall together never take more than this share of a short movement.
EDGE_SHARE = 0.5
POLYPHASIC_SHARE = 0.2
DIP_DEPTH = (0.3, 0.6)
# A short jerk before the movement itself: its length and the pause after it.
SPIKE_S = (0.05, 0.15)
SPIKE_PAUSE_S = (0.02, 0.15)
# Muscle moves the leg about 50 ms after its electrical onset.
ELECTROMECHANICAL_S = 0.05
OUT_S = (0.2, 0.6)
BACK_S = (0.3, 1.5)
LEVER_M = (0.25, 0.35)
CALF_SHARE_OF_MOVEMENT = 0.35
SHIFT_BURST_LEAD_S = 0.2
SHIFT_BURST_TAIL_S = (0.5, 3.0)
SHIFT_BURST_UV = (40.0, 150.0)
# A large movement before a turn: pulls of the leg, one after the other.
PULL_S = (0.8, 2.5)
PULL_DEG = (4.0, 25.0)
# A raised cosine passes 10 % of its height at this share of its length.
RISE_10_SHARE = float(np.arccos(0.8) / np.pi)


class Body(NamedTuple):
    """Whose night it is."""

    regime: Regime
    noise_uv: Mapping[Leg, float]
    visible_share: float


class Happening(NamedTuple):
    """What happens to one leg at one time, and what it looks like."""

    leg: Leg
    truth: tuple[TruthEvent, ...] = ()
    bursts: tuple[Burst, ...] = ()
    rotations: tuple[Rotation, ...] = ()
    potentials: tuple[Potential, ...] = ()
    walks: tuple[Walk, ...] = ()
    waves: tuple[Wave, ...] = ()
    pops: tuple[Pop, ...] = ()
    contacts: tuple[Contact, ...] = ()
    tables: tuple[Table, ...] = ()


def clear_movement_uv(noise_uv: float) -> float:
    """Return the level from which a movement is clear, µV RMS."""
    return CLEAR_FACTOR * (noise_uv + max(ONSET_UV, noise_uv))


def movement(rng: np.random.Generator, time: MovementTime, leg: Leg, body: Body) -> Happening:
    """Draw a leg movement.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    time : MovementTime
        When.
    leg : Leg
        Which leg.
    body : Body
        Whose.

    Returns
    -------
    Happening
        One movement; a short jerk that precedes it belongs to it.
    """
    regime = body.regime.movements
    length_s = clipped_log_normal(rng, MOVEMENT_MEDIAN_S, MOVEMENT_SIGMA, MOVEMENT_LIMITS_S)
    amplitude_uv = level(rng, regime.amplitude_uv, regime.amplitude_law)
    burst = drawn_burst(rng, time.onset_s, time.onset_s + length_s, amplitude_uv)
    rotation = _visible(rng, burst, body)
    bursts = (*_spike(rng, burst, regime.spike_share), burst)
    clear = length_s >= CLEAR_MOVEMENT_S and amplitude_uv >= clear_movement_uv(body.noise_uv[leg])
    cause = Cause.SHORT_INTERVAL if time.follows else Cause.ISOLATED if time.series is None else Cause.PERIODIC
    truth = TruthEvent(
        kind=EventKind.LEG_MOVEMENT,
        leg=leg,
        onset_s=bursts[0].onset_s,
        end_s=burst.end_s,
        amplitude_uv=amplitude_uv,
        clear=clear,
        series=time.series,
        rise_10_s=bursts[0].onset_s + RISE_10_SHARE * bursts[0].rise_s,
        angle_deg=rotation.angle_deg if rotation else 0.0,
        cause=cause,
    )
    return Happening(leg, (truth,), bursts, (rotation,) if rotation else ())


def shift(rng: np.random.Generator, span: Span, leg: Leg, body: Body, *, large_s: float = 0.0) -> Happening:
    """Draw a turn of the leg into a new posture, with the muscle activity that makes it.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    span : Span
        When the leg turns.
    leg : Leg
        Which leg.
    body : Body
        Whose.
    large_s : float
        Length of a large movement before the turn, s; 0 for none.

    Returns
    -------
    Happening
        The turn, the movement that makes it, and the large movement where there is one.
    """
    begin_s = span.onset_s - large_s
    burst = drawn_burst(
        rng,
        begin_s - SHIFT_BURST_LEAD_S,
        span.end_s + within(rng, SHIFT_BURST_TAIL_S),
        log_uniform(rng, *SHIFT_BURST_UV),
    )
    roll = 1.0 if rng.random() < 0.5 else -1.0  # noqa: PLR2004 - a fair coin
    rotation = Rotation(
        onset_s=span.onset_s,
        out_s=span.end_s - span.onset_s,
        hold_s=0.0,
        back_s=0.0,
        angle_deg=within(rng, body.regime.shifts.angle_deg),
        axis=(roll, 0.0, 0.0),
        lever_m=within(rng, LEVER_M),
    )
    clear = not large_s and burst.amplitude_uv >= clear_movement_uv(body.noise_uv[leg])
    truth = [
        _turning(EventKind.SHIFT, leg, Span(begin_s, span.end_s), (burst, rotation), clear=True),
        _turning(EventKind.LEG_MOVEMENT, leg, Span(burst.onset_s, burst.end_s), (burst, rotation), clear=clear),
    ]
    if large_s:
        cause = Cause.LARGE_MOVEMENT
        truth = [replace(event, cause=cause) for event in truth]
        truth.append(replace(truth[1], kind=EventKind.RESTLESSNESS, clear=True))
    pulls = _pulls(rng, begin_s, span.onset_s) if large_s else []
    return Happening(leg, tuple(truth), (burst,), (*pulls, rotation))


def _turning(kind: EventKind, leg: Leg, span: Span, what: tuple[Burst, Rotation], *, clear: bool) -> TruthEvent:
    """Return one side of a turn: of the leg, or of the muscles that make it."""
    burst, rotation = what
    return TruthEvent(
        kind=kind,
        leg=leg,
        onset_s=span.onset_s,
        end_s=span.end_s,
        amplitude_uv=burst.amplitude_uv,
        clear=clear,
        rise_10_s=0.0 if kind is EventKind.SHIFT else burst.onset_s + RISE_10_SHARE * burst.rise_s,
        angle_deg=rotation.angle_deg,
        cause=Cause.TURN,
    )


def drawn_burst(rng: np.random.Generator, onset_s: float, end_s: float, amplitude_uv: float) -> Burst:
    """Draw the envelope of a movement."""
    length_s = end_s - onset_s
    rise_s, fall_s = within(rng, RISE_S), within(rng, FALL_S)
    shrink = min(1.0, EDGE_SHARE * length_s / (rise_s + fall_s))
    polyphasic = rng.random() < POLYPHASIC_SHARE
    centres = (0.5,) if rng.random() < 0.5 else (0.35, 0.65)  # noqa: PLR2004 - a fair coin
    return Burst(
        onset_s=onset_s,
        end_s=end_s,
        amplitude_uv=amplitude_uv,
        rise_s=rise_s * shrink,
        fall_s=fall_s * shrink,
        dips=tuple((centre, within(rng, DIP_DEPTH)) for centre in centres) if polyphasic else (),
        calf_share=CALF_SHARE_OF_MOVEMENT,
    )


def swing(rng: np.random.Generator, span: Span, angle_deg: float) -> Rotation:
    """Draw how the leg turns and comes back within a span."""
    length_s = span.end_s - span.onset_s
    tilt_rad = float(rng.normal(0.0, 0.2))
    out_s = min(within(rng, OUT_S), length_s / 2.0)
    back_s = min(within(rng, BACK_S), length_s - out_s)
    return Rotation(
        onset_s=span.onset_s,
        out_s=out_s,
        hold_s=max(0.0, length_s - out_s - back_s),
        back_s=back_s,
        angle_deg=angle_deg,
        axis=(0.0, float(np.cos(tilt_rad)), float(np.sin(tilt_rad))),
        lever_m=within(rng, LEVER_M),
    )


def within(rng: np.random.Generator, limits: Range) -> float:
    """Return a uniform number inside limits."""
    return float(rng.uniform(*limits))


def _spike(rng: np.random.Generator, burst: Burst, share: float) -> tuple[Burst, ...]:
    """Draw the short jerk that precedes some movements."""
    if rng.random() >= share:
        return ()
    length_s = within(rng, SPIKE_S)
    onset_s = burst.onset_s - within(rng, SPIKE_PAUSE_S) - length_s
    edge_s = length_s / 3.0
    end_s = onset_s + length_s
    return (Burst(onset_s, end_s, burst.amplitude_uv, edge_s, edge_s, calf_share=burst.calf_share),)


def _pulls(rng: np.random.Generator, onset_s: float, end_s: float) -> list[Rotation]:
    """Draw the pulls of a large movement."""
    pulls = []
    while (length_s := within(rng, PULL_S)) < end_s - onset_s:
        pulls.append(swing(rng, Span(onset_s, onset_s + length_s), log_uniform(rng, *PULL_DEG)))
        onset_s += length_s
    return pulls


def _visible(rng: np.random.Generator, burst: Burst, body: Body) -> Rotation | None:
    """Draw how the leg turns and comes back, or None when acceleration shows nothing."""
    seen = rng.random() < body.visible_share
    out_s, back_s = within(rng, OUT_S), within(rng, BACK_S)
    angle_deg = log_uniform(rng, *body.regime.movements.angle_deg)
    tilt_rad = float(rng.normal(0.0, 0.2))
    lever_m = within(rng, LEVER_M)
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

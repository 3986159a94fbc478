"""What disturbs the sensors of a simulated night without a muscle: contact, bed, table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detectors.events import EventKind
from detectors.simulate.happenings import LEVER_M, Happening, within
from detectors.simulate.plan import Axis, Contact, ContactKind, Pop, Rotation, Table, Wave
from detectors.simulate.randomness import log_uniform
from detectors.simulate.timetable import TAIL_S, Span, lengths_within, place, poisson
from detectors.simulate.truth import Cause, TruthEvent

if TYPE_CHECKING:
    from detectors.signal import Leg
    from detectors.simulate.surroundings import BedRegime, ContactRegime

POP_DECAY_S = (0.05, 1.0)
OFF_HUM_UV = (20.0, 300.0)
RAIL_SHARE = 0.3
OFF_POP_UV = (500.0, 3000.0)
POOR_FACTOR = (2.0, 6.0)
GAIN_FACTORS = (0.6, 1.8)
HUM_UV = (10.0, 50.0)
HUM_S = (60.0, 1200.0)
PARTNER_HZ, PARTNER_DECAY_S = (0.5, 3.0), (0.7, 2.5)
# A person turns in several pushes; the leg further away feels less of each.
PARTNER_PUSHES, PARTNER_PAUSE_S, FURTHER_SHARE = (1.0, 5.0), (0.3, 1.5), (0.4, 0.9)
KNOCK_HZ, KNOCK_DECAY_S, KNOCK_G = (5.0, 14.0), (0.08, 0.3), (0.05, 0.4)
HANDLING_G, HANDLING_KNOCKS = (0.2, 0.8), 4
LAID_S = 1.5
MARGIN_S = 5.0
TABLE_MARGIN_S = 20.0


def pops(
    rng: np.random.Generator, duration_s: float, leg: Leg, regime: ContactRegime, turns_s: list[float]
) -> Happening:
    """Draw the electrode pops of one leg; every other one comes with a turn of the leg, where there is one."""
    onsets_s = rng.uniform(0.0, duration_s, poisson(rng, regime.pops_per_h, duration_s))
    if turns_s:
        onsets_s[::2] = rng.choice(turns_s, len(onsets_s[::2])) + rng.uniform(0.0, 1.0, len(onsets_s[::2]))
    return Happening(leg, pops=tuple(_pop(rng, float(onset_s), regime.pop_uv) for onset_s in sorted(onsets_s)))


def contacts(
    rng: np.random.Generator, duration_s: float, leg: Leg, regime: ContactRegime, taken: list[Span]
) -> list[Happening]:
    """Draw what happens to the electrodes of one leg.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    duration_s : float
        Length of the night, s.
    leg : Leg
        Which leg.
    regime : ContactRegime
        How often.
    taken : list of Span
        What must keep its electrodes; the stretches without are added.

    Returns
    -------
    list of Happening
        Electrodes off and put back, poor contact, steps of the gain, hum from outside.
    """
    happenings = []
    window = Span(0.0, duration_s)
    count = poisson(rng, regime.off_per_h, duration_s)
    for span in place(rng, lengths_within(rng, count, regime.off_s), window, taken, MARGIN_S):
        rail = rng.random() < RAIL_SHARE
        kind = ContactKind.OFF_RAIL if rail else ContactKind.OFF_NOISE
        value = (-1.0 if rng.random() < 0.5 else 1.0) if rail else log_uniform(rng, *OFF_HUM_UV)  # noqa: PLR2004 - a coin
        truth = TruthEvent(EventKind.ELECTRODE_OFF, leg, *span, 0.0, clear=True, cause=Cause.CONTACT)
        edges = (_pop(rng, span.end_s, OFF_POP_UV),)
        happenings.append(Happening(leg, (truth,), contacts=(Contact(kind, *span, value),), pops=edges))
    anywhere: list[Span] = []
    for kind, per_h, limits_s, values in (
        (ContactKind.POOR, regime.poor_per_h, regime.poor_s, POOR_FACTOR),
        (ContactKind.HUM, regime.humming_per_h, HUM_S, HUM_UV),
    ):
        lengths_s = lengths_within(rng, poisson(rng, per_h, duration_s), limits_s)
        happenings += [
            Happening(leg, contacts=(Contact(kind, *span, log_uniform(rng, *values)),))
            for span in place(rng, lengths_s, window, anywhere, MARGIN_S)
        ]
    for onset_s in rng.uniform(0.0, duration_s, poisson(rng, regime.gain_steps_per_h, duration_s)):
        contact = Contact(ContactKind.GAIN, float(onset_s), duration_s, float(rng.choice(GAIN_FACTORS)))
        happenings.append(Happening(leg, contacts=(contact,)))
    return happenings


def bed(rng: np.random.Generator, duration_s: float, legs: tuple[Leg, ...], regime: BedRegime) -> list[Happening]:
    """Draw somebody else in the bed, and knocks on bed and cable."""
    happenings = []
    for onset_s in rng.uniform(0.0, duration_s, poisson(rng, regime.partner_per_h, duration_s)):
        pushes = np.cumsum([0.0, *(within(rng, PARTNER_PAUSE_S) for _ in range(int(within(rng, PARTNER_PUSHES)) - 1))])
        hz, decay_s, height_g = (
            within(rng, PARTNER_HZ),
            within(rng, PARTNER_DECAY_S),
            log_uniform(rng, *regime.partner_g),
        )
        axis, near = _direction(rng), int(rng.integers(len(legs)))
        for number, leg in enumerate(legs):
            felt_g = height_g * (1.0 if number == near else within(rng, FURTHER_SHARE))
            waves = (Wave(float(onset_s + push_s), hz, decay_s, felt_g, axis, shakes_leads=False) for push_s in pushes)
            happenings.append(Happening(leg, waves=tuple(waves)))
    for onset_s in rng.uniform(0.0, duration_s, poisson(rng, regime.knocks_per_h, duration_s)):
        leg = legs[int(rng.integers(len(legs)))]
        happenings.append(Happening(leg, waves=(_knock(rng, float(onset_s), KNOCK_G),)))
    return happenings


def table(
    rng: np.random.Generator, duration_s: float, legs: tuple[Leg, ...], regime: BedRegime, taken: list[Span]
) -> list[Happening]:
    """Draw a stretch in which both sensors lie on a table: handled, still, handled again."""
    if rng.random() >= regime.table_share:
        return []
    happenings = []
    window = Span(0.0, duration_s - TAIL_S)
    for span in place(rng, [within(rng, regime.table_s)], window, taken, TABLE_MARGIN_S):
        for leg in legs:
            gravity = _direction(rng)
            laid = Rotation(
                span.onset_s - LAID_S, LAID_S, 0.0, 0.0, 90.0, (0.0, 1.0, 0.0), within(rng, LEVER_M), gravity
            )
            taken_up = Rotation(
                span.end_s, LAID_S, 0.0, 0.0, 90.0, (0.0, 1.0, 0.0), within(rng, LEVER_M), (0.0, 0.0, 1.0)
            )
            truth = TruthEvent(EventKind.NOT_WORN, leg, *span, 0.0, clear=True, cause=Cause.TABLE)
            free_input = Contact(ContactKind.OFF_NOISE, *span, log_uniform(rng, *OFF_HUM_UV))
            handled_s = [
                edge + t_s
                for edge in (span.onset_s - LAID_S, span.end_s)
                for t_s in rng.uniform(0.0, LAID_S, HANDLING_KNOCKS)
            ]
            happenings.append(
                Happening(
                    leg,
                    (truth,),
                    rotations=(laid, taken_up),
                    waves=tuple(_knock(rng, float(t_s), HANDLING_G) for t_s in sorted(handled_s)),
                    contacts=(free_input,),
                    tables=(Table(*span, gravity),),
                )
            )
    return happenings


def _pop(rng: np.random.Generator, onset_s: float, limits_uv: tuple[float, float]) -> Pop:
    return Pop(onset_s, float(rng.choice((-1.0, 1.0))) * log_uniform(rng, *limits_uv), within(rng, POP_DECAY_S))


def _knock(rng: np.random.Generator, onset_s: float, limits_g: tuple[float, float]) -> Wave:
    hz, decay_s = within(rng, KNOCK_HZ), within(rng, KNOCK_DECAY_S)
    return Wave(onset_s, hz, decay_s, log_uniform(rng, *limits_g), _direction(rng), shakes_leads=True)


def _direction(rng: np.random.Generator) -> Axis:
    """Return a direction, all alike."""
    vector = rng.standard_normal(3)
    x, y, z = vector / np.linalg.norm(vector)
    return float(x), float(y), float(z)

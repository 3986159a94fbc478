"""The agenda of a simulated night: what happens to each leg, and the truth about it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from detectors.events import Stage
from detectors.signal import Leg
from detectors.simulate import disturbances
from detectors.simulate.character import character
from detectors.simulate.cramps import Aftermath, aftermath, cramp
from detectors.simulate.gathering import gathered
from detectors.simulate.happenings import Body, Happening, movement, shift, within
from detectors.simulate.incidents import rhythms, sustained, twitches
from detectors.simulate.randomness import Purpose, generator
from detectors.simulate.standing import visit
from detectors.simulate.structure import Structure, night_structure
from detectors.simulate.timetable import (
    CRAMP_MARGIN_S,
    MOVEMENT_MARGIN_S,
    SETTLE_S,
    SHIFT_MARGIN_S,
    TAIL_S,
    MovementTime,
    Span,
    cramp_times,
    free,
    movement_times,
    place,
    poisson,
    shift_times,
)

if TYPE_CHECKING:
    import numpy as np

    from detectors.simulate.plan import LegPlan
    from detectors.simulate.regimes import Regime

LEGS = (Leg.LEFT, Leg.RIGHT)
BILATERAL_LAG_S = 0.15
STANDING_MARGIN_S = 12.0
LARGE_MARGIN_S = 5.0
# Two turns are two only when the leg lies still for half a minute in between.
APART_MARGIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Agenda:
    """What is planned so far.

    Parameters
    ----------
    duration_s : float
        Length of the night, s.
    seed : int
        Seed of the night.
    body : Body
        Whose night.
    structure : Structure
        How it is slept.
    """

    duration_s: float
    seed: int
    body: Body
    structure: Structure
    happenings: list[Happening] = field(default_factory=list)
    taken: list[Span] = field(default_factory=list)

    def rng(self, purpose: Purpose) -> np.random.Generator:
        """Return the random numbers for one purpose."""
        return generator(self.seed, 0, purpose)


@dataclass(frozen=True, slots=True)
class NightPlan:
    """What happens to both legs, and how the night is slept."""

    legs: dict[Leg, LegPlan]
    structure: Structure
    visible_share: float


def plan_night(duration_s: float, seed: int, regime: Regime) -> NightPlan:
    """Decide what happens in a night.

    Parameters
    ----------
    duration_s : float
        Length of the night, s.
    seed : int
        Seed of the night.
    regime : Regime
        Kind of night.

    Returns
    -------
    NightPlan
        Everything that happens, in order of time, with the truth.
    """
    noise_uv = {leg: character(seed, number, regime).noise_uv for number, leg in enumerate(LEGS)}
    visible_share = within(generator(seed, 0, Purpose.PERSON), regime.movements.visible_share)
    structure = night_structure(generator(seed, 0, Purpose.STRUCTURE), duration_s, regime.sleep)
    agenda = Agenda(duration_s, seed, Body(regime, noise_uv, visible_share), structure)
    agenda = _cramps(agenda)
    _standing(agenda)
    _disturbances(agenda)
    _shifts(agenda)
    sustained(agenda)
    rhythms(agenda)
    _movements(agenda)
    twitches(agenda)
    for number, leg in enumerate(LEGS):
        turns_s = [item.rotations[0].onset_s for item in agenda.happenings if item.leg is leg and item.rotations]
        rng = generator(seed, number, Purpose.POPS)
        agenda.happenings.append(disturbances.pops(rng, duration_s, leg, regime.contact, turns_s))
    legs = {leg: gathered(leg, agenda.happenings, noise_uv[leg]) for leg in LEGS}
    return NightPlan(legs, agenda.structure, visible_share)


def _cramps(agenda: Agenda) -> Agenda:
    """Place the cramps, and the wakefulness that follows some of them."""
    rng, regime = agenda.rng(Purpose.CRAMPS), agenda.body.regime.cramps
    spans = cramp_times(rng, agenda.duration_s, regime)
    agenda.taken.extend(span.widened(CRAMP_MARGIN_S) for span in spans)
    later = agenda.rng(Purpose.AFTERMATH)
    awake = []
    for number, span in enumerate(spans):
        struck = cramp(rng, span, LEGS[int(rng.integers(len(LEGS)))], agenda.body)
        agenda.happenings.append(struck)
        follows = aftermath(later, struck, agenda.body)
        others = [other.widened(CRAMP_MARGIN_S) for other in spans[:number] + spans[number + 1 :]]
        if follows and follows.awake.end_s < agenda.duration_s - TAIL_S and free(follows.awake, others):
            awake.append(follows.awake)
            _follow(agenda, later, follows)
    return replace(agenda, structure=agenda.structure.woken(awake)) if awake else agenda


def _follow(agenda: Agenda, rng: np.random.Generator, follows: Aftermath) -> None:
    """Place what follows a cramp."""
    agenda.happenings.append(follows.happening)
    stretch = follows.happening.bursts[0]
    last_s = max(event.end_s for event in follows.happening.truth)
    agenda.taken.append(Span(stretch.onset_s, last_s).widened(MOVEMENT_MARGIN_S))
    if follows.exit_s is None:
        return
    length_s = within(rng, agenda.body.regime.sleep.upright_s)
    span = Span(follows.exit_s, follows.exit_s + length_s)
    if span.end_s < agenda.duration_s - TAIL_S and free(span, agenda.taken):
        agenda.happenings.extend(visit(rng, span, LEGS))
        agenda.taken.append(span.widened(STANDING_MARGIN_S))


def _standing(agenda: Agenda) -> None:
    """Let the sleeper leave the bed in some of the awakenings."""
    rng, regime = agenda.rng(Purpose.STANDING), agenda.body.regime.sleep
    for awake in agenda.structure.awakenings():
        leaves, length_s = rng.random() < regime.toilet_share, within(rng, regime.upright_s)
        window = Span(awake.onset_s, min(awake.end_s, agenda.duration_s - TAIL_S))
        if not leaves:
            continue
        for span in place(rng, [length_s], window, agenda.taken, STANDING_MARGIN_S):
            agenda.happenings.extend(visit(rng, span, LEGS))


def _disturbances(agenda: Agenda) -> None:
    """Place what disturbs the sensors without a muscle."""
    regime, duration_s = agenda.body.regime, agenda.duration_s
    agenda.happenings.extend(disturbances.bed(agenda.rng(Purpose.BED), duration_s, LEGS, regime.bed))
    agenda.happenings.extend(disturbances.table(agenda.rng(Purpose.TABLE), duration_s, LEGS, regime.bed, agenda.taken))
    for number, leg in enumerate(LEGS):
        rng = generator(agenda.seed, number, Purpose.CONTACT)
        agenda.happenings.extend(disturbances.contacts(rng, duration_s, leg, regime.contact, agenda.taken))


def _shifts(agenda: Agenda) -> None:
    """Place turns of the body: in sleep, and more of them in wakefulness."""
    rng, body = agenda.rng(Purpose.SHIFTS), agenda.body
    spans = [(span, SHIFT_MARGIN_S) for span in shift_times(rng, agenda.duration_s, body.regime.shifts, agenda.taken)]
    agenda.taken.extend(span.widened(margin_s) for span, margin_s in spans)
    for awake in agenda.structure.spans:
        if awake.stage is not Stage.WAKE:
            continue
        count = poisson(rng, body.regime.sleep.restless_per_h, awake.end_s - awake.onset_s)
        lengths_s = [within(rng, body.regime.shifts.duration_s) for _ in range(count)]
        window = Span(max(awake.onset_s, SETTLE_S), min(awake.end_s, agenda.duration_s - TAIL_S))
        placed = place(rng, lengths_s, window, agenda.taken, APART_MARGIN_S)
        spans += [(span, APART_MARGIN_S) for span in placed]
    for span, margin_s in spans:
        large_s = within(rng, body.regime.shifts.large_s) if rng.random() < body.regime.shifts.large_share else 0.0
        before = Span(span.onset_s - large_s - LARGE_MARGIN_S, span.onset_s - margin_s)
        if large_s and before.onset_s < before.end_s:
            large_s = large_s if free(before, agenda.taken) else 0.0
            agenda.taken.append(before)
        agenda.happenings.extend(shift(rng, span, leg, body, large_s=large_s) for leg in LEGS)


def _movements(agenda: Agenda) -> None:
    """Place the movements that keep clear of everything else."""
    rng, body = agenda.rng(Purpose.MOVEMENTS), agenda.body
    times = movement_times(rng, agenda.duration_s, body.regime.movements, agenda.structure)
    drawn = [happening for time in times for happening in _movement(rng, time, body)]
    rest_from_s = dict.fromkeys(LEGS, 0.0)
    last_s = agenda.duration_s - TAIL_S
    for happening in sorted(drawn, key=lambda item: item.truth[0].onset_s):
        (event,) = happening.truth
        span = Span(event.onset_s, event.end_s)
        if event.onset_s >= rest_from_s[event.leg] and event.end_s <= last_s and free(span, agenda.taken):
            agenda.happenings.append(happening)
            rest_from_s[event.leg] = event.end_s + MOVEMENT_MARGIN_S


def _movement(rng: np.random.Generator, time: MovementTime, body: Body) -> list[Happening]:
    """Draw a movement of one leg or of both."""
    first = LEGS[int(rng.integers(len(LEGS)))]
    happenings = [movement(rng, time, first, body)]
    if rng.random() < body.regime.movements.bilateral_share:
        second = LEGS[1 - LEGS.index(first)]
        later = time._replace(onset_s=time.onset_s + float(rng.normal(0.0, BILATERAL_LAG_S)))
        happenings.append(movement(rng, later, second, body))
    return happenings

"""Where holds, spasms, rhythms and twitches find their place in a simulated night."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detectors.events import Stage
from detectors.signal import S_PER_H
from detectors.simulate.happenings import within
from detectors.simulate.randomness import Purpose, generator
from detectors.simulate.rhythms import alternating, clonus, train, tremor
from detectors.simulate.sudden import MYOCLONUS_S, fasciculation, jerk, myoclonus
from detectors.simulate.sustained import hold, hold_length_s, spasm, spasm_length_s
from detectors.simulate.timetable import SETTLE_S, TAIL_S, Span, free_of, place, poisson
from detectors.simulate.truth import Cause

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from detectors.signal import Leg
    from detectors.simulate.agenda import Agenda
    from detectors.simulate.happenings import Happening
    from detectors.simulate.rhythms import Rhythm
    from detectors.simulate.surroundings import Range

HOLD_MARGIN_S = 8.0
SPASM_MARGIN_S = 20.0
RHYTHM_MARGIN_S = 12.0
# The last beats of a rhythm come a little late.
ROOM_S = 1.0
TWITCH_MARGIN_S = 1.5
BOTH_LEGS_SHARE = 0.3
LONGEST_JERK_S = 0.5


def sustained(agenda: Agenda) -> None:
    """Place holds into wakefulness, and spasms anywhere."""
    rng, other = agenda.rng(Purpose.SUSTAINED), agenda.body.regime.other
    legs = tuple(agenda.body.noise_uv)
    lengths_s = [hold_length_s(rng) for _ in range(poisson(rng, other.holds_per_h, agenda.duration_s))]
    awake = [span for span in agenda.structure.spans if span.stage is Stage.WAKE]
    for length_s in lengths_s:
        chosen = awake[int(rng.integers(len(awake)))]
        window = Span(max(chosen.onset_s, SETTLE_S), min(chosen.end_s, agenda.duration_s - TAIL_S))
        for span in place(rng, [length_s], window, agenda.taken, HOLD_MARGIN_S):
            agenda.happenings.append(hold(rng, span, _either(rng, legs)))
    lengths_s = [spasm_length_s(rng) for _ in range(poisson(rng, other.spasms_per_h, agenda.duration_s))]
    for span in place(rng, lengths_s, _undisturbed(agenda), agenda.taken, SPASM_MARGIN_S):
        agenda.happenings.append(spasm(rng, span, _either(rng, legs), agenda.body))


def rhythms(agenda: Agenda) -> None:
    """Place trains of one leg or both, alternating trains, and clonus."""
    rng, other = agenda.rng(Purpose.RHYTHMS), agenda.body.regime.other
    legs = tuple(agenda.body.noise_uv)
    for _ in range(poisson(rng, other.trains_per_h, agenda.duration_s)):
        rhythm, cause = tremor(rng, agenda.body)
        both, leg = rng.random() < BOTH_LEGS_SHARE, _either(rng, legs)
        _beat(agenda, rng, cause, dict.fromkeys(legs if both else (leg,), rhythm))
    for _ in range(poisson(rng, other.alternating_per_h, agenda.duration_s)):
        rhythm = alternating(rng)
        _beat(agenda, rng, Cause.ALTERNATING, dict(zip(legs, (rhythm, rhythm._replace(late=0.5)), strict=True)))
    for _ in range(poisson(rng, other.clonus_per_h, agenda.duration_s)):
        rhythm = clonus(rng)
        _beat(agenda, rng, Cause.CLONUS, {_either(rng, legs): rhythm})


def _beat(agenda: Agenda, rng: np.random.Generator, cause: Cause, beats: dict[Leg, Rhythm]) -> None:
    """Place one rhythm of one leg or both where there is room."""
    length_s = max(rhythm.length_s for rhythm in beats.values()) + ROOM_S
    for span in place(rng, [length_s], _undisturbed(agenda), agenda.taken, RHYTHM_MARGIN_S):
        for leg, rhythm in beats.items():
            agenda.happenings.append(train(rng, span.onset_s, leg, rhythm, cause, agenda.body))


def twitches(agenda: Agenda) -> None:
    """Place fasciculations, fragmentary myoclonus and jerks where the leg rests."""
    other, body = agenda.body.regime.other, agenda.body
    for number, leg in enumerate(body.noise_uv):
        rng = generator(agenda.seed, number, Purpose.SUDDEN)
        resting = [span.widened(TWITCH_MARGIN_S) for span in _busy(agenda, leg)]
        for limits, length_s, draw in (
            (other.fasciculations_per_h, MYOCLONUS_S[0], fasciculation),
            (other.myoclonus_per_h, MYOCLONUS_S[1], myoclonus),
            ((other.jerks_per_h, other.jerks_per_h), LONGEST_JERK_S, jerk),
        ):
            onsets_s = _onsets(rng, limits, agenda.duration_s)
            _draw_free(agenda, draw, onsets_s[free_of(onsets_s, length_s, resting)], rng, leg)
            resting += [Span(t_s, t_s + length_s).widened(TWITCH_MARGIN_S) for t_s in onsets_s]


def _draw_free(
    agenda: Agenda,
    draw: Callable[..., Happening],
    onsets_s: NDArray[np.float64],
    rng: np.random.Generator,
    leg: Leg,
) -> None:
    agenda.happenings.extend(draw(rng, float(t_s), leg, agenda.body) for t_s in onsets_s)


def _onsets(rng: np.random.Generator, per_h: Range, duration_s: float) -> NDArray[np.float64]:
    """Return when a leg twitches; how often differs between nights, on a logarithmic scale."""
    low, high = per_h
    rate = float(np.exp(rng.uniform(np.log(low), np.log(high)))) if low > 0.0 else within(rng, per_h)
    return np.sort(
        rng.uniform(SETTLE_S, max(duration_s - TAIL_S, SETTLE_S + 1.0), rng.poisson(rate * duration_s / S_PER_H))
    )


def _busy(agenda: Agenda, leg: Leg) -> list[Span]:
    """Return when a leg is active, or its electrodes are off."""
    return [Span(event.onset_s, event.end_s) for item in agenda.happenings if item.leg is leg for event in item.truth]


def _undisturbed(agenda: Agenda) -> Span:
    return Span(SETTLE_S, agenda.duration_s - TAIL_S)


def _either(rng: np.random.Generator, legs: tuple[Leg, ...]) -> Leg:
    return legs[int(rng.integers(len(legs)))]

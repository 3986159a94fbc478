"""What a rater could be asked about: events, what was turned down, and what other thresholds would find."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from dashboards.web.flips import threshold_name
from dashboards.web.wording import quantity_text
from detectors.evaluate.marks import BOTH, SUREST_TIER, Mark, spans_of
from detectors.events import EventKind
from detectors.explain import explain, margin
from detectors.signal import NS_PER_S
from soleus.errors import ConfigError
from soleus.thresholds import apply_overrides
from soleus.tune.tradeoff import BY_WORD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from detectors.criteria import Criteria
    from detectors.evaluate.classes import EventClass
    from detectors.events import Event
    from detectors.rescore import Rescorer

    Changes = tuple[tuple[str, str], ...]

# Which thresholds are fitted to answers, and over which range each: the onset from half of the published one to eight
# times it, as the same movement is that much weaker or stronger under another amplifier, electrode or layer of fat; the
# others about theirs. The offset stays below the lowest onset, so that no two of them exclude each other.
FITTED: Final = {
    "leg_movement": (
        ("leg_movement.onset_uv", 4.0, 64.0),
        ("leg_movement.onset_ratio", 0.5, 4.0),
        ("leg_movement.offset_uv", 1.0, 3.5),
    )
}
N_TRIES: Final = 64
# More digits than this say nothing about a threshold.
DIGITS: Final = 3


class Candidate(NamedTuple):
    """Something that may be an event, ``[onset_s, end_s)`` from the start of the recording.

    `told` says whether the thresholds that were asked about find it, `margin` by how much that was decided, as a
    share of the threshold (infinite where that is unknown), and `closest` is the comparison in words.
    """

    leg: str
    onset_s: float
    end_s: float
    told: bool
    margin: float = math.inf
    closest: str = ""


@dataclass(frozen=True, slots=True)
class NightPool:
    """The candidates of one recording, and what each try finds of them; can be sent to another process.

    Parameters
    ----------
    key : str
        The recording.
    word : str
        The class of events, a key of `BY_WORD`.
    candidates : tuple of Candidate
        By onset.
    votes : ndarray of bool, shape (n_tries, n_candidates)
        Which try finds which candidate; the first try has the thresholds that were asked about.
    found : tuple of tuple of Mark
        What each try finds.
    """

    key: str
    word: str
    candidates: tuple[Candidate, ...]
    votes: NDArray[np.bool_]
    found: tuple[tuple[Mark, ...], ...]


def tries_of(criteria: Criteria, word: str) -> tuple[Changes, ...]:
    """Return the thresholds that are compared: those that are asked about first, then what else they could be.

    Parameters
    ----------
    criteria : Criteria
        The thresholds that are asked about.
    word : str
        The class of events.

    Returns
    -------
    tuple of tuple of (str, str)
        What differs in each try, as ``--set`` takes it; the first one is empty, and there are no others for a class
        whose thresholds are not fitted to answers.

    Notes
    -----
    The others fill the ranges evenly, by ratios: multiples of powers of one irrational number, modulo 1, so that they
    are always the same ones (M. Roberts, The unreasonable effectiveness of quasirandom sequences, 2018).

    Examples
    --------
    >>> from detectors.criteria import named
    >>> tries = tries_of(named("wasm-2016"), "leg_movement")
    >>> tries[0], len(tries) > 50
    ((), True)
    >>> tries_of(named("wasm-2016"), "cramp")
    ((),)
    """
    return tuple(changes for changes, _ in _tried(criteria, word))


def pool_of(key: str, rescorer: Rescorer, start_ns: int, criteria: Criteria, word: str) -> NightPool:
    """Look a recording over with every try.

    Parameters
    ----------
    key : str
        What the recording is called.
    rescorer : Rescorer
        The recording.
    start_ns : int
        When it starts, UTC ns.
    criteria : Criteria
        The thresholds that are asked about.
    word : str
        The class of events, a key of `BY_WORD`.

    Returns
    -------
    NightPool
        Candidates and votes; some milliseconds for each try, and one score.
    """
    event_class = BY_WORD[word]
    score = rescorer.score(criteria, with_rejected=True)
    events = [event for event in score.events if _is(event, event_class)]
    turned_down = [event for event in score.rejected if event.kind is event_class.kind]
    found = [tuple(_span(event, start_ns) for event in events)]
    if event_class.kind is EventKind.LEG_MOVEMENT:
        others = islice(_tried(criteria, word), 1, None)
        found += [movements_in(rescorer, start_ns, other) for _, other in others]
    candidates = [_candidate(event, start_ns, told=True) for event in events]
    candidates += [_candidate(event, start_ns, told=False) for event in turned_down]
    for spans in found[1:]:
        new = np.flatnonzero(~_found(spans, _spans(candidates), event_class))
        candidates += [Candidate(one.leg, one.onset_s, one.end_s, told=False) for one in (spans[at] for at in new)]
    candidates.sort(key=attrgetter("onset_s", "leg"))
    all_spans = _spans(candidates)
    votes = np.array([_found(all_spans, spans, event_class) for spans in found], np.bool_)
    return NightPool(key, word, tuple(candidates), votes.reshape(len(found), len(candidates)), tuple(found))


def movements_in(rescorer: Rescorer, start_ns: int, criteria: Criteria) -> tuple[Mark, ...]:
    """Return the leg movements of a recording under some thresholds, by a look at it.

    Parameters
    ----------
    rescorer : Rescorer
        The recording.
    start_ns : int
        When it starts, UTC ns.
    criteria : Criteria
        The thresholds.

    Returns
    -------
    tuple of Mark
        In the order of the events of a score, s from the start.
    """
    kind = EventKind.LEG_MOVEMENT.value
    return tuple(
        Mark(kind, one.leg.value, (one.onset_ns - start_ns) / NS_PER_S, (one.end_ns - start_ns) / NS_PER_S)
        for one in rescorer.look(criteria).movements
    )


def sides_of(spans: Iterable[Mark], event_class: EventClass) -> tuple[str, ...]:
    """Return the legs that are looked at apart; one for all where they are not told apart."""
    if not event_class.each_leg:
        return (BOTH,)
    return tuple(sorted({span.leg for span in spans} - {BOTH})) or (BOTH,)


def on_side(span: Mark, side: str) -> bool:
    """Return whether a span lies on a leg."""
    return BOTH in (side, span.leg) or span.leg == side


def _found(spans: Sequence[Mark], others: Sequence[Mark], event_class: EventClass) -> NDArray[np.bool_]:
    """Return which spans have a match among the others; shape (n,)."""
    found = np.zeros(len(spans), np.bool_)
    for side in sides_of((*spans, *others), event_class):
        here = [at for at, span in enumerate(spans) if on_side(span, side)]
        there = [span for span in others if on_side(span, side)]
        matches = event_class.how(spans_of(spans[at] for at in here), spans_of(there))
        found[[here[one] for one, _ in matches.pairs]] = True
    return found


def _is(event: Event, event_class: EventClass) -> bool:
    return event.kind is event_class.kind and event.measures.get("tier", SUREST_TIER) >= event_class.least_tier


def _span(event: Event, start_ns: int) -> Mark:
    onset_s, end_s = ((at_ns - start_ns) / NS_PER_S for at_ns in (event.onset_ns, event.end_ns))
    return Mark(event.kind.value, event.leg.value, onset_s, end_s)


def _spans(candidates: Iterable[Candidate]) -> list[Mark]:
    return [Mark("", one.leg, one.onset_s, one.end_s) for one in candidates]


def _candidate(event: Event, start_ns: int, *, told: bool) -> Candidate:
    span, flips = _span(event, start_ns), explain(event, told=told).flips
    # A candidate that was turned down lacks everything that stands against it.
    farthest = max(flips, key=margin, default=None)
    if farthest is None or math.isinf(margin(farthest)):
        return Candidate(span.leg, span.onset_s, span.end_s, told)
    step = farthest.step
    value, threshold = (quantity_text(step.rule, number) for number in (step.value, step.threshold))
    closest = f"{threshold_name(step.rule)}: {value} against {threshold}"
    return Candidate(span.leg, span.onset_s, span.end_s, told, margin(farthest), closest)


def _tried(criteria: Criteria, word: str) -> Iterator[tuple[Changes, Criteria]]:
    """Yield what differs in each try, and its thresholds; what contradicts the others is left out."""
    yield (), criteria
    fitted = FITTED.get(word, ())
    if not fitted:
        return
    share = _spread(len(fitted))
    low, high = (np.log([one[at] for one in fitted]) for at in (1, 2))
    values = np.exp(low + share * (high - low)).tolist()
    for row in values:
        changes = tuple((name, f"{value:.{DIGITS}g}") for (name, _, _), value in zip(fitted, row, strict=True))
        with suppress(ConfigError):
            yield changes, apply_overrides(criteria, dict(changes))


def _spread(n_fields: int) -> NDArray[np.float64]:
    """Return points that fill a cube evenly, shape (n_tries, n_fields)."""
    # The root above 1 of x ** (n_fields + 1) = x + 1; a dozen steps reach the last digit.
    root = 2.0
    for _ in range(50):
        root = (1.0 + root) ** (1.0 / (n_fields + 1))
    steps = root ** -np.arange(1.0, n_fields + 1)
    points: NDArray[np.float64] = (0.5 + np.outer(np.arange(1.0, N_TRIES + 1), steps)) % 1.0
    return points

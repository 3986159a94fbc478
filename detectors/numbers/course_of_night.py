"""How a night went on: hour by hour, its halves, its stillness (science.md 6.4)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from detectors.annotations import Span, span_of
from detectors.events import EventKind
from detectors.numbers.body_events import shifts, too_little_motion
from detectors.numbers.unknown import NO_SIGNAL, Unknown, enough, rate
from detectors.quality.epoch_tally import EPOCH_S
from detectors.quality.valid_hours import joined
from detectors.signal import NS_PER_S, S_PER_MIN
from detectors.sleep.basis import NO_SLEEP_KNOWN, NO_STAGES, TRUNCATED_S, lies_in, no_sleep, seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from detectors.numbers.night_view import NightView
    from detectors.rules.combined import CombinedMovement

NS_PER_H: Final = 3600 * NS_PER_S
NS_PER_MIN: Final = 60 * NS_PER_S
# An hour of the night with less valid signal than this has counts and no rate, h.
LEAST_OF_AN_HOUR: Final = 0.5
# What these leave of a night is undisturbed (science.md 6.4).
DISTURBING: Final = (
    EventKind.PERIODIC_SERIES,
    EventKind.CRAMP,
    EventKind.RESTLESSNESS,
    EventKind.AWAKENING,
    EventKind.BED_EXIT,
)
# What is no movement, and no rest.
_ACTIVE: Final = (EventKind.CRAMP, EventKind.TONIC, EventKind.RHYTHMIC_TRAIN, EventKind.CLONUS)
_TRUNCATED: Final = Unknown("the recording ended before the sleep did")
_EMPTY_HALF: Final = Unknown("no periodic movements in the second half")


def course_numbers(night: NightView) -> dict[str, Any]:
    """Return how a night went on, counted from the begin of its period.

    Parameters
    ----------
    night : NightView
        The night; its period is that of its basis, or the recording.

    Returns
    -------
    dict
        Values by name, or why they are unknown.
    """
    return {
        "by_hour": by_hour(night),
        "plms_half_night_ratio": half_night_ratio(night),
        "movement_index_percent": movement_index_percent(night),
        "fragmentation_index": fragmentation_index(night),
        "restlessness_per_h": restlessness_per_h(night),
    }


def by_hour(night: NightView) -> list[dict[str, Any]]:
    """Return the night hour by hour since sleep onset, or since the begin of the recording.

    Parameters
    ----------
    night : NightView
        The night.

    Returns
    -------
    list of dict
        One for each hour begun: ``hour`` from 0, its ``valid_h`` (of sleep, where sleep is known),
        counts of movements, periodic movements by WASM 2016, cramp-like contractions that are shown,
        and ``plms_wasm_per_h``, which is None with a ``reason`` in an hour with less than half an
        hour of signal. Hours before and after the recording are left out.
    """
    start_ns, stop_ns = night.period.onset_ns, min(night.period.end_ns, night.span.end_ns)
    first = max(night.span.onset_ns - start_ns, 0) // NS_PER_H
    hours: list[dict[str, Any]] = []
    for number in range(first, -(-(stop_ns - start_ns) // NS_PER_H)):
        hour = Span(start_ns + number * NS_PER_H, min(start_ns + (number + 1) * NS_PER_H, stop_ns))
        valid_h, plms = _periodic_in(night, hour)
        missing = enough(valid_h, LEAST_OF_AN_HOUR)
        hours.append(
            {
                "hour": number,
                "valid_h": round(valid_h, 6),
                "lm": len(_begun_in(night, hour)),
                "plms_wasm": plms,
                "cramps": sum(hour.onset_ns <= e.onset_ns < hour.end_ns for e in night.of_kind(EventKind.CRAMP)),
                "plms_wasm_per_h": plms / valid_h if missing is None else None,
                **({} if missing is None else {"reason": missing.why}),
            }
        )
    return hours


def is_truncated(night: NightView) -> bool | Unknown:
    """Return whether the signal ended before the sleep did, so that nobody saw its end."""
    if night.basis is None:
        return NO_SLEEP_KNOWN
    covered = night.valid.covered()
    if not covered:
        return NO_SIGNAL
    return night.period.end_ns > covered[-1].end_ns - round(TRUNCATED_S * NS_PER_S)


def half_night_ratio(night: NightView) -> float | Unknown:
    """Return the rate of periodic movements in the first half of the sleep period over that in the second.

    Parameters
    ----------
    night : NightView
        The night.

    Returns
    -------
    float or Unknown
        More than 1 where they become fewer towards the morning. Unknown where the end of sleep is.
    """
    why = _no_halves(night)
    if why is not None:
        return why
    onset_ns, end_ns = night.period
    middle_ns = (onset_ns + end_ns) // 2
    halves = (_periodic_in(night, Span(onset_ns, middle_ns)), _periodic_in(night, Span(middle_ns, end_ns)))
    if min(valid_h for valid_h, _ in halves) <= 0:
        return NO_SIGNAL
    first, second = (n / valid_h for valid_h, n in halves)
    return first / second if second else _EMPTY_HALF


def _no_halves(night: NightView) -> Unknown | None:
    """Return why the halves of a night cannot be compared, or None."""
    if night.basis is None:
        return NO_STAGES
    if night.basis.period is None:
        return no_sleep(night.basis.name)
    truncated = is_truncated(night)
    if isinstance(truncated, Unknown):
        return truncated
    return _TRUNCATED if truncated else night.too_short


def _periodic_in(night: NightView, span: Span) -> tuple[float, int]:
    """Return the valid hours of sleep in a stretch, and how many periodic movements began in them."""
    sleep = [span] if night.sleep is None else _common(span, night.sleep)
    n = sum(m.plm and night.in_sleep(m.onset_ns) for m in _begun_in(night, span))
    return night.valid.movement_h(sleep), n


def _begun_in(night: NightView, span: Span) -> Sequence[CombinedMovement]:
    """Return the movements by WASM 2016 that began in a stretch."""
    wasm = night.facts.wasm
    first, last = (bisect_left(wasm, edge_ns, key=lambda movement: movement.onset_ns) for edge_ns in span)
    return wasm[first:last]


def _common(span: Span, others: Sequence[Span]) -> list[Span]:
    """Return what a stretch shares with others, which are in order and do not overlap."""
    first = bisect_right(others, span.onset_ns, key=lambda other: other.end_ns)
    last = bisect_left(others, span.end_ns, key=lambda other: other.onset_ns)
    return [Span(max(span.onset_ns, o.onset_ns), min(span.end_ns, o.end_ns)) for o in others[first:last]]


def movement_index_percent(night: NightView) -> float | Unknown:
    """Return the share of valid half minutes of the period with any leg movement or restlessness, %."""
    starts_ns, scored = _scored(night, round(EPOCH_S * NS_PER_S))
    if not scored.any():
        return NO_SIGNAL
    starts_ns = starts_ns[scored]
    return 100 * float(np.mean(_touched(starts_ns, starts_ns + round(EPOCH_S * NS_PER_S), _moving(night))))


def _scored(night: NightView, width_ns: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the beginnings of the pieces of the period in the recording, and which of them either leg saw."""
    onset_ns, stop_ns = night.period.onset_ns, min(night.period.end_ns, night.span.end_ns)
    skipped = max(night.span.onset_ns - onset_ns, 0) // width_ns
    starts_ns = np.arange(onset_ns + skipped * width_ns, stop_ns - width_ns + 1, width_ns, dtype=np.int64)
    middles_ns = starts_ns + width_ns // 2
    return starts_ns, _touched(middles_ns, middles_ns + 1, night.valid.either.stretches())


def fragmentation_index(night: NightView) -> float | Unknown:
    """Return the share of minutes with movement and that of the shortest ones among the still stretches, summed, %.

    Parameters
    ----------
    night : NightView
        The night.

    Returns
    -------
    float or Unknown
        0 to 200; after the fragmentation index of wrist actigraphy, with movements of the legs in
        place of counts. Minutes that were not scored are left out and end a still stretch.
    """
    starts_ns, scored = _scored(night, NS_PER_MIN)
    if not scored.any():
        return NO_SIGNAL
    mobile = _touched(starts_ns, starts_ns + NS_PER_MIN, _moving(night))
    still = scored & ~mobile
    edges = np.flatnonzero(np.diff(np.concatenate(([False], still, [False]))))
    bouts = edges[1::2] - edges[0::2]
    short = 100 * float(np.mean(bouts <= 1)) if len(bouts) else 0.0
    return 100 * float(np.mean(mobile[scored])) + short


def still_h(night: NightView) -> float | Unknown:
    """Return the hours of the recording in whose minutes no leg moved or was active (science.md 6.3): not sleep."""
    whole = replace(night, basis=None)
    starts_ns, scored = _scored(whole, NS_PER_MIN)
    if not scored.any():
        return NO_SIGNAL
    active = joined([*_moving(whole), *map(span_of, whole.of_kind(*_ACTIVE))], touching_s=0.0)
    return int(np.sum(scored & ~_touched(starts_ns, starts_ns + NS_PER_MIN, active))) / (NS_PER_H // NS_PER_MIN)


def restlessness_per_h(night: NightView) -> float | Unknown:
    """Return large leg movements and turns per hour of the period in which acceleration was valid.

    Parameters
    ----------
    night : NightView
        The night.

    Returns
    -------
    float or Unknown
        What overlaps, on either leg, counts once; prolonged activity is likely to be wake and does
        not count.
    """
    missing = too_little_motion(night)
    if missing is not None:
        return missing
    motion = night.valid.motion()
    seen = motion.stretches()
    restless = (e for e in night.of_kind(EventKind.RESTLESSNESS) if e.measures.get("prolonged", 0.0) == 0)
    found = joined([*map(span_of, restless), *shifts(night)], touching_s=0.0)
    inside = sum(
        night.period.onset_ns <= span.onset_ns < night.period.end_ns and lies_in(span.onset_ns, seen) for span in found
    )
    hours = motion.within([night.period]).hours
    where = "of acceleration" if night.basis is None else "of acceleration in the sleep period"
    return rate(inside, hours, enough(hours, night.criteria.validity.min_index_h, where))


def longest_undisturbed_min(night: NightView) -> float | Unknown:
    """Return the longest stretch that was scored and had no series, cramp-like event, restlessness or wake, min."""
    wake = [] if night.basis is None else night.basis.wake
    disturbed = joined([*map(span_of, night.of_kind(*DISTURBING)), *wake], touching_s=0.0)
    covered = [span for one in night.valid.covered() for span in _common(one, [night.span])]
    if not covered:
        return NO_SIGNAL if not night.valid.movement_h() else Unknown("no half minute of unbroken signal")
    longest_s = 0.0
    for span in covered:
        inside = _common(span, disturbed)
        edges_ns = [span.onset_ns, *(edge for one in inside for edge in one), span.end_ns]
        longest_s = max(longest_s, *(seconds(Span(a, b)) for a, b in list(pairwise(edges_ns))[::2]))
    return longest_s / S_PER_MIN


def _moving(night: NightView) -> list[Span]:
    """Return the stretches with a leg movement or restlessness."""
    movements = (Span(movement.onset_ns, movement.end_ns) for movement in night.facts.wasm)
    return joined([*movements, *map(span_of, night.of_kind(EventKind.RESTLESSNESS))], touching_s=0.0)


def _touched(onsets_ns: NDArray[np.int64], ends_ns: NDArray[np.int64], spans: Sequence[Span]) -> NDArray[np.bool_]:
    """Return which stretches overlap one of some spans, which are in order and do not overlap."""
    if not spans:
        return np.zeros(len(onsets_ns), np.bool_)
    starts_ns, stops_ns = np.array(spans, np.int64).T
    position = np.searchsorted(starts_ns, ends_ns, side="left") - 1
    touched: NDArray[np.bool_] = (position >= 0) & (stops_ns[np.maximum(position, 0)] > onsets_ns)
    return touched

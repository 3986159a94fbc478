"""The numbers of a night without the cramp-like contractions that the person denied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from detectors.events import EventKind
from detectors.numbers.event_numbers import PROBABLE_TIER
from detectors.signal import NS_PER_S, S_PER_H, S_PER_MIN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from dashboards.weeks import EventSpan
    from detectors.events import Event
    from detectors.signal import Leg

DENIED_UNKNOWN = "a contraction that was denied may have been one of them"
SAME_NS = NS_PER_S // 1000
"""Seconds with a fraction keep less than nanoseconds; two contractions of a leg do not begin within a millisecond."""
_BY_HOUR = ("by_hour", "by_hour_est")
_FOLLOWED = ("cramps_then_awake_est", "awake_after_cramps_est_min")


class Denied(NamedTuple):
    """A contraction that was none, by the person's own word."""

    leg: Leg
    onset_ns: int


def denied_events(events: Iterable[Event]) -> tuple[Denied, ...]:
    """Return the denied cramp-like contractions among events."""
    return tuple(
        Denied(event.leg, event.onset_ns)
        for event in events
        if event.kind is EventKind.CRAMP and event.measures.get("confirmed") == 0.0
    )


def denied_spans(spans: Iterable[EventSpan]) -> tuple[Denied, ...]:
    """Return the denied cramp-like contractions among events in short."""
    return tuple(
        Denied(span.leg, span.onset_ns) for span in spans if span.kind is EventKind.CRAMP and span.confirmed is False
    )


def without_denied(summary: Mapping[str, Any], denied: Collection[Denied], start_ns: int) -> Mapping[str, Any]:
    """Return the numbers of a night with the person's word.

    Parameters
    ----------
    summary : mapping
        The numbers as the detectors count; they are not changed.
    denied : collection of Denied
        What the person says was none.
    start_ns : int
        Begin of the night, UTC ns.

    Returns
    -------
    mapping
        ``cramps`` and what is counted or summed over it leave the denied ones out. After how many contractions
        wake-like activity followed is unknown then, unless it followed none. ``longest_undisturbed_min`` and what
        rests on movement stay: something moved or was active, whatever it was.
    """
    cramps = summary.get("cramps")
    if not denied or not isinstance(cramps, list):
        return summary
    gone = [cramp for cramp in cramps if _is_denied(cramp, denied, start_ns)]
    if not gone:
        return summary
    kept = [cramp for cramp in cramps if cramp not in gone]
    lasts_s = [cramp["duration_s"] for cramp in kept]
    probable = sum(cramp["tier"] >= PROBABLE_TIER for cramp in kept)
    unknown = dict.fromkeys((key for key in _FOLLOWED if summary.get(key) and kept), DENIED_UNKNOWN)
    return {
        **summary,
        "cramps": kept,
        "cramp_events": len(kept),
        "cramp_probable": probable,
        "cramp_possible": len(kept) - probable,
        "cramp_total_s": sum(lasts_s),
        "cramp_longest_s": max(lasts_s, default=0.0),
        **{key: _hours(summary[key], gone, _since(key, summary)) for key in _BY_HOUR if summary.get(key)},
        **({} if kept else {key: 0 for key in _FOLLOWED if summary.get(key)}),
        **dict.fromkeys(unknown),
        "reasons": {**summary.get("reasons", {}), **unknown},
    }


def _is_denied(cramp: Mapping[str, Any], denied: Collection[Denied], start_ns: int) -> bool:
    onset_ns = start_ns + round(cramp["onset_s"] * NS_PER_S)
    return any(one.leg == cramp["leg"] and abs(one.onset_ns - onset_ns) < SAME_NS for one in denied)


def _since(key: str, summary: Mapping[str, Any]) -> tuple[str, float]:
    """Return what the hours are counted in: the key of a contraction's time, and the length of an hour in it."""
    from_sleep = key == "by_hour_est" or summary.get("sleep_basis") == "stages"
    return ("since_sleep_onset_est_min", S_PER_H / S_PER_MIN) if from_sleep else ("onset_s", S_PER_H)


def _hours(
    by_hour: Iterable[Mapping[str, Any]], gone: Iterable[Mapping[str, Any]], since: tuple[str, float]
) -> list[dict[str, Any]]:
    key, length = since
    fewer = [cramp[key] // length for cramp in gone if cramp[key] is not None]
    return [{**hour, "cramps": max(0, hour["cramps"] - fewer.count(hour["hour"]))} for hour in by_hour]

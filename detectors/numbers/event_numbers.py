"""The numbers of a night about contractions, twitches, trains and what followed them (science.md 3.6, 4, 6.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from detectors.annotations import Span
from detectors.events import EventKind
from detectors.numbers.body_events import body_numbers, too_little_motion
from detectors.numbers.night_view import is_shown
from detectors.numbers.unknown import NO_SIGNAL, Unknown, enough
from detectors.quality.valid_hours import joined
from detectors.signal import NS_PER_S, S_PER_MIN, Quantity
from detectors.sleep.basis import seconds
from detectors.sleep.overrides import shows_wake

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.events import Event
    from detectors.numbers.night_view import NightView
    from detectors.quality.valid_hours import StreamValidity

# Twitches that are a cluster (science.md 4.2): so many within so long, none further from the next than the gap.
CLUSTER_TWITCHES: Final = 3
CLUSTER_S: Final = 10.0
CLUSTER_GAP_S: Final = 5.0
# Wake-like activity this soon after an event counts as its consequence (science.md 6.4).
DISTURBED_S: Final = 300.0
PROBABLE_TIER: Final = 2
_ACTIVE: Final = (EventKind.CRAMP, EventKind.TONIC, EventKind.RHYTHMIC_TRAIN, EventKind.CLONUS)
_IN_EMG: Final = {
    "rhythmic_trains": EventKind.RHYTHMIC_TRAIN,
    "clonus": EventKind.CLONUS,
    "tonic": EventKind.TONIC,
}


def cramp_numbers(night: NightView) -> dict[str, Any]:
    """Return how many cramp-like contractions were marked, how long they were, and when.

    Parameters
    ----------
    night : NightView
        The night; its basis says when sleep began.

    Returns
    -------
    dict
        Values by name, or why they are unknown. ``cramp_events`` is probable and possible together; ``cramps`` has one
        entry for each: leg, sensor, tier, confidence, ``onset_s`` from the begin of the night, ``clock_utc``,
        ``duration_s`` and ``since_sleep_onset_est_min``.
    """
    names = ("cramp_events", "cramp_probable", "cramp_possible", "cramp_total_s", "cramp_longest_s", "cramps")
    if not night.has(Quantity.EMG):
        return dict.fromkeys(names, NO_SIGNAL)
    shown = night.of_kind(EventKind.CRAMP)
    probable = sum(event.measures["tier"] >= PROBABLE_TIER for event in shown)
    return {
        "cramp_events": len(shown),
        "cramp_probable": probable,
        "cramp_possible": len(shown) - probable,
        "cramp_total_s": sum(event.duration_s for event in shown),
        "cramp_longest_s": max((event.duration_s for event in shown), default=0.0),
        "cramps": [_listed(event, night) for event in shown],
    }


def _listed(event: Event, night: NightView) -> dict[str, Any]:
    period = None if night.basis is None else night.basis.period
    return {
        "leg": str(event.leg),
        "sensor": event.sensor,
        "tier": int(event.measures["tier"]),
        "confidence": event.measures.get("confidence"),
        "onset_s": (event.onset_ns - night.span.onset_ns) / NS_PER_S,
        "clock_utc": f"{np.datetime64(event.onset_ns // NS_PER_S, 's')}Z",
        "duration_s": event.duration_s,
        "since_sleep_onset_est_min": None if period is None else _minutes(event.onset_ns - period.onset_ns),
    }


def _minutes(span_ns: int) -> float:
    return span_ns / NS_PER_S / S_PER_MIN


def other_numbers(night: NightView) -> dict[str, Any]:
    """Return how many events of each other kind there were; null where no sensor could have shown them."""
    in_emg, no_motion = night.has(Quantity.EMG), too_little_motion(night)
    # Weak activity that nothing followed is stored, and no event of the night.
    low = [e for e in night.facts.events if e.kind is EventKind.TONIC and not is_shown(e)]
    # What EMG called cramp-like at the same time is counted there.
    alone = [e for e in night.of_kind(EventKind.POSSIBLE_EPISODE) if not e.measures.get("with_cramp", 0.0)]
    return {
        **{name: len(night.of_kind(kind)) if in_emg else NO_SIGNAL for name, kind in _IN_EMG.items()},
        **twitch_numbers(night),
        "tonic_low": len(low) if in_emg else NO_SIGNAL,
        **body_numbers(night),
        "possible_episodes": len(alone) if no_motion is None else no_motion,
        **disturbance_numbers(night),
    }


def twitch_numbers(night: NightView) -> dict[str, Any]:
    """Return twitches, their rate per minute of quiet EMG, their clusters, and brief transients.

    Parameters
    ----------
    night : NightView
        The night.

    Returns
    -------
    dict
        Values by name, or why they are unknown. Quiet is valid EMG of any channel without a leg
        movement, a contraction or a train on its leg. Where a channel is sampled too slowly for the
        width of a twitch, what is brief on it counts as ``transients`` and never as twitches.
    """
    names = ("twitches", "twitch_clusters", "twitches_per_quiet_min")
    if not night.has(Quantity.EMG):
        return dict.fromkeys((*names, "transients"), NO_SIGNAL)
    brief = night.of_kind(EventKind.TWITCH)
    twitches = [event for event in brief if not event.measures.get("transient", 0.0)]
    shape_fs_hz = night.criteria.twitch.shape_fs_hz
    channels = [one for one in night.valid.streams if one.quantity is Quantity.EMG and one.fs_hz >= shape_fs_hz]
    transients = len(brief) - len(twitches)
    emg_h = max((one.epochs.hours for one in channels), default=0.0)
    if not emg_h:
        why = Unknown(f"a twitch needs EMG of {shape_fs_hz:g} Hz or more: brief transients were counted")
        return {**dict.fromkeys(names, why), "transients": transients}
    too_short = enough(emg_h, night.criteria.validity.min_index_h)
    quiet_min = sum(_quiet_s(one, night) for one in channels) / S_PER_MIN
    per_min = len(twitches) / quiet_min if quiet_min else NO_SIGNAL
    return {
        "twitches": len(twitches),
        "twitch_clusters": sum(clusters([t for t in twitches if t.sensor == one.sensor]) for one in channels),
        "twitches_per_quiet_min": per_min if too_short is None else too_short,
        "transients": transients,
    }


def clusters(twitches: Sequence[Event]) -> int:
    """Count clusters of twitches: at least three within 10 s, none more than 5 s from the next.

    Parameters
    ----------
    twitches : sequence of Event
        Twitches of one channel, by onset.

    Returns
    -------
    int
        How many.
    """
    flickers: list[list[int]] = []
    for twitch in twitches:
        if flickers and twitch.onset_ns - flickers[-1][-1] <= CLUSTER_GAP_S * NS_PER_S:
            flickers[-1].append(twitch.onset_ns)
        else:
            flickers.append([twitch.onset_ns])
    return sum(map(_is_cluster, flickers))


def _is_cluster(onsets_ns: Sequence[int]) -> bool:
    spans_ns = zip(onsets_ns, onsets_ns[CLUSTER_TWITCHES - 1 :], strict=False)
    return any(last - first <= CLUSTER_S * NS_PER_S for first, last in spans_ns)


def _quiet_s(one: StreamValidity, night: NightView) -> float:
    """Return for how long a channel was valid and its leg at rest, s."""
    movements = (Span(p.onset_ns, p.end_ns) for m in night.facts.wasm for p in m.parts if p.leg is one.leg)
    events = (Span(e.onset_ns, e.end_ns) for e in night.of_kind(*_ACTIVE) if e.leg is one.leg)
    active = joined([*movements, *events], touching_s=0.0)
    epochs = one.epochs
    if not active or not len(epochs.onset_ns):
        return float(np.add.reduce(epochs.valid_s))
    # Active time up to an instant is a line between the edges of the active stretches.
    edges_ns = np.array(active, np.int64).ravel()
    passed_ns = np.concatenate(([0], np.cumsum(np.diff(edges_ns) * (np.arange(len(edges_ns) - 1) % 2 == 0))))
    first_ns = edges_ns[0]
    until_end, until_onset = (np.interp(at - first_ns, edges_ns - first_ns, passed_ns) for at in _edges(one))
    busy = (until_end - until_onset) / (epochs.end_ns - epochs.onset_ns)
    return float(np.add.reduce(epochs.valid_s * (1 - busy)))


def _edges(one: StreamValidity) -> tuple[np.ndarray[Any, np.dtype[np.int64]], np.ndarray[Any, np.dtype[np.int64]]]:
    return one.epochs.end_ns, one.epochs.onset_ns


def disturbance_numbers(night: NightView) -> dict[str, Any]:
    """Return after how many cramp-like contractions, and series, wake-like activity followed within five minutes.

    Parameters
    ----------
    night : NightView
        The night.

    Returns
    -------
    dict
        Values by name, or why they are unknown. ``awake_after_cramps_est_min`` is how long that activity went
        on in all; what followed two contractions counts once.
    """
    names = ("cramps_then_awake_est", "series_then_awake_est", "awake_after_cramps_est_min")
    if night.basis is None and not night.has(Quantity.ACCELERATION):
        return dict.fromkeys(names, Unknown("neither sleep nor movement of the leg is known"))
    wake, in_emg = _wake_like(night), night.has(Quantity.EMG)
    cramps, series = (_out_of_sleep(kind, night) for kind in (EventKind.CRAMP, EventKind.PERIODIC_SERIES))
    after_cramps = joined((span for cramp in cramps for span in _awake_after(cramp, wake)), touching_s=0.0)
    return {
        "cramps_then_awake_est": sum(bool(_awake_after(one, wake)) for one in cramps) if in_emg else NO_SIGNAL,
        "series_then_awake_est": sum(bool(_awake_after(one, wake)) for one in series),
        "awake_after_cramps_est_min": sum(map(seconds, after_cramps)) / S_PER_MIN if in_emg else NO_SIGNAL,
    }


def _wake_like(night: NightView) -> list[Span]:
    up = [event for event in night.facts.events if event.kind is EventKind.AWAKENING or shows_wake(event)]
    scored = () if night.basis is None else night.basis.wake
    return joined([*(Span(event.onset_ns, event.end_ns) for event in up), *scored], touching_s=0.0)


def _out_of_sleep(kind: EventKind, night: NightView) -> list[Event]:
    return [event for event in night.of_kind(kind) if night.in_sleep(event.onset_ns)]


def _awake_after(event: Event, wake: Sequence[Span]) -> list[Span]:
    """Return what began soon after an event, or went on then, from its end on."""
    within_ns = event.end_ns + round(DISTURBED_S * NS_PER_S)
    return [
        Span(max(span.onset_ns, event.end_ns), span.end_ns)
        for span in wake
        if span.onset_ns <= within_ns and span.end_ns > event.end_ns
    ]

"""What a disturbed night is compared with, and where."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.chaos.undisturbed import compared
from detectors.events import Event, EventKind
from detectors.signal import NS_PER_S, Leg

NIGHT_S = 3600


def event(onset_s: float, kind: EventKind = EventKind.LEG_MOVEMENT) -> Event:
    onset_ns = round(onset_s * NS_PER_S)
    return Event(kind, "left-shin", Leg.LEFT, onset_ns, onset_ns + 2 * NS_PER_S, {"peak_uv": 20.0})


def certificate(*gaps_s: tuple[float, float]) -> dict[str, object]:
    gaps = [{"start_ns": round(start * NS_PER_S), "length_s": stop - start} for start, stop in gaps_s]
    return {"start_ns": 0, "end_ns": NIGHT_S * NS_PER_S, "sensors": [{"streams": [{"gaps": gaps}]}]}


def test_an_event_that_only_one_night_has_differs() -> None:
    found = compared([event(100), event(300)], [event(100), event(200)], certificate())
    assert (found.compared, found.differing) == (2, 2)
    assert ([e.onset_ns for e in found.missing], [e.onset_ns for e in found.added]) == (
        [200 * NS_PER_S],
        [300 * NS_PER_S],
    )
    assert found.compared_h == 1.0


def test_an_event_that_begins_or_ends_one_sample_later_moved_and_one_that_hardly_overlaps_differs() -> None:
    one = event(100)
    for other, moved, differing in (
        (one, (), 0),
        (event(100.002), (one,), 0),
        (replace(one, end_ns=one.end_ns + 2_000_000), (one,), 0),
        (event(101.07), (one,), 0),
        (event(101.09), (), 2),
    ):
        found = compared([other], [one], certificate())
        assert (found.moved, found.differing) == (moved, differing)


@pytest.mark.parametrize(("n_missing", "holds"), [(2, True), (3, False)])
def test_two_in_a_hundred_may_differ(n_missing: int, *, holds: bool) -> None:
    whole = [event(10 * number) for number in range(100)]
    assert compared(whole[n_missing:], whole, certificate()).holds is holds


def test_within_120_s_of_a_gap_nothing_is_compared() -> None:
    whole = [event(877), event(878.5), event(1005), event(1129.5), event(1130.5)]
    found = compared([], whole, certificate((1000, 1010)))
    assert [e.onset_ns // NS_PER_S for e in found.missing] == [877, 1130]
    assert found.compared_h == (NIGHT_S - 250) / NIGHT_S


def test_what_only_a_whole_night_tells_is_not_compared() -> None:
    assert compared([], [event(100, EventKind.AWAKENING)], certificate()).compared == 0

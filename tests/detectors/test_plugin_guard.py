"""What a plug-in may do to a night: say events that can be kept, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from detectors.events import Event, EventKind, EventQuality, Step
from detectors.plugin import Failures, GuardedPlugin, plugin_of
from detectors.recording import steady_clock
from detectors.signal import Gap, GapCause, Leg, Quantity, Stream, Unit
from detectors.track import Track, TrackName

if TYPE_CHECKING:
    from collections.abc import Callable

SHIN = Stream("shin", Leg.LEFT, "tibialis anterior", Quantity.EMG, Unit.MICROVOLT, ("emg",), 100.0)
CLOCK = steady_clock(0, SHIN.fs_hz)
KIND = EventKind("plugin_other")
EVENT = Event(KIND, "shin", Leg.LEFT, 10**9, 2 * 10**9, {"peak_uv": 1.0})
HOP = 10
MINUTE = 6000


@dataclass(frozen=True, slots=True)
class Nothing:
    """No numbers."""


class Other:
    """A detector that does what a test wants."""

    name = "other"
    quantity = Quantity.EMG
    criteria = Nothing()

    def __init__(self, stream: Stream, criteria: Nothing) -> None:
        self.stream, self.numbers = stream, criteria
        self.settled: Any = 0

    def feed(self, item: Track | Gap) -> Any:
        if isinstance(item, Track):
            self.settled = item.start
        return []

    def finish(self) -> Any:
        return []

    def rejected(self) -> Any:
        return []


def track(start: int, n_samples: int = MINUTE) -> Track:
    n = n_samples // HOP
    return Track(SHIN, CLOCK, TrackName.ENVELOPE_UV, start, HOP, np.ones(n), np.zeros(n, np.uint16))


def guarded(**does: Any) -> tuple[GuardedPlugin, Failures]:
    failures = Failures()
    detector: Any = type("Other", (Other,), does)
    return GuardedPlugin(plugin_of(detector), SHIN, failures.note), failures


def changed(**changes: Any) -> Event:
    return replace(EVENT, **changes)


def said_by(**does: Any) -> tuple[list[Event], str | None]:
    """Return the events of three minutes, and why the detector ended, if it did."""
    guard, failures = guarded(**does)
    events = [event for start in range(0, 3 * MINUTE, MINUTE) for event in guard.feed(track(start))]
    events += guard.rejected() + guard.finish()
    assert (guard.settled > 3 * MINUTE) is bool(failures.told)
    return events, failures.told.get("other")


def at_the_end(said: object) -> dict[str, Callable[..., Any]]:
    return {"finish": lambda _: said}


def settles(*values: Any) -> dict[str, Callable[..., Any]]:
    """Return a detector that is settled at one value after the other."""

    def feed(self: Other, item: Track) -> list[Event]:
        self.settled = values[item.start // MINUTE % len(values)]
        return []

    return {"feed": feed}


def breaks(error: BaseException) -> Callable[..., Any]:
    def broken(*_: object) -> Any:
        raise error

    return broken


def late(self: Other, item: Track) -> list[Event]:
    self.settled = item.start
    return [EVENT] if item.start else []


def overwrites(_: Other, item: Track) -> list[Event]:
    item.values[:] = 0.0
    return []


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ({"__init__": breaks(OSError("too\nslow"))}, "shin: OSError: too slow"),
        ({"feed": breaks(SystemExit("enough"))}, "shin: SystemExit: enough"),
        ({"feed": overwrites}, "assignment destination is read-only"),
        ({"feed": late}, "an event begins 59.000 s before what was settled"),
        ({"feed": lambda _, item: [EVENT] if item.start else []}, None),
        (settles(0, MINUTE, 2 * MINUTE) | {"finish": lambda _: [EVENT]}, None),
        (settles(10, 5), "settled falls from 10 to 5"),
        (settles(float("nan")), "'float' object cannot be interpreted as an integer"),
        (settles(np.int64(7)), None),
        (at_the_end(None), "'NoneType' object is not iterable"),
        (at_the_end([changed(kind=EventKind.CRAMP)]), "is cramp of shin (left), expected plugin_other of shin"),
        (at_the_end([changed(leg=Leg.RIGHT)]), "plugin_other of shin (right), expected plugin_other of shin (l"),
        (at_the_end([changed(measures={"confirmed": 1.0})]), "a measure is 'confirmed' = 1.0, expected a name"),
        ({"rejected": lambda _: [changed(measures={"peak_uv": float("nan")})]}, "a measure is 'peak_uv' = nan"),
        (at_the_end([changed(end_ns=190 * 10**9)]), "an event ends 9.000 s after what was heard"),
        (at_the_end([changed(onset_ns=-(2**70))]), "s before what was settled"),
        (at_the_end([changed(onset_ns=1e9)]), "'float' object cannot be interpreted as an integer"),
        (at_the_end([changed(quality="fair")]), "'fair' is not a valid EventQuality"),
        (at_the_end([changed(why=(Step("min_s", 1.0, float("nan"), held=True),))]), "a step is 'min_s': 1.0"),
    ],
)
def test_what_a_night_could_not_keep_ends_a_plug_in_with_one_line(does: dict[str, Any], said: str | None) -> None:
    why = said_by(**does)[1]
    assert (why is None) is (said is None), why
    assert (said or "") in (why or "")
    assert "\n" not in (why or "")


def test_events_of_any_numbers_and_containers_are_kept_as_ours() -> None:
    measures = {"peak_uv": np.float32(1.5), "count": np.int64(3)}
    why = (("min_s", np.float64(2), 1, np.True_),)
    event = changed(onset_ns=np.int64(10**9), measures=measures, quality="low", why=why)
    (found,), failed = said_by(finish=lambda _: (one for one in [event]))
    measures["count"] = np.int64(4)
    assert failed is None
    assert found.measures == {"peak_uv": 1.5, "count": 3.0}
    numbers = (found.onset_ns, found.revision, *found.measures.values(), found.why[0].value, found.why[0].held)
    assert [type(one) for one in numbers] == [int, int, float, float, float, bool]
    assert found.quality is EventQuality.LOW


def test_only_signal_that_was_heard_counts_against_a_plug_in_that_waits() -> None:
    """Neither a long gap nor a stream whose count begins late is something that it could have settled."""
    hours = 2 * 60 * MINUTE
    guard, failures = guarded(settled=0, feed=lambda _self, _item: [])
    guard.feed(track(hours))
    guard.feed(Gap(SHIN, CLOCK, hours + MINUTE, hours, GapCause.AIR))
    for minute in range(29):
        guard.feed(track(2 * hours + (1 + minute) * MINUTE))
    assert failures.told == {}
    guard.feed(track(2 * hours + 30 * MINUTE))
    assert "expected at most 30 min behind" in failures.told["other"]

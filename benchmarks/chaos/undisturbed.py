"""The same night with nothing going wrong, and where a disturbed one must say the same.

The undisturbed night is not played a second time: its sensors are the virtual ones, sample for sample and packet for
packet, but what they send goes straight into the records of a packet log and from there the way of ``soleus replay``.
Radio, recorder and live scorer are left out. That they change nothing is what other tests hold (a live night equals
its replay, and so does this one); here it makes the comparison exact, and 8 h cost a minute instead of a quarter of an
hour. Both nights are placed by their sensors' clocks, so an event must begin and end at the same sample.

What is compared lies further than 120 s from every gap that the certificate of the disturbed night lists, of any
stream. A gap is felt for longer than that, a little: the resting level is followed from value to value, and what it
did not see leaves it some thousandths elsewhere for up to an hour, so that an event ends a frame earlier or later,
and a few that only just reach a threshold come or go. Those that moved are counted apart. Left out are what can only
be said of a whole night (`WHOLE_NIGHT`), and which movements make a series: its rule looks 90 s on from each
movement, so a gap splits a series of any length.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from detectors.events import Event, EventKind
from detectors.signal import NS_PER_S
from ingest.decoders.lsp_control import Op, Request
from ingest.decoders.lsp_info import BODY_LOCATIONS, CONTROL_UUID, DATA_UUID, INFO_UUID
from ingest.night.records import LinkUp, NightEnd, NightStart, Notification, SetupReply, TimePair
from ingest.virtual.device import LegDevice
from ingest.virtual.leg import Curtain, DeviceSpec
from soleus.final_scoring import score_log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from detectors.criteria import Criteria
    from detectors.simulate.night import SimulatedNight
    from ingest.night.folder import NightInfo, NightSensor
    from ingest.night.records import Record

MARGIN_S = 120.0
# A sample of the EMG takes 2 ms.
SAME_NS = 1_000_000
# When the legs begin to move, after the sensors were switched on.
ZERO_NS = NS_PER_S
STEP_NS = 60 * NS_PER_S
LONG_MTU = 247
ALL_STREAMS = 0xFFFF
# How much of an event must lie where it lay, as everywhere in `detectors.evaluate`.
SAME_PLACE_IOU = 0.3
# As many only just reach a threshold, or do not.
MOST_DIFFERING = 0.02
WHOLE_NIGHT = frozenset({EventKind.AWAKENING, EventKind.NOT_WORN, EventKind.PERIODIC_SERIES})


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two nights say where both have a signal.

    Parameters
    ----------
    compared : int
        Events of the undisturbed night that count.
    moved : tuple of Event
        Those that the disturbed night has with another onset or end, by less than what makes another event.
    missing, added : tuple of Event
        What only the undisturbed night has, and what only the other one has.
    compared_h : float
        How much of the night is further than 120 s from every gap, h.
    """

    compared: int
    moved: tuple[Event, ...]
    missing: tuple[Event, ...]
    added: tuple[Event, ...]
    compared_h: float

    @property
    def differing(self) -> int:
        """How many events only one of them has."""
        return len(self.missing) + len(self.added)

    @property
    def holds(self) -> bool:
        """Whether no more differ than can be borderline."""
        return self.differing <= MOST_DIFFERING * self.compared


def undisturbed(info: NightInfo, criteria: Criteria, night: SimulatedNight, zero_utc_ns: int) -> list[Event]:
    """Return the events of a simulated night of which nothing was lost.

    Parameters
    ----------
    info : NightInfo
        Which sensors were worn, left first, and how fast the night was played.
    criteria : Criteria
        Every threshold.
    night : SimulatedNight
        What the legs do.
    zero_utc_ns : int
        When the legs begin to move, UTC ns.
    """
    return score_log(partial(_pieces, info, night, zero_utc_ns), info, criteria).scoring.events


def _pieces(info: NightInfo, night: SimulatedNight, zero_utc_ns: int) -> Iterator[list[Record]]:
    begin_ns, curtain = zero_utc_ns - ZERO_NS, Curtain(len(night.legs))
    devices = {
        worn.name: LegDevice(
            _spec(number, worn),
            leg,
            curtain,
            boot_id=number,
            mono_ns=0,
        )
        for number, (worn, leg) in enumerate(zip(info.sensors, night.legs, strict=True))
    }
    yield [NightStart(0, begin_ns, info.speed, info.version)]
    for name, device in devices.items():
        yield list(_set_up(name, device, begin_ns + ZERO_NS))
    end_ns = ZERO_NS + round(night.duration_s * NS_PER_S) + STEP_NS
    for now_ns in range(ZERO_NS + STEP_NS, end_ns + STEP_NS, STEP_NS):
        piece: list[Record] = [TimePair(now_ns, begin_ns + now_ns)]
        for name, device in devices.items():
            device.produce(now_ns, hold=False)
            for ring in device.rings:
                packets = iter(partial(ring.next_long, flush=device.at_end(ring)), None)
                piece += [Notification(now_ns, name, DATA_UUID, packet.payload) for packet in packets]
        yield piece
    yield [NightEnd(end_ns, begin_ns + end_ns, "over")]


def _spec(number: int, worn: NightSensor) -> DeviceSpec:
    location = BODY_LOCATIONS.index(f"{worn.leg} {worn.site}")
    return DeviceSpec(worn.name, worn.address, f"LSP-{number}", number, location, ring_s=2 * STEP_NS / NS_PER_S)


def _set_up(name: str, device: LegDevice, utc_ns: int) -> Iterator[Record]:
    """Yield what a recorder learns when it starts a sensor."""
    yield LinkUp(ZERO_NS, name, LONG_MTU)
    yield SetupReply(ZERO_NS, name, INFO_UUID, b"", device.info.to_bytes())
    for number, (op, *values) in enumerate(((Op.SET_TIME, utc_ns // 1000), (Op.GET_TIME,), (Op.START, ALL_STREAMS))):
        request = Request(Op(op), number, tuple(values)).to_bytes()
        yield SetupReply(ZERO_NS, name, CONTROL_UUID, request, device.answer(request, ZERO_NS, utc_ns))


def compared(disturbed: Sequence[Event], whole: Sequence[Event], certificate: Mapping[str, Any]) -> Comparison:
    """Compare a disturbed night with the undisturbed one, away from its gaps.

    Parameters
    ----------
    disturbed, whole : sequence of Event
        The events of both.
    certificate : mapping
        Of the disturbed night.
    """
    gaps = _gaps(certificate)
    left = [event for event in disturbed if _counts(event, gaps)]
    wanted = [event for event in whole if _counts(event, gaps)]
    elsewhere = [event for event in wanted if not _take(event, left, _is_same)]
    missing = [event for event in elsewhere if not _take(event, left, _is_there)]
    moved = [event for event in elsewhere if event not in missing]
    night = (certificate["start_ns"], certificate["end_ns"])
    lost_ns = sum(min(end, night[1]) - max(start, night[0]) for start, end in gaps)
    return Comparison(
        len(wanted), tuple(moved), tuple(missing), tuple(left), (night[1] - night[0] - lost_ns) / NS_PER_S / 3600
    )


def by_kind(events: Sequence[Event]) -> str:
    """Return how many events there are of each kind, in words."""
    counts = Counter(str(event.kind) for event in events)
    return ", ".join(f"{count} {kind}" for kind, count in counts.most_common()) or "none"


def _gaps(certificate: Mapping[str, Any]) -> list[tuple[int, int]]:
    """Return the gaps of all streams with 120 s around each, those that touch as one."""
    margin_ns = round(MARGIN_S * NS_PER_S)
    spans = sorted(
        (gap["start_ns"] - margin_ns, gap["start_ns"] + round(gap["length_s"] * NS_PER_S) + margin_ns)
        for sensor in certificate["sensors"]
        for stream in sensor["streams"]
        for gap in stream["gaps"]
    )
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _counts(event: Event, gaps: Sequence[tuple[int, int]]) -> bool:
    return event.kind not in WHOLE_NIGHT and not any(
        event.onset_ns < end and event.end_ns > start for start, end in gaps
    )


def _take(wanted: Event, left: list[Event], fits: Callable[[Event, Event], bool]) -> bool:
    """Take the first event of a list that fits, if there is one of the same kind and leg."""
    for number, event in enumerate(left):
        if (event.kind, event.sensor, event.leg) == (wanted.kind, wanted.sensor, wanted.leg) and fits(event, wanted):
            del left[number]
            return True
    return False


def _is_there(one: Event, other: Event) -> bool:
    """Whether two events lie in the same place, about."""
    common_ns = min(one.end_ns, other.end_ns) - max(one.onset_ns, other.onset_ns)
    whole_ns = max(one.end_ns, other.end_ns) - min(one.onset_ns, other.onset_ns)
    return common_ns >= SAME_PLACE_IOU * whole_ns


def _is_same(one: Event, other: Event) -> bool:
    """Whether two events begin and end at the same sample."""
    return abs(one.onset_ns - other.onset_ns) <= SAME_NS and abs(one.end_ns - other.end_ns) <= SAME_NS

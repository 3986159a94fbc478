"""``python -m benchmarks.speed.fifty_sensors``: fifty sensors on one core for a minute, at the pace of real ones.

The records that a recorder would have written are made beforehand; then the scorers of 25 people with two
sensors each get them when they are due: decoding, features, detectors, combination. Recording, journal and
relay are other processes and not in the figure.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from benchmarks.speed.processes import said
from benchmarks.speed.rows import Row, at_most
from detectors.criteria import named
from detectors.signal import NS_PER_S, Leg
from detectors.simulate import simulate_night
from ingest.decoders.lsp_info import DATA_UUID, INFO_UUID, Format, Info, InfoFlag, Kind, StreamDescriptor, UnitCode
from ingest.decoders.lsp_packets import DataHeader, PacketFlag, encode_long
from ingest.night.folder import NightInfo, NightSensor
from ingest.night.records import LinkUp, NightStart, Notification, SetupReply, TimePair
from soleus.scoring import NightScoring

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.simulate import SimulatedNight
    from ingest.night.records import Record

LEGS = (Leg.LEFT, Leg.RIGHT)
SENSORS, SECONDS = 50, 60.0
# Before the minute counts: the resting level of a leg is known after some seconds.
BEFORE_S = 120.0
# The scorer looks at its log twice a second.
LOOK_S = 0.5
PAIR_S = 10.0
UTC_NS = 1_790_000_000 * NS_PER_S
S_PER_H = 3600.0
EMG = StreamDescriptor(0, Kind.EMG, 1, Format.I16, 500_000, 0.25, 0.0, UnitCode.MICROVOLT, 25)
ACCELERATION = StreamDescriptor(1, Kind.ACC, 3, Format.I16, 50_000, 1 / 8192, 0.0, UnitCode.G, 25)
TICK_HZ = 1_000_000


class Wearer(NamedTuple):
    """One person's records by the time at which they are due, and the scorer that gets them."""

    records: list[Record]
    scoring: NightScoring


def _packets(sensor: str, stream: StreamDescriptor, values: NDArray[np.floating]) -> list[Record]:
    """Return the notifications of one stream, each when its last sample has been taken."""
    counts = np.clip(np.round(values / stream.scale), -(1 << 15), (1 << 15) - 1).astype("<i2")
    length, made = stream.samples_per_packet, []
    for number, index in enumerate(range(0, len(counts) - length + 1, length)):
        tick = round(index * TICK_HZ / stream.fs_hz)
        header = DataHeader(stream.stream_id, PacketFlag.NONE, number & 0xFFFF, index, tick)
        payload = encode_long(stream, header, counts[index : index + length])
        due_ns = round((index + length) / stream.fs_hz * NS_PER_S)
        made.append(Notification(due_ns, sensor, DATA_UUID, payload))
    return list(made)


def wearer(number: int, night: SimulatedNight) -> Wearer:
    """Return the records of one person's two sensors and a scorer."""
    names = {leg.leg: f"{leg.leg}-shin" for leg in night.legs}
    records: list[Record] = [NightStart(0, UTC_NS, 1.0, "benchmark")]
    for leg in night.legs:
        info = Info(InfoFlag.COMMON_CLOCK, 0xC0FFEE + number, TICK_HZ, 244, 3, 40, 1, (EMG, ACCELERATION))
        records += [LinkUp(0, names[leg.leg], 247), SetupReply(0, names[leg.leg], INFO_UUID, b"", info.to_bytes())]
        records += _packets(names[leg.leg], EMG, leg.emg(0, leg.n_emg)[:, :1])
        records += _packets(names[leg.leg], ACCELERATION, leg.acceleration(0, leg.n_acceleration))
    pairs = np.arange(0.0, night.duration_s, PAIR_S)
    records += [TimePair(round(at * NS_PER_S), UTC_NS + round(at * NS_PER_S)) for at in pairs.tolist()]
    records.sort(key=lambda record: record.mono_ns)
    sensors = tuple(
        NightSensor(name, "lsp", f"C4:00:00:00:{number:02X}:0{at}", leg, "tibialis anterior", {})
        for at, (leg, name) in enumerate(names.items())
    )
    worn = NightInfo("bench", f"p{number}", "night", "default", 1.0, sensors, UTC_NS, 0, "benchmark")
    return Wearer(records, NightScoring(worn, named("wasm-2016")))


def play(wearers: list[Wearer], from_s: float, to_s: float, *, paced: bool) -> float:
    """Give every scorer what is due, twice a second; return the largest delay behind real time, s."""
    at = [sum(record.mono_ns < from_s * NS_PER_S for record in one.records) for one in wearers]
    began_s, late_s = time.monotonic(), 0.0
    for due_s in np.arange(from_s + LOOK_S, to_s + LOOK_S / 2, LOOK_S).tolist():
        if paced:
            time.sleep(max(0.0, began_s + due_s - from_s - time.monotonic()))
        for number, one in enumerate(wearers):
            stop = at[number]
            while stop < len(one.records) and one.records[stop].mono_ns < due_s * NS_PER_S:
                stop += 1
            one.scoring.feed(one.records[at[number] : stop])
            at[number] = stop
        late_s = max(late_s, time.monotonic() - began_s - (due_s - from_s))
    return late_s


def main() -> None:
    """Play, and print the share of one processor and the largest delay."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sensors", type=int, default=SENSORS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    hours = (BEFORE_S + arguments.seconds) / S_PER_H
    # Five nights for all of them: other legs would cost the same.
    nights = [simulate_night(hours, seed, "clean") for seed in range(1, 6)]
    wearers = [wearer(number, nights[number % len(nights)]) for number in range(max(1, arguments.sensors // len(LEGS)))]
    play(wearers, 0.0, BEFORE_S, paced=False)
    began_s, cpu_s = time.monotonic(), time.process_time()
    late_s = play(wearers, BEFORE_S, BEFORE_S + arguments.seconds, paced=True)
    wall_s = time.monotonic() - began_s
    blocks = sum(sum(one.scoring.streams.values()) for one in wearers)
    print(
        json.dumps(
            {
                "sensors": 2 * len(wearers),
                "seconds": arguments.seconds,
                "wall_s": wall_s,
                "processor_share": (time.process_time() - cpu_s) / arguments.seconds,
                "largest_delay_s": late_s,
                "samples": blocks,
            }
        )
    )


def fifty_sensors_row(sensors: int = SENSORS, seconds: float = SECONDS) -> Row:
    """Play it in a process of its own; held means that a second of the night took less than one of processor.

    How late it was is told as well, but not held against it: other work on the same core makes it late, too.
    """
    found = said("benchmarks.speed.fifty_sensors", "--sensors", str(sensors), "--seconds", str(seconds))
    held = at_most(found["processor_share"], 1.0)
    return Row(
        f"live, {found['sensors']} sensors on one core for {found['seconds']:.0f} s: decode and score",
        "real time",
        f"{found['processor_share']:.0%} of the core, at most {found['largest_delay_s']:.2f} s late",
        "held",
        held,
        {name: float(value) for name, value in found.items()},
    )


if __name__ == "__main__":
    main()

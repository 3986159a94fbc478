"""``python -m ingest.virtual``: two leg sensors with a simulated night behind them, on a radio of their own.

Prints one line of JSON when an adapter can be opened (``{"event": "ready", "port": ...}``), and obeys the commands of
:class:`ingest.virtual.process.SensorRoom` on stdin; the end of stdin ends it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import signal
import sys
from typing import TYPE_CHECKING

from detectors.signal import Leg
from detectors.simulate.night import simulate_night
from ingest.decoders.lsp_info import BODY_LOCATIONS
from ingest.stdin import stdin_lines
from ingest.timebase import Timebase
from ingest.virtual.leg import DeviceSpec
from ingest.virtual.process import SUPERVISION_S, SensorRoom

if TYPE_CHECKING:
    from detectors.simulate.night import LegSignal

RING_S = 30.0
# A reconnect takes the machine's time, however fast the night is played; the memory must bridge it.
LEAST_RING_WALL_S = 3.0
LOCATIONS = {Leg.LEFT: "left tibialis anterior", Leg.RIGHT: "right tibialis anterior"}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ingest.virtual", description=__doc__)
    parser.add_argument("--hours", type=float, default=8.0, help="length of the night")
    parser.add_argument("--seed", type=int, default=1, help="of the night")
    parser.add_argument("--regime", default="clean", help="kind of night, as for `soleus simulate`")
    parser.add_argument("--speed", type=float, default=1.0, help="seconds of the night per second")
    parser.add_argument("--epoch-ns", type=int, default=0, help="UTC of the night's time zero (compressed nights)")
    parser.add_argument("--origin-ns", type=int, default=0, help="monotonic time of the night's time zero")
    parser.add_argument("--supervision-s", type=float, default=SUPERVISION_S, help="link loss after so long")
    parser.add_argument("--ring-s", type=float, default=RING_S, help="memory of each sensor")
    drift = "how much faster each sensor's clock runs, left first"
    parser.add_argument("--drift-ppm", type=float, nargs="+", default=[], help=drift)
    return parser.parse_args()


def _spec(number: int, leg: LegSignal, timebase: Timebase, *, ring_s: float, drift_ppm: float) -> DeviceSpec:
    return DeviceSpec(
        name=leg.leg.value,
        address=f"C4:00:00:00:00:{number + 1:02X}",
        advertised_name=f"LSP-{leg.leg.value[0].upper()}{number + 1:03d}",
        uid=number + 1,
        location=BODY_LOCATIONS.index(LOCATIONS[leg.leg]),
        ring_s=timebase.patience_s(ring_s, least_wall_s=LEAST_RING_WALL_S),
        drift_ppm=drift_ppm,
    )


def _print(report: dict[str, object]) -> None:
    print(json.dumps(report), flush=True)  # noqa: T201 - stdout is this process's interface


async def _play(arguments: argparse.Namespace) -> None:
    timebase = Timebase(arguments.speed, arguments.epoch_ns, arguments.origin_ns)
    night = simulate_night(arguments.hours, seed=arguments.seed, regime=arguments.regime)
    drift_ppm = [*arguments.drift_ppm, *(0.0 for _ in night.legs)]
    sensors = [
        (_spec(number, leg, timebase, ring_s=arguments.ring_s, drift_ppm=drift_ppm[number]), leg)
        for number, leg in enumerate(night.legs)
    ]
    room = SensorRoom(sensors, timebase, seed=arguments.seed, report=_print, supervision_s=arguments.supervision_s)
    await room.play(stdin_lines())


def main() -> None:
    """Play a night."""
    if not sys.stdin.isatty():
        # Ctrl-C reaches every process of a terminal; the collector must still find its sensors to stop them in order.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    # Bumble warns of packets for links that have just ended; here links are ended on purpose.
    logging.getLogger("bumble").setLevel(logging.ERROR)
    asyncio.run(_play(_arguments()))


if __name__ == "__main__":
    main()

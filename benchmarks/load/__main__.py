"""``python -m benchmarks.load``: twenty virtual sensors, 50 notifications per second each, into one recorder."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from benchmarks.load.loading import load


def main() -> int:
    """Run the load; the exit code says whether anything was lost."""
    parser = argparse.ArgumentParser(prog="make load", description=__doc__)
    parser.add_argument("--sensors", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=10.0)
    arguments = parser.parse_args()
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="soleus-load-") as folder, console.status("starting") as status:
        found = load(Path(folder), arguments.sensors, arguments.minutes * 60, status.update)
    rate_hz = found.notifications / found.seconds / found.sensors
    print(f"{found.sensors} virtual sensors for {found.seconds:.0f} s, {rate_hz:.1f} notifications per second each")
    print(
        f"samples: {found.produced} taken, {found.received} in the log; {found.gaps} gaps, {found.steps} recovery steps"
    )
    p50, p99, most = found.latency_ms
    print(f"latency above the fastest packet: median {p50:.1f} ms, 99th percentile {p99:.1f} ms, largest {most:.1f} ms")
    print(f"recorder: {found.cpu_percent:.1f} % of one core, {found.peak_mb:.0f} MB")
    print("nothing lost" if found.holds else "LOST SOMETHING, or the sensors did not keep up")
    return 0 if found.holds else 1


if __name__ == "__main__":
    sys.exit(main())

"""What a run of many homes found, in lines."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from benchmarks.load.nights import newest, size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.load.homes import Homes
    from benchmarks.load.nights import Said

ORDER = ("journal", "relay", "broker", "writers", "database", "rewrite")


def told(said: Sequence[Said], found: Homes) -> list[str]:
    """Return what was played, how fast it went, what it cost, and whether anything is missing."""
    plan = found.plan
    kinds = Counter(str(entry.topic_kind) for entry in newest(said).values())
    what = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    p50_ms, p99_ms, most_ms = found.lag_ms
    played = f"{plan.homes} homes, {plan.writers} writers, {found.seconds:.0f} s"
    return [
        f"{played}; each sends a simulated night: {what}; {size(said).messages} messages with all revisions",
        f"{found.messages} messages, {found.messages / found.seconds:.0f} per second",
        f"from journal to confirmation: median {p50_ms:.0f} ms, 99th percentile {p99_ms:.0f} ms, most {most_ms:.0f} ms",
        *(
            f"  {stage:9} {found.cpu_s[stage]:7.2f} s of processor, {found.cpu_us(stage):5.0f} µs a message,"
            f" {100 * found.cpu_s[stage] / found.seconds:5.1f} % of a core"
            + (f", {found.memory_mb[stage]:.0f} MB" if stage in found.memory_mb else "")
            for stage in ORDER
            if stage in found.cpu_s
        ),
        *(
            f"  {name}: {rows.points} points expected, {found.found.get(name, (0, 0))[0]} in the database"
            for name, rows in found.expected.items()
        ),
        "nothing lost" if found.holds else "LOST SOMETHING",
    ]

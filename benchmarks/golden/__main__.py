"""``make golden``: score the golden nights again and say what moved; ``make golden-accept`` commits to it."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from typing import TYPE_CHECKING

from benchmarks.golden.comparison import EVENTS, Outcome, compared, write
from benchmarks.golden.recipe import FOLDER, golden_nights

if TYPE_CHECKING:
    from collections.abc import Sequence

TOP = FOLDER.parents[1]
SECTION = re.compile(r"^### Scoring\n(.*?)(?=^##)", re.MULTILINE | re.DOTALL)
MOST_LINES = 12
NO_REASON = (
    "CHANGELOG.md: nothing has changed under 'Scoring' since the last commit; say there what moves these events and "
    "why, then run make golden-accept again"
)


def scoring_section(changelog: str) -> str:
    """Return what the newest 'Scoring' section of a changelog says."""
    found = SECTION.search(f"{changelog}\n##")
    return found[1].strip() if found else ""


def has_reason() -> bool:
    """Return whether the changelog says something about scoring that is not committed yet."""
    asked = ["git", "-C", str(TOP), "show", "HEAD:CHANGELOG.md"]
    committed = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    return scoring_section((TOP / "CHANGELOG.md").read_text(encoding="utf-8")) != scoring_section(committed)


def table(outcomes: Sequence[Outcome]) -> str:
    """Return one row per night, then each event that differs."""
    head = ("night", "events", "added", "lost", "moved", "changed", "F1", "onset error")
    rows = [
        (
            one.name,
            *(str(len(part)) for part in (one.stored["events"], one.added, one.lost, one.moved, one.changed)),
            f"{one.f1:.3f}",
            f"{one.onset_ms:+.0f} ms",
        )
        for one in outcomes
    ]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [
        "  ".join(cell.rjust(width) if column else cell.ljust(width) for column, (cell, width) in enumerate(cells))
        for cells in (list(zip(row, widths, strict=True)) for row in (head, *rows))
    ]
    for one in outcomes:
        for sign, events in (("+", one.added), ("-", one.lost), ("~", one.moved), ("=", one.changed)):
            lines += [f"{one.name}: {sign} {event}" for event in events[:MOST_LINES]]
            if len(events) > MOST_LINES:
                lines.append(f"{one.name}: {sign} and {len(events) - MOST_LINES} more")
    return "\n".join(lines)


def main() -> int:
    """Compare, print, and accept where that is asked for and may be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("nights", nargs="*", help="names of nights; all if none is given")
    parser.add_argument("--accept", action="store_true", help="let the events found now be the expected ones")
    arguments = parser.parse_args()
    try:
        nights = golden_nights(tuple(arguments.nights))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    outcomes = [compared(night) for night in nights]
    print(table(outcomes))
    if all(one.same for one in outcomes):
        print("nothing has changed")
        return 0
    if not arguments.accept:
        return 1
    known = [one for one in outcomes if not one.same and (FOLDER / one.name / EVENTS).exists()]
    if known and not has_reason():
        print(NO_REASON, file=sys.stderr)
        return 1
    for one in outcomes:
        if not one.same:
            write(FOLDER / one.name / EVENTS, one.stored)
            print(f"accepted: {one.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Turn the text exports of RBDtector's test recording into the list that ``soleus rules`` reads.

``python tests/rbdtector_to_tsv.py FOLDER`` with the folder ``tests/data`` of github.com/aroethen/RBDtector
writes the two lists in ``tests/data/rbdtector``.
"""

from __future__ import annotations

import re
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

RATERS = {"rater1": "Generic - test1 Unbekannt.txt", "rater2": "Generic_NO_test1.txt"}
STAGES = {"Wake": "W", "N1": "N1", "N2": "N2", "N3": "N3", "N4": "N3", "REM": "R"}
# Artefacts of a leg channel are no movements; phasic, tonic and "any" activity are.
MOVEMENT = re.compile(r"(Left|Right)Leg(?:Phasic|Tonic|Any)")
BEGIN = datetime.strptime("01:00:00,000", "%H:%M:%S,%f")  # noqa: DTZ007 - a time of day, taken as a difference only
EPOCH_MS = 30_000
MS = timedelta(milliseconds=1)
LINE = re.compile(r"(?P<onset>[\d:]+,\d+)(?:-(?P<end>[\d:]+,\d+))?;(?:[\s\d]*;)?\s*(?P<what>.+)")


class Row(NamedTuple):
    """One line of the list."""

    onset_ms: int
    duration_ms: int
    trial_type: str


def entries(text: str) -> list[tuple[int, int | None, str]]:
    """Return onset, duration (ms; None in a stage profile) and name of each event of one export."""
    found = []
    for line in filter(None, map(LINE.fullmatch, map(str.strip, text.splitlines()))):
        onset_ms = milliseconds(line["onset"])
        found.append((onset_ms, milliseconds(line["end"]) - onset_ms if line["end"] else None, line["what"]))
    return found


def milliseconds(clock: str) -> int:
    """Return a time of day as ms since the recording began."""
    return (datetime.strptime(clock, "%H:%M:%S,%f") - BEGIN) // MS  # noqa: DTZ007 - as above


def rows(folder: Path, movements: str) -> list[Row]:
    """Return one rater's list, by onset; stages, breathing and arousals are the same for both raters."""
    found = [
        Row(onset, EPOCH_MS, f"Sleep stage {STAGES[stage]}")
        # The last line of the profile is the end of the recording.
        for onset, _, stage in entries((folder / "Sleep profile - test1 Unbekannt.txt").read_text("ascii"))[:-1]
    ]
    sources = ("Flow Events - test1 Unbekannt.txt", "Classification Arousals - test1 Unbekannt.txt", movements)
    for onset, duration, name in (
        entry for source in sources for entry in entries((folder / source).read_text("ascii"))
    ):
        leg = MOVEMENT.fullmatch(name)
        kind = f"LM {leg[1].lower()}" if leg else "Arousal" if "Arousal" in name else name
        if leg or kind in {"Arousal", "Hypopnea", "Apnea"}:
            found.append(Row(onset, duration or 0, kind))
    return sorted(found)


def listing(folder: Path, movements: str) -> str:
    """Return one rater's list as text."""
    lines = ("\t".join((seconds(r.onset_ms), seconds(r.duration_ms), r.trial_type)) for r in rows(folder, movements))
    return "\n".join(("onset\tduration\ttrial_type", *lines, ""))


def seconds(ms: int) -> str:
    """Return ms as decimal seconds."""
    return f"{ms // 1000}.{ms % 1000:03d}"


if __name__ == "__main__":
    for rater, name in RATERS.items():
        target = Path(__file__).parent / "data" / "rbdtector" / f"{rater}.tsv"
        target.write_text(listing(Path(sys.argv[1]), name), "ascii")

"""``make bench``: how fast and how large, as ratios measured in one run; writes docs/benchmarks.md."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from benchmarks.speed.processes import TOP, Cost, cost, said
from benchmarks.speed.rows import Row
from benchmarks.speed.rows import table as speed_table

if TYPE_CHECKING:
    from collections.abc import Sequence

PAGE = TOP / "docs" / "benchmarks.md"
FIGURES = TOP / "docs" / "benchmarks.json"
SPEED_NOTES = (
    "The first row asks both programs for the same: leg movements and series (`score(..., movements_alone=True)`), and",
    "the aim is judged there. Rhythmic trains and cramp-like contractions, which otherwise take movements out of the",
    "series, twitches, plug-ins and how far the indices depend on the thresholds are left out then; mains, the heart,",
    "pops, the electrode and the quality of every half minute are not, for movements depend on them. *Everything on*",
    "is what Soleus does live and when nothing else is said, beside a program that finds movements and series alone.",
    "The margin of the first row is thin: on a busy computer single pairs of runs lay between 2.7 and 3.4.",
    "",
    "`python -m benchmarks.speed.stages` shows where the time of a channel goes: of 127 ns per sample on a busy",
    "computer compiled filters and spectra took 19, detectors 43, and many stages of the features the rest. Of the",
    "time of movements alone the compiled filter takes 13 of 100, spectra 11, the resting level, the movements and the",
    "mains of a night that has it 7 each; with everything on, looking for the movements again with 38 other thresholds",
    "takes 5. Tried and left out: longer blocks (0.96 of the time for more memory), shorter ones that fit the nearest",
    "cache (the calls cost what that saves; where one step goes over its samples often, a minute at a time takes 0.7),",
    "`scipy.fft` (the same time, the same bits). A kernel of our own that filters both bands of both legs at once",
    "would bind `detectors` to more than NumPy and SciPy.",
    "",
    "Scored again with one threshold changed, a night keeps what does not depend on it. What is left is mostly the",
    "night as a whole, which every event takes part in: of 80 ms on a computer at full speed 52 combine the channels,",
    "a quarter of that in the engines of the rules, and the profile is flat, some 165 000 calls of which none stands",
    "out. Kept from one score to the next are the tracks, what each detector found, shapes of cramp-like contractions,",
    "half minutes and every number that nobody asked for; sorting the events once and looking limits up once took a",
    "fifth off. Who drags a threshold is shown movements and indices alone, as in the row of the sweep, and everything",
    "when the hand rests.",
    "",
    "Memory does not grow with the samples. What grows with the hours of a file is what is found in it, and what the",
    "whole night is judged by: events and why they are ones, about 3 kB each; a row of 38 bytes per second and",
    "accelerometer, for whether it was worn and for the estimate of sleep; the movements under other thresholds, and",
    "what is counted of them at the end; levels and quality of half minutes. Together that is about 0.9 MB per hour of",
    "two legs with all sensors, a third of it for sleep and a quarter events: a file of two gigabytes that lasts for",
    "120 hours takes 1.8 times what one of twelve takes, 215 MB and 120 MB. It is more than the aim because breath is",
    "looked for second by second where a leg lies still, which is known only afterwards. A file of two gigabytes that",
    "is one night does not need more.",
)
STUDIO_NOTES = (
    "At a value that nothing was asked about before, what decides about each new run of activity is measured",
    "first, a third of the time of a look; to find the runs takes a sixth to a quarter, to judge them an eighth.",
    "So while a night is opened, its first threshold is looked at with 21 values over its slider: without that",
    "thirty nights took 1083 to 1183 ms. Another threshold has no such start, and behind thirty nights a move may",
    "wait for two whole rounds. Only a look is urgent: full scores, flips, the trade-off and robustness wait for",
    "it; when full scores and flips did not, another threshold took 2393 ms. Tried and left out: to measure",
    "ratios of all runs at once, and to keep what lies ready out of searches for garbage one by one (the same",
    "time).",
)
DELIVERY = "\n## Delivery\n"
PAGES = "\n## Pages\n"
STUDIO = "\n## Thresholds in hand\n"


def sensors_per_core(hours: float) -> tuple[float, Cost]:
    """Return how many sensors the whole path holds per core, from a compressed night of two."""
    used = cost([sys.executable, "-m", "soleus", "demo", "--hours", f"{hours:g}", "--seed", "1", "--exit", "--json"])
    return 2 * hours * 3600 / used.cpu_s, used


def played(hours: float) -> Row:
    """Return the row on the sensors that the whole path holds."""
    held, used = sensors_per_core(hours)
    return Row(
        "virtual sensors held per core, the whole path included",
        "",
        f"{held:.0f} ({hours:g} h of two in {used.wall_s:.0f} s, {used.cpu_s:.0f} s of processor)",
        "",
        None,
        {"sensors_per_core": held, "cpu_s": used.cpu_s, "wall_s": used.wall_s},
    )


def delivery(runs: int) -> str:
    """Return the section on delivery, measured by a process of its own with real servers."""
    command = [sys.executable, "-m", "benchmarks.delivery", "--runs", str(runs)]
    measured = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=TOP).stdout)
    lines = [
        "",
        f"Entries of a simulated night ({measured['entries']} in each run, {measured['runs']} runs of both sides in",
        "turns, median of the ratios), with real servers on the same computer: Mosquitto, and InfluxDB 1.6 behind a",
        "rewrite of its path. *Bare* is what the client library does alone. An event's way is measured from the",
        "return of the journal's `put` to the first query that finds its row; before that come what the detector must",
        "wait, and at most 0.5 s until the scorer looks at its log. The load average at the end of the measurement was",
        f"{os.getloadavg()[1]:.0f}: beyond 1 or 2 is other work on the same processors, and then two writers cannot be",
        "twice as fast as one.",
        "",
        *table(measured["rows"]),
        *(f"\n{note}" for note in measured["notes"]),
    ]
    return "\n".join(lines) + "\n"


def pages(runs: int) -> str:
    """Return the section on the pages, measured in a browser by a process of its own."""
    command = [sys.executable, "-m", "benchmarks.pages", "--runs", str(runs)]
    measured = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=TOP).stdout)
    lines = [
        "",
        "In a headless Chromium with the window of a laptop (1280 x 800 pixels) that draws in software, over real",
        "folders of made-up nights; each page in a browser of its own with nothing in its cache",
        f"({measured['runs']} runs, median). *Bare* is a page with nothing but uPlot that asks the same server for",
        "the same data, in turns with ours; an empty page says what the browser itself takes. *First paint with",
        "data* is when the numbers and all charts are there, as the server draws them; a moment later scripts have",
        "drawn what can be zoomed. The load average at the end of the measurement was",
        f"{os.getloadavg()[0]:.0f}, on {os.cpu_count()} processors that browser and server share.",
        "",
        *table(measured["rows"]),
    ]
    return "\n".join(lines) + "\n"


def studio() -> str:
    """Return the section on a threshold that is dragged, measured in a browser by a process of its own."""
    measured = said("benchmarks.studio.dragging")
    lines = [
        "",
        "A hand swings over half of a slider of *Bench* and back in less than a second, over simulated nights of 8 h",
        "with two legs that `soleus serve` holds; three of them differ. Each of its moves is timed until the picture",
        "and the numbers of its value, or of a newer one, are drawn; what it has just missed, it waits for as well.",
        "Server, its processes and browser share",
        f"{os.cpu_count()} processors; the load average at the end was {measured['load']:.1f}.",
        "",
        *table([dragged_row(one) for one in measured["rows"]]),
        "",
        *STUDIO_NOTES,
    ]
    return "\n".join(lines) + "\n"


def dragged_row(one: dict[str, Any]) -> tuple[str, str, str]:
    """Return the row of so many nights."""
    nights = "one night" if one["n_nights"] == 1 else f"{one['n_nights']} nights"
    p95_ms, opened_s = one["p95_ms"], one["opened_s"]
    faster = f"{1000 * opened_s / p95_ms:.0f} times faster than to open and score them ({opened_s:.0f} s)"
    return (
        f"{nights}, {one['n_events']} leg movements, `{one['threshold']}`: 95th percentile of {one['n_moves']} moves",
        f"{p95_ms:.0f} ms (median {one['median_ms']:.0f} ms), {faster}",
        "" if one["aim_ms"] is None else f"{one['aim_ms']:.0f} ms or less",
    )


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table of what was measured."""
    return [
        "| what | measured | aim |",
        "|---|---|---|",
        *(f"| {what} | {measured} | {aim} |" for what, measured, aim in rows),
    ]


def speed(arguments: argparse.Namespace) -> str:
    """Measure speed and memory, keep the figures, and return their part of the page."""
    parts = [word for name in arguments.part or () for word in ("--only", name)]
    measured = said(
        "benchmarks.speed", "--json", "--hours", str(arguments.hours), "--runs", str(arguments.runs), *parts
    )
    rows = [Row(**row) for row in measured["rows"]]
    if arguments.demo_hours:
        rows.append(played(arguments.demo_hours))
    figures = {**measured, "rows": [row.document() for row in rows]}
    FIGURES.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return head(rows, measured)


def head(rows: Sequence[Row], measured: dict[str, Any]) -> str:
    """Return the page up to the section on delivery."""
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`; the same figures of the first table as JSON are in `benchmarks.json`.",
        "",
        "## Speed",
        "",
        "Times belong to the computer that they were measured on; what compares is the ratio, both of whose sides",
        "ran in turns in the same run, one process at a time. Seconds are those of the processor where nothing else",
        "is said.",
        "",
        f"{measured['machine']}, {measured['processors']} processors, Python {measured['python']},",
        f"numpy {measured['numpy']}, scipy {measured['scipy']}, Soleus {measured['soleus']}.",
        f"Nights of {measured['hours']:g} h, median of {measured['runs']} runs; load average before and after:",
        f"{measured['load_before']:.1f} and {measured['load_after']:.1f}.",
        "",
        *speed_table(rows),
        "",
        *SPEED_NOTES,
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print and write the page; what is not asked for stays as it was written last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=8.0, help="length of the night that is scored")
    parser.add_argument("--runs", type=int, default=5, help="runs of which the median counts")
    parser.add_argument("--demo-hours", type=float, default=1.0, help="length of the night that is played; 0 for none")
    parser.add_argument("--only", choices=("speed", "delivery", "pages", "studio"), help="one section of the page")
    parser.add_argument("--part", action="append", help="of speed only this, by its name in benchmarks.speed")
    arguments = parser.parse_args()
    first, _, rest = PAGE.read_text(encoding="utf-8").partition(DELIVERY)
    second, _, rest = rest.partition(PAGES)
    third, _, fourth = rest.partition(STUDIO)
    if arguments.only in {None, "speed"}:
        first = speed(arguments)
    if arguments.only in {None, "delivery"}:
        second = delivery(arguments.runs)
    if arguments.only in {None, "pages"}:
        third = pages(arguments.runs)
    if arguments.only in {None, "studio"}:
        fourth = studio()
    text = f"{first}{DELIVERY}{second}{PAGES}{third}{STUDIO}{fourth}"
    print(text)
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

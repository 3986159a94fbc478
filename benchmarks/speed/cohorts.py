"""Many nights with two workers beside one: the figures of ``benchmarks.cohort`` as a row."""

from __future__ import annotations

from benchmarks.cohort.__main__ import AIM, cohort_speed
from benchmarks.speed.rows import Row, at_least

NIGHTS = 16


def cohort_row(hours: float, runs: int) -> Row:
    """Score a cohort with one worker and with two, in turns."""
    found = cohort_speed(NIGHTS, hours, runs)
    same = "the same bytes" if found.is_same else "NOT the same bytes"
    return Row(
        f"cohort of {found.n_nights} nights of {found.hours:g} h, 2 workers",
        "1 worker",
        f"{found.ratio:.2f} times ({found.two_workers_s:.0f} s, {found.one_worker_s:.0f} s by the clock), {same}",
        f"{AIM:g} times or more",
        at_least(found.ratio, AIM) and found.is_same,
        {"ratio": found.ratio, "wall_s": found.two_workers_s, "anchor_wall_s": found.one_worker_s, "load": found.load},
    )

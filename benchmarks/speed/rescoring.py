"""Other thresholds for a night that was scored before: the figures of ``benchmarks.rescore`` as rows."""

from __future__ import annotations

from benchmarks.speed.processes import said
from benchmarks.speed.rows import Row, at_most

AIM_MS, AIM_SWEEP_S = 50.0, 20.0
MS_PER_S = 1000.0
# Events and every number of the night; how far these hang on the thresholds is computed only where it is read.
COMPLETE = "and_numbers"


def rescoring_rows(hours: float) -> list[Row]:
    """Return the row on one changed threshold and the row on a sweep; no random sets, they compare and do not time."""
    found = said("benchmarks.rescore", "--hours", str(hours), "--sets", "0", "--json")
    times_ms = {field: took[COMPLETE] for field, took in found["by_field_ms"].items()}
    field, most_ms = max(times_ms.items(), key=lambda entry: entry[1])
    sweep, full_s = found["sweep"], found["full_s"]
    swept_ms = times_ms[sweep["field"]]
    anchor = f"full score: {full_s:.2f} s of processor"
    return [
        Row(
            f"score a night of {hours:g} h again after one threshold was changed",
            anchor,
            f"{swept_ms:.0f} ms of processor for `{sweep['field']}`, {full_s * MS_PER_S / swept_ms:.0f} times faster; "
            f"slowest of {len(times_ms)} fields {most_ms:.0f} ms (`{field}`)",
            f"{AIM_MS:g} ms or less",
            at_most(most_ms, AIM_MS),
            {"anchor_cpu_s": full_s, "slowest_ms": most_ms, **{f"{name}_ms": ms for name, ms in times_ms.items()}},
        ),
        Row(
            f"leg movements and their indices for {sweep['values']} values of `{sweep['field']}`, the same night",
            anchor,
            f"{sweep['s']:.1f} s of processor",
            f"{AIM_SWEEP_S:g} s or less",
            at_most(sweep["s"], AIM_SWEEP_S),
            {"sweep_s": sweep["s"], "ms_per_value": sweep["ms_per_value"], "anchor_cpu_s": full_s},
        ),
    ]

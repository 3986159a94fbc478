"""How the two sensors of the synthetic night did, minute by minute."""

from __future__ import annotations

import numpy as np

from dashboards.sensor_report import MissingSpan, SensorReport
from detectors.signal import Leg
from tests.synthetic_night import GAP_S, SENSORS, START_NS, to_ns
from tests.synthetic_signal import EMG_FS_HZ

MINUTE_S = 60
AIR_S = 3_000.0
"""When the right sensor loses a packet every now and then."""


def reports(so_far_s: int) -> tuple[SensorReport, ...]:
    """Return both sensors so far; the left one is away for seven minutes, the right one loses packets."""
    rng = np.random.default_rng(60)
    n_minutes = max(1, so_far_s // MINUTE_S)
    minute_s = np.arange(n_minutes) * float(MINUTE_S)
    found = []
    for view in SENSORS:
        left = view.leg is Leg.LEFT
        away = (minute_s + MINUTE_S > GAP_S[0]) & (minute_s < GAP_S[1]) & left
        air = (np.abs(minute_s - AIR_S) < 5 * MINUTE_S) & (not left)
        battery = 91.0 - minute_s / 1500 + np.where(left, -6.0, 0.0)
        # Nobody asks a sensor that is not linked.
        battery[away] = np.nan
        minutes = {
            "battery_pct": battery,
            "linked_share": np.where(away, 0.0, 1.0),
            "rssi_dbm": np.where(away, np.nan, rng.normal(-62, 3, n_minutes)),
            "lost_share": np.where(away, 1.0, np.where(air, 0.04, 0.0)),
            "longest_silence_s": np.where(away, float(MINUTE_S), rng.uniform(0.05, 0.3, n_minutes)),
        }
        lost_s = float(away.sum() * MINUTE_S + 0.04 * air.sum() * MINUTE_S)
        expected = EMG_FS_HZ * so_far_s
        account = {
            "n_expected": expected,
            "n_received": expected - round(EMG_FS_HZ * lost_s),
            "n_resent": 250.0,
            "n_lost": float(round(EMG_FS_HZ * lost_s)),
            "links_lost": float(away.any()),
            "clock_slope_ppm": 11.2 if left else -4.9,
        }
        whole = {name: values.astype(np.float32) for name, values in minutes.items()}
        missing = _missing(so_far_s, left=left)
        found.append(SensorReport(view, "lsp", START_NS, whole, account, missing))
    return tuple(found)


def _missing(so_far_s: int, *, left: bool) -> tuple[MissingSpan, ...]:
    known = (
        [MissingSpan(to_ns(GAP_S[0]), to_ns(GAP_S[1]), "reconnect")]
        if left
        else [MissingSpan(to_ns(AIR_S + at_s), to_ns(AIR_S + at_s + 0.4), "air") for at_s in (-150.0, 12.0, 201.0)]
    )
    return tuple(span for span in known if span.end_ns <= to_ns(so_far_s))

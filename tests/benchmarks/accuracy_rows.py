"""Rows of made-up nights, as the accuracy benchmark keeps them."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]


def found(kind: str, onset_s: float, end_s: float, leg: str = "left", tier: float = 2.0) -> Row:
    return {"kind": kind, "leg": leg, "onset_s": onset_s, "end_s": end_s, "tier": tier}


def true(kind: str, onset_s: float, end_s: float, leg: str = "left", *, clear: bool = True, **others: object) -> Row:
    row = {"kind": kind, "leg": leg, "onset_s": onset_s, "end_s": end_s, "clear": clear}
    return {**row, "amplitude_uv": 80.0, "angle_deg": 0.0, "cause": None, **others}


def night(findings: list[Row], truth: list[Row], condition: str = "clean", seed: int = 0, *, emg: bool = True) -> Row:
    peer = {"movements": {"left": [], "right": []}, "plmi_per_h": 0.0}
    return {
        "condition": condition,
        "seed": seed,
        "hours": 1.0,
        "found": findings,
        "truth": truth,
        "valid_h": {"left-shin": 1.0},
        "sleep_h": {"true": 0.8, "est": 0.9},
        "noise_uv": {"left": 1.0, "right": 1.0},
        "scoring_s": 1.0,
        "peer": {"psgscoring": peer, "psgscoring, offset_aasm": peer} if emg else None,
    }

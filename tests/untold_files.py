"""A simulated night in forms that nobody understands who is not told how to read them, and what to say of them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import edfio
import numpy as np

from detectors.simulate import simulate_night
from soleus.__main__ import run
from soleus.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pytest

HOURS = 0.1
ZONE = "Europe/Berlin"
BEGIN = "2026-03-14T22:30:00"
LAYOUT = f"""\
start = {BEGIN}
fs_hz = {{fs_hz:g}}
[columns]
DC7 = {{{{channel = "EMG TA-L", unit = "uV", scale = 1.0}}}}
DC8 = {{{{channel = "EMG TA-R", unit = "uV", scale = 1.0}}}}
"""
MEANT = {"DC7": "EMG TA-L", "DC8": "EMG TA-R"}


def options(folder: Path) -> list[str]:
    channels = [word for label, channel in MEANT.items() for word in ("--channel", f"{label}={channel}")]
    return [*channels, "--layout", str(folder / "columns.toml"), "--time-zone", ZONE]


def reading(folder: Path) -> Reading:
    return Reading(tuple(MEANT.items()), folder / "columns.toml", ZONE)


def make_study(folder: Path) -> Path:
    """Write the night as EDF and as a table into `files`, the layout of the table, and a list of each into `ann`."""
    (folder / "files").mkdir()
    (folder / "ann").mkdir()
    legs = simulate_night(HOURS, seed=5, regime="clean").legs
    emg = np.stack([leg.emg(0, leg.n_emg)[:, 0].astype(float) for leg in legs], axis=1)
    fs_hz = legs[0].emg_fs_hz
    signals = [
        edfio.EdfSignal(emg[:, at], fs_hz, label=label, physical_dimension="uV", physical_range=(-3000, 3000))
        for at, label in enumerate(MEANT)
    ]
    begin = datetime.fromisoformat(BEGIN)
    about = edfio.Recording(startdate=begin.date())
    edfio.Edf(signals, recording=about, starttime=begin.time()).write(folder / "files" / "lab.edf")
    np.savetxt(folder / "files" / "table.csv", emg, fmt="%.3f", delimiter=",", header=",".join(MEANT), comments="")
    (folder / "columns.toml").write_text(LAYOUT.format(fs_hz=fs_hz), encoding="utf-8")
    for name in ("lab", "table"):
        listed = "onset,duration,event\n22:31:00,2,LM left\n22:33:30,3,LM right\n"
        (folder / "ann" / f"{name}.csv").write_text(listed, encoding="utf-8")
    return folder


def scored(capsys: pytest.CaptureFixture[str], file: Path, *words: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["score", str(file), *words, "--criteria", "wasm-2016", "--format", "json"]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def movements(answer: Mapping[str, Any]) -> list[tuple[object, ...]]:
    found = [event for event in answer["events"] if event["kind"] == "leg_movement"]
    return sorted((event["onset_s"], event["end_s"], event["leg"]) for event in found)

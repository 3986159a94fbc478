"""A simulated recording, what ``soleus score --explain`` says of it, and the pages of the same events."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass, replace
from datetime import date, time
from typing import TYPE_CHECKING, Any

import edfio

from detectors.criteria import named
from detectors.pipeline import score
from detectors.simulate import simulate_night
from ingest.files.edf import read_edf
from ingest.night.entries import event_entry, event_of
from soleus.__main__ import run
from tests.fakes import FakeNightBook
from tests.synthetic_night import START_NS

if TYPE_CHECKING:
    from pathlib import Path

    from detectors.events import Event

MINUTES, SEED = 12, 3
AXES = "xyz"


@dataclass(frozen=True, slots=True)
class Explained:
    """A recording as the command and as the pages show it.

    Parameters
    ----------
    said : list of dict
        The events in the answer of the command.
    events : tuple of Event
        The same events in the same order, as a journal has kept them.
    book : FakeNightBook
        The night with these events.
    """

    said: list[dict[str, Any]]
    events: tuple[Event, ...]
    book: FakeNightBook


def explained(directory: Path) -> Explained:
    """Simulate a recording, and have it scored by the command and for the pages."""
    path = _write(directory / "night.edf")
    with contextlib.redirect_stdout(io.StringIO()) as answer:
        assert run(["score", "--criteria", "wasm-2016", "--explain", "--format", "json", str(path)]) == 0
    recording = read_edf(path)
    events = score(recording, named("wasm-2016")).events
    # The journal keeps JSON; the night of the pages begins at another time than the recording.
    shift_ns = START_NS - recording.start_ns
    kept = tuple(event_of(event_entry(event, "p1", "n1", "default")) for event in events)
    moved = tuple(replace(e, onset_ns=e.onset_ns + shift_ns, end_ns=e.end_ns + shift_ns) for e in kept)
    return Explained(json.loads(answer.getvalue())["events"], moved, FakeNightBook(all_events=moved))


def _write(path: Path) -> Path:
    signals = []
    for leg in simulate_night(MINUTES / 60, seed=SEED, regime="spastic").legs:
        side = leg.leg[0].upper()
        emg = leg.emg(0, leg.n_emg)[:, 0].astype(float)
        signals.append(
            edfio.EdfSignal(
                emg, leg.emg_fs_hz, label=f"EMG TA-{side}", physical_dimension="uV", physical_range=(-3000, 3000)
            )
        )
        motion = leg.acceleration(0, leg.n_acceleration).astype(float)
        signals += [
            edfio.EdfSignal(
                motion[:, column],
                leg.acceleration_fs_hz,
                label=f"ACC-{side} {axis}",
                physical_dimension="g",
                physical_range=(-8, 8),
            )
            for column, axis in enumerate(AXES)
        ]
    edfio.Edf(signals, recording=edfio.Recording(startdate=date(2026, 3, 14)), starttime=time(22, 30)).write(path)
    return path

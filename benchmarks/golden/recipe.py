"""How a golden night is made: from a seed, or from pieces of real EMG."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from benchmarks.playing import emg_source, played, recorded
from detectors.criteria import named
from detectors.events import EventKind
from detectors.recording import Recording
from detectors.signal import Leg, Quantity
from detectors.simulate import simulate_night
from tests import assemble_edf

if TYPE_CHECKING:
    from detectors.pipeline import Score
    from detectors.signal import Stream
    from detectors.simulate import LegSignal, TruthEvent

    Spans = dict[Leg, np.ndarray]

FOLDER = Path(__file__).parents[2] / "tests" / "golden"
RECIPE = "recipe.toml"
WALKING_S = 60.0


class Made(NamedTuple):
    """A recording, which samples of it are missing, and where leg movements truly are.

    Parameters
    ----------
    recording : Recording
        What is scored.
    losses : dict of Stream to list of (int, int)
        Missing samples ``[start, stop)``.
    movements : dict of Leg to ndarray of float, shape (n, 2)
        Onset and end of the movements that ought to be found, s.
    neutral : dict of Leg to ndarray of float, shape (n, 2)
        Whatever else the muscle does, s.
    """

    recording: Recording
    losses: dict[Stream, list[tuple[int, int]]]
    movements: Spans
    neutral: Spans


@dataclass(frozen=True, slots=True)
class GoldenNight:
    """A short night whose events are known.

    Parameters
    ----------
    folder : Path
        Where its recipe, its events and the page about it are.
    recipe : mapping
        What ``recipe.toml`` says: ``criteria``, and ``simulated`` or ``real``, and ``gaps``.
    """

    folder: Path
    recipe: dict[str, Any]

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.folder.name

    @property
    def hours(self) -> float:
        """Length, h; 0 where it is made of real pieces."""
        return float(self.recipe.get("simulated", {}).get("hours", 0.0))

    def made(self) -> Made:
        """Make the recording."""
        return _simulated(self.recipe) if "simulated" in self.recipe else _assembled()

    def scored(self, made: Made) -> Score:
        """Score the recording."""
        return played(made.recording, named(self.recipe["criteria"]), made.losses)


def golden_nights(names: tuple[str, ...] = ()) -> list[GoldenNight]:
    """Return the golden nights, all of them if no name is given.

    Raises
    ------
    ValueError
        If there is no night of a name.
    """
    folders = {path.parent.name: path for path in sorted(FOLDER.glob(f"*/{RECIPE}"))}
    unknown = [name for name in names if name not in folders]
    if unknown:
        msg = f"golden night is {unknown[0]!r}, expected one of {', '.join(folders)}"
        raise ValueError(msg)
    return [
        GoldenNight(path.parent, tomllib.loads(path.read_text(encoding="utf-8")))
        for name, path in folders.items()
        if not names or name in names
    ]


def _simulated(recipe: dict[str, Any]) -> Made:
    """Make a night from its seed."""
    asked = recipe["simulated"]
    rates = {key: asked[key] for key in ("emg_fs_hz", "acceleration_fs_hz") if key in asked}
    night = simulate_night(asked["hours"], asked["seed"], asked["regime"], **rates)
    recording = recorded(night, asked.get("quantities", ("emg", "acceleration")))
    losses: dict[Stream, list[tuple[int, int]]] = {}
    for gap in recipe.get("gaps", ()):
        for source in recording.sources:
            stream = source.stream
            if stream.leg == gap["leg"] and gap.get("quantity", stream.quantity) == stream.quantity:
                first = round(gap["onset_s"] * stream.fs_hz)
                losses.setdefault(stream, []).append((first, first + round(gap["length_s"] * stream.fs_hz)))
    by_emg = any(source.stream.quantity is Quantity.EMG for source in recording.sources)
    ought = {leg.leg: [_ought(one, by_emg=by_emg) for one in leg.truth] for leg in night.legs}
    movements = {leg.leg: _spans(leg, ought[leg.leg]) for leg in night.legs}
    others = {leg.leg: _spans(leg, [not one for one in ought[leg.leg]]) for leg in night.legs}
    return Made(recording, losses, movements, others)


def _ought(event: TruthEvent, *, by_emg: bool) -> bool:
    """Return whether a leg movement ought to be found: clear in the EMG, or one that turns the leg."""
    return event.kind == EventKind.LEG_MOVEMENT and (event.clear if by_emg else event.angle_deg > 0)


def _spans(leg: LegSignal, chosen: list[bool]) -> np.ndarray:
    spans = [(one.onset_s, one.end_s) for one, taken in zip(leg.truth, chosen, strict=True) if taken]
    return np.array(spans, dtype=float).reshape(-1, 2)


def _assembled() -> Made:
    """Put real pieces together: movements and a sustained contraction, then rest and walking."""
    signal, placed, sustained = assemble_edf.night()
    left = np.concatenate([signal, assemble_edf.walk("TA", WALKING_S, WALKING_S)])
    right = assemble_edf.rest(len(left) / assemble_edf.FS_HZ, turned=True)
    sources = [emg_source(leg, data, assemble_edf.FS_HZ) for leg, data in ((Leg.LEFT, left), (Leg.RIGHT, right))]
    true = {Leg.LEFT: np.array([*placed, sustained], dtype=float), Leg.RIGHT: np.empty((0, 2))}
    nothing = np.empty((0, 2))
    walked = np.array([[len(signal) / assemble_edf.FS_HZ + WALKING_S, len(left) / assemble_edf.FS_HZ]])
    return Made(Recording("real", 0, tuple(sources)), {}, true, {Leg.LEFT: walked, Leg.RIGHT: nothing})

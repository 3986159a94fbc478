"""Real muscle in a file: what is placed is found, a sustained contraction stays whole, walking is no cramp."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from detectors.matching import match
from soleus.__main__ import run
from tests.assemble_edf import FS_HZ, TOTAL_S, Placed, night, rest, walk, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Score = Callable[..., str]
    Event = dict[str, Any]

pytestmark = pytest.mark.slow

IOU = 0.3


@pytest.fixture
def score(capsys: pytest.CaptureFixture[str]) -> Score:
    def runner(path: Path, *args: str) -> str:
        assert run(["score", "--criteria", "wasm-2016", "--format", "json", *args, str(path)]) == 0
        return capsys.readouterr().out

    return runner


@pytest.fixture(scope="module")
def ten_minutes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    signal, _, _ = night()
    folder = tmp_path_factory.mktemp("real")
    return write(folder / "real.edf", {"EMG TA-L": signal, "EMG TA-R": rest(TOTAL_S, turned=True)})


def events(found: str, kind: str) -> list[Event]:
    return [event for event in json.loads(found)["events"] if event["kind"] == kind]


def spans(placed: list[Placed] | list[Event]) -> np.ndarray:
    pairs = [one if isinstance(one, Placed) else (one["onset_s"], one["end_s"]) for one in placed]
    return np.array(pairs, dtype=float).reshape(-1, 2)


def test_every_real_movement_is_found_and_nothing_else(ten_minutes: Path, score: Score) -> None:
    _, placed, sustained = night()
    assert len(placed) >= 8
    found = events(score(ten_minutes), "leg_movement")
    matches = match(spans(found), spans([*placed, sustained]), iou_min=IOU)
    assert (matches.missed, matches.false) == ((), ())
    assert {event["leg"] for event in found} == {"left"}


def test_the_onset_of_a_real_movement_is_right_to_a_tenth_of_a_second(ten_minutes: Path, score: Score) -> None:
    _, placed, sustained = night()
    truth = spans([*placed, sustained])
    found = spans(events(score(ten_minutes), "leg_movement"))
    pairs = match(found, truth, iou_min=IOU).pairs
    assert max(abs(found[i, 0] - truth[j, 0]) for i, j in pairs) <= 0.1


@pytest.mark.parametrize("scale", [1.0, 0.1, 0.06], ids=lambda scale: f"at {scale:.0%} of its strength")
def test_a_sustained_real_contraction_is_one_cramp_like_event(scale: float, tmp_path: Path, score: Score) -> None:
    signal, _, sustained = night(scale)
    assert sustained.end_s - sustained.onset_s >= 45
    found = events(score(write(tmp_path / "real.edf", {"EMG TA-L": signal})), "cramp")
    (event,) = [one for one in found if one["measures"]["tier"] >= 1]
    assert match(spans([event]), spans([sustained]), iou_min=0.9).pairs == ((0, 0),)
    beside = [one for one in found if one is not event and one["end_s"] > sustained.onset_s]
    assert beside == []


def test_walking_is_no_cramp(tmp_path: Path, score: Score) -> None:
    muscles = {f"EMG {muscle}-R": walk(muscle, rest_s=60, walk_s=60) for muscle in ("TA", "GM", "GL")}
    found = score(write(tmp_path / "walk.edf", muscles))
    assert [one for one in events(found, "cramp") if one["measures"]["tier"] >= 1] == []
    assert json.loads(found)["summary"]["cramp_total_s"] == 0


def test_the_resting_muscle_of_real_people_gives_nothing_but_twitches(tmp_path: Path, score: Score) -> None:
    """The 15 s of rest that are played over and over hold two brief potentials; nobody knows what they are."""
    found = score(write(tmp_path / "rest.edf", {"LEG/L": rest(TOTAL_S), "LEG/R": rest(TOTAL_S, turned=True)}))
    assert {one["kind"] for one in json.loads(found)["events"]} <= {"twitch"}


def test_blocks_of_any_length_give_the_same_bytes(ten_minutes: Path, score: Score) -> None:
    whole = score(ten_minutes, "--block-samples", "10000000")
    for n in (250, 4096):
        assert score(ten_minutes, "--block-samples", str(n)) == whole, f"blocks of {n} samples"


@pytest.mark.parametrize("n", [1, 7])
def test_the_first_real_movements_cut_into_tiny_blocks_give_the_same_bytes(
    n: int, tmp_path: Path, score: Score
) -> None:
    signal, placed, _ = night()
    until = round(placed[1].end_s + 20) * FS_HZ
    short = write(tmp_path / "short.edf", {"EMG TA-L": signal[:until]})
    whole = score(short, "--block-samples", "10000000")
    assert len(events(whole, "leg_movement")) == 2
    assert score(short, "--block-samples", str(n)) == whole

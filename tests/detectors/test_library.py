"""The detectors as a library: what a notebook imports, and the examples that show it."""

from __future__ import annotations

import ast
import importlib
import runpy
from pathlib import Path

import numpy as np
import pytest

import detectors
from detectors.signal import Leg, Quantity, Stream, Unit

EXAMPLES = sorted((Path(__file__).parents[2] / "docs" / "examples").glob("*.py"))
PUBLIC = [
    "Criteria", "Event", "EventKind", "Explanation", "Leg", "Quantity", "Recording", "Rescorer", "Score", "Stream",
    "Unit", "check_detector", "explain_event", "match", "named", "plugin_of", "plugin_parts", "recording_of", "score",
    "simulate_night",
]  # fmt: skip
MOST_NAMES = 20


def test_what_a_notebook_may_import_is_written_down_and_is_at_most_twenty_names() -> None:
    assert detectors.__all__ == PUBLIC
    assert len(PUBLIC) <= MOST_NAMES


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_is_the_one_of_its_module_whatever_was_imported_before(name: str) -> None:
    module, _, attribute = detectors._WHERE[name].partition(".")
    # Importing a module sets its name in the package, where it could hide a public one.
    there = getattr(importlib.import_module(f"detectors.{module}"), attribute)
    assert getattr(detectors, name) is there


def test_a_name_that_is_not_public_is_refused_by_its_name() -> None:
    with pytest.raises(AttributeError, match="'detectors' has no attribute 'scoer'"):
        _ = detectors.scoer  # type: ignore[attr-defined]  # it is not there


def test_arrays_of_one_axis_may_be_flat_and_others_name_the_shape_that_is_expected() -> None:
    emg = Stream("shin", Leg.LEFT, "tibialis anterior", Quantity.EMG, Unit.MICROVOLT, ("emg",), 500.0)
    motion = Stream("shin", Leg.LEFT, "ankle", Quantity.ACCELERATION, Unit.G, ("x", "y", "z"), 50.0)
    recording = detectors.recording_of({emg: np.zeros(5000), motion: np.zeros((500, 3))}, start_ns=7)
    assert recording.span_ns == (7, 10_000_000_007)
    assert [source.read(0, 1).shape for source in recording.sources] == [(1, 1), (1, 3)]
    with pytest.raises(ValueError, match=r"shin: the array has shape \(500,\), expected \(n_samples, 3\)"):
        detectors.recording_of({motion: np.zeros(500)})
    assert detectors.recording_of({emg: [0.0] * 5000}).span_ns == (0, 10_000_000_000)
    with pytest.raises(ValueError, match="shin: the array is of object, expected numbers in uV"):
        detectors.recording_of({emg: np.array([None, None])})


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_prints_what_its_first_lines_say(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    runpy.run_path(str(path), run_name="__main__")
    assert capsys.readouterr().out.strip() == said.partition("Prints\n------\n")[2].strip()


def test_there_are_five_examples() -> None:
    assert [path.stem for path in EXAMPLES] == [
        "change_a_threshold", "evaluate_against_a_list", "explain_one_event", "score_an_array",
        "write_your_own_detector",
    ]  # fmt: skip


def test_the_page_about_the_library_names_what_is_public() -> None:
    page = (EXAMPLES[0].parents[1] / "library.md").read_text(encoding="utf-8")
    assert [name for name in PUBLIC if f"`{name}`" not in page] == []
    assert [path.name for path in EXAMPLES if f"(examples/{path.name})" not in page] == []

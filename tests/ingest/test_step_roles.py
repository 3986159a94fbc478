"""What a comparison decides is kept where it says more than that it is required."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from detectors.events import Event, EventKind, Step, StepRole
from detectors.signal import Leg
from ingest.errors import DecodeError
from ingest.night.entries import event_entry, event_of
from ingest.night.folder import NightFolder

if TYPE_CHECKING:
    from pathlib import Path

WHY = (
    Step("min_s", 20.0, 6.0, held=True),
    Step("min_steps", 3.0, 6.0, held=False, role=StepRole.ALTERNATIVE),
    Step("offset_uv", 2.0, 4.0, held=True, role=StepRole.INFORMATION),
)
EVENT = Event(EventKind.BED_EXIT, "s", Leg.LEFT, 5, 9, {}, why=WHY)
KEPT = [
    ["min_s", 20.0, 6.0, True],
    ["min_steps", 3.0, 6.0, False, "alternative"],
    ["offset_uv", 2.0, 4.0, True, "information"],
]


def test_roles_come_back_from_the_folder_of_a_night(tmp_path: Path) -> None:
    folder = NightFolder(tmp_path)
    folder.write_events([EVENT])
    (stored,) = json.loads((tmp_path / "events.json").read_text())
    assert stored["why"] == KEPT
    assert folder.read_events() == (EVENT,)


def test_roles_come_back_from_an_entry() -> None:
    entry = event_entry(EVENT, "p1", "n1", "default")
    assert json.loads(json.dumps(entry.body["why"])) == KEPT
    assert event_of(entry) == EVENT


def test_a_comparison_of_four_fields_is_required(tmp_path: Path) -> None:
    folder = NightFolder(tmp_path)
    folder.write_events([EVENT])
    path = tmp_path / "events.json"
    stored = json.loads(path.read_text())
    stored[0]["why"] = [step[:4] for step in KEPT]
    path.write_text(json.dumps(stored))
    (event,) = folder.read_events()
    assert {step.role for step in event.why} == {StepRole.REQUIRED}


def test_an_unknown_role_is_refused(tmp_path: Path) -> None:
    folder = NightFolder(tmp_path)
    folder.write_events([EVENT])
    path = tmp_path / "events.json"
    path.write_text(path.read_text().replace('"alternative"', '"perhaps"'))
    with pytest.raises(DecodeError, match="perhaps"):
        folder.read_events()

"""The page about events names every kind and every group of thresholds that exist."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from detectors.criteria import Criteria
from detectors.events import EventKind

PAGE = (Path(__file__).parent.parent / "docs" / "events.md").read_text(encoding="utf-8")
# What several kinds rest on, and no kind of its own.
SHARED = {"name", "resting", "quality", "line", "ecg", "validity", "context"}


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_of_event_has_a_row(kind: EventKind) -> None:
    assert f"| `{kind.value}` |" in PAGE


def test_every_group_of_thresholds_is_named_beside_the_events_that_it_decides() -> None:
    groups = {field.name for field in fields(Criteria)} - SHARED
    assert {group for group in groups if f"`{group}`" not in PAGE} == set()

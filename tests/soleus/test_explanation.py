"""What ``soleus score --explain`` says of an event and of a rejected candidate."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from detectors.events import Event, EventKind, Step, StepRole
from detectors.pipeline import Score
from detectors.signal import Leg
from soleus.explanation import explained, print_explanations

if TYPE_CHECKING:
    import pytest

ONE_OF = StepRole.ALTERNATIVE
WHY = (
    Step("min_s", 20.0, 6.0, held=True),
    Step("min_steps", 8, 6, held=True, role=ONE_OF),
    Step("standing_s", 20.0, 60.0, held=False, role=ONE_OF),
)
LOUD = (Step("onset_uv", 80.0, math.inf, held=False), Step("electrode_off", 1.0, 0.0, held=False))


def exits(*why: Step) -> Event:
    return Event(EventKind.BED_EXIT, "ankle", Leg.LEFT, 0, 20_000_000_000, {}, why=why)


def test_an_event_is_told_by_one_of_several_and_a_fact_has_no_threshold_to_change() -> None:
    answer = explained({}, Score((exits(*WHY),), (), {}, (exits(*LOUD),)), 0)
    (event,), (rejected,) = answer["events"], answer["rejected"]
    assert [step["role"] for step in event["why"]] == ["required", "alternative", "alternative"]
    assert event["flips"] == [{"rule": "min_steps", "threshold": 6, "to": 9.0}]
    assert rejected["flips"] == [
        {"rule": "onset_uv", "threshold": None, "to": None},
        {"rule": "electrode_off", "threshold": 0.0, "to": None},
    ]


def test_a_reader_sees_what_decided(capsys: pytest.CaptureFixture[str]) -> None:
    information = Step("offset_uv", 2.0, 4.0, held=True, role=StepRole.INFORMATION)
    print_explanations(explained({}, Score((exits(*WHY, information),), (), {}, (exits(*WHY[2:]),)), 0))
    text = capsys.readouterr().out
    assert "min_steps: 8 against 6: held, one of several, the closest" in text
    assert "offset_uv: 2 against 4: held, for information" in text
    assert "standing_s: 20 against 60: did not hold, one of several, was needed" in text

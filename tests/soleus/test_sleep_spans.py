"""Sleep and wake are kept with a night and read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from detectors.sleep.estimate import SleepSpan
from ingest.night.folder import NightFolder
from soleus.final_scoring import keep, score_log
from soleus.sleep_spans import sleep_spans
from tests.made_legs import CRITERIA
from tests.night_log import ACC, INFO, night_records

if TYPE_CHECKING:
    from pathlib import Path


def test_a_night_without_stretches_and_one_of_an_earlier_version_have_none(tmp_path: Path) -> None:
    folder = NightFolder(tmp_path)
    assert sleep_spans(folder) == ()
    folder.write_summary({"start_ns": 0, "end_ns": 1, "final": False, "summary": {}})
    assert sleep_spans(folder) == ()


def test_stretches_are_read_as_they_were_kept(tmp_path: Path) -> None:
    spans = (SleepSpan(0, 30, asleep=False, uncertain=False), SleepSpan(30, 90, asleep=True, uncertain=True))
    folder = NightFolder(tmp_path)
    kept = [span._asdict() for span in spans]
    folder.write_summary({"start_ns": 0, "end_ns": 90, "final": True, "summary": {}, "sleep": kept})
    assert sleep_spans(folder) == spans


@pytest.mark.slow
def test_the_final_word_on_a_night_keeps_when_its_wearer_seems_to_have_slept(tmp_path: Path) -> None:
    # Sleep is estimated from how the legs move, and takes an hour of it.
    records = night_records(1.1, 3, streams=(ACC,))
    night = score_log(lambda: iter([records]), INFO, CRITERIA)
    folder = NightFolder(tmp_path)
    folder.write_info(INFO)
    keep(folder, night)
    spans = sleep_spans(folder)
    assert spans == night.scoring.sleep
    asleep_h = sum(span.end_ns - span.onset_ns for span in spans if span.asleep) / 3600e9
    assert asleep_h == pytest.approx(night.scoring.summary()["tst_est_h"])

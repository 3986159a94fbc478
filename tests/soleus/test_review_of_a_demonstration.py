"""What the review of a demonstration counts in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ingest.night.records import RecoveryStep
from soleus.workers.review import received
from tests.night_log import INFO, night_records, write_night

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
def test_a_step_that_is_of_no_sensor_is_passed_over(tmp_path: Path) -> None:
    records = night_records(0.02)
    stalled = RecoveryStep(records[-1].mono_ns, "", "stalled", "for 2 s")
    plain = received(write_night(tmp_path / "plain", records), INFO)
    assert plain[0] > 0
    assert received(write_night(tmp_path / "stalled", [*records[:-1], stalled, records[-1]]), INFO) == plain

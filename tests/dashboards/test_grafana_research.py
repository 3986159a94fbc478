"""*Research*: nothing is counted once for each scoring unless somebody chose several."""

from __future__ import annotations

import json

import pytest

from tests.influxql import FOLDER, panels, variables

RESEARCH = json.loads((FOLDER / "research.json").read_text(encoding="utf-8"))
BY_SCORING = ["Nights by scoring", "Nights and what they were scored with", "Movements by what the rules make of them"]


def test_research_begins_with_one_scoring() -> None:
    (scoring,) = [one for one in variables(RESEARCH) if one["name"] == "scoring"]
    assert scoring["multi"]
    # Grafana chooses All at first where there is one.
    assert not scoring.get("includeAll")
    assert not scoring.get("current")


@pytest.mark.parametrize("panel", list(panels(RESEARCH)), ids=lambda panel: panel["title"])
def test_a_panel_that_does_not_tell_scorings_apart_says_what_several_do_to_it(panel: dict[str, str]) -> None:
    assert ("Choose one scoring" in panel["description"]) == (panel["title"] not in BY_SCORING)

"""``docs/influxdb.md``: its tables are those of the schema, and its advice names what the schema has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from ingest import schema_documentation
from ingest.schema import LEG_EPOCH, MEASUREMENTS
from ingest.schema_documentation import PATH, document, main, unit_of

if TYPE_CHECKING:
    from pathlib import Path

TEXT = PATH.read_text(encoding="utf-8")
STATEMENTS = re.findall(r"^```sql\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
THIN = [statement for statement in STATEMENTS if "leg_epoch_10min" in statement]


def test_the_tables_are_those_of_the_schema() -> None:
    assert document(TEXT) == TEXT, "run make docs"


def test_writing_the_page_again_changes_only_the_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "influxdb.md"
    page.write_text(TEXT.replace("`leg_event`", "`something_old`"), encoding="utf-8")
    monkeypatch.setattr(schema_documentation, "PATH", page)
    main()
    assert page.read_text(encoding="utf-8") == document(TEXT.replace("`leg_event`", "`something_old`"))
    assert f"| `{LEG_EPOCH.name}` |" in page.read_text(encoding="utf-8")


def test_a_page_without_a_place_for_a_table_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for measures"):
        document(TEXT.replace("<!-- measures -->", ""))


def test_every_measure_is_in_the_table_once() -> None:
    _, _, rest = TEXT.partition("<!-- measures -->")
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \|$", rest.partition("<!-- end -->")[0], re.MULTILINE)
    listed = [(name, measure) for name, _, measures in rows for measure in re.findall(r"`(\w+)`", measures)]
    assert sorted(listed) == sorted((m.name, measure) for m in MEASUREMENTS.values() for measure in m.measures)


@pytest.mark.parametrize(
    ("measure", "unit"),
    [
        ("area_uv_s", "µV·s"),
        ("envelope_max_uv", "µV"),
        ("range_g", "g"),
        ("twitches_per_quiet_min", "per quiet minute"),
        ("plms_wasm_per_h_est", "per hour"),
        ("sol_est_min", "min"),
        ("movement_index_percent_est", "%"),
        ("uncertain_share_est", "share, 0 to 1"),
        ("rssi_dbm", "dBm"),
        ("lead_off", "a number, a class, or 0 and 1"),
        ("n_lead_off", "a number, a class, or 0 and 1"),
    ],
)
def test_the_unit_is_the_one_in_the_name(measure: str, unit: str) -> None:
    assert unit_of(measure) == unit


@pytest.mark.parametrize("statement", THIN)
def test_thinning_out_keeps_every_measure_of_an_epoch_under_its_name(statement: str) -> None:
    kept = re.findall(r'(\w+)\("(\w+)"\) AS "(\w+)"', statement)
    assert {name for _, name, _ in kept} == LEG_EPOCH.measures
    assert all(name == renamed for _, name, renamed in kept)
    assert all(how == "max" for how, name, _ in kept if "max" in name)

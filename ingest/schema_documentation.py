"""Write the tables of ``docs/influxdb.md`` out of the schema: ``python -m ingest.schema_documentation``.

The page is written by hand; what stands between ``<!-- NAME -->`` and ``<!-- end -->`` is replaced.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.schema import MEASUREMENTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ingest.schema import Measurement

PATH = Path(__file__).parents[1] / "docs" / "influxdb.md"
_BLOCK = re.compile(r"(<!-- ([a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL)
# Behind the unit of what rests on estimated sleep.
_ESTIMATED = "_est"
# The first of these that a name ends with tells the unit.
_UNITS = {
    "_per_h": "per hour",
    "_per_s": "per second",
    "_per_quiet_min": "per quiet minute",
    "_uv_s": "µV·s",
    "_uv": "µV",
    "_mv": "mV",
    "_g": "g",
    "_deg": "degrees",
    "_hz": "Hz",
    "_dbm": "dBm",
    "_c": "°C",
    "_ohm": "Ω",
    "_mb": "MB",
    "_mg": "mg",
    "_ml": "ml",
    "_0_10": "0 to 10",
    "_1_10": "1 to 10",
    "_ppm": "parts per million",
    "_pct": "%",
    "_percent": "%",
    "_share": "share, 0 to 1",
    "_ms": "ms",
    "_s": "s",
    "_min": "min",
    "minutes": "min",
    "_h": "h",
}
_PLAIN = "a number, a class, or 0 and 1"


def unit_of(measure: str) -> str:
    """Return the unit that a measure's name tells.

    Parameters
    ----------
    measure : str
        Its name.

    Examples
    --------
    >>> unit_of("area_uv_s"), unit_of("tst_est_h"), unit_of("plms_wasm_per_h_est"), unit_of("clm")
    ('µV·s', 'h', 'per hour', 'a number, a class, or 0 and 1')
    """
    name = measure.removesuffix(_ESTIMATED)
    return next((unit for ending, unit in _UNITS.items() if name.endswith(ending)), _PLAIN)


def document(text: str) -> str:
    """Return the page with its tables as the schema has them.

    Parameters
    ----------
    text : str
        The page as it is.

    Raises
    ------
    ValueError
        If a table has no place on the page.
    """
    tables = {"measurements": _measurements(), "measures": _measures()}
    missing = tables.keys() - {name for _, name, _ in _BLOCK.findall(text)}
    if missing:
        msg = f"{PATH.name}: no place for {', '.join(sorted(missing))}, expected <!-- NAME --> and <!-- end -->"
        raise ValueError(msg)
    return _BLOCK.sub(lambda place: f"{place[1]}{tables[place[2]]}{place[3]}", text)


def _measurements() -> str:
    rows = ["| measurement | tags | fields of fixed type | time |", "|---|---|---|---|"]
    for one in MEASUREMENTS.values():
        tags = " ".join(f"`{tag}`" for tag in one.tags)
        fields = ", ".join(f"`{name}` {kind}" for name, kind in one.fields.items())
        rows.append(f"| `{one.name}` | {tags} | {fields} | {one.time} |")
    return _lines(rows)


def _measures() -> str:
    rows = ["| measurement | unit | measures, all of type float |", "|---|---|---|"]
    for one in MEASUREMENTS.values():
        for unit, names in _by_unit(one).items():
            rows.append(f"| `{one.name}` | {unit} | {' '.join(f'`{name}`' for name in names)} |")
    return _lines(rows)


def _by_unit(measurement: Measurement) -> dict[str, list[str]]:
    found = defaultdict(list)
    for name in sorted(measurement.measures):
        found[unit_of(name)].append(name)
    return {unit: found[unit] for unit in dict.fromkeys((*_UNITS.values(), _PLAIN)) if unit in found}


def _lines(rows: Iterable[str]) -> str:
    return "".join(f"{row}\n" for row in rows)


def main() -> None:
    """Write the page."""
    PATH.write_text(document(PATH.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()

"""Write every dashboard's JSON beside its code, and the alert rules for deploy/: ``python -m dashboards.grafana``.

A module here with a function of its own name is a dashboard: ``last_night.last_night()`` becomes ``last_night.json``.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboards.grafana import alert_rules

FOLDER = Path(__file__).parent


def rendered() -> dict[str, str]:
    """Return the JSON of each dashboard by file name."""
    encoder = JSONEncoder(sort_keys=True, indent=2)
    found = {}
    for module in pkgutil.iter_modules([str(FOLDER)]):
        if module.name == "__main__":
            continue
        make = getattr(importlib.import_module(f"dashboards.grafana.{module.name}"), module.name, None)
        if callable(make):
            found[f"{module.name}.json"] = encoder.encode(make()) + "\n"
    return found


def main() -> None:
    """Write the files."""
    for name, text in rendered().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    alert_rules.PATH.write_text(alert_rules.text(), encoding="utf-8")


if __name__ == "__main__":
    main()

"""Write every dashboard's JSON beside its code: ``python -m dashboards.grafana``."""

from __future__ import annotations

from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboards.grafana.last_night import last_night

FOLDER = Path(__file__).parent


def rendered() -> dict[str, str]:
    """Return the JSON of each dashboard by file name."""
    return {"last_night.json": JSONEncoder(sort_keys=True, indent=2).encode(last_night()) + "\n"}


def main() -> None:
    """Write the files."""
    for name, text in rendered().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

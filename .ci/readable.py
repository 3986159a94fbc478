"""Say which of the named TOML and YAML files cannot be read."""

import sys
import tomllib
from pathlib import Path

import yaml


def fault(path: Path) -> str | None:
    """Return what is wrong with a file, or None."""
    try:
        if path.suffix == ".toml":
            tomllib.loads(path.read_text(encoding="utf-8"))
        else:
            list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, yaml.YAMLError) as error:
        return f"{path}: {error}"
    return None


sys.exit("\n".join(filter(None, (fault(Path(name)) for name in sys.argv[1:]))) or None)

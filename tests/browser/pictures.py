"""Pictures of the pages for README and docs: written where SOLEUS_PICTURES says, and thrown away without it."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = os.environ.get("SOLEUS_PICTURES")
"""The folder of the pictures (``docs/pictures``), or nothing."""
MOST_BYTES = 200_000
_WIDTH = slice(16, 20)
"""Where a PNG says it."""


def picture_file(name: str, otherwise: Path) -> Path:
    """Return where a picture goes: into the folder that was asked for, or into one that is thrown away."""
    return (Path(FOLDER) if FOLDER else otherwise) / f"{name}.png"


def assert_small(file: Path, width: int, most_bytes: int = MOST_BYTES) -> None:
    """The picture is as wide as it should be, and no load for who reads the page."""
    content = file.read_bytes()
    assert int.from_bytes(content[_WIDTH]) == width
    assert len(content) < most_bytes

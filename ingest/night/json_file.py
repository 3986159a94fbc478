"""JSON files of a night: written whole or not at all, with sorted keys."""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING, Any

from ingest.errors import DecodeError

if TYPE_CHECKING:
    from pathlib import Path


def write_json(path: Path, value: object) -> None:
    """Write a JSON file so that a reader sees the old one or the new one, also after a power cut.

    Raises
    ------
    ValueError
        If a number is not finite or a value has no JSON form.
    OSError
        If it cannot be written; the file is as it was.
    """
    text = json.dumps(value, sort_keys=True, indent=1, allow_nan=False, ensure_ascii=False)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        # A write that finds no room does not say where.
        error.filename = error.filename or str(path)
        raise
    finally:
        # On a disk that is full nothing is left lying about.
        temporary.unlink(missing_ok=True)


def read_json(path: Path) -> Any:
    """Return what a JSON file holds, or None if there is none.

    Raises
    ------
    DecodeError
        If it is not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        msg = f"{path}: is not JSON: {error}"
        raise DecodeError(msg) from error

"""Say which of the named files are too large for the repository."""

import sys
from pathlib import Path

LIMIT_BYTES = 500_000

sys.exit(
    "\n".join(
        f"{name}: {size} bytes, at most {LIMIT_BYTES} belong into the repository"
        for name in sys.argv[1:]
        if (size := Path(name).stat().st_size) > LIMIT_BYTES
    )
    or None
)

"""What the C library does with memory that a block of samples no longer needs."""

from __future__ import annotations

import numpy as np

# The largest block that glibc lets the rule below look at is 32 MiB.
_LARGEST_BYTES = 31 << 20


def keep_freed_memory() -> None:
    """Let freed memory stay with the process, for the next block of samples.

    Notes
    -----
    The arrays of a block are a few megabytes each. glibc gives such memory back to the system as soon as it is
    freed and asks for it again a moment later, and then every page of it has to be made anew: a tenth of the
    processor time of a night. It keeps up to twice as much as the largest block that was ever freed (mallopt(3),
    the dynamic threshold), so one is freed here. Its pages are never touched, and so cost no memory. Other C
    libraries have other rules, and lose nothing.

    Examples
    --------
    >>> keep_freed_memory()
    """
    np.empty(_LARGEST_BYTES, np.uint8)

"""``python -m benchmarks.fuzz_files.child KIND FIRST STOP SEED``: copies of one kind, a line of JSON for each.

A process of its own, so that one that crashes, hangs or eats the memory ends alone.
"""

from __future__ import annotations

import faulthandler
import json
import resource
import sys
import tempfile
import warnings
from dataclasses import asdict
from pathlib import Path

from benchmarks.fuzz_files.damage import Copy
from benchmarks.fuzz_files.examples import example
from benchmarks.fuzz_files.trial import nth_copy, tried

LONGEST_S = 20
"""A good copy takes a hundredth of it."""
MOST_BYTES = 4 << 30
"""Of address space; libraries map much that they never use."""
WARM_UP = 2
"""The first reading loads libraries."""


def main() -> None:
    """Try the copies; the first line is about the good file."""
    kind, first, stop, seed = sys.argv[1], *map(int, sys.argv[2:5])
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    warnings.simplefilter("error")
    good = example(kind)
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(WARM_UP):
            came = tried(good, Copy(good.files, "nothing"), Path(folder))
        print(json.dumps(asdict(came)), flush=True)
        for number in range(first, stop):
            faulthandler.dump_traceback_later(LONGEST_S, exit=True)
            came = tried(good, nth_copy(kind, number, seed), Path(folder))
            faulthandler.cancel_dump_traceback_later()
            print(json.dumps(asdict(came)), flush=True)


if __name__ == "__main__":
    main()

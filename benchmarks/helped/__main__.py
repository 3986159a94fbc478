"""``make helped``: do comparisons of two periods keep their word? Writes docs/did-it-help.md; 1 if one is broken."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

import numpy as np

from benchmarks.helped import more, study
from benchmarks.helped.page import PAGE, TOP, Found, page

COMPARISONS = 2000
WITHOUT = 1000
CALIBRATED = 10_000
CASES = 200
SHIPPED = 100
ALIKE = (0.0, 0.2, 0.4)
SEED = 20_160
"""Of everything but the false claims, whose seed is the commit."""
HEX = 16


def main() -> int:
    """Run everything once, write the page, and say what is kept."""
    parser = argparse.ArgumentParser(prog="make helped", description=__doc__)
    parser.add_argument("--cases", type=int, default=CASES, help="estimates of nights, a second each")
    parser.add_argument("--no-page", action="store_true", help="write nothing")
    arguments = parser.parse_args()
    began_s = time.monotonic()
    git = ["git", "rev-parse", "HEAD"]
    commit = subprocess.run(git, check=True, capture_output=True, text=True, cwd=TOP).stdout.strip()
    # Nobody chooses the luck of the one number that would be worth to be chosen.
    claims = study.false_claims(WITHOUT, np.random.default_rng(int(commit, HEX)))
    rng = np.random.default_rng(SEED)
    found = Found(
        commit,
        study.coverage(COMPARISONS, rng),
        claims,
        study.calibration(CALIBRATED, rng),
        more.cases(arguments.cases, rng),
        {
            alike: (
                study.alike_claims(COMPARISONS, rng, alike, planned=False),
                study.alike_claims(COMPARISONS, rng, alike, planned=True),
            )
            for alike in ALIKE
        },
        (study.shipped(SHIPPED, rng), SHIPPED),
        time.monotonic() - began_s,
    )
    if not arguments.no_page:
        PAGE.write_text(page(found), encoding="utf-8")
    print(f"coverage {found.coverage[0].share:.4f}, false claims {found.claims[0].share:.4f}, seed {commit}")
    for promise, is_kept in found.kept.items():
        print(f"{'kept' if is_kept else 'BROKEN'}: {promise}")
    return 0 if all(found.kept.values()) else 1


if __name__ == "__main__":
    sys.exit(main())

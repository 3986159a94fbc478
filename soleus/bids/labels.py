"""What people and nights are called in the names of files, where only letters and digits may stand."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_NOT_ALLOWED = re.compile(r"[^A-Za-z0-9]")
_NAMELESS = "x"


def bids_labels(names: Iterable[str]) -> dict[str, str]:
    """Return a label for each name.

    Parameters
    ----------
    names : iterable of str
        Names of people, or of one person's nights; one that comes again is the same.

    Returns
    -------
    dict of str to str
        Letters and digits only. Names that would have the same label get a number behind, in their order, also where
        they differ in capitals only: not every disk keeps those apart.

    Examples
    --------
    >>> bids_labels(["2026-09-21-2230", "p1", "P-1"])
    {'2026-09-21-2230': '202609212230', 'P-1': 'P1', 'p1': 'p1n2'}
    """
    labels: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(set(names)):
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        label = wanted = _NOT_ALLOWED.sub("", plain) or _NAMELESS
        number = 1
        while label.lower() in taken:
            number += 1
            label = f"{wanted}n{number}"
        taken.add(label.lower())
        labels[name] = label
    return labels

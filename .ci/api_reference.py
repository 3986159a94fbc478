"""Build the API reference out of the docstrings, into a folder that is not committed; any warning ends it.

What somebody who uses `detectors` as a library meets is in it: the public names, the contract of a detector, every
group of criteria, evaluation, rules and simulation. The detectors' own insides are left to their source.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
import warnings
from pathlib import Path

import pdoc

import detectors

DOCUMENTED = re.compile(
    r"detectors\.(annotations|chain|conformance|criteria|events|explain|matching|parts|pipeline|plugin|published"
    r"|recording|signal|track|simulate|evaluate(\..*)?|rescore|rules(\..*)?|.*criteria|proposed\..*)"
)


def documented() -> list[str]:
    """Return the modules that have a page; of a package only one that says what is public in it."""
    found = ["detectors"]
    for module in pkgutil.walk_packages(detectors.__path__, "detectors."):
        if DOCUMENTED.fullmatch(module.name):
            is_plain = not module.ispkg or hasattr(importlib.import_module(module.name), "__all__")
            found += [module.name] if is_plain else []
    return found


def build(folder: Path) -> None:
    """Write the pages."""
    warnings.simplefilter("error")
    for name in detectors.__all__:
        # pdoc looks into the package's dictionary, where a name stands once it was used.
        setattr(detectors, name, getattr(detectors, name))
    for name in (names := documented()):
        for one in vars(importlib.import_module(name)).values():
            if isinstance(one, type) and issubclass(one, tuple) and hasattr(one, "_fields"):
                # Python puts the constructor of a named tuple outside of its module, where no annotation is understood;
                # the fields say the same.
                one.__new__.__annotations__ = {}
    pdoc.render.configure(docformat="numpy", show_source=False)
    pdoc.pdoc(*names, output_directory=folder)


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "build/api")
    build(target)
    print(target / "index.html")

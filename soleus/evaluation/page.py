"""An evaluation as one page of HTML: pictures and style are inside, there is no script, and nothing is fetched."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from dashboards.report import shapes
from dashboards.report.svg import svg_of
from dashboards.report.words import NOT_A_DEVICE
from soleus.evaluation.output import NOTE
from soleus.evaluation.pictures import difference_picture, error_picture, f1_picture, recordings_picture
from soleus.evaluation.rows import INDEX_WORDS, pair_words, tables_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dashboards.report.shapes import Picture
    from soleus.evaluation.course import Line

# The inks of the printed reports on a dark ground, light enough for letters of their size.
DARK: Final = {
    shapes.PAPER: "#14181f",
    shapes.INK: "#e8eaee",
    shapes.SOFT: "#a7b0bd",
    shapes.LINE: "#4a5260",
    shapes.GROUND: "#262c36",
    shapes.CRAMP: "#ff9a6b",
    shapes.TRACE: "#8fb8e6",
    shapes.PERIODIC: "#6fc3ff",
}
NAMES: Final = {
    "paper": shapes.PAPER,
    "ink": shapes.INK,
    "soft": shapes.SOFT,
    "line": shapes.LINE,
    "ground": shapes.GROUND,
    "bad": shapes.CRAMP,
}
# The number that papers compare scorers by, with the rules it is counted by; of sleep where somebody scored sleep.
PICTURED: Final = (("wasm-2016", "plms_per_h"), ("wasm-2016", "plm_per_h"))


def page_of(answer: Mapping[str, Any], lines: Sequence[Line]) -> str:
    """Return an evaluation as one page of HTML.

    Parameters
    ----------
    answer : mapping
        From :func:`soleus.evaluation.pooling.answer_of`.
    lines : sequence of Line
        The recordings that it is about.

    Returns
    -------
    str
        The page; light or dark as its reader has it, and as wide as a phone or a desk.
    """
    loader = PackageLoader("soleus.evaluation")
    found = Environment(loader=loader, autoescape=select_autoescape(), undefined=StrictUndefined, trim_blocks=True)
    found.filters["svg"] = svg_of
    return found.get_template("evaluation.html").render(
        answer=answer,
        tables=tables_of(answer, all_matches=True),
        pictures=list(_pictures(answer, lines)),
        people=", ".join(f"{pair['scored']} by {pair['reference']}" for pair in answer["pairs"] if pair["people"]),
        judged=any(not pair["people"] for pair in answer["pairs"]),
        n_failed=sum(bool(line["errors"]) for line in answer["recordings"]),
        note=NOTE,
        not_a_device=NOT_A_DEVICE,
        ink=shapes,
        dark_inks=list(DARK.items()),
        dark_names=[(name, DARK[ink]) for name, ink in NAMES.items()],
    )


def write_page(path: Path, text: str) -> None:
    """Write a page that only its owner can read, as a whole or not at all; an existing one is replaced."""
    # Under a name that nobody has, and for the owner only from the first byte on.
    number, name = tempfile.mkstemp(prefix=".soleus-", suffix=".part", dir=path.parent)
    beside = Path(name)
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _pictures(answer: Mapping[str, Any], lines: Sequence[Line]) -> Iterator[tuple[str, Picture]]:
    pairs = answer["pairs"]
    names = list(dict.fromkeys(pair for line in lines for pair in line.compared))
    drawn: list[tuple[str, Picture | None]] = [
        ("F1 of leg movements by the overlap of a match", f1_picture(pairs)),
        ("F1 of leg movements by recording", recordings_picture(pairs, answer) if len(lines) > 1 else None),
        ("Onsets of matched leg movements", error_picture(lines, names, "onset")),
        ("Ends of matched leg movements", error_picture(lines, names, "end")),
    ]
    for pair in pairs:
        pictures = ((one, difference_picture(pair, answer, *one)) for one in PICTURED)
        (rules, name), picture = next((one for one in pictures if one[1] is not None), (PICTURED[-1], None))
        drawn.append((f"{pair_words(pair)}: {INDEX_WORDS[name]}, {rules}", picture))
    yield from ((title, picture) for title, picture in drawn if picture is not None)

"""The numbers of an answer as rows of text: what the tables on a screen and on the page have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from detectors.evaluate.classes import MOVEMENT
from detectors.evaluate.comparison import OWN_RULE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

NOTHING = "–"
MS_PER_S = 1000.0
LONGEST_MS = 1.0
# Below so many events the exact interval stands instead of the one over subjects.
FEW = 30
INDEX_WORDS = {
    "lm_per_h": "leg movements per h of recording",
    "plm_per_h": "periodic ones per h of recording",
    "plms_per_h": "periodic ones per h of scored sleep",
    "periodicity_index": "periodicity index",
}
BY_PEOPLE = "person against person"


@dataclass(frozen=True, slots=True)
class Rows:
    """A table of text.

    Parameters
    ----------
    name : str
        What it is called in the page's anchors.
    title : str
        What stands above it.
    says : str
        What stands below it.
    head : tuple of str
        Its columns.
    rows : tuple of tuple of str
        Its cells.
    """

    name: str
    title: str
    says: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables_of(answer: Mapping[str, Any], *, all_matches: bool = False) -> list[Rows]:
    """Return the tables of an answer, without those that would be empty.

    Parameters
    ----------
    answer : mapping
        From :func:`soleus.evaluation.pooling.answer_of`.
    all_matches : bool
        Whether other ways of matching are told of every class; else of leg movements only.

    Returns
    -------
    list of Rows
        Events, the same by other ways of matching, stretches of time, series, numbers of the night, recordings.
    """
    pairs = answer["pairs"]
    events = [(pair, one) for pair in pairs for one in pair["events"]]
    found = [
        _events([(pair, one) for pair, one in events if one["matching"] == OWN_RULE]),
        _matchings(
            [
                (pair, one)
                for pair, one in events
                if one["matching"] != OWN_RULE and (all_matches or one["class"] == MOVEMENT.name)
            ]
        ),
        _presence([(pair, one) for pair in pairs for one in pair["presence"]]),
        _series([(pair, one) for pair in pairs for one in pair["series"]]),
        _indices([(pair, one) for pair in pairs for one in pair["indices"]]),
        _recordings(answer["recordings"]),
    ]
    return [table for table in found if table.rows]


def pair_words(pair: Mapping[str, Any]) -> str:
    """Return who is judged by whom."""
    words = f"{pair['scored']} by {pair['reference']}"
    return f"{words} ({BY_PEOPLE})" if pair["people"] else words


def number(value: float | None, form: str = ".2f") -> str:
    """Return a number as text; a dash where there is none.

    Examples
    --------
    >>> number(0.5), number(-0.001), number(0.001, "+.2f"), number(None)
    ('0.50', '0.00', '+0.00', '–')
    """
    if value is None:
        return NOTHING
    text = format(value, form)
    # What rounds to nothing lies on neither side of it.
    return text if float(text) else format(0.0, form)


def with_interval(valued: Mapping[str, float | None], form: str = ".2f") -> str:
    """Return a number and its interval.

    Examples
    --------
    >>> with_interval({"value": 0.5, "low": 0.25, "high": None}), with_interval({"value": 0.5, "low": 0.2, "high": 1.0})
    ('0.50', '0.50 (0.20 to 1.00)')
    """
    if valued["low"] is None or valued["high"] is None or valued["value"] is None:
        return number(valued["value"], form)
    return f"{number(valued['value'], form)} ({number(valued['low'], form)} to {number(valued['high'], form)})"


def error_text(valued: Mapping[str, float | None]) -> str:
    """Return an error with its quartiles: in ms where it is below a second, else in s."""
    if valued["value"] is None:
        return NOTHING
    largest_s = max(abs(valued[name] or 0.0) for name in ("value", "low", "high"))
    if largest_s < LONGEST_MS:
        in_ms = {name: None if one is None else one * MS_PER_S for name, one in valued.items()}
        return f"{with_interval(in_ms, '+.0f')} ms"
    return f"{with_interval(valued, '+.1f')} s"


def _events(rows: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> Rows:
    cells = (
        (
            pair_words(pair),
            one["class"],
            str(one["n_true"]),
            _sensitivity(one),
            with_interval(one["ppv"]),
            with_interval(one["f1"]),
            _false(one),
            error_text(one["onset_error_s"]),
            error_text(one["end_error_s"]),
            f"{one['split']}, {one['merged']}",
        )
        for pair, one in rows
    )
    matches = dict.fromkeys(f"{one['class'].removesuffix(', all truth')}: {one['rule']}" for _, one in rows)
    says = (
        "A match is one to one. "
        + "; ".join(matches)
        + ". Errors are found minus reference, median and quartiles. Split: reference events found in pieces; merged: "
        "found events that cover several."
    )
    head = (
        "judged by", "class", "reference", "sensitivity", "PPV", "F1", "false per h", "onset error", "end error",
        "split, merged",
    )  # fmt: skip
    return Rows("events", "Events", says, head, tuple(cells))


def _sensitivity(one: Mapping[str, Any]) -> str:
    """Return how much was found; few events with the exact interval of Clopper and Pearson, and as k of n."""
    if one["n_true"] >= FEW or not one["n_true"]:
        return with_interval(one["sensitivity"])
    low, high = one["sensitivity_exact"]
    exact = with_interval({"value": one["sensitivity"]["value"], "low": low, "high": high})
    return f"{exact} {one['hits']} of {one['n_true']}"


def _false(one: Mapping[str, Any]) -> str:
    if not one["false"] and one["false_excluded_per_h"] is not None:
        return f"0 (below {number(one['false_excluded_per_h'])})"
    return with_interval(one["false_per_h"])


def _matchings(rows: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> Rows:
    cells = (
        (
            pair_words(pair),
            one["class"],
            one["matching"],
            str(one["hits"]),
            _sensitivity(one),
            with_interval(one["ppv"]),
            with_interval(one["f1"]),
        )
        for pair, one in rows
    )
    says = "The same events, where another overlap or the onset alone decides what is a match."
    head = ("judged by", "class", "match", "hits", "sensitivity", "PPV", "F1")
    return Rows("matchings", "The same by other matches", says, head, tuple(cells))


def _presence(rows: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> Rows:
    cells = (
        (
            pair_words(pair),
            f"{one['what']} {one['length']}",
            str(one["n"]),
            with_interval(one["kappa"]),
            with_interval(one["mcc"]),
            with_interval(one["sensitivity"]),
            with_interval(one["specificity"], ".3f"),
        )
        for pair, one in rows
    )
    says = "Whether both say yes or no of the same stretch of time, the legs counted apart. MCC: Matthews' correlation."
    head = ("judged by", "what", "stretches", "kappa", "MCC", "sensitivity", "specificity")
    return Rows("presence", "Second by second and epoch by epoch", says, head, tuple(cells))


def _series(rows: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> Rows:
    cells = (
        (
            pair_words(pair),
            one["rules"],
            str(one["n_true"]),
            with_interval(one["sensitivity"]),
            with_interval(one["ppv"]),
            with_interval(one["f1"]),
        )
        for pair, one in rows
        if one["n_true"] or one["false"]
    )
    says = "Who belongs to a periodic series: per candidate movement, both lists under the same rules."
    return Rows(
        "series",
        "Members of periodic series",
        says,
        ("judged by", "rules", "reference", "sensitivity", "PPV", "F1"),
        tuple(cells),
    )


def _indices(rows: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> Rows:
    cells = (
        (
            pair_words(pair),
            f"{INDEX_WORDS.get(one['index'], one['index'])}, {one['rules']}",
            str(one["n"]),
            f"{number(one['mean_scored'])}, {number(one['mean_reference'])}",
            with_interval(
                {"value": one["bias"], "low": one["bias_interval"][0], "high": one["bias_interval"][1]}, "+.2f"
            ),
            NOTHING
            if one["limits"][0] is None
            else f"{number(one['limits'][0], '+.2f')} to {number(one['limits'][1], '+.2f')}",
            with_interval(
                {"value": one["icc_a1"], "low": one["icc_a1_interval"][0], "high": one["icc_a1_interval"][1]}, ".3f"
            ),
        )
        for pair, one in rows
    )
    says = (
        "Bias: mean of judged minus reference; limits: where 95 % of the differences lie (Bland and Altman). ICC(A,1): "
        "absolute agreement of single ratings. Limits and ICC need at least two recordings."
    )
    head = (
        "judged by", "number of the night", "recordings", "means of judged, reference", "bias", "limits", "ICC(A,1)",
    )  # fmt: skip
    return Rows("indices", "Numbers of the night", says, head, tuple(cells))


def _recordings(lines: Sequence[Mapping[str, Any]]) -> Rows:
    rows = [row for line in lines for row in _recording(line)]
    says = (
        "F1 and kappa are those of leg movements, by the own rule and per second; PLM per h by WASM 2016, of judged "
        "and reference."
    )
    head = ("subject", "recording", "judged by", "reference", "F1", "kappa", "PLM per h", "failed")
    return Rows("recordings", "Recordings", says, head, tuple(rows))


def _recording(line: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for pair in line["pairs"]:
        movements = _first(pair["events"], matching=OWN_RULE)
        kappa = _first(pair["presence"], length="per second")
        plm = _first(pair["indices"], rules="wasm-2016", index="plm_per_h")
        yield (
            line["subject"],
            line["recording"],
            pair_words(pair),
            NOTHING if movements is None else str(movements["n_true"]),
            NOTHING if movements is None else number(movements["f1"]),
            NOTHING if kappa is None else number(kappa["kappa"]),
            NOTHING if plm is None else f"{number(plm['scored'], '.1f')}, {number(plm['reference'], '.1f')}",
            "",
        )
    for error in line["errors"]:
        yield (line["subject"], line["recording"], *[NOTHING] * 5, error)


def _first(rows: Sequence[Mapping[str, Any]], **wanted: str) -> Mapping[str, Any] | None:
    return next((row for row in rows if all(row[name] == value for name, value in wanted.items())), None)

"""The weeks as JSON: what the page shows, and every event in columns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dashboards.web import weeks_words as words
from dashboards.web.classes import kind_text
from dashboards.web.period_words import period_json
from dashboards.web.weeks_figures import METRICS, day_text, diary_cramps, grade, other_entries, series_of
from dashboards.web.weeks_hours import by_clock, since_sleep_onset
from dashboards.web.weeks_notice import notice
from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.comparison import Period
    from dashboards.web.weeks_figures import Nights, Series
    from dashboards.web.weeks_hours import HourCell
    from dashboards.weeks import NightFigures


def weeks_json(nights: Nights, periods: Sequence[Period] = ()) -> dict[str, object]:
    """Return many nights as plain JSON values.

    Parameters
    ----------
    nights : Nights
        The nights, oldest first.
    periods : sequence of Period
        Those of the diary.

    Returns
    -------
    dict
        ``nights`` (one object each; ``start_ns`` and ``end_ns`` as text, as they do not fit a number of JavaScript),
        ``metrics`` (values by night, null where there is none, ``why`` a night does not count, median, middle half
        and trend), ``events`` (columns of equal length: ``night`` is a position in ``nights``, ``onset_s`` counts
        from its begin), ``titles`` (what to call each kind of event), ``by_clock_hour`` and ``since_sleep_onset``.
    """
    every = [series_of(nights, metric) for metric in METRICS]
    cramps = every[0]
    return {
        "headline": words.headline(cramps) if nights.figures else "",
        "caveats": words.caveats(nights),
        "nights": [_night(one, day) for one, day in nights.dated],
        "metrics": [_metric(series) for series in every],
        "events": _events(nights),
        "titles": {
            kind: kind_text(kind) for kind in sorted({span.kind for one in nights.figures for span in one.spans})
        },
        "by_clock_hour": _hours(by_clock(nights, cramps)),
        "since_sleep_onset": _hours(since_sleep_onset(nights, cramps)[0]),
        "diary": words.diary_text(nights, cramps) if nights.figures else (),
        "notice": notice(every) if nights.figures else (),
        "periods": [period_json(period) for period in periods],
    }


def number(value: float) -> float | None:
    """Return a number that JSON can hold; None for what is not known or has no limit.

    Examples
    --------
    >>> number(1.5), number(float("nan")), number(float("inf"))
    (1.5, None, None)
    """
    return round(value, 6) if math.isfinite(value) else None


def _night(one: NightFigures, day: int) -> dict[str, object]:
    card = one.card
    return {
        "night": card.night_id,
        "day": day_text(day),
        "start_ns": str(card.start_ns),
        "end_ns": str(card.end_ns),
        "utc_offset_s": card.utc_offset_s,
        "simulated": card.simulated,
        "grade": grade(one) or None,
        "criteria": one.criteria,
        "version": one.version,
        "cramps_noted": diary_cramps(one),
        "diary": [
            {
                "s": round((entry.time_ns - card.start_ns) / NS_PER_S, 3),
                "kind": entry.kind,
                "text": entry.text,
                "values": dict(entry.values),
            }
            for entry in other_entries(one)
        ],
    }


def _metric(series: Series) -> dict[str, object]:
    metric, found = series.metric, series.trend
    return {
        "name": metric.name,
        "title": metric.title,
        "keys": metric.keys,
        "values": [number(float(value)) for value in series.values],
        "parts": [[number(float(value)) for value in part] for part in series.parts],
        "why": series.whys,
        "n_counted": series.n_counted,
        "median": number(series.middle.median),
        "middle_half": [number(series.middle.low), number(series.middle.high)],
        "trend": {
            "changed": found.changed,
            "per_week": number(found.per_week),
            "interval": [number(found.low), number(found.high)],
            "method": found.method,
            "text": words.trend_text(series),
        },
    }


def _events(nights: Nights) -> dict[str, list[object]]:
    columns: dict[str, list[object]] = {
        name: [] for name in ("night", "kind", "tier", "leg", "onset_s", "duration_s", "confirmed")
    }
    for position, one in enumerate(nights.figures):
        start_ns, spans = one.card.start_ns, one.spans
        columns["night"] += [position] * len(spans)
        columns["kind"] += [span.kind for span in spans]
        columns["tier"] += [span.tier for span in spans]
        columns["leg"] += [span.leg for span in spans]
        columns["onset_s"] += [round((span.onset_ns - start_ns) / NS_PER_S, 1) for span in spans]
        columns["duration_s"] += [round((span.end_ns - span.onset_ns) / NS_PER_S, 1) for span in spans]
        columns["confirmed"] += [span.confirmed for span in spans]
    return columns


def _hours(cells: Sequence[HourCell]) -> list[dict[str, object]]:
    return [{"hour": cell.hour, "n": cell.n, "signal_h": cell.hours} for cell in cells]

"""The numbers of a night for a clinician: those of the page, and a few more, each with what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.web import numbers
from dashboards.web.clocktime import S_PER_MIN, duration_text
from dashboards.web.course import course_of
from dashboards.web.numbers import Card, figure, reason
from dashboards.web.wording import number_text
from detectors.signal import S_PER_H

if TYPE_CHECKING:
    from dashboards.book import NightView
    from dashboards.web.numbers import Figure

_PERCENT = 100.0
_INDEX = "from 0, no interval between movements is that of a series, to 1, every one is."


def number_cards(view: NightView) -> tuple[Card, ...]:
    """Return the numbers of a night; what is not known says why.

    Parameters
    ----------
    view : NightView
        The night.

    Returns
    -------
    tuple of Card
        Those of the page first.
    """
    cramps, periodic, calm = numbers.cards(view)
    longest = figure(view, "cramp_longest_s", "the longest", duration_text)
    if longest.value:
        cramps = Card(cramps.title, (*cramps.figures, longest), cramps.note)
    return (cramps, periodic, _movements(view), calm, _sleep(view), _awake(view))


def _movements(view: NightView) -> Card:
    every = figure(view, "lm_per_h", "per hour", lambda value: f"{value:.1f}")
    periodicity = figure(view, "periodicity_index")
    index = f"Periodicity index {periodicity.text}, {_INDEX}" if periodicity.value is not None else ""
    return Card("All leg movements", (every,), " ".join(part for part in (_why(view, every), index) if part))


def _sleep(view: NightView) -> Card:
    asleep = figure(view, "tst_est_h", "asleep", lambda value: duration_text(value * S_PER_H))
    share = figure(view, "se_est_percent", "% of the time in bed", lambda value: f"{value:.0f}")
    known = (asleep, share) if share.value is not None else (asleep,)
    doubt = view.summary.get("uncertain_share_est")
    in_doubt = f" In doubt: {number_text(_PERCENT * doubt)} % of it." if isinstance(doubt, float) else ""
    return Card("Sleep, estimate", known, _why(view, asleep) or f"{course_of(view).note}{in_doubt}")


def _awake(view: NightView) -> Card:
    awake = figure(view, "waso_est_min", "awake in between", lambda value: duration_text(round(value) * S_PER_MIN))
    times = figure(view, "awakenings_est", "times for two minutes or more")
    up = figure(view, "bed_exits", "times out of bed")
    known = [one for one in (awake, times, up) if one.value is not None]
    return Card("Awake, estimate", tuple(known) or (awake,), _why(view, awake))


def _why(view: NightView, number: Figure) -> str:
    """Return why a number is not known, as a sentence; empty where it is known."""
    why = reason(view, number.key) if number.value is None else ""
    return f"{why[:1].upper()}{why[1:]}." if why else ""

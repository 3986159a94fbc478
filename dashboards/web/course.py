"""The course of a night as one strip: sleep and wake as they are estimated, getting up, and where nothing is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dashboards.web import clocktime
from dashboards.web.classes import EventClass, class_of, word_of
from dashboards.web.numbers import figure, reason
from detectors.events import EventKind
from detectors.signal import NS_PER_S, S_PER_H

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dashboards.book import NightView

_UP = frozenset({EventKind.UPRIGHT, EventKind.BED_EXIT})
_LOST = frozenset({EventKind.NOT_WORN, EventKind.ELECTRODE_OFF, EventKind.SIGNAL_GAP})
_CRAMPS = frozenset({EventClass.CRAMP_PROBABLE, EventClass.CRAMP_POSSIBLE})
_STAGES = "stages"
NARROWEST_PERCENT = 0.6
"""What is shorter is drawn so wide: a minute of a night is less than a pixel of a phone."""
MOST_TICKS = 5
_TICK_H = (1, 2, 3, 4, 6)
_BY_STAGES = "Sleep and wake by the stages that were given."
_BY_ESTIMATE = "Sleep and wake are an estimate from how the legs move: lying still awake counts as asleep."


class Bar(NamedTuple):
    """A stretch of the strip, percent of the night, and what it is in words."""

    left: float
    width: float
    style: str
    text: str


class CourseRow(NamedTuple):
    """One row of the strip.

    Parameters
    ----------
    name : str
        What stands beside it.
    style : str
        Name of its colour in the style sheet.
    bars : tuple of Bar
        By time.
    text : str
        The row in words.
    unknown : str
        Why there are no bars, where that is not because there was nothing.
    """

    name: str
    style: str
    bars: tuple[Bar, ...]
    text: str
    unknown: str = ""


class Course(NamedTuple):
    """The strip.

    Parameters
    ----------
    rows : tuple of CourseRow
        From top to bottom.
    ticks : tuple of (float, str)
        Full hours: percent of the night, and the clock.
    note : str
        Where sleep and wake come from.
    """

    rows: tuple[CourseRow, ...]
    ticks: tuple[tuple[float, str], ...]
    note: str


class _Stretch(NamedTuple):
    onset_ns: int
    end_ns: int
    style: str


def course_of(view: NightView) -> Course:
    """Return the strip of a night.

    Parameters
    ----------
    view : NightView
        The night; what the person denied is left out.

    Returns
    -------
    Course
        Where sleep and wake are not known the rows say so, and nothing is drawn for them.
    """
    told = [event for event in view.events if word_of(event) is not False]
    cramps = [_Stretch(e.onset_ns, e.end_ns, str(class_of(e))) for e in told if class_of(e) in _CRAMPS]
    up = [_Stretch(e.onset_ns, e.end_ns, "up") for e in told if e.kind in _UP]
    lost = [_Stretch(e.onset_ns, e.end_ns, "no-signal") for e in told if e.kind in _LOST]
    rows = (
        _row(view, "Cramp-like", EventClass.CRAMP_PROBABLE, cramps, counted=True),
        _row(view, "Up", "up", up, counted=True),
        *_sleep_rows(view, [_Stretch(e.onset_ns, e.end_ns, "awake") for e in told if e.kind is EventKind.AWAKENING]),
        _row(view, "No signal", EventClass.NO_SIGNAL, lost),
    )
    return Course(rows, _ticks(view), _note(view))


def answer(view: NightView) -> str:
    """Return how the night was slept, in a sentence; empty while it runs."""
    if view.card.running:
        return ""
    asleep = figure(view, "tst_est_h", text_of=lambda value: clocktime.duration_text(value * S_PER_H))
    if asleep.value is None:
        why = reason(view, "tst_est_h")
        return f"Sleep and wake are not known{f': {why}' if why else ''}."
    times = figure(view, "awakenings_est")
    awake = figure(
        view, "waso_est_min", text_of=lambda value: clocktime.duration_text(round(value) * clocktime.S_PER_MIN)
    )
    how = "by the stages that were given" if view.summary.get("sleep_basis") == _STAGES else "an estimate"
    woken = ""
    if times.value is not None and awake.value is not None:
        counted = "once" if times.value == 1 else f"{times.text} times"
        longer = f"awake {counted} for two minutes or more" if times.value else "never seen awake for two minutes"
        woken = f", {longer}, {awake.text} of wake in between"
    return f"Asleep for {asleep.text}{woken} ({how})."


def _sleep_rows(view: NightView, awakenings: list[_Stretch]) -> tuple[CourseRow, CourseRow]:
    """Return wake and sleep; of a night that keeps no stretches, the awakenings alone."""
    if not view.sleep:
        known = "not known" if view.summary.get("tst_est_h") is None else "when is not kept with this night"
        asleep = CourseRow("Asleep", "asleep", (), f"Asleep: {known}.", known)
        if awakenings:
            return _row(view, "Awake", "awake", awakenings), asleep
        return CourseRow("Awake", "awake", (), f"Awake: {known}.", known), asleep
    awake, asleep_for = (
        [
            _Stretch(span.onset_ns, span.end_ns, f"{name}{'-uncertain' if span.uncertain else ''}")
            for span in view.sleep
            if span.asleep is (name == "asleep")
        ]
        for name in ("awake", "asleep")
    )
    return _row(view, "Awake", "awake", awake), _row(view, "Asleep", "asleep", asleep_for)


def _row(view: NightView, name: str, style: str, stretches: Iterable[_Stretch], *, counted: bool = False) -> CourseRow:
    inside = [s for s in stretches if s.end_ns > view.card.start_ns and s.onset_ns < view.card.end_ns]
    inside.sort()
    total_s = sum(s.end_ns - s.onset_ns for s in inside) / NS_PER_S
    times = f"{len(inside)} {'time' if len(inside) == 1 else 'times'}, " if counted else ""
    text = f"{name}: {times}{clocktime.duration_text(total_s)} in all." if inside else f"{name}: none."
    return CourseRow(name, style, tuple(_bar(view, name, s) for s in inside), text)


def _bar(view: NightView, name: str, stretch: _Stretch) -> Bar:
    """Return a stretch as a share of the night, never wider than what is left of it."""
    offset_s = view.card.utc_offset_s
    left, right = (min(max(_percent(view, t_ns), 0.0), 100.0) for t_ns in stretch[:2])
    width = max(right - left, NARROWEST_PERCENT)
    begin, end = (clocktime.clock_text(t_ns, offset_s) for t_ns in stretch[:2])
    doubt = ", uncertain" if stretch.style.endswith("uncertain") else ""
    return Bar(round(min(left, 100.0 - width), 3), round(width, 3), stretch.style, f"{name}, {begin} to {end}{doubt}")


def _ticks(view: NightView) -> tuple[tuple[float, str], ...]:
    card = view.card
    local_ns = card.utc_offset_s * NS_PER_S
    length_h = (card.end_ns - card.start_ns) / NS_PER_S / S_PER_H
    step_ns = next((h for h in _TICK_H if length_h <= h * MOST_TICKS), _TICK_H[-1]) * round(S_PER_H) * NS_PER_S
    first_ns = -(-(card.start_ns + local_ns) // step_ns) * step_ns - local_ns
    times = range(first_ns, card.end_ns, step_ns)
    return tuple((round(_percent(view, t_ns), 3), clocktime.clock_text(t_ns, card.utc_offset_s)) for t_ns in times)


def _percent(view: NightView, t_ns: int) -> float:
    card = view.card
    return 100.0 * (t_ns - card.start_ns) / max(card.end_ns - card.start_ns, 1)


def _note(view: NightView) -> str:
    if view.card.running:
        return "Sleep and wake are estimated when the night is over."
    if view.summary.get("sleep_basis") == _STAGES:
        return _BY_STAGES
    if view.summary.get("tst_est_h") is None:
        return ""
    return _BY_ESTIMATE

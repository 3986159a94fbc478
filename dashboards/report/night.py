"""What the report of one night says, before anybody decides what it looks like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboards.report import words
from dashboards.report.cards import number_cards
from dashboards.report.shapes import Picture
from dashboards.report.strip import keys, strip_of
from dashboards.report.strongest import RULE, strongest
from dashboards.report.traces import traces_of
from dashboards.web import clocktime, numbers
from dashboards.web.course import answer
from dashboards.web.diary_cramps import beside
from dashboards.web.diary_words import entry_text, title_of
from dashboards.web.rows import NoteRow, own_words, row_of
from dashboards.web.wording import number_text
from detectors.channels import worn_name
from detectors.events import EventQuality
from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.book import NightBook, NightView
    from dashboards.diary import DiaryEntry
    from dashboards.web.numbers import Card, SensorHours
    from detectors.events import Event

GRADES = "Grade A: 6 h or more of good signal, B: 4 h or more, C: less."
SCORE = "Confidence, 0 to 1, is a score of the rules and no probability. Signal intensity is no measure of pain."


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event that is shown close up.

    Parameters
    ----------
    number : int
        Its number on the strip of the night.
    id : str
        As the pages call it.
    title : str
        What it is called.
    facts : tuple of str
        When, where, how long and how strong, and what the person said, in lines.
    picture : Picture or None
        Its traces.
    missing : str
        Why there are none.
    """

    number: int
    id: str
    title: str
    facts: tuple[str, ...]
    picture: Picture | None
    missing: str = ""


@dataclass(frozen=True, slots=True)
class NightReport:
    """The report of one night.

    Parameters
    ----------
    view : NightView
        The night.
    title, when : str
        Date, and begin and end.
    answer : tuple of str
        The night in sentences, the first one before all.
    strip, keys : Picture
        The course of the night, and what its marks mean.
    received : str
        How much of what the sensors measured is there.
    cards : tuple of Card
        The numbers.
    valid : tuple of SensorHours
        The valid hours of each sensor, with grades.
    unscored : tuple of tuple of str
        What no rule could be applied to, and why.
    events : tuple of EventRow
        The strongest events.
    rule : str
        How they were chosen, and what their numbers are not.
    diary : tuple of NoteRow
        What was written, by time.
    beside : str
        What the sensors marked beside what was noted; empty where no cramp was noted.
    safety : tuple of str
        When to get medical help: a title and paragraphs.
    footer : tuple of str
        What the report is and is not.
    """

    view: NightView
    title: str
    when: str
    answer: tuple[str, ...]
    strip: Picture
    keys: Picture
    received: str
    cards: tuple[Card, ...]
    valid: tuple[SensorHours, ...]
    unscored: tuple[tuple[str, str], ...]
    events: tuple[EventRow, ...]
    rule: str
    diary: tuple[NoteRow, ...]
    beside: str
    safety: tuple[str, ...]
    footer: tuple[str, ...]


def night_report(book: NightBook, night_id: str) -> NightReport:
    """Return the report of a night.

    Parameters
    ----------
    book : NightBook
        Where the nights are.
    night_id : str
        Which one.

    Returns
    -------
    NightReport
        Every number of it is one of the summary, of an event or of the diary.

    Raises
    ------
    KeyError
        If there is no night of this name.
    """
    view = book.night(night_id)
    card, diary = view.card, tuple(book.diary(night_id))
    shown = dict(enumerate(strongest(view), start=1))
    date = clocktime.night_text(card.start_ns, card.end_ns, card.utc_offset_s)
    valid = numbers.valid_hours(view)
    sentences = (numbers.headline(view), answer(view), words.of_wearer(own_words(view)))
    return NightReport(
        view,
        f"Night of {date}",
        _when(view),
        tuple(sentence for sentence in sentences if sentence),
        strip_of(view, book.tracks(night_id), diary, shown),
        keys(),
        view.completeness,
        number_cards(view),
        valid,
        numbers.unscored(view),
        tuple(_row(book, view, number, event) for number, event in shown.items()),
        f"{RULE} {SCORE}",
        tuple(_noted(view, entry) for entry in diary),
        _beside(view, diary),
        words.safety(),
        (
            words.footer(
                date,
                words.hours_text(valid),
                words.sensors_text(view.sensors),
                words.version_text(view.version, view.criteria),
            ),
            words.NOT_A_DEVICE,
        ),
    )


def _when(view: NightView) -> str:
    card = view.card
    begin, end = (clocktime.clock_text(t_ns, card.utc_offset_s) for t_ns in (card.start_ns, card.end_ns))
    lasted = clocktime.duration_text((card.end_ns - card.start_ns) / NS_PER_S)
    so_far = ", the night still goes on" if card.running else ""
    return f"{begin} to {end} ({clocktime.zone_text(card.utc_offset_s)}), {lasted}{so_far}"


def _noted(view: NightView, entry: DiaryEntry) -> NoteRow:
    """Return an entry of the diary in words; what a button said is one."""
    clock = clocktime.clock_text(entry.time_ns, view.card.utc_offset_s)
    return NoteRow(clock, title_of(entry.kind), words.of_wearer(entry_text(entry)), entry.key)


def _beside(view: NightView, diary: Sequence[DiaryEntry]) -> str:
    """Return how many cramps were found by both, and by one alone; empty where nothing was noted."""
    both, sensors_only, diary_only = beside(view.events, diary).counts
    if not both + diary_only:
        return ""
    if numbers.figure(view, "cramp_probable").value is None:
        return f"Cramps: {both + diary_only} noted; whether the sensors would have marked any is not known."
    return f"Cramps: {both} found by both, {sensors_only} by the sensors only, {diary_only} in the diary only."


def _row(book: NightBook, view: NightView, number: int, event: Event) -> EventRow:
    row, found = row_of(view, event), traces_of(book, view, event)
    worn = worn_name(event.sensor, [sensor.name for sensor in view.sensors])
    sites = [sensor.site for sensor in view.sensors if sensor.name == worn and sensor.site]
    strength = [f"peak {row.peak}"] if row.peak else []
    if "ratio" in event.measures:
        strength.append(f"{number_text(event.measures['ratio'])} × the resting level")
    sure = [f"confidence {number_text(event.measures['confidence'])}"] if "confidence" in event.measures else []
    if event.quality is EventQuality.LOW:
        sure.append("low signal quality")
    lines = (
        f"{row.clock}, {row.leg}{f' ({sites[0]})' if sites else ''}",
        ", ".join([row.duration, *strength]),
        words.of_wearer(row.said),
        ", ".join(sure),
        _since_sleep(view, event),
    )
    title = row.title
    facts = tuple(f"{line[:1].upper()}{line[1:]}" for line in lines if line)
    if isinstance(found, Picture):
        return EventRow(number, row.id, title, facts, found)
    return EventRow(number, row.id, title, facts, None, found)


def _since_sleep(view: NightView, event: Event) -> str:
    """Return how long after falling asleep it began, where the summary says so; an older one may not."""
    listed = view.summary.get("cramps")
    onset_s = (event.onset_ns - view.card.start_ns) / NS_PER_S
    for one in listed if isinstance(listed, list) else ():
        same = one.get("sensor") == event.sensor and abs(one.get("onset_s", -1.0) - onset_s) < 1.0
        minutes = one.get("since_sleep_onset_est_min")
        if same and minutes is not None and minutes >= 0:
            return f"{clocktime.duration_text(round(minutes) * clocktime.S_PER_MIN)} after sleep onset (estimate)"
    return ""


def texts_of(rows: Sequence[NoteRow]) -> tuple[str, ...]:
    """Return the diary in lines."""
    return tuple(f"{row.clock} {row.kind}{f': {row.text}' if row.text else ''}" for row in rows)

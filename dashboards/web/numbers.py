"""The numbers of a night and the sentence above them; what is not known is said, never shown as 0."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from dashboards.book import UNREADABLE
from dashboards.web.clocktime import S_PER_MIN, duration_text, elapsed_text
from dashboards.web.night_labels import NIGHT_LABELS
from dashboards.web.wording import label_of, number_text, quantity_text
from detectors.channels import worn_name
from detectors.signal import NS_PER_S, Leg, Quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dashboards.book import NightView

NO_SIGNAL = "no valid signal"
NOT_YET = "not yet"
NOT_KNOWN = "not known"
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_RECORDING = "per hour of recording"
_PER_HOUR_OF = {"stages": "per hour of sleep by the given stages", "recording": _RECORDING, "estimate": _RECORDING}
_BY_ACCELERATION = frozenset({"acceleration", "mixed"})
_NOT_FROM_EMG = "Counted in acceleration: limits that are known for EMG do not apply."
_HEALTHY = "Many healthy people have some; one night can differ a lot from the next."
# A sensor between both legs leaves none out, and of one whose leg nobody told none is known to be left out.
_ONLY = {Leg.LEFT: " (left leg only)", Leg.RIGHT: " (right leg only)", Leg.BOTH: "", Leg.UNKNOWN: ""}
_ON = {
    Leg.LEFT: "on the left leg",
    Leg.RIGHT: "on the right leg",
    Leg.BOTH: "on both legs",
    Leg.UNKNOWN: "on a leg that is not known",
}
_LEG_ORDER = (Leg.LEFT, Leg.RIGHT, Leg.BOTH, Leg.UNKNOWN)
_ON_TOP = frozenset({"plms_wasm_per_h", "longest_undisturbed_min", "cramp_probable", "cramp_possible", "cramp_total_s"})
# Lists and ranges: where they are missing, so are the numbers that they belong to.
_NESTED = frozenset({"cramps", "imi_histogram", "robustness"})


@dataclass(frozen=True, slots=True)
class Figure:
    """One number.

    Parameters
    ----------
    key : str
        Its key in the summary.
    text : str
        The number as it is read; what is not known, in words.
    value : float or None
        The number itself, or None where it is not known.
    unit : str
        Words after the number.
    """

    key: str
    text: str
    value: float | None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A few numbers that belong together, with a title and a note."""

    title: str
    figures: tuple[Figure, ...]
    note: str


class SensorHours(NamedTuple):
    """How long one sensor gave a signal that could be scored."""

    sensor: str
    quantity: str
    leg: Leg
    hours: float
    grade: str

    @property
    def label(self) -> str:
        """The sensor, with the quantity where its streams differ."""
        quantity = self.quantity.upper() if self.quantity == Quantity.EMG else self.quantity
        return f"{self.sensor}, {quantity}" if quantity else self.sensor


def figure(view: NightView, key: str, unit: str = "", text_of: Callable[[float], str] = number_text) -> Figure:
    """Return one number of the summary.

    Parameters
    ----------
    view : NightView
        The night.
    key : str
        Key in the summary.
    unit : str
        Words after the number.
    text_of : callable
        Turns the number into text.

    Returns
    -------
    Figure
        Where the summary has no number, its text says so and the value is None.
    """
    value = view.summary.get(key)
    if isinstance(value, int | float):
        return Figure(key, text_of(float(value)), float(value), unit)
    if key not in view.summary and view.card.running:
        return Figure(key, NOT_YET, None)
    return Figure(key, NO_SIGNAL if reason(view, key) == "" else NOT_KNOWN, None)


def reason(view: NightView, key: str) -> str:
    """Return why a number is not known; empty where that is the missing signal itself."""
    reasons = view.summary.get("reasons")
    text = str(reasons.get(key, "")) if isinstance(reasons, dict) else ""
    return "" if text == NO_SIGNAL else text


def cards(view: NightView) -> tuple[Card, ...]:
    """Return the row of numbers."""
    probable = figure(view, "cramp_probable", "probable")
    possible = figure(view, "cramp_possible", "possible")
    total = figure(view, "cramp_total_s", text_of=duration_text)
    periodic = figure(view, "plms_wasm_per_h", "per hour", lambda value: f"{value:.1f}")
    calm = figure(view, "longest_undisturbed_min", text_of=lambda value: duration_text(value * S_PER_MIN))
    return (
        Card(
            "Cramp-like contractions",
            (probable, possible) if probable.value is not None else (probable,),
            _cramp_note(view, total),
        ),
        Card(
            "Periodic leg movements",
            (periodic,),
            _note(view, periodic, _periodic_note(view)),
        ),
        Card(
            "Longest undisturbed stretch",
            (calm,),
            _note(view, calm, "Without a cramp-like event, a series, restlessness, wake or getting up."),
        ),
    )


def _periodic_note(view: NightView) -> str:
    """Return what an index is per hour of, how far it depends on thresholds, and what it does not mean."""
    basis = _PER_HOUR_OF.get(str(view.summary.get("sleep_basis")), _RECORDING)
    estimated = figure(view, "plms_wasm_per_h_est", text_of=lambda value: f"{value:.1f}")
    asleep = f"; {estimated.text} per hour of estimated sleep" if estimated.value is not None else ""
    tried = _mapping(view, "robustness")
    varied, percent = tried.get("plms_per_h"), tried.get("varied_percent")
    spread = f" With thresholds {percent:g} % lower or higher: {varied['text']}." if isinstance(varied, dict) else ""
    moved = f" {_NOT_FROM_EMG}" if view.summary.get("movement_source") in _BY_ACCELERATION else ""
    return f"WASM 2016, {basis}{asleep}.{moved}{spread} {_HEALTHY}"


def _cramp_note(view: NightView, total: Figure) -> str:
    if total.value is None:
        return _note(view, total, "")
    if total.value == 0:
        return f"None marked in {_valid_text(view)}."
    awake = figure(view, "awake_after_cramps_est_min", text_of=lambda value: duration_text(value * S_PER_MIN))
    after = f", and signs of wake for {awake.text} after them (an estimate)" if awake.value else ""
    return f"{total.text} in all{after}. Software can miss some and mark others wrongly; please confirm."


def _note(view: NightView, number: Figure, note: str) -> str:
    if number.value is not None:
        return note
    why = reason(view, number.key)
    return f"{why[:1].upper()}{why[1:]}." if why else ""


def rest(view: NightView) -> tuple[tuple[str, Figure, str], ...]:
    """Return the other numbers of the summary: label, number, and the reason where it is not known."""
    rows = []
    for key, value in view.summary.items():
        if key in _ON_TOP | _NESTED or not (value is None or isinstance(value, int | float)):
            continue
        label = NIGHT_LABELS.get(key) or label_of(key).capitalize()
        if isinstance(value, bool):
            rows.append((label, Figure(key, "yes" if value else "no", float(value)), ""))
        else:
            rows.append(
                (
                    label,
                    figure(view, key, text_of=partial(quantity_text, key)),
                    reason(view, key),
                )
            )
    return tuple(rows)


def valid_hours(view: NightView) -> tuple[SensorHours, ...]:
    """Return the valid time of each stream, left before right; a sensor whose streams agree takes one line."""
    hours, grades = _mapping(view, "valid_h"), _mapping(view, "grade")
    legs = {sensor.name: sensor.leg for sensor in view.sensors}
    lines: dict[str, list[SensorHours]] = {}
    for stream, value in hours.items():
        if isinstance(value, int | float):
            sensor, _, quantity = stream.partition("/")
            leg = legs.get(worn_name(sensor, legs) or "", Leg.UNKNOWN)
            line = SensorHours(sensor, quantity, leg, float(value), str(grades.get(stream) or "-"))
            lines.setdefault(sensor, []).append(line)
    merged = [line for same in lines.values() for line in _merged(same)]
    return tuple(sorted(merged, key=lambda line: (_LEG_ORDER.index(line.leg), line.label)))


def unscored(view: NightView) -> tuple[tuple[str, str], ...]:
    """Return what no rule could be applied to, and why."""
    return _reasons(view, "unscored")


def failed_detectors(view: NightView) -> tuple[tuple[str, str], ...]:
    """Return the detectors of others that broke the contract, and how."""
    return _reasons(view, "failed_plugins")


def _reasons(view: NightView, key: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(why)) for name, why in sorted(_mapping(view, key).items()))


def _merged(lines: list[SensorHours]) -> list[SensorHours]:
    """Return one line for streams of one sensor that read the same."""
    if len({(f"{line.hours:.1f}", line.grade) for line in lines}) > 1:
        return lines
    return [lines[0]._replace(quantity="", hours=min(line.hours for line in lines))]


def _mapping(view: NightView, key: str) -> Mapping[str, object]:
    value = view.summary.get(key)
    return value if isinstance(value, dict) else {}


def _valid_text(view: NightView) -> str:
    """Return the valid hours of each leg in words: the best stream of the leg counts, EMG before anything else."""
    streams = valid_hours(view)
    emg = tuple(stream for stream in streams if stream.quantity in {"", Quantity.EMG})
    best: dict[Leg, float] = {}
    for stream in emg or streams:
        best[stream.leg] = max(best.get(stream.leg, 0.0), stream.hours)
    if not best:
        return "this night"
    if len(best) == 1:
        ((leg, hours),) = best.items()
        return f"{hours:.1f} valid hours{_ONLY[leg]}"
    return "valid hours: " + ", ".join(f"{hours:.1f} {_ON[leg]}" for leg, hours in best.items())


def headline(view: NightView) -> str:
    """Return the night in one or two sentences."""
    probable, possible = figure(view, "cramp_probable"), figure(view, "cramp_possible")
    calm = figure(view, "longest_undisturbed_min", text_of=lambda value: duration_text(value * S_PER_MIN))
    tail = (
        f" The longest undisturbed stretch lasted {calm.text}."
        if calm.value is not None and not view.card.running
        else ""
    )
    if probable.value is None or possible.value is None:
        why = reason(view, probable.key)
        if probable.text == NOT_YET:
            return "Nothing can be said yet."
        if why == UNREADABLE:
            return f"{why[:1].upper()}{why[1:]}."
        return f"There was no valid signal to look for cramp-like contractions in{f': {why}' if why else ''}.{tail}"
    n_probable, n_possible = round(probable.value), round(possible.value)
    if not n_probable + n_possible:
        return f"Cramp-like contractions: none marked in {_valid_text(view)}.{tail}"
    parts = [f"{_count(n)} {name}" for n, name in ((n_probable, "probable"), (n_possible, "possible")) if n]
    noun = "contraction was" if n_probable + n_possible == 1 else "contractions were"
    total = figure(view, "cramp_total_s", text_of=duration_text)
    length = f", {total.text} in all" if total.value else ""
    sentence = f"{' and '.join(parts)} cramp-like {noun} marked{length}."
    return f"{sentence[:1].upper()}{sentence[1:]}{tail}"


def _count(n: int) -> str:
    return _WORDS[n] if n < len(_WORDS) else str(n)


def status(view: NightView) -> str:
    """Return what a running night is doing; empty for a finished one."""
    if not view.card.running:
        return ""
    return f"filling, {elapsed_text((view.card.end_ns - view.card.start_ns) / NS_PER_S)} of the night so far"

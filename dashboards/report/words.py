"""What stands on every report: when to get medical help, and what the report is and is not."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape

from dashboards.report.svg import svg_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.book import SensorView
    from dashboards.web.numbers import SensorHours

SAFETY = "_safety.html"
NOT_A_DEVICE = (
    "Research prototype, not a medical device; not validated for diagnosis or treatment decisions. It can miss cramps "
    "(another muscle, poor contact, weak signal) and mark ordinary movements. Sleep and wake are estimates from leg "
    "movement. Breathing events also move legs; these sensors cannot tell them apart."
)
_BLOCK = re.compile(r"<(h2|p)\b[^>]*>(.*?)</\1>", re.DOTALL)
_YOU = re.compile(r"\byou\b")
_TAG = re.compile(r"<[^>]*>")
_NOT_KNOWN = "usable signal not known"


def templates() -> Environment:
    """Return the templates of the reports; what is on every page of the app, such as the safety card, is of the app."""
    loader = ChoiceLoader([PackageLoader("dashboards.report"), PackageLoader("dashboards.web")])
    found = Environment(loader=loader, autoescape=select_autoescape(), undefined=StrictUndefined, trim_blocks=True)
    found.filters["svg"] = svg_of
    return found


def of_wearer(text: str) -> str:
    """Return a sentence of the pages, which speak to the wearer, as one that is handed to somebody else.

    Examples
    --------
    >>> of_wearer("Of the events you confirmed 2.")
    'Of the events the wearer confirmed 2.'
    """
    return _YOU.sub("the wearer", text)


def safety() -> tuple[str, ...]:
    """Return the safety card as the pages show it: its title and its paragraphs."""
    found = _BLOCK.findall(templates().get_template(SAFETY).render())
    return tuple(" ".join(unescape(_TAG.sub("", inner)).split()) for _, inner in found)


def footer(date: str, hours: str, sensors: str, version: str) -> str:
    """Return the footer of science.md 10.4 with its fields filled.

    Parameters
    ----------
    date : str
        When it was recorded.
    hours : str
        Hours of usable signal, with their unit; empty where they are not known.
    sensors : str
        Which sensors.
    version : str
        Version of the software, and what it scored with.
    """
    return (
        f"This report shows leg-muscle activity and movement recorded on {date}, {hours or _NOT_KNOWN}, "
        f"sensors: {sensors or 'not known'}. Events are found by software (version {version}) and can be wrong. "
        "It does not diagnose any condition and does not measure pain, sleep stages or breathing. Please discuss it "
        "with a health professional; do not change treatment because of it. If you have a painful, swollen, warm or "
        "red calf, or breathlessness, get medical help now."
    )


def hours_text(valid: Sequence[SensorHours]) -> str:
    """Return the usable hours of each sensor; empty where nothing is known of any."""
    if not valid:
        return ""
    first, *others = valid
    rest = "".join(f", {one.hours:.1f} h ({one.label})" for one in others)
    return f"{first.hours:.1f} h of usable signal ({first.label}){rest}"


def sensors_text(sensors: Sequence[SensorView]) -> str:
    """Return the sensors with the muscles that they were worn on."""
    return ", ".join(f"{one.name} ({one.site})" if one.site else one.name for one in sensors)


def version_text(version: str, criteria: str) -> str:
    """Return which software it was, and which criteria."""
    return f"{version or 'not recorded'}{f', criteria {criteria}' if criteria else ''}"

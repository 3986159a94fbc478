"""What a panel says of itself: title, meaning, unit, and the words for nothing; and the colours of all panels."""

from __future__ import annotations

from dataclasses import dataclass

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import dashboard as parts

# Units as Grafana names them; what it has no name for is put behind the number as it stands here.
COUNT, SECONDS, PERCENT, SHARE = "none", "s", "percent", "percentunit"
# Of these Grafana knows the unit, and would say 2 hours for 90 min.
MINUTES, HOURS, PLAIN_SECONDS = "min", "hours", "suffix:s"
MICROVOLT, MILLIVOLT, GRAVITY, DEGREES, HERTZ, DBM = "µV", "mvolt", "accG", "degree", "hertz", "dBm"
CELSIUS, PER_HOUR, PER_SECOND, PER_NIGHT, BYTES, TEXT = "celsius", "/h", "/s", "per night", "bytes", "string"

NO_DATA = "no data"
# A panel cannot tell which.
NO_SIGNAL = "no night, or no valid signal"
AS_MARKED = "As marked; what you denied is still counted."
NO_NIGHT = "no night in this time"

# Left and right as on the pages; no palette by turns, as the fifth colour of Grafana's is red.
# Cramp-like events have the colours of the pages.
PROBABLE, POSSIBLE, LIGHT_BLUE = "#c8430a", "#e08a2c", "#5aa9d6"
BLUE, ORANGE, GREEN, PURPLE, YELLOW, GREY = "#0b72b9", "#e08a2c", "#0a8a66", "#b0568f", "#8a7a1f", "#9a9a94"


@dataclass(frozen=True, slots=True)
class About:
    """What a panel says of itself.

    Parameters
    ----------
    title : str
        A few words.
    meaning : str
        What is shown, what it rests on, and what an empty panel means: one or two sentences.
    unit : str
        Grafana's name of the unit, or what is put behind the number.
    empty : str
        What stands in place of a number where there is none.

    Raises
    ------
    ValueError
        If one of them is empty.
    """

    title: str
    meaning: str
    unit: str
    empty: str = NO_DATA

    def __post_init__(self) -> None:
        for name in ("title", "meaning", "unit", "empty"):
            if not getattr(self, name).strip():
                msg = f"panel {self.title!r}: {name} is empty, expected words"
                raise ValueError(msg)


def no_thresholds() -> builders.ThresholdsConfig:
    """Return thresholds that colour nothing; without any Grafana paints what is above 80 red."""
    return builders.ThresholdsConfig().mode(parts.ThresholdsMode.ABSOLUTE).steps([parts.Threshold(None, "text")])

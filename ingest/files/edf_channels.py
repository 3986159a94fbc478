"""What a channel of a recording is, by its label and its unit."""

from __future__ import annotations

import re
from dataclasses import dataclass

from detectors.signal import Leg, Quantity, Unit
from ingest.errors import DecodeError

AXES = ("x", "y", "z")
LEFT_OUT = "-"
EXAMPLES = "'EMG TA-L', 'EMG GM-R', 'LEG/L', 'ACC-L x'"

# A muscle's code is what labels and sensor names carry. Sleep laboratories record the tibialis anterior when they
# write "leg" or "PLM" (AASM, WASM 2016), so that is what the plain words mean.
MUSCLES = {
    "ta": "tibialis anterior",
    "gm": "gastrocnemius medialis",
    "gl": "gastrocnemius lateralis",
    "gas": "gastrocnemius",
    "so": "soleus",
}
_WORDS = {
    "ta": r"ta|at|tib|tibial|tibialis|(?:tib|tibialis) ?(?:ant|anterior)|(?:ant|anterior) ?(?:tib|tibial|tibialis)"
    r"|legs?|plms?|bein|jambe|gamba",
    "gm": r"gm|(?:gastroc|gastrocnemius) ?(?:med|medialis)",
    "gl": r"gl|(?:gastroc|gastrocnemius) ?(?:lat|lateralis)",
    "gas": r"gas|gastro|gastroc|gastrocnemius|calf",
    "so": r"so|sol|soleus",
}
# Could be read as "so, left", and means the soleus of a leg that is not told.
_NO_SIDE = frozenset({"sol"})
_SIDES = {
    Leg.LEFT: r"l|lt|left|sx|sin|li|links|gauche",
    Leg.RIGHT: r"r|rt|right|dx|dest|re|rechts|droite",
}
# The bipolar tibialis anterior of the CAP Sleep Database (physionet.org/content/capslpdb): the label is the side alone.
_WHOLE = {"sx1 sx2": (Leg.LEFT, "ta"), "dx1 dx2": (Leg.RIGHT, "ta")}
_ACCELERATION = r"acc|accel|acceleration|accelerometer"
_EMG_FORMS = ("{site} ?{side}", "{side} ?{site}")
_ACCELERATION_FORMS = ("{word} ?{side} ?{axis}", "{side} ?{word} ?{axis}", "{word} ?{axis} ?{side}")

_TO_UNIT = {
    Quantity.EMG: {"nv": 1e-3, "uv": 1.0, "mv": 1e3, "v": 1e6},
    Quantity.ACCELERATION: {"ug": 1e-6, "mg": 1e-3, "g": 1.0},
}
UNITS = {Quantity.EMG: Unit.MICROVOLT, Quantity.ACCELERATION: Unit.G}
_SHOWN = {Quantity.EMG: "uV, mV or V", Quantity.ACCELERATION: "g or mg"}


@dataclass(frozen=True, slots=True)
class Channel:
    """What one channel measures, and where.

    Parameters
    ----------
    leg : Leg
        The leg.
    quantity : Quantity
        EMG or acceleration.
    part : str
        The muscle's code (a key of `MUSCLES`), or the axis.
    """

    leg: Leg
    quantity: Quantity
    part: str


def channel_of(label: str) -> Channel | None:
    """Return what a label says, or None where it names no leg channel.

    Parameters
    ----------
    label : str
        As written in the file; upper and lower case, spaces and punctuation make no difference.

    Returns
    -------
    Channel or None
        What is measured.

    Examples
    --------
    >>> channel_of("EMG TA-L") == channel_of("LEG/L") == channel_of("LAT1-LAT2") == channel_of("PLMl")
    True
    >>> channel_of("EMG GM-R").part, channel_of("ACC-L x").part
    ('gm', 'x')
    >>> channel_of("EMG Chin"), channel_of("LAT-RAT")
    (None, None)
    """
    words = " ".join(re.findall(r"[a-z0-9]+", label.lower()))
    acceleration = _acceleration(words)
    return acceleration or _emg(" ".join(re.sub(r"\bemg\b|^emg", " ", words).split()))


def factor_to_unit(quantity: Quantity, unit: str, place: str) -> float:
    """Return by what a value in a file's unit is multiplied to be in the stream's.

    Parameters
    ----------
    quantity : Quantity
        What is measured.
    unit : str
        Unit as written in the file.
    place : str
        File and channel, for the message.

    Returns
    -------
    float
        Factor to µV, or to g.

    Raises
    ------
    DecodeError
        If the unit is not one of the quantity.

    Examples
    --------
    >>> factor_to_unit(Quantity.EMG, "mV", "night.edf: LEG/L")
    1000.0
    """
    plain = unit.strip().lower().replace("\N{MICRO SIGN}", "u").replace("\N{GREEK SMALL LETTER MU}", "u")
    factor = _TO_UNIT[quantity].get(plain)
    if factor is None:
        raise DecodeError(f"{place}: the unit is {unit!r}, expected {_SHOWN[quantity]} for {quantity}")
    return factor


def _emg(words: str) -> Channel | None:
    """Return the muscle that both ends of a derivation lie on, or the only end."""
    words = words.removesuffix(" ref")
    # Electrodes are numbered: the first channel of the left leg is "LEG/L 1".
    whole = _site(words) or _site(re.sub(r" ?\d$", "", words))
    if whole is not None:
        return whole
    if words in _WHOLE:
        return Channel(_WHOLE[words][0], Quantity.EMG, _WHOLE[words][1])
    parts = words.split()
    first, second = " ".join(parts[: len(parts) // 2]), " ".join(parts[len(parts) // 2 :])
    ends = {_site(re.sub(r" ?\d$", "", end)) for end in (first, second) if end}
    return ends.pop() if len(ends) == 1 else None


def _site(words: str) -> Channel | None:
    if words in _NO_SIDE:
        return None
    for leg, side in _SIDES.items():
        for code, site in _WORDS.items():
            forms = "|".join(form.format(site=f"(?:{site})", side=f"(?:{side})") for form in _EMG_FORMS)
            if re.fullmatch(forms, words):
                return Channel(leg, Quantity.EMG, code)
    return None


def _acceleration(words: str) -> Channel | None:
    for leg, side in _SIDES.items():
        forms = (
            form.format(word=f"(?:{_ACCELERATION})", side=f"(?:{side})", axis="([xyz])") for form in _ACCELERATION_FORMS
        )
        for form in forms:
            found = re.fullmatch(form, words)
            if found:
                return Channel(leg, Quantity.ACCELERATION, found[1])
    return None

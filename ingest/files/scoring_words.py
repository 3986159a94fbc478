"""What the names in lists of scored events mean, whatever program wrote them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from detectors.events import EventKind, Stage
from detectors.signal import Leg
from ingest.files.edf_channels import channel_of


class Scored(StrEnum):
    """What a row of a list is."""

    STAGE = "stage"
    MOVEMENT = "movement"
    RESPIRATORY = "respiratory"
    AROUSAL = "arousal"
    OTHER = "other"
    UNSCORED = "unscored"
    """A stretch that says nothing: a stage that was not scored, or the begin of the recording."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name means.

    Parameters
    ----------
    what : Scored
        What it is.
    stage : Stage, optional
        Of a stage.
    legs : tuple of Leg
        Of a leg movement: one leg, or both where it was marked once for the two.
    kind : EventKind, optional
        Of anything else that Soleus has a name for.
    """

    what: Scored
    stage: Stage | None = None
    legs: tuple[Leg, ...] = ()
    kind: EventKind | None = None


UNSCORED: Final = Meaning(Scored.UNSCORED)
_RESPIRATORY: Final = Meaning(Scored.RESPIRATORY)
_AROUSAL: Final = Meaning(Scored.AROUSAL)
# Rechtschaffen and Kales counted four stages of sleep that is not REM; AASM joined the last two.
_STAGES: Final = {
    "w": Stage.WAKE, "wake": Stage.WAKE, "wakestate": Stage.WAKE, "awake": Stage.WAKE, "awa": Stage.WAKE,
    "wach": Stage.WAKE,
    "r": Stage.REM, "rem": Stage.REM, "remsleep": Stage.REM, "rapideyemovementsleep": Stage.REM,
    "n1": Stage.N1, "n2": Stage.N2, "n3": Stage.N3, "n4": Stage.N3,
}  # fmt: skip
# Only where it is said that it is a stage: a bare 5 may be anything.
_CODES: Final = {
    "0": Stage.WAKE, "1": Stage.N1, "2": Stage.N2, "3": Stage.N3, "4": Stage.N3, "5": Stage.REM,
    "s0": Stage.WAKE, "s1": Stage.N1, "s2": Stage.N2, "s3": Stage.N3, "s4": Stage.N3,
}  # fmt: skip
_NO_STAGE: Final = frozenset(
    {"", "6", "7", "8", "9", "a", "n", "u", "nr", "mt", "m", "art", "unscored", "notscored", "unknown", "movement",
     "undefined", "nan", "na", "unsure", "invalid", "artifact", "artefact",
     "artefakt", "bewegung"}
)  # fmt: skip
_NON_REM: Final = re.compile(r"(?:nrem|nonrem|nonrapideyemovementsleepn?)([1-4])")
_STAGE_WORDS: Final = re.compile(r"^(?:sdo)?(?:sleepstages?|stages?|sleep)(?=.)|(?:sleepstage|stage|sleep)$")
_SAYS_STAGE: Final = re.compile(r"^(?:sleep ?)?stage\b|\bsleep$|^sleep (?=s\d|rem|mt)", re.IGNORECASE)
_BEGINS: Final = frozenset({"recording start time", "recording starts", "start recording"})
_BREATHS: Final = frozenset(
    {
        "apnea",
        "apnoea",
        "apnoe",
        "hypopnea",
        "hypopnoea",
        "hypopnoe",
        "hyp",
        "ap",
        "osa",
        "csa",
        "msa",
        "rera",
        "unsure",
    }
)
_LEFT_OUT: Final = frozenset(
    {"artifact", "artefact", "arm", "arms", "chin", "series", "sequence", "episode", "train", "index", "baseline"}
)
_MOVES: Final = frozenset({"lm", "lms", "lml", "lmr", "lmb", "plm", "plms", "plml", "plmr", "leglm"})
# What DOMINO calls the isolated and the periodic movements that it has found.
_MARKERS: Final = frozenset({"i marker", "p marker"})
_LIMBS: Final = frozenset({"leg", "limb"})
_MOVING: Final = frozenset({"movement", "movements", "phasic", "tonic", "any", "move"})
_SIDES: Final = {
    "left": Leg.LEFT, "l": Leg.LEFT, "lml": Leg.LEFT, "plml": Leg.LEFT,
    "right": Leg.RIGHT, "r": Leg.RIGHT, "lmr": Leg.RIGHT, "plmr": Leg.RIGHT,
}  # fmt: skip
_BOTH: Final = frozenset({"both", "bilateral", "lmb", "b"})
# Our own names of kinds stand alone, or with the leg: annotations have no other place for it.
_OF_A_KIND: Final = frozenset({"", "left", "right", "both"})
_KINDS: Final = {str(kind): kind for kind in EventKind if kind is not EventKind.LEG_MOVEMENT}
# SHHS and MESA write "Unsure" for a hypopnoea by another criterion (sleepdata.org).


def meaning_of(name: str, where: str = "", *, is_stage: bool = False) -> Meaning | None:
    """Return what a name means.

    Parameters
    ----------
    name : str
        As written in the list: ``Sleep stage N2``, ``PLM (Left)``, ``Hypopnea|Hypopnea``, ``LeftLegPhasic``.
    where : str
        What else the list says of it: a leg, or the channel on which it was scored.
    is_stage : bool
        Whether the list is one of sleep stages, in which a bare number is one.

    Returns
    -------
    Meaning or None
        None where it is nothing that is read.

    Examples
    --------
    >>> meaning_of("Limb movement|Limb Movement", "Leg/L") == meaning_of("LML") == meaning_of("LeftLegPhasic")
    True
    >>> meaning_of("Stage 4 sleep|4").stage, meaning_of("NonREM2").stage, meaning_of("SpO2 desaturation")
    (<Stage.N3: 'N3'>, <Stage.N2: 'N2'>, None)
    """
    kind, _, side = name.strip().lower().partition(" ")
    if kind in _KINDS and side in _OF_A_KIND:
        return Meaning(Scored.OTHER, legs=_legs(_words(side or where), where), kind=_KINDS[kind])
    # NSRR writes a concept, and what the program of the laboratory had called it.
    for part in name.split("|"):
        found = _stage(part, is_stage=is_stage) or _event(_words(part), where)
        if found is not None:
            return found
    return None


def _words(text: str) -> list[str]:
    """Return the words of a name; LeftLegPhasic has three."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return re.findall(r"[a-z]+|\d+", parted.lower())


def _stage(text: str, *, is_stage: bool) -> Meaning | None:
    plain = " ".join(re.findall(r"[a-z0-9?]+", text.lower()))
    if plain in _BEGINS:
        return UNSCORED
    says = is_stage or _SAYS_STAGE.search(plain) is not None
    code = plain.replace(" ", "").removeprefix("sdo")
    if code not in _STAGES:
        code = _STAGE_WORDS.sub("", code)
    non_rem = _NON_REM.fullmatch(code)
    known = _STAGES | _CODES if says else _STAGES
    stage = known.get(f"n{non_rem[1]}" if non_rem else code)
    if stage is not None:
        return Meaning(Scored.STAGE, stage)
    return UNSCORED if (says and code.strip("?") in _NO_STAGE) or plain == "unscored" else None


def _event(words: list[str], where: str) -> Meaning | None:
    said = set(words)
    # The names of arousals tell what they go with: "PLM Arousal", "Respiratory Arousal".
    if said & {"arousal", "arousals", "ar", "aro"} and "rera" not in said and "effort" not in said:
        return _AROUSAL
    if said & _LEFT_OUT:
        return None
    if said & _BREATHS:
        return _RESPIRATORY
    if (
        said & _MOVES
        or " ".join(words) in _MARKERS
        or (said & _LIMBS and (said & _MOVING or len(said) <= len(("left", "leg"))))
    ):
        return Meaning(Scored.MOVEMENT, legs=_legs(words, where))
    return None


def _legs(words: list[str], where: str) -> tuple[Leg, ...]:
    """Return the leg that a name tells, or else the channel that it was scored on."""
    for told in (words, _words(where)):
        legs = tuple(dict.fromkeys(_SIDES[word] for word in told if word in _SIDES))
        if len(legs) == 1:
            return legs
        if len(legs) > 1 or set(told) & _BOTH:
            return Leg.LEFT, Leg.RIGHT
    channel = channel_of(where)
    return (Leg.UNKNOWN if channel is None else channel.leg,)

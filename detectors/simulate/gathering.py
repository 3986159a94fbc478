"""What happens to one leg, put in order, with the truth seen through its electrodes."""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from detectors.events import EventKind
from detectors.simulate.happenings import clear_movement_uv
from detectors.simulate.plan import ContactKind, LegPlan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from detectors.signal import Leg
    from detectors.simulate.happenings import Happening
    from detectors.simulate.plan import Contact
    from detectors.simulate.truth import TruthEvent

PARTS = ("bursts", "rotations", "potentials", "walks", "waves", "pops", "contacts", "tables", "truth")
# These are known by the EMG, so that what happens to the electrodes happens to them.
BY_EMG = (
    EventKind.LEG_MOVEMENT,
    EventKind.CRAMP,
    EventKind.TONIC,
    EventKind.TWITCH,
    EventKind.RHYTHMIC_TRAIN,
    EventKind.CLONUS,
)


def gathered(leg: Leg, happenings: Iterable[Happening], noise_uv: float) -> LegPlan:
    """Gather what happens to one leg, in order of time.

    Parameters
    ----------
    leg : Leg
        The leg.
    happenings : iterable of Happening
        What happens to both legs.
    noise_uv : float
        Noise of its EMG with good contact, µV RMS.

    Returns
    -------
    LegPlan
        Everything, and the truth; what a bad contact makes weak is not clear.
    """
    mine = [item for item in happenings if item.leg is leg]
    parts: dict[str, Any] = {
        part: tuple(sorted((one for item in mine for one in getattr(item, part)), key=attrgetter("onset_s")))
        for part in PARTS
    }
    parts["truth"] = tuple(_seen(event, parts["contacts"], noise_uv) for event in parts["truth"])
    return LegPlan(**parts)


def _seen(event: TruthEvent, contacts: Iterable[Contact], noise_uv: float) -> TruthEvent:
    """Return an event as the electrodes let it be seen."""
    if event.kind not in BY_EMG:
        return event
    gain, noise, hidden = 1.0, 1.0, False
    for contact in contacts:
        if contact.onset_s < event.end_s and event.onset_s < contact.end_s:
            hidden |= contact.kind in (ContactKind.OFF_NOISE, ContactKind.OFF_RAIL)
            gain = contact.value if contact.kind is ContactKind.GAIN else gain
            noise *= contact.value if contact.kind is ContactKind.POOR else 1.0
    if (gain, noise, hidden) == (1.0, 1.0, False):
        return event
    amplitude_uv = event.amplitude_uv * gain
    weak = amplitude_uv < clear_movement_uv(noise_uv * gain * noise)
    return replace(event, amplitude_uv=amplitude_uv, clear=event.clear and not hidden and not weak)

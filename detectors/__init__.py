"""Pure science: from samples to events, with numpy and scipy alone.

What a notebook needs stands here; everything else keeps its own module. Names are looked up when they are first used,
so that importing one module of the package costs no more than that module.

Examples
--------
>>> from detectors import named, score
>>> named("wasm-2016").leg_movement.onset_uv
8.0
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from detectors.conformance import check_detector
    from detectors.criteria import Criteria, named
    from detectors.events import Event, EventKind
    from detectors.explain import Explanation
    from detectors.explain import explain as explain_event
    from detectors.matching import match
    from detectors.parts import plugin_parts
    from detectors.pipeline import Score, score
    from detectors.plugin import plugin_of
    from detectors.recording import Recording, recording_of
    from detectors.rescore import Rescorer
    from detectors.signal import Leg, Quantity, Stream, Unit
    from detectors.simulate import simulate_night

# `explain` is a module's name as well: which of the two it was would depend on what was imported before.
_WHERE: Final = {
    "Criteria": "criteria.Criteria",
    "Event": "events.Event",
    "EventKind": "events.EventKind",
    "Explanation": "explain.Explanation",
    "Leg": "signal.Leg",
    "Quantity": "signal.Quantity",
    "Recording": "recording.Recording",
    "Rescorer": "rescore.Rescorer",
    "Score": "pipeline.Score",
    "Stream": "signal.Stream",
    "Unit": "signal.Unit",
    "check_detector": "conformance.check_detector",
    "explain_event": "explain.explain",
    "match": "matching.match",
    "named": "criteria.named",
    "plugin_of": "plugin.plugin_of",
    "plugin_parts": "parts.plugin_parts",
    "recording_of": "recording.recording_of",
    "score": "pipeline.score",
    "simulate_night": "simulate.simulate_night",
}

__all__ = [
    "Criteria",
    "Event",
    "EventKind",
    "Explanation",
    "Leg",
    "Quantity",
    "Recording",
    "Rescorer",
    "Score",
    "Stream",
    "Unit",
    "check_detector",
    "explain_event",
    "match",
    "named",
    "plugin_of",
    "plugin_parts",
    "recording_of",
    "score",
    "simulate_night",
]

if not TYPE_CHECKING:  # a type checker knows the names from above, and no others

    def __getattr__(name: str) -> object:
        where = _WHERE.get(name)
        if where is None:
            msg = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(msg)
        module, _, attribute = where.partition(".")
        return getattr(import_module(f"{__name__}.{module}"), attribute)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})

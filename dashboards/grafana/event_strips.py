"""Events of a night as strips, a strip for each class and leg, and the states of sleep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from grafana_foundation_sdk.models import dashboard as parts

from dashboards.grafana import links, panels
from dashboards.grafana.about import (
    BLUE,
    GREEN,
    GREY,
    LIGHT_BLUE,
    NO_NIGHT,
    POSSIBLE,
    PROBABLE,
    PURPLE,
    SECONDS,
    TEXT,
    YELLOW,
    About,
)
from dashboards.grafana.influxql import SCORED, Query, column, select
from dashboards.grafana.variables import ON_LEG
from ingest.schema import LEG_EVENT, SLEEP_EPOCH

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders import statetimeline

SLEEP_GAP_MS: Final = 60_000
"""Without a word on sleep for so long, the strip ends."""


class _Class(NamedTuple):
    """A class of events: what a strip is called, which events are in it, and its colour."""

    name: str
    where: str
    colour: str


def _kind(name: str, kind: str, colour: str) -> _Class:
    return _Class(name, f"\"kind\" = '{kind}'", colour)


_TIER: Final = f"\"kind\" = 'cramp' AND {column(LEG_EVENT, 'tier')}"
# Weak sustained activity that nothing followed is stored, and no event of the night.
_TONIC: Final = f"\"kind\" = 'tonic' AND ({column(LEG_EVENT, 'low')} = 0 OR {column(LEG_EVENT, 'followed')} = 1)"
_CLASSES: Final = (
    _Class("cramp-like, probable", f"{_TIER} = 2", PROBABLE),
    _Class("cramp-like, possible", f"{_TIER} = 1", POSSIBLE),
    _Class("sustained activity", _TONIC, YELLOW),
    _kind("movement like an episode", "possible_episode", POSSIBLE),
    _kind("periodic series", "periodic_series", BLUE),
    _kind("leg movement", "leg_movement", LIGHT_BLUE),
    _kind("twitch", "twitch", PURPLE),
    _kind("brief jerk", "brief_jerk", PURPLE),
    _kind("rhythmic train", "rhythmic_train", PURPLE),
    _kind("clonus-like", "clonus", PURPLE),
    _kind("turn", "shift", GREEN),
    _kind("restlessness", "restlessness", GREEN),
    _kind("upright", "upright", GREEN),
    _kind("out of bed", "bed_exit", GREEN),
    _kind("not worn", "not_worn", GREY),
    _kind("electrode off", "electrode_off", GREY),
    _kind("signal missing", "signal_gap", GREY),
)
# Of both legs at once; no sensor's leg is called that, and so the choice of a leg leaves them in.
_OF_BOTH: Final = frozenset({"periodic series", "restlessness", "upright", "out of bed"})


def events() -> statetimeline.Panel:
    """Return the events of the night by class and leg, each as long as it lasted."""
    about = About(
        "Events by class and leg",
        "One strip for each class and leg with any event; a strip is coloured while an event lasts, and the number is "
        "its length. Events of the lowest tier are left out. Click to open the event on its page.",
        SECONDS,
        "no event, or no night, in this time",
    )
    queries = [
        Query.table(_strip(one, leg), f"S{number}")
        for number, (one, leg) in enumerate((one, leg) for leg in ("left", "right", "both") for one in _of(leg))
    ]
    colours = {f"/{one.name}$/": one.colour for one in _CLASSES}
    panel = panels.states(about, *queries, colours=colours, height=14)
    return panel.data_links([links.to_event()])


def _of(leg: str) -> list[_Class]:
    return [one for one in _CLASSES if leg != "both" or one.name in _OF_BOTH]


def _strip(one: _Class, leg: str) -> str:
    whose = f"\"leg\" = '{leg}'" if leg == "both" else f"\"leg\" = '{leg}' AND {ON_LEG}"
    columns = f'{column(LEG_EVENT, "duration_s")} AS "{leg}: {one.name}", {column(LEG_EVENT, "end_ms")}'
    return select(columns, LEG_EVENT, f"{SCORED} AND {whose} AND {one.where}")


def sleep() -> statetimeline.Panel:
    """Return sleep and wake every 30 s."""
    about = About(
        "Sleep and wake (estimate)",
        "Estimated from the movement and position of the legs, or by the stages that a person scored. In doubt is "
        "where the two votes of the estimate differ; not known is where no signal could be used. It comes "
        "when the night is over.",
        TEXT,
        NO_NIGHT,
    )
    query = select(f'{column(SLEEP_EPOCH, "state")} AS "sleep and wake"', SLEEP_EPOCH, SCORED)
    panel = panels.states(about, Query.table(query), colours={}, height=4)
    return panel.merge_values(merge_values=True).insert_nulls(SLEEP_GAP_MS).mappings([_states()])


def _states() -> parts.ValueMap:
    colours = {"asleep": BLUE, "awake": POSSIBLE, "in doubt": LIGHT_BLUE, "not known": GREY}
    return parts.ValueMap(
        options={
            state: parts.ValueMappingResult(text=state, color=colour, index=index)
            for index, (state, colour) in enumerate(colours.items())
        }
    )

"""Events of a night as strips, a strip for each class and leg, and the states of sleep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from grafana_foundation_sdk.models import dashboard as parts

from dashboards.grafana import links, strips
from dashboards.grafana.about import (
    BLUE,
    GREEN,
    GREY,
    LIGHT_BLUE,
    NO_NIGHT,
    POSSIBLE,
    PROBABLE,
    PURPLE,
    TEXT,
    YELLOW,
    About,
)
from dashboards.grafana.influxql import SCORED, Query, column, select
from dashboards.grafana.variables import ON_LEG
from ingest.schema import LEG_EVENT, SLEEP_EPOCH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grafana_foundation_sdk.builders import statetimeline

SLEEP_GAP_MS: Final = 60_000
"""Without a word on sleep for so long, the strip ends."""


class _Strip(NamedTuple):
    """Kinds of events that do not happen at once on a leg, and their name together."""

    name: str
    kinds: tuple[str, ...]


_STRIPS: Final = (
    _Strip("sustained", ("cramp", "tonic", "possible_episode")),
    _Strip("brief", ("twitch", "brief_jerk", "rhythmic_train", "clonus")),
    _Strip("movement", ("leg_movement",)),
    _Strip("turn", ("shift",)),
    _Strip("restless", ("restlessness",)),
    _Strip("upright", ("upright",)),
    _Strip("out of bed", ("bed_exit",)),
    _Strip("no signal", ("signal_gap", "not_worn", "electrode_off")),
)
_LOOKS: Final = {
    "cramp": ("cramp-like", PROBABLE),
    "tonic": ("sustained activity", YELLOW),
    "possible_episode": ("movement like an episode", POSSIBLE),
    "twitch": ("twitch", PURPLE),
    "brief_jerk": ("brief jerk", PURPLE),
    "rhythmic_train": ("rhythmic train", PURPLE),
    "clonus": ("clonus-like", PURPLE),
    "periodic_series": ("periodic series", BLUE),
    "leg_movement": ("leg movement", LIGHT_BLUE),
    "shift": ("turn", GREEN),
    "restlessness": ("restlessness", GREEN),
    "upright": ("upright", GREEN),
    "bed_exit": ("out of bed", GREEN),
    "not_worn": ("not worn", GREY),
    "electrode_off": ("electrode off", GREY),
    "signal_gap": ("signal missing", GREY),
}
_SLEEP: Final = {
    "asleep": ("asleep", BLUE),
    "awake": ("awake", POSSIBLE),
    "in doubt": ("in doubt", LIGHT_BLUE),
    "not known": ("not known", GREY),
}
# Candidates of tier 0, and weak activity that nothing followed, are stored and are no events of the night.
_SUSTAINED: Final = (
    f"((\"kind\" = 'cramp' AND {column(LEG_EVENT, 'tier')} >= 1) OR \"kind\" = 'possible_episode' OR "
    f"(\"kind\" = 'tonic' AND ({column(LEG_EVENT, 'low')} = 0 OR {column(LEG_EVENT, 'followed')} = 1)))"
)


def events() -> statetimeline.Panel:
    """Return the events of the night by class and leg, each as long as it lasted."""
    about = About(
        "Events by class and leg",
        "A strip for each class and leg with any event, coloured while an event lasts; what both legs do is on both, "
        "and periodic series have one strip, as the movements of both legs make them. "
        "Candidates of the lowest tier are left out. Click to open the event on its page.",
        TEXT,
        "no event, or no night, in this time",
    )
    queries = [
        Query.table(_asked(strip, leg), f"{leg[0].upper()}{number}")
        for leg in ("left", "right")
        for number, strip in enumerate(_STRIPS)
    ]
    queries.append(Query.table(_series(), "S"))
    panel = strips.states(about, *queries, colours={}, height=14)
    return panel.mappings([_mapping(_LOOKS)]).data_links([links.to_event()])


def _asked(strip: _Strip, leg: str) -> str:
    kinds = " OR ".join(f"\"kind\" = '{kind}'" for kind in strip.kinds)
    which = _SUSTAINED if "cramp" in strip.kinds else f"({kinds})"
    # A field must be asked for beside the tag; its end is one.
    columns = f'"kind" AS "{leg}: {strip.name}", {column(LEG_EVENT, "end_ms")}'
    # What both legs do belongs to every choice of a leg.
    whose = f'"leg" =~ /^({leg}|both)$/ AND ({ON_LEG} OR "leg" = \'both\')'
    return select(columns, LEG_EVENT, f"{SCORED} AND {whose} AND {which}")


def _series() -> str:
    columns = f'"kind" AS "periodic series", {column(LEG_EVENT, "end_ms")}'
    return select(columns, LEG_EVENT, f"{SCORED} AND \"kind\" = 'periodic_series'")


def sleep() -> statetimeline.Panel:
    """Return sleep and wake every 30 s."""
    about = About(
        "Sleep and wake (estimate)",
        "Estimated from the movement and position of the legs, or by the stages that a person scored. In doubt is "
        "where the two votes of the estimate differ; not known is where no signal could be used. It comes when the "
        "night is over.",
        TEXT,
        NO_NIGHT,
    )
    query = select(f'{column(SLEEP_EPOCH, "state")} AS "sleep and wake"', SLEEP_EPOCH, SCORED)
    panel = strips.states(about, Query.table(query), colours={}, height=4)
    return panel.merge_values(merge_values=True).insert_nulls(SLEEP_GAP_MS).mappings([_mapping(_SLEEP)])


def _mapping(looks: Mapping[str, tuple[str, str]]) -> parts.ValueMap:
    return parts.ValueMap(
        options={
            state: parts.ValueMappingResult(text=text, color=colour, index=index)
            for index, (state, (text, colour)) in enumerate(looks.items())
        }
    )

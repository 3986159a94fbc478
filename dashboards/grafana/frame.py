"""What every dashboard has: variables, links, the time, and the sentence at its head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models import dashboard as parts

from dashboards.grafana import links, variables

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grafana_foundation_sdk.cog.builder import Builder

NOTE = "Research tool, not a medical device. Events are found by rules in EMG and acceleration; they are no diagnosis."


@dataclass(frozen=True, slots=True)
class Frame:
    """A dashboard before its panels.

    Parameters
    ----------
    uid : str
        Its name in addresses, which never changes.
    title : str
        Its name.
    meaning : str
        What it answers, in a sentence.
    since : str
        Begin of the time that it shows at first, for example ``now-16h``.
    refresh : str
        How often it asks again, for example ``1m``; empty for never.
    """

    uid: str
    title: str
    meaning: str
    since: str
    refresh: str = ""


def board(
    frame: Frame, chosen: Iterable[Builder[parts.VariableModel]], annotations: Iterable[dashboard.AnnotationQuery] = ()
) -> dashboard.Dashboard:
    """Return a dashboard without panels.

    Parameters
    ----------
    frame : Frame
        What it is.
    chosen : iterable of builder
        Its variables, each after those that its query names; ``web`` is added.
    annotations : iterable of AnnotationQuery
        What is marked in all curves.
    """
    made = (
        dashboard.Dashboard(frame.title)
        .uid(frame.uid)
        .description(f"{frame.meaning} {NOTE}")
        .tags([links.TAG])
        .timezone("browser")
        .time(frame.since, "now")
        .refresh(frame.refresh)
        .readonly()
        .tooltip(parts.DashboardCursorSync.CROSSHAIR)
        .link(links.between_dashboards())
        .link(links.to_pages())
        .annotations(list(annotations))
    )
    for variable in (*chosen, variables.web()):
        made = made.with_variable(variable)
    return made


def filled(made: dashboard.Dashboard, panels: Iterable[Builder[parts.Panel] | dashboard.Row]) -> parts.Dashboard:
    """Return a dashboard with its panels and headings, laid out in their order from left to right."""
    for panel in panels:
        made = made.with_row(panel) if isinstance(panel, dashboard.Row) else made.with_panel(panel)
    return made.build()

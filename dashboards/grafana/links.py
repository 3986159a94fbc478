"""Links between the dashboards, and from a number or an event to the page that shows what it rests on."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models import dashboard as parts

TAG = "soleus"
"""What all dashboards here carry, and the links between them go by."""
_OF_PERSON: Final = "?person=${person:percentencode}"
AT: Final = f"${{web:raw}}/at/${{__value.time}}{_OF_PERSON}"
"""The page of the night, or of the event, at the time of a value: the app finds its name by time and person."""


def between_dashboards() -> dashboard.DashboardLink:
    """Return the links to the other dashboards; they keep the variables and the time."""
    return (
        dashboard.DashboardLink("Soleus")
        .type(parts.DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .as_dropdown(as_dropdown=False)
        .include_vars(include_vars=True)
        .keep_time(keep_time=True)
    )


def to_pages() -> dashboard.DashboardLink:
    """Return the link to the pages of ``soleus serve``."""
    return (
        dashboard.DashboardLink("Pages")
        .type(parts.DashboardLinkType.LINK)
        .icon("external link")
        .tooltip("The pages of soleus serve: every event down to the raw signal")
        .url("${web:raw}/")
        .target_blank(target_blank=True)
    )


def to_event(kind: str = "", leg: str = "") -> dashboard.DashboardLink:
    """Return the link from a point or a strip to its event.

    Parameters
    ----------
    kind, leg : str
        What the event is and on which leg, where the panel knows that: events may begin in the same millisecond.
    """
    told = "".join(f"&{name}={quote(value)}" for name, value in (("kind", kind), ("leg", leg)) if value)
    return _page("Open the event", f"{AT}{told}")


def to_night() -> dashboard.DashboardLink:
    """Return the link from a point that is a night to the page of the night."""
    return _page("Open the night", AT)


def to_event_of_row(kind: str) -> dashboard.DashboardLink:
    """Return the link from a row of a table, with a time and the column ``leg``, to its event of that kind."""
    return _page("Open the event", f"{AT}&kind={quote(kind)}&leg=${{__data.fields.leg}}")


def to_last_night() -> dashboard.DashboardLink:
    """Return the link from a number of the last night in the chosen time to the page of that night, which is over."""
    return _page("Open the night", f"${{web:raw}}/at/${{__to}}{_OF_PERSON}&over=1")


def to_dashboard(uid: str, title: str) -> dashboard.DashboardLink:
    """Return the link from a panel to another dashboard; it keeps the variables and the time."""
    return dashboard.DashboardLink(title).url(f"/d/{uid}?${{__all_variables}}&${{__url_time_range}}")


def _page(title: str, url: str) -> dashboard.DashboardLink:
    return dashboard.DashboardLink(title).url(url).target_blank(target_blank=True)

"""Variables of the dashboards, and the conditions that they put into queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models import dashboard as parts

from dashboards.grafana.influxql import SOURCE
from ingest.schema import LEG_EPOCH

if TYPE_CHECKING:
    from ingest.schema import Measurement

WEB_DEFAULT = "http://127.0.0.1:8642"
"""Where ``soleus serve`` answers unless ``[web]`` says otherwise."""
ANY = ".*"
"""What *All* stands for: also points without the tag."""

OF_PERSON = '"person" =~ /^${person:regex}$/'
ON_LEG = '"leg" =~ /^${leg:regex}$/'
OF_SENSOR = '"sensor" =~ /^${sensor:regex}$/'
BY_SCORING = '"scoring" =~ /^${scoring:regex}$/'


def person() -> dashboard.QueryVariable:
    """Return the variable ``person``: one person."""
    return _tag_values("person", "Person", LEG_EPOCH)


def scoring() -> dashboard.QueryVariable:
    """Return the variable ``scoring``: one scoring of the person's nights."""
    return _tag_values("scoring", "Scoring", LEG_EPOCH, OF_PERSON)


def scorings() -> dashboard.QueryVariable:
    """Return the variable ``scoring`` where several are compared.

    It begins with one: there is no *All*, which would be chosen at first and count each night once for each scoring.
    """
    return scoring().multi(multi=True)


def leg() -> dashboard.QueryVariable:
    """Return the variable ``leg``: some or all of the legs with a sensor."""
    return several(_tag_values("leg", "Leg", LEG_EPOCH, OF_PERSON))


def sensor() -> dashboard.QueryVariable:
    """Return the variable ``sensor``: some or all of the person's sensors."""
    return several(_tag_values("sensor", "Sensor", LEG_EPOCH, OF_PERSON))


def web() -> dashboard.TextBoxVariable:
    """Return the variable ``web``: where the pages of ``soleus serve`` are, for links."""
    return (
        dashboard.TextBoxVariable("web")
        .label("Pages at")
        .description("Address of soleus serve, without a slash at the end; links from nights and events lead there.")
        .default_value(WEB_DEFAULT)
    )


def several(variable: dashboard.QueryVariable) -> dashboard.QueryVariable:
    """Let several values of a variable be chosen, or all."""
    return variable.multi(multi=True).include_all(include_all=True).all_value(ANY).current(_ALL)


def tag_values(measurement: Measurement, tag: str, where: str = "") -> str:
    """Return the query for the values of a tag.

    Raises
    ------
    ValueError
        If the schema does not name the tag.
    """
    if tag not in measurement.tags:
        msg = f"{measurement.name} has no tag {tag!r} in ingest/schema.py"
        raise ValueError(msg)
    condition = f" WHERE {where}" if where else ""
    return f'SHOW TAG VALUES FROM "{measurement.name}" WITH KEY = "{tag}"{condition}'


_ALL = parts.VariableOption(selected=True, text=["All"], value=["$__all"])


def _tag_values(name: str, label: str, measurement: Measurement, where: str = "") -> dashboard.QueryVariable:
    return (
        dashboard.QueryVariable(name)
        .label(label)
        .datasource(SOURCE)
        .query(tag_values(measurement, name, where))
        .refresh(parts.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(parts.VariableSort.ALPHABETICAL_ASC)
    )

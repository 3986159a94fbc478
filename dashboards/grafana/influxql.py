"""InfluxQL queries for grafana-foundation-sdk, which has no type for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana_foundation_sdk.cog import builder, variants
from grafana_foundation_sdk.models.common import DataSourceRef

from ingest.schema import NIGHT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ingest.schema import Measurement

SOURCE = DataSourceRef(type_val="influxdb", uid="soleus")
# What every panel asks for: the chosen person and scoring, and nothing that was taken back.
CHOSEN = '$timeFilter AND "person" =~ /^${person:regex}$/ AND "valid" = 1'
SCORED = f'{CHOSEN} AND "scoring" =~ /^${{scoring:regex}}$/'


class InfluxQL(variants.Dataquery):
    """One query as Grafana stores it.

    Parameters
    ----------
    query : str
        InfluxQL, with Grafana's ``$timeFilter`` and variables.
    ref_id : str
        Letter of the query in its panel.
    alias : str
        Name of each series, for example ``$tag_leg``.
    extra : mapping, optional
        Further keys.
    """

    def __init__(
        self, query: str, ref_id: str = "A", alias: str = "", extra: Mapping[str, object] | None = None
    ) -> None:
        self.query = query
        self.ref_id = ref_id
        self.alias = alias
        self.extra = dict(extra or {})

    def to_json(self) -> dict[str, object]:
        """Return the keys that Grafana expects."""
        shape = {"rawQuery": True, "resultFormat": "time_series", "datasource": SOURCE}
        alias = {"alias": self.alias} if self.alias else {}
        return {"refId": self.ref_id, "query": self.query, **shape, **alias, **self.extra}


class Query(builder.Builder[InfluxQL]):
    """Builds a query; panels take builders."""

    def __init__(
        self, query: str, ref_id: str = "A", alias: str = "", extra: Mapping[str, object] | None = None
    ) -> None:
        self._query = InfluxQL(query, ref_id, alias, extra)

    @classmethod
    def table(cls, query: str, ref_id: str = "A") -> Query:
        """Return a query that comes as one table; select tags, do not group by several: Grafana would mix them up."""
        return cls(query, ref_id, extra={"resultFormat": "table"})

    def build(self) -> InfluxQL:
        """Return the query."""
        return self._query


def column(measurement: Measurement, name: str) -> str:
    """Return a field's name, quoted for InfluxQL.

    Raises
    ------
    ValueError
        If the schema does not name the field.
    """
    if name not in measurement.fields and name not in measurement.measures:
        msg = f"{measurement.name} has no field {name!r} in ingest/schema.py"
        raise ValueError(msg)
    return f'"{name}"'


def known(number: str) -> str:
    """Return the condition that a night has this number now: a database keeps the one of an earlier scoring.

    Raises
    ------
    ValueError
        If the schema does not name the number.
    """
    column(NIGHT, number)
    return f'"unknown" !~ / {number} /'


def select(what: str, measurement: Measurement, where: str, group_by: str = "") -> str:
    """Return an InfluxQL query; its parts come from this package and from Grafana's variables only."""
    grouped = f" GROUP BY {group_by}" if group_by else ""
    return f'SELECT {what} FROM "{measurement.name}" WHERE {where}{grouped}'  # noqa: S608 - no input goes in here

"""Alert rules as Grafana reads them from files at its start: a sensor is silent, an outbox is old, a writer is down.

None of them speaks of the leg: what is found in a night wakes nobody. Where nothing runs, nothing is reported, and what
is not reported is no alarm; only the writer is to say something at any time.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dashboards.grafana.influxql import SOURCE, column, select
from ingest.schema import DELIVERY, SENSOR_HEALTH

PATH: Final = Path(__file__).parents[2] / "deploy/grafana/provisioning/alerting/soleus.json"
FOLDER: Final = "Soleus"
EVERY: Final = "1m"
EXPRESSION: Final = "__expr__"
MINUTE_S: Final = 60
# A link that is lost is found again within some minutes; one that is not needs somebody.
SILENT_S: Final = 10 * MINUTE_S
# A minute comes when it is over, so that there are eleven of them; two minutes after the end of a night there are nine.
SILENT_WITHIN_S: Final = 12 * MINUTE_S
# A sensor that was linked for a second of a minute is there.
NO_LINK: Final = 0.01
# A broker or a database that is started anew is back by then.
OLD_S: Final = 30 * MINUTE_S
# Two words of an outbox: what a collector says first after an outage may be old and on its way.
OLD_WITHIN_S: Final = 11 * MINUTE_S
DOWN_S: Final = 5 * MINUTE_S


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Parameters
    ----------
    uid, title : str
        Its names.
    summary : str
        What is wrong, and with whom, for the message.
    meaning : str
        What to do, and what the rule does not see.
    query : str
        InfluxQL over the last `within_s`; each of its series may fire by itself.
    within_s : int
        How far back it looks, s.
    above, below : float or None
        It fires where the value is above, or below, this.
    lasting : str
        For how long that must be so before anybody is told.
    without_data : str
        What it is where there is nothing: ``OK`` or ``Alerting``.
    """

    uid: str
    title: str
    summary: str
    meaning: str
    query: str
    within_s: int
    above: float | None = None
    below: float | None = None
    lasting: str = "0s"
    without_data: str = "OK"

    def __post_init__(self) -> None:
        if (self.above is None) is (self.below is None):
            msg = f"{self.uid}: above is {self.above} and below is {self.below}, expected one of them"
            raise ValueError(msg)


def sensor_silent() -> Rule:
    """Return the rule for a sensor that has no link while its night runs."""
    condition = f'"valid" = 1 AND "kind" = \'minute\' AND {column(SENSOR_HEALTH, "linked_share")} < {NO_LINK}'
    # Each minute of a running night has a point for each sensor. A night that is over soon has too few to add up.
    silent = f"sum({column(SENSOR_HEALTH, 'minute_s')})"
    return Rule(
        "soleus-sensor-silent",
        "Sensor silent",
        "{{ $labels.sensor }} of {{ $labels.person }} has had no link for ten minutes, and the night runs",
        "Is it charged, worn, and within reach? The night goes on without it; it is looked for all the time.",
        select(silent, SENSOR_HEALTH, f"$timeFilter AND {condition}", '"person", "sensor"'),
        SILENT_WITHIN_S,
        above=SILENT_S - 1.0,
    )


def outbox_old() -> Rule:
    """Return the rule for a collector whose entries are not confirmed."""
    oldest = f"min({column(DELIVERY, 'oldest_s')})"
    where = '$timeFilter AND "valid" = 1 AND "kind" = \'outbox\''
    return Rule(
        "soleus-outbox-old",
        "Outbox old",
        "What {{ $labels.name }} sends has not been stored for half an hour",
        "soleus outbox on that computer says what waits and why. Nothing is lost: it waits. A collector that does not "
        "reach the broker at all cannot say so here; its hole is on the dashboard.",
        select(oldest, DELIVERY, where, '"name"'),
        OLD_WITHIN_S,
        above=float(OLD_S),
        lasting="6m",
    )


def writer_down() -> Rule:
    """Return the rule for no writer at all: they report every minute, night or day."""
    reports = f"count({column(DELIVERY, 'n_entries')})"
    return Rule(
        "soleus-writer-down",
        "Writer down",
        "No soleus store has written anything for five minutes",
        "Look at the log of soleus store. What is sent meanwhile waits at the broker and in the collectors' journals.",
        select(reports, DELIVERY, "$timeFilter AND \"kind\" = 'writer'"),
        DOWN_S,
        below=1.0,
        lasting="2m",
        without_data="Alerting",
    )


def rules() -> list[Rule]:
    """Return all of them."""
    return [sensor_silent(), outbox_old(), writer_down()]


def text() -> str:
    """Return the file that Grafana reads."""
    group = {
        "orgId": 1,
        "name": "delivery",
        "folder": FOLDER,
        "interval": EVERY,
        "rules": [_as_stored(rule) for rule in rules()],
    }
    return json.dumps({"apiVersion": 1, "groups": [group]}, indent=2, sort_keys=True) + "\n"


def _as_stored(rule: Rule) -> dict[str, object]:
    limit = {"type": "gt", "params": [rule.above]} if rule.below is None else {"type": "lt", "params": [rule.below]}
    asked = {"query": rule.query, "rawQuery": True, "resultFormat": "time_series", "intervalMs": MINUTE_S * 1000}
    return {
        "uid": rule.uid,
        "title": rule.title,
        "condition": "C",
        "for": rule.lasting,
        "noDataState": rule.without_data,
        # A database that does not answer is not the fault that the rule is about.
        "execErrState": "Error",
        "isPaused": False,
        "annotations": {"summary": rule.summary, "description": rule.meaning},
        "labels": {"product": "soleus"},
        "data": [
            _part("A", SOURCE.uid or "", rule.within_s, {**asked, "datasource": SOURCE.to_json()}),
            _part("B", EXPRESSION, 0, {"type": "reduce", "expression": "A", "reducer": "last"}),
            _part("C", EXPRESSION, 0, {"type": "threshold", "expression": "B", "conditions": [{"evaluator": limit}]}),
        ],
    }


def _part(ref_id: str, source: str, within_s: int, model: dict[str, object]) -> dict[str, object]:
    of = {"datasource": {"type": EXPRESSION, "uid": EXPRESSION}} if source == EXPRESSION else {}
    span = {"from": within_s, "to": 0}
    whole = {**of, **model, "refId": ref_id}
    return {"refId": ref_id, "datasourceUid": source, "relativeTimeRange": span, "model": whole}

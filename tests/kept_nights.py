"""A data folder with two short nights of one person and one of another, and what their journal says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from detectors.signal import NS_PER_S
from ingest.night.entries import Entry, TopicKind
from ingest.night.folder import NightFolder
from ingest.night.journal import Journal
from tests.night_log import INFO

if TYPE_CHECKING:
    from pathlib import Path

NIGHTS = ("2026-09-21-223000", "2026-09-22-223000")
OTHER = "quitten"
HOURS_NS = 3600 * NS_PER_S
# 22:30 in a time zone two hours ahead of UTC.
STARTS_NS = (INFO.start_ns, INFO.start_ns + 24 * HOURS_NS)
NOTES = ("magnesium, 300 mg", "=1+1")

SERVERS = """
[mqtt]
url = "mqtt://127.0.0.1:{broker_port}"
user = "collector"
password_file = "{folder}/mqtt_password"

[store]
url = "http://127.0.0.1:{influx_port}"
token_file = "{folder}/influx_token"
"""


def servers_at(broker_port: int, influx_port: int, folder: Path) -> str:
    """Return the tables of a configuration for a broker and a database whose secrets lie in a folder."""
    return SERVERS.format(broker_port=broker_port, influx_port=influx_port, folder=folder)


def kept_nights(folder: Path, more: str = "") -> Path:
    """Fill a data folder and return the configuration file; `more` is added to it."""
    data = folder / "data"
    whose = [("p1", NIGHTS[0], STARTS_NS[0]), ("p1", NIGHTS[1], STARTS_NS[1]), (OTHER, "2026-09-22", STARTS_NS[1])]
    for person, night, start_ns in whose:
        kept = NightFolder(data / "nights" / night)
        kept.write_info(replace(INFO, person=person, night=night, start_ns=start_ns))
        kept.write_summary({"start_ns": start_ns, "end_ns": start_ns + HOURS_NS, "final": True, "summary": {}})
        kept.packets.write_bytes(f"{person} {night}".encode())
        (kept.path / "night.lock").touch()
        (kept.path / "tracks").mkdir()
        (kept.path / "tracks/left.f32").write_bytes(b"1234")
        (kept.path / "extremes.lock").touch()
        kept.extremes_path.mkdir()
        (kept.extremes_path / "left-emg-0.0.f32").write_bytes(b"12345678")
    with Journal(data / "journal.sqlite") as journal:
        for person, night, start_ns in whose:
            journal.put(entries(person, night, start_ns))
    config = folder / "soleus.toml"
    config.write_text(f'person = "p1"\ncollector = "bedroom"\ndata_dir = "{data}"\n{more}')
    return config


def entries(person: str, night: str, start_ns: int) -> list[Entry]:
    """Return what a journal keeps of a night: its numbers, two movements, and a note from before it."""

    def entry(kind: TopicKind, key: str, body: dict[str, object]) -> Entry:
        return Entry(kind, person, night, "default", f"{kind} {person} {night} {key}", 0, valid=True, body=body)

    text = {NIGHTS[0]: NOTES[0], NIGHTS[1]: NOTES[1]}.get(night if person == "p1" else "", f"{OTHER} tee")
    note = {"kind": "remedy", "time_ns": start_ns - 6600 * NS_PER_S, "text": text, "values": {"dose_mg": 300.0}}
    movements = [
        entry(
            TopicKind.EVENT,
            str(number),
            {
                "kind": "leg_movement", "sensor": "left-shin", "leg": "left", "quality": "good",
                "onset_ns": start_ns + number * NS_PER_S, "end_ns": start_ns + (number + 2) * NS_PER_S,
                "duration_s": 2.0, "measures": {"peak_uv": 41.5}, "why": [["onset_uv", 41.5, 8.0, True]],
            },
        )
        for number in (60, 600)
    ]  # fmt: skip
    summary = {"start_ns": start_ns, "end_ns": start_ns + HOURS_NS, "summary": {"lm_per_h": None, "lm": 2}}
    return [entry(TopicKind.DIARY, "note", note), *movements, entry(TopicKind.NIGHT, "", summary)]

"""Good files of every kind that is imported, small, made or cut from the tests' data."""

from __future__ import annotations

import io
import tempfile
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import edfio
import numpy as np

from benchmarks.fuzz_files.damage import Example, sealed_cwa, sealed_log
from detectors.simulate import simulate_night
from ingest.files.edf_writing import write_edf

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DATA = Path(__file__).parents[2] / "tests" / "data"
DEVICES = DATA / "device_files"
RATERS = DATA / "rbdtector"
START = datetime(2026, 3, 14, 22, 30)  # noqa: DTZ001 - files say local time
FS_HZ = 250
N_ROWS = 2500
MOST_BYTES = 10_000
"""Of a list: as many wrong bits in fewer lines are wrong in more ways."""
LAYOUT = """start = 2026-10-24T22:30:00
time_zone = "Europe/Berlin"
fs_hz = 250
[columns]
emg_l = {channel = "EMG TA-L", unit = "uV"}
emg_r = {channel = "EMG TA-R", unit = "uV"}
"""
CHANNELS = """name\ttype\tunits\ttarget_muscle\tleg\tstatus
EMG TA-L\tEMG\tuV\ttibialis anterior\tleft\tgood
EMG TA-R\tEMG\tuV\ttibialis anterior\tright\tbad
ACC-L x\tACCEL\tg\tn/a\tleft\tgood
"""
NSRR = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<PSGAnnotation><SoftwareVersion>Compumedics</SoftwareVersion><EpochLength>30</EpochLength><ScoredEvents>
<ScoredEvent><EventType/><EventConcept>Recording Start Time</EventConcept><Start>0</Start><Duration>1200.0</Duration>
<ClockTime>00.00.00 22.00.00</ClockTime></ScoredEvent>
{}</ScoredEvents></PSGAnnotation>
"""
NSRR_EVENT = """<ScoredEvent><EventType>Limb Movement|Limb Movement</EventType>
<EventConcept>Periodic leg movement - left|PLM (Left)</EventConcept><Start>{0}.5</Start><Duration>0.9</Duration>
</ScoredEvent><ScoredEvent><EventType>Stages|Stages</EventType><EventConcept>Wake|0</EventConcept><Start>{0}</Start>
<Duration>30.0</Duration></ScoredEvent>
"""


def _one(name: str, stored: bytes, *, is_scoring: bool = False) -> Example:
    return Example(name, {name: stored}, (name,), is_scoring)


def _axivity(name: str) -> Example:
    stored = (DEVICES / name).read_bytes()[: 1024 + 40 * 512]
    return _one(name, stored)._replace(sealed=sealed_cwa)


def _actigraph() -> Example:
    return _one("actigraph.gt3x", (DEVICES / "actigraph.gt3x").read_bytes())._replace(sealed=sealed_log)


def _geneactiv() -> Example:
    header, *pages = (DEVICES / "geneactiv_cut_off.bin").read_bytes().split(b"Recorded Data")
    # In its source the file is cut off; its whole pages are a good one.
    header = header.replace(b"Pages:222048", b"Pages:6")
    return _one("geneactiv.bin", b"Recorded Data".join([header, *pages[:6]]))


def _edf() -> Example:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "night.edf")
        write_edf(path, simulate_night(1 / 120, seed=1, regime="clean"))
        return _one("night.edf", path.read_bytes())


def _bids() -> Example:
    stem = "sub-1/emg/sub-1_task-sleep"
    epochs = "".join(f"{30 * n}\t30\tSleep stage N{n % 3 + 1}\n" for n in range(20))
    files = {
        f"{stem}_emg.edf": _edf().files["night.edf"],
        f"{stem}_channels.tsv": CHANNELS.encode(),
        f"{stem}_events.tsv": f"onset\tduration\ttrial_type\n{epochs}".encode(),
        "sub-1/sub-1_scans.tsv": b"filename\tacq_time\nemg/sub-1_task-sleep_emg.edf\t2026-03-14T21:30:00Z\n",
        "dataset_description.json": b'{"Name": "x", "BIDSVersion": "1.10.0"}',
    }
    return Example(".", files, tuple(files)[:-1])


def _emg() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.round(np.random.default_rng(1).normal(0, 4, (N_ROWS, 2)), 2)


def _bdf() -> Example:
    signals = [
        edfio.BdfSignal(column, FS_HZ, label=label, physical_dimension="uV", physical_range=(-400, 400))
        for column, label in zip(_emg().T, ("EMG TA-L", "EMG TA-R"), strict=True)
    ]
    out = io.BytesIO()
    edfio.Bdf(signals).write(out)
    return _one("night.bdf", out.getvalue())


def _csv() -> Example:
    rows = "".join(f"{left:.2f},{right:.2f}\n" for left, right in _emg())
    files = {"night.csv": b"emg_l,emg_r\n" + rows.encode(), "night.layout.toml": LAYOUT.encode()}
    return Example("night.csv", files, ("night.csv", "night.csv", "night.layout.toml"))


def _parquet_bytes(columns: Mapping[str, object]) -> bytes:
    import pyarrow as pa  # noqa: PLC0415 - slow to load, and most kinds do without
    from pyarrow import parquet  # noqa: PLC0415 - the same

    out = io.BytesIO()
    parquet.write_table(pa.table(dict(columns)), out, row_group_size=1000)
    return out.getvalue()


def _parquet() -> Example:
    stored = _parquet_bytes({"emg_l": _emg()[:, 0], "emg_r": _emg()[:, 1]})
    return Example("night.parquet", {"night.parquet": stored, "night.layout.toml": LAYOUT.encode()}, ("night.parquet",))


def _parquet_long() -> Example:
    names = ["emg_l", "emg_r"] * N_ROWS
    stored = _parquet_bytes({"name": names, "value": _emg().reshape(-1)})
    layout = LAYOUT + '[long]\nchannel = "name"\nvalue = "value"\n'
    return Example("night.parquet", {"night.parquet": stored, "night.layout.toml": layout.encode()}, ("night.parquet",))


def _annotated() -> Example:
    notes = [edfio.EdfAnnotation(30.0 * n, 30.0, f"Sleep stage N{n % 3 + 1}") for n in range(40)]
    notes += [edfio.EdfAnnotation(30.0 * n + 7.25, 1.5, "Limb movement (Left)") for n in range(40)]
    out = io.BytesIO()
    edfio.Edf([], annotations=notes).write(out)
    return _one("scored.edf", out.getvalue(), is_scoring=True)


def _scored(path: Path) -> Example:
    whole_lines = path.read_bytes()[:MOST_BYTES].rpartition(b"\n")[0] + b"\n"
    return _one(path.name.replace(" ", "_"), whole_lines, is_scoring=True)


def _xml() -> Example:
    text = NSRR.format("".join(NSRR_EVENT.format(30 * n) for n in range(40)))
    return _one("scored.xml", text.encode(), is_scoring=True)


def _hypnogram() -> Example:
    return _one(
        "hypnogram.txt", b"".join(b"W N1 N2 N2 N3 N3 R".split()[n % 7] + b"\n" for n in range(600)), is_scoring=True
    )


def _scored_parquet() -> Example:
    stored = _parquet_bytes({
        "event": ["Sleep stage N2", "LM left"] * 50,
        "onset_s": [15.0 * n for n in range(100)],
        "duration_s": [30.0, 0.9] * 50,
    })  # fmt: skip
    return _one("scored.parquet", stored, is_scoring=True)


MADE: Mapping[str, Callable[[], Example]] = {
    "axivity-ax3": partial(_axivity, "ax3.cwa"),
    "axivity-ax6": partial(_axivity, "ax6.cwa"),
    "actigraph": _actigraph,
    "geneactiv": _geneactiv,
    "edf": _edf,
    "bdf": _bdf,
    "bids": _bids,
    "csv": _csv,
    "parquet": _parquet,
    "parquet-long": _parquet_long,
    "scored-edf": _annotated,
    "scored-tsv": partial(_scored, RATERS / "rater1.tsv"),
    "scored-csv": partial(_scored, RATERS / "exports" / "rbdtector_expert1.csv"),
    "scored-text": partial(_scored, RATERS / "exports" / "Generic - test1 Unbekannt.txt"),
    "scored-stages": partial(_scored, RATERS / "exports" / "Sleep profile - test1 Unbekannt.txt"),
    "scored-xml": _xml,
    "scored-lines": _hypnogram,
    "scored-parquet": _scored_parquet,
}
"""By the name of the kind."""


@cache
def example(kind: str) -> Example:
    """Return good files of a kind."""
    return MADE[kind]()

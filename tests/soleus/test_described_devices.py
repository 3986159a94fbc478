"""A sensor described in ``soleus.toml`` works without code, from the configuration to the scored night."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from detectors.signal import NS_PER_S, SampleBlock
from ingest.decoders.base import Placement
from ingest.decoders.catalogue import DEVICES
from ingest.decoders.profile import SetupOp
from ingest.decoders.table_device import PacketForm
from ingest.night.packets import PacketLogWriter
from ingest.night.records import LinkUp, NightEnd, NightStart, Notification, Record, TimePair
from soleus.__main__ import run
from soleus.build import decoder, sensor_spec
from soleus.nights import start_or_resume
from soleus.settings_file import read

if TYPE_CHECKING:
    from ingest.decoders.base import Decoder
    from ingest.night.folder import NightFolder, NightSensor
    from soleus.settings import Settings

VECTORS = json.loads(
    (Path(__file__).parents[1] / "ingest" / "vectors" / "small_devices.json").read_text(encoding="utf-8")
)
UTC_NS = 1_790_022_600 * NS_PER_S

ARDUINO = """
[[device]]
name = "arduino"
service = "19b10000-0000-537e-4f6c-d104768a1214"
name_prefix = "Nicla"

[[device.stream]]
characteristic = "19b10000-5001-537e-4f6c-d104768a1214"
quantity = "acceleration"
unit = "g"
fs_hz = 50
fields = ["f32 x", "f32 y", "f32 z"]

[[device.stream]]
characteristic = "19b10000-6001-537e-4f6c-d104768a1214"
quantity = "rotation"
unit = "dps"
fs_hz = 50
fields = ["f32 x", "f32 y", "f32 z"]
"""
MICROBIT = """
[[device]]
name = "my-microbit"
service = "e95d0753-251d-470a-a062-fa1922dfa9a8"
start = [{ write = "e95dfb24-251d-470a-a062-fa1922dfa9a8", bytes = "14 00" }]

[[device.stream]]
characteristic = "e95dca4b-251d-470a-a062-fa1922dfa9a8"
quantity = "acceleration"
unit = "g"
fs_hz = 50
fields = ["i16 x", "i16 y", "i16 z"]
scale = 0.001
"""
BLUEST_FIELDS = """["u16 tick", "i16 ax", "i16 ay", "i16 az", "i16 gx", "i16 gy", "i16 gz", "skip 6"]"""
BLUEST = f"""
[[device]]
name = "sensortile"
[[device.stream]]
characteristic = "00e00000-0001-11e1-ac36-0002a5d5c51b"
quantity = "acceleration"
unit = "g"
fs_hz = 50
fields = {BLUEST_FIELDS}
axes = ["ax", "ay", "az"]
scale = 0.001
time = "tick"
tick_s = 0.001          # not confirmed: compare with a watch
[[device.stream]]
characteristic = "00e00000-0001-11e1-ac36-0002a5d5c51b"
quantity = "rotation"
unit = "dps"
fs_hz = 50
fields = {BLUEST_FIELDS}
axes = ["gx", "gy", "gz"]
scale = 0.1
time = "tick"
tick_s = 0.001
"""


def sensor(device: str, address: str = "C4:00:00:00:00:01") -> str:
    return f"""
[[sensor]]
name = "left-shin"
device = "{device}"
address = "{address}"
leg = "left"
"""


def settings(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "soleus.toml"
    path.write_text(f'data_dir = "{tmp_path}/data"\n{text}', encoding="utf-8")
    return read(path)[0]


def decoded(made: Decoder, sent: list[tuple[str, bytes]]) -> dict[str, list[list[float]]]:
    records: list[Record] = [NightStart(0, UTC_NS, 1.0, "test"), LinkUp(0, "left-shin", 247)]
    records += [Notification(n * 20_000_000, "left-shin", uuid, payload) for n, (uuid, payload) in enumerate(sent)]
    rows: dict[str, list[list[float]]] = {}
    for item in [item for record in records for item in made.feed(record)]:
        if isinstance(item, SampleBlock):
            rows.setdefault(item.stream.quantity, []).extend(item.data.tolist())
    return rows


# --- right


def test_an_arduino_sketch_that_soleus_has_no_code_for_is_read_as_its_vector_says(tmp_path: Path) -> None:
    given = settings(tmp_path, ARDUINO + sensor("arduino"))
    vector = VECTORS["arduino_f32"]
    spec = sensor_spec(given.sensors[0])
    assert spec.profile.service_uuids == ("19b10000-0000-537e-4f6c-d104768a1214",)
    assert spec.profile.name_prefixes == ("Nicla",)
    subscribed = [step.characteristic for step in spec.profile.setup if step.op is SetupOp.SUBSCRIBE]
    assert subscribed == [f"19b10000-{part}-537e-4f6c-d104768a1214" for part in ("5001", "6001")]
    folder = start_or_resume(given, utc_ns=UTC_NS)
    assert start_or_resume(given, utc_ns=UTC_NS + 1) == folder
    rows = decoded(decoder(folder.read_info().sensors[0], 1.0), [(subscribed[0], bytes.fromhex(vector["hex"]))])
    assert rows == {"acceleration": [vector["expected"]["g"]]}


def test_a_described_microbit_gives_the_same_samples_and_is_set_up_alike(tmp_path: Path) -> None:
    given = settings(tmp_path, MICROBIT + sensor("my-microbit")).sensors[0]
    built_in = settings(tmp_path, sensor("microbit")).sensors[0]
    uuid = "e95dca4b-251d-470a-a062-fa1922dfa9a8"
    rng = np.random.default_rng(3)
    sent = [(uuid, rng.integers(-2000, 2000, 3).astype("<i2").tobytes()) for _ in range(40)]
    sent += [(uuid, bytes.fromhex(VECTORS["microbit_acc"]["hex"])), (uuid, b"short")]
    folder = start_or_resume(settings(tmp_path, MICROBIT + sensor("my-microbit")), utc_ns=UTC_NS)
    worn = folder.read_info().sensors[0]
    known = DEVICES["microbit"]
    by_code = decoded(known.made(placement(worn), known.settled({})), sent)
    np.testing.assert_allclose(decoded(decoder(worn, 1.0), sent)["acceleration"], by_code["acceleration"], rtol=1e-6)
    assert len(by_code["acceleration"]) == 41
    mine, theirs = sensor_spec(given).profile, sensor_spec(built_in).profile
    assert mine.service_uuids == theirs.service_uuids
    assert {(s.op, s.characteristic, s.payload) for s in mine.setup} == {
        (s.op, s.characteristic, s.payload) for s in theirs.setup
    }


def placement(worn: NightSensor) -> Placement:
    return Placement(worn.name, worn.leg, worn.site)


def test_two_streams_in_one_packet_with_a_clock_of_its_own_are_read_as_the_vector_says(tmp_path: Path) -> None:
    given = settings(tmp_path, BLUEST + sensor("sensortile"))
    vector, expected = bytes.fromhex(VECTORS["bluest_motion"]["hex"]), VECTORS["bluest_motion"]["expected"]
    form = PacketForm(given.devices[0].streams[0])
    assert form.read(vector).device_ns == expected["tick"] * 1_000_000
    folder = start_or_resume(given, utc_ns=UTC_NS)
    rows = decoded(decoder(folder.read_info().sensors[0], 1.0), [(form.uuid, vector)])
    np.testing.assert_allclose(rows["acceleration"], [np.array(expected["acc_mg"]) / 1000], rtol=1e-6)
    np.testing.assert_allclose(rows["rotation"], [expected["gyro_dps"]], rtol=1e-6)


def test_a_description_in_the_configuration_decodes_hex_lines_and_says_what_fits_no_form(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings(tmp_path, ARDUINO)
    uuid, vector = "19b10000-5001-537e-4f6c-d104768a1214", VECTORS["arduino_f32"]
    lines = tmp_path / "lines.txt"
    lines.write_text(f"0.02 {uuid} {vector['hex']}\n0.04 {uuid} {vector['hex']}\n0.06 {uuid} 00\n", encoding="utf-8")
    given = ["--config", str(tmp_path / "soleus.toml"), "--format", "json", str(lines)]
    assert run(["decode", "--device", "arduino", *given]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [row for block in answer["blocks"] for row in block["data"]] == [vector["expected"]["g"]] * 2
    (refused,) = (status for status in answer["status"] if status["kind"] == "malformed")
    assert "expected 12 bytes" in refused["detail"]
    assert run(["decode", "--device", "arduno", *given]) == 2
    assert "device is 'arduno', expected one of: arduino," in capsys.readouterr().err


@pytest.mark.slow
def test_a_night_of_a_described_sensor_is_scored_again_as_it_was_after_the_description_is_gone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = settings(tmp_path, MICROBIT + sensor("my-microbit"))
    folder = start_or_resume(given, utc_ns=UTC_NS)
    write_log(folder)
    before = replayed(tmp_path, folder, capsys)
    assert before["recording"]["streams"][0]["n_samples"] == 50 * 60
    settings(tmp_path, MICROBIT.replace("0.001", "0.5") + sensor("my-microbit"))
    assert replayed(tmp_path, folder, capsys) == before
    settings(tmp_path, "")
    assert replayed(tmp_path, folder, capsys) == before


def write_log(folder: NightFolder) -> None:
    rng = np.random.default_rng(5)
    log = PacketLogWriter(folder.packets)
    log.append(NightStart(0, UTC_NS, 1.0, "test"))
    log.append(LinkUp(0, "left-shin", 23))
    for number in range(50 * 60):
        payload = np.add(rng.normal(0, 10, 3), (0, 0, 1000)).astype("<i2").tobytes()
        at_ns = number * NS_PER_S // 50
        log.append(Notification(at_ns, "left-shin", "e95dca4b-251d-470a-a062-fa1922dfa9a8", payload))
        if number % 500 == 0:
            log.append(TimePair(at_ns, UTC_NS + at_ns))
    log.append(NightEnd(61 * NS_PER_S, UTC_NS + 61 * NS_PER_S, "stopped"))
    log.close()


def replayed(tmp_path: Path, folder: NightFolder, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert run(["replay", "--config", str(tmp_path / "soleus.toml"), str(folder.path), "--format", "json"]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def test_the_configuration_in_force_names_every_key_of_a_description_and_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "soleus.toml"
    path.write_text(MICROBIT + sensor("my-microbit"), encoding="utf-8")
    assert run(["config", "--config", str(path), "--format", "json"]) == 0
    printed = json.loads(capsys.readouterr().out)["settings"]
    assert printed["device[0].stream[0].scale"] == {"value": "0.001", "origin": "soleus.toml:13"}
    assert printed["device[0].stream[0].counter"] == {"value": "", "origin": "default"}
    assert printed["device[0].start[0].bytes"]["value"] == "14 00"
    assert [key for key in printed if "described" in key] == []

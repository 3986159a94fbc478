"""``soleus decode``: packets in, samples, gaps and status out, and one clear line for input that is none."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from ingest.decoders import polar_control
from ingest.decoders.catalogue import DEVICES
from ingest.decoders.lsp_info import CONTROL_UUID, DATA_UUID, EVENT_UUID, INFO_UUID
from ingest.decoders.lsp_setup import LSP
from ingest.decoders.metamotion import NOTIFY_UUID as METAMOTION_UUID
from ingest.decoders.metamotion import encode_samples
from ingest.decoders.polar_frames import FrameType, Measurement, encode_acc
from ingest.night.packets import PacketLogWriter
from soleus.__main__ import run
from soleus.decoding import Replies
from tests.ingest.logged_sensor import INFO, beginning, link_down, long_packet, time_pair, vector
from tests.soleus.test_described_devices import ARDUINO

if TYPE_CHECKING:
    from collections.abc import Iterable

VECTORS = Path(__file__).parent.parent / "ingest" / "vectors"
FILES = ("leg_sensors", "small_devices", "emg_sensors", "clocked_sensors")
BYTES = {
    key: entry["hex"] for name in FILES for key, entry in json.loads((VECTORS / f"{name}.json").read_text()).items()
}
MYO = [1, -2, 3, -4, 5, -6, 127, -128]
BATTERY = "00002a19-0000-1000-8000-00805f9b34fb"


def write(folder: Path, lines: Iterable[str]) -> Path:
    file = folder / "packets.txt"
    file.write_text("\n".join(lines) + "\n")
    return file


def decoded(capsys: pytest.CaptureFixture[str], file: Path, device: str, *more: str) -> dict[str, Any]:
    assert run(["decode", "--device", device, "--format", "json", *more, str(file)]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    answer: dict[str, Any] = json.loads(captured.out)
    assert set(answer) == {"blocks", "gaps", "status"}
    return answer


def lsp_lines(*names: str) -> list[str]:
    data = [f"{second} {DATA_UUID} {vector(name).hex()}" for second, name in enumerate(names, start=1)]
    return [f"0 {INFO_UUID} {vector('lsp_info').hex()}", *data]


def test_lines_become_blocks_and_gaps_with_their_stream_index_and_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = [
        f"{t_s} {DATA_UUID} {vector(name).hex()}"
        for t_s, name in ((10.02, "lsp_long_acc"), (10.04, "lsp_long_acc_next"), (10.08, "lsp_long_acc_lost1"))
    ]
    file = write(tmp_path, ["# a comment", f"0.5 {INFO_UUID} {vector('lsp_info').hex()}", "", *data])
    answer = decoded(capsys, file, "lsp")
    first = answer["blocks"][0]
    assert {key: first[key] for key in ("stream", "first_index", "unit", "fs_hz")} == {
        "stream": "acceleration", "first_index": 70, "unit": "g", "fs_hz": 100.0,
    }  # fmt: skip
    assert first["t_s"] == pytest.approx(10.0)
    assert first["data"] == [[0.0, 0.0, 1.0], [-1.0, 0.5, 0.25]]
    assert [block["first_index"] for block in answer["blocks"]] == [70, 72, 76]
    assert answer["gaps"] == [{"stream": "acceleration", "first_missing_index": 74, "n_missing": 2, "reason": "air"}]
    assert answer["status"] == []


def test_a_second_segment_is_named_after_its_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rebooted = vector("lsp_info")[:20] + b"\1\2\3\4" + vector("lsp_info")[24:]
    lines = [
        *lsp_lines("lsp_long_acc"),
        f"2 {INFO_UUID} {rebooted.hex()}",
        f"3 {DATA_UUID} {vector('lsp_long_acc').hex()}",
    ]
    answer = decoded(capsys, write(tmp_path, lines), "lsp")
    assert [block["stream"] for block in answer["blocks"]] == ["acceleration", "acceleration#1"]
    assert answer["gaps"][0]["n_missing"] is None
    assert [status["kind"] for status in answer["status"]] == ["reboot"]


def test_a_sensor_file_without_its_description_gets_a_clear_status_for_each_packet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = decoded(capsys, write(tmp_path, lsp_lines("lsp_long_acc", "lsp_long_acc_next")[1:]), "lsp")
    assert answer["blocks"] == []
    assert [status["values"] for status in answer["status"]] == [{"count": 1.0}, {"count": 2.0}]
    assert {status["kind"] for status in answer["status"]} == {"malformed"}
    assert all("before Info" in status["detail"] for status in answer["status"])


def test_a_malformed_packet_is_a_status_and_no_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [*lsp_lines("lsp_long_acc"), f"1.5 {DATA_UUID} a1", f"2 {DATA_UUID} {vector('lsp_long_acc_next').hex()}"]
    answer = decoded(capsys, write(tmp_path, lines), "lsp")
    assert len(answer["blocks"]) == 2
    assert [(status["kind"], status["t_s"]) for status in answer["status"]] == [("malformed", 1.5)]


def test_a_button_is_a_status_too_and_a_strange_characteristic_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    strange = "00001234-0000-1000-8000-00805f9b34fb"
    event = vector("lsp_event_press").hex()
    answer = decoded(capsys, write(tmp_path, [f"1 {EVENT_UUID} {event}", f"2 {strange} 00", f"3 {BATTERY} 40"]), "lsp")
    kinds = {status["kind"]: status for status in answer["status"]}
    assert set(kinds) == {"marker", "unknown_characteristic", "battery"}
    assert strange in kinds["unknown_characteristic"]["detail"]
    assert kinds["battery"]["values"] == {"battery_pct": 64.0}


def test_standard_input_is_read_with_a_dash(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "\n".join(lsp_lines("lsp_long_emg")).encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
    answer = decoded(capsys, Path("-"), "lsp")
    assert answer["blocks"][0]["data"][2] == [0.0, 8191.75]


ACC, G = "acceleration", "g"
# Device, characteristic, bytes, stream, unit and the first sample.
SAMPLES: list[tuple[str, str, str, str, str, list[float]]] = [
    ("witmotion", "0000ffe4-0000-1000-8000-00805f9a34fb", BYTES["wit_61"], ACC, G, [1.0, -0.5, 8.0]),
    ("thingy52", "ef680406-9b35-4933-9b10-52ffa9740042", BYTES["thingy52_raw"], ACC, G, [0, 0, 1]),
    ("pinetime", "00030002-78fc-48fe-8e23-433b3a1942d0", BYTES["infinitime_motion"], ACC, G, [0, -0.5, 1]),
    ("microbit", "e95dca4b-251d-470a-a062-fa1922dfa9a8", BYTES["microbit_acc"], ACC, G, [0.016, -1, 0.5]),
    ("myo", "d5060105-a904-deb9-4748-2c7f4a124842", BYTES["myo_emg"], "emg", "counts", MYO),
    ("myo", "d5060402-a904-deb9-4748-2c7f4a124842", BYTES["myo_imu"], "rotation", "dps", [0, 1, -2]),
    ("npg-lite", "beb5483e-36e1-4688-b7f5-ea07361b26a8", BYTES["npg_3ch"], "emg", "counts", [0, -48, -1048]),
    ("dot", "15172003-4947-11e9-8646-d663bd873d93", BYTES["dot_20"], "rotation", "dps", [1, 2, 3]),
    ("movesense", "34800002-7185-4d5d-b431-630e7050e8f0", BYTES["movesense_acc"], ACC, G, [0, 0, 9.81 / 9.80665]),
    ("umyo", "fc7a850d-c1a5-f61f-0da7-9995621fbd01", BYTES["umyo_v2_s1"], "emg", "counts", [-12]),
]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{sample[0]} {sample[3]}")
def test_a_device_is_read_from_its_vector_without_any_set_up(
    sample: tuple[str, str, str, str, str, list[float]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    device, uuid, payload, stream, unit, first = sample
    answer = decoded(capsys, write(tmp_path, [f"5.5 {uuid.upper()} {payload}"]), device)
    block = next(block for block in answer["blocks"] if block["stream"] == stream)
    assert block["unit"] == unit
    assert block["data"][0] == pytest.approx(first, abs=1e-6)


def test_the_factor_of_a_polar_is_taken_from_its_answer_or_from_an_option(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = encode_acc(600 * 10**15, FrameType.DELTA_MG, np.array([[0, 0, 1024], [1, 2, 1000]])).hex()
    settings = {polar_control.Setting.FACTOR: (1 / 1024,)}
    started = polar_control.Response(polar_control.Op.START, Measurement.ACC, polar_control.Result.OK, settings)
    lines = [f"1 {polar_control.CONTROL_UUID} {started.to_bytes().hex()}", f"2 {polar_control.DATA_UUID} {frame}"]
    answered = decoded(capsys, write(tmp_path, lines), "polar-pmd")
    given = decoded(capsys, write(tmp_path, lines[1:]), "polar-pmd", "--option", f"factor={1 / 1024}")
    assert answered["blocks"][0]["data"] == given["blocks"][0]["data"]
    assert [status["detail"][:13] for status in (*answered["status"], *given["status"])] == ["52 Hz assumed"] * 2
    plain = decoded(capsys, write(tmp_path, lines[1:]), "polar-pmd")
    assert plain["blocks"][0]["data"][0][2] == pytest.approx(1.024)
    assert answered["blocks"][0]["data"][0][2] == pytest.approx(1.024 / 1024)


def test_a_ganglion_of_firmware_2_begins_with_a_whole_value(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    uuid = "2d30c082-f39f-4ce6-923f-3484ea480596"
    raw, differences = "00" + "000064" * 4 + "41424344454647", f"01{BYTES['ganglion_18bit_a']}00"
    file = write(tmp_path, [f"1 {uuid} {raw}", f"1.01 {uuid} {differences}"])
    answer = decoded(capsys, file, "ganglion", "--option", "firmware=2")
    data = np.concatenate([block["data"] for block in answer["blocks"] if block["stream"] == "emg"])
    counts = data / 1.2e6 * (8_388_607 * 1.5 * 51)
    np.testing.assert_allclose(counts[:2], [[100, 100, 100, 100], [100, 98, 90, 96]], atol=0.01)


def test_an_option_says_what_packets_do_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    packet = encode_samples(0x04, np.array([[16384, 0, -8192]], dtype=np.int16)).hex()
    file = write(tmp_path, [f"1 {METAMOTION_UUID} {packet}"])
    for range_g, first in ((2, [1.0, 0.0, -0.5]), (8, [4.0, 0.0, -2.0])):
        answer = decoded(capsys, file, "metamotion", "--option", f"range_g={range_g}")
        assert answer["blocks"][0]["data"] == [first]


@pytest.mark.parametrize("device", DEVICES)
def test_every_device_of_the_catalogue_takes_an_empty_file(
    device: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert decoded(capsys, write(tmp_path, []), device) == {"blocks": [], "gaps": [], "status": []}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"1 {DATA_UUID} a1zz", "'a1zz', expected bytes in hexadecimal"),
        (f"1 {DATA_UUID} a1b", "'a1b', expected bytes in hexadecimal"),
        (f"soon {DATA_UUID} a1", "'soon', expected a number of seconds"),
        (f"nan {DATA_UUID} a1", "'nan', expected a number of seconds"),
        (f"-1 {DATA_UUID} a1", "'-1', expected a number of seconds"),
        (f"0.4 {DATA_UUID} a1", "0.4 s after 0.5 s, expected seconds that do not go back"),
        ("1 0003 a1", "'0003', expected a full UUID"),
        (f"1 {DATA_UUID}", "expected <seconds> <characteristic uuid> <hex>"),
        ("\udcff", "expected <seconds> <characteristic uuid> <hex>"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_with_its_number(
    line: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "lines.txt"
    file.write_text(f"# one\n0.5 {INFO_UUID} 00\n{line}\n", errors="surrogateescape")
    assert run(["decode", "--device", "lsp", str(file)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert f"{file}:3: " in captured.err
    assert said in captured.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--device", "lps", "--config", "/dev/null"], "device is 'lps', expected one of: "),
        (["--device", "lsp", "--option", "colour=1"], "option colour is unknown to lsp"),
        (["--device", "metamotion", "--option", "range_g=3"], "expected one of: 2, 4, 8, 16"),
        (["--device", "metamotion", "--option", "range_g"], "expected KEY=VALUE"),
        ([], "Missing option '--device'"),
    ],
)
def test_an_unknown_device_or_option_is_refused_in_one_line(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["decode", *words, str(write(tmp_path, []))]) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.count("\n") == 1


def test_a_packet_log_is_known_by_its_first_bytes_and_its_sensor_is_found_or_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "packets.log"
    records = [*beginning(), *map(long_packet, (0, 1, 3)), link_down(10**9), time_pair(2 * 10**9)]
    with PacketLogWriter(file) as log:
        for record in records:
            log.append(record)
    answer = decoded(capsys, file, "lsp")
    assert [block["first_index"] for block in answer["blocks"]] == [0, 50, 150]
    assert answer["blocks"][0]["t_s"] == pytest.approx(0.005, abs=0.001)
    assert decoded(capsys, file, "lsp", "--sensor", "left-shin") == answer
    assert run(["decode", "--device", "lsp", "--sensor", "right-shin", str(file)]) == 2
    assert "holds no sensor 'right-shin', expected one of: left-shin" in capsys.readouterr().err
    with PacketLogWriter(file) as log:
        log.append(type(records[1])(3 * 10**9, "right-shin", 23))
    assert run(["decode", "--device", "lsp", str(file)]) == 2
    assert "expected --sensor and one of: left-shin, right-shin" in capsys.readouterr().err


def test_a_device_that_the_configuration_describes_is_decoded_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "soleus.toml"
    config.write_text(ARDUINO)
    uuid = "19b10000-5001-537e-4f6c-d104768a1214"
    file = write(tmp_path, [f"1 {uuid} {BYTES['arduino_f32']}"])
    answer = decoded(capsys, file, "arduino", "--config", str(config))
    assert answer["blocks"][0]["data"] == [[0.0, -0.5, 1.0]]
    assert run(["decode", "--device", "arduino", str(file)]) == 2
    assert "device is 'arduino', expected one of" in capsys.readouterr().err


def test_the_table_says_what_came_of_each_stream_and_shows_what_could_not_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [*lsp_lines("lsp_long_acc", "lsp_long_acc_next", "lsp_long_acc_lost1"), f"4 {DATA_UUID} a1 02 03"]
    assert run(["decode", "--device", "lsp", str(write(tmp_path, lines))]) == 0
    out = capsys.readouterr().out
    words = [line.split() for line in out.splitlines()]
    assert ["acceleration", "6", "g", "2", "Hz", "100", "Hz", "-1", "1", "1", "2"] in words
    assert "malformed: see below, 1x" in out
    assert "a1 02 03" in out


def test_an_answer_is_told_by_what_the_set_up_asks() -> None:
    replies = Replies(LSP)
    assert replies.request_of(INFO_UUID, INFO.to_bytes()) == b""
    assert replies.request_of(CONTROL_UUID, bytes.fromhex("871300")) == b"\x07\x02"
    assert replies.request_of(CONTROL_UUID, bytes.fromhex("810300")) == b""
    assert replies.request_of(DATA_UUID, b"\xa1") is None

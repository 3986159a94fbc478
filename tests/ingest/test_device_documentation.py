"""``docs/devices.md`` is what the code says, and its example works."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import numpy as np
import pytest

from detectors.signal import NS_PER_S
from ingest.decoders import metamotion, microbit, pinetime, thingy52, witmotion
from ingest.decoders.catalogue import DEVICES
from ingest.decoders.documentation import EXAMPLE, PATH, document, main
from ingest.decoders.documented_checks import HOW_TO_CHECK, method_of
from ingest.decoders.layout import Samples
from ingest.decoders.polar_control import DATA_UUID
from ingest.decoders.polar_frames import FrameType, Measurement, encode_frame
from ingest.decoders.polar_reader import PolarReader
from ingest.decoders.table_device import TableReader
from soleus.build import sensor_spec
from soleus.settings_file import read

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

OPENLY = "nothing here was tried on a physical sensor by us"


def test_the_page_is_what_the_code_says() -> None:
    assert PATH.read_text(encoding="utf-8") == document(), "run python -m ingest.decoders.documentation"


def test_writing_the_page_again_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("ingest.decoders.documentation")
    monkeypatch.setattr(module, "PATH", tmp_path / "devices.md")
    main()
    assert (tmp_path / "devices.md").read_text(encoding="utf-8") == document()


@pytest.mark.parametrize("name", DEVICES)
def test_every_device_has_a_row_its_options_its_doubts_and_a_box_for_each_of_them(name: str) -> None:
    page, device = document(), DEVICES[name]
    assert page.count(f"| [`{name}`](#{name}) |") == 1
    assert f"\n## {name}\n" in page
    for option, meaning in device.options.items():
        assert f"| `{option}` | {meaning.meaning} |" in page
    assert device.card.unconfirmed, "nothing was checked on hardware, so something is open"
    for point in device.card.unconfirmed:
        assert f"\n- {point}\n" in page
        assert f"- [ ] {point} ({method_of(point)})\n" in page
        assert method_of(point) in HOW_TO_CHECK


@pytest.mark.parametrize("name", DEVICES)
def test_the_page_says_which_rate_is_taken_of_a_sensor_that_does_not_tell_it(name: str) -> None:
    rate = DEVICES[name].options.get("fs_hz")
    assert rate is None or rate.default is not None or rate.assumed is not None
    assert (rate is None) == (name in ("lsp", "pinetime"))


def test_the_rate_that_the_page_says_is_the_one_that_is_taken() -> None:
    frame = witmotion.Motion((0.0, 0.0, 1.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)).to_bytes()
    samples, _ = witmotion.WitMotionReader({}).notified(witmotion.NOTIFY_UUID, frame)
    assert isinstance(samples, Samples)
    assert "without it the sensor keeps its own | what the sensor says, or else 10 |" in document()
    assert samples.layout.fs_hz == DEVICES["witmotion"].options["fs_hz"].assumed
    frame = encode_frame(Measurement.ACC, NS_PER_S, FrameType.I16, np.zeros((3, 3), np.int64))
    heard = [each for each in PolarReader({"factor": 1.0}).notified(DATA_UUID, frame) if isinstance(each, Samples)]
    assert "| `fs_hz` | sampling rate to start, Hz | what the sensor says, or else 52 |" in document()
    assert [each.layout.fs_hz for each in heard] == [DEVICES["polar-pmd"].options["fs_hz"].assumed]


def test_the_page_says_first_that_nothing_was_tried_on_hardware() -> None:
    assert OPENLY in document().lower()
    assert document().lower().index(OPENLY) < document().index("| device |")
    assert "hardware confirmed" not in document().lower()


@pytest.mark.parametrize("module", [metamotion, witmotion, thingy52, pinetime, microbit])
def test_every_doubt_stands_in_the_docstring_of_its_module(module: ModuleType) -> None:
    (device,) = [value for name, value in vars(module).items() if name.endswith("_DEVICE")]
    said = " ".join((module.__doc__ or "").split())
    assert [point for point in device.card.unconfirmed if point not in said] == []


def test_the_example_of_a_described_sensor_reads_a_packet(tmp_path: Path) -> None:
    path = tmp_path / "soleus.toml"
    path.write_text(EXAMPLE, encoding="utf-8")
    settings, _ = read(path)
    (table,) = settings.devices
    steps = sensor_spec(settings.sensors[0]).profile.setup
    assert [step.payload.hex() for step in steps if step.payload] == ["0132"]
    packet = bytes.fromhex("a507") + b"".join(value.to_bytes(2, "little") for value in range(15))
    (samples,) = TableReader(table).notified("19b10000-5001-537e-4f6c-d104768a1214", packet)
    assert isinstance(samples, Samples)
    assert samples.counter == 7
    assert samples.data.shape == (5, 3)
    assert samples.data[4, 2] == pytest.approx(14 * 0.000122)
    assert EXAMPLE in PATH.read_text(encoding="utf-8")

"""The board's part cannot be compiled here; what it says twice has to be the same, and the document has to say so."""

from __future__ import annotations

import re

import pytest

from ingest.decoders.lsp_info import lsp_uuid
from tests.firmware.compiled_leg import TOP

FIRMWARE = TOP / "firmware"
SOURCES = {path.name: path.read_text(encoding="utf-8") for path in sorted((FIRMWARE / "zephyr" / "src").glob("*"))}
OVERLAY = (FIRMWARE / "zephyr" / "boards" / "xiao_ble_nrf52840_sense.overlay").read_text(encoding="utf-8")
README = (FIRMWARE / "README.md").read_text(encoding="utf-8")


def defined(name: str) -> int:
    (found,) = re.findall(rf"#define {name} (\d+)", SOURCES["leg_board.h"])
    return int(found)


def test_the_document_says_that_it_has_not_run_and_how_not_to_be_hurt() -> None:
    assert "**This has not run on a board.**" in README
    assert "Apache-2.0" in README
    safety = README.partition("## Safety")[2].partition("\n## ")[0]
    for word in ("Battery only", "mains", "charger", "USB", "pacemaker", "irradiated", "docs/wearing.md"):
        assert word in safety


def test_every_source_is_built() -> None:
    built = (FIRMWARE / "zephyr" / "CMakeLists.txt").read_text(encoding="utf-8")
    assert set(re.findall(r"src/(\w+\.c)", built)) == {name for name in SOURCES if name.endswith(".c")}


def test_rates_are_those_of_the_converters_clock() -> None:
    period_us = 512 * int(re.findall(r"#define CLOCK_NS (\d+)", SOURCES["front_end.c"])[0]) // 1000
    assert defined("EMG_PERIOD_TICKS") == period_us
    assert defined("EMG_RATE_MHZ") == pytest.approx(1e9 / period_us, abs=1)
    assert defined("ACC_RATE_MHZ") == pytest.approx(1e9 / period_us / defined("EMG_PER_ACC"), abs=1)
    assert f"PWM_NSEC({period_us * 1000 // 512})" in OVERLAY


def test_the_services_numbers_are_those_of_the_profile() -> None:
    parts = re.findall(r"BT_UUID_128_ENCODE\(0x7c5a0000 \+ \(short\), 0x(\w+), 0x(\w+), 0x(\w+), 0x(\w+?)ULL\)",
                       SOURCES["gatt.c"])[0]  # fmt: skip
    assert lsp_uuid(1) == "7c5a0001-" + "-".join(parts)
    assert [int(number) for number in re.findall(r"BT_UUID_INIT_128\(LSP_UUID\((\d)\)\)", SOURCES["gatt.c"])] == [
        1, 2, 3, 4, 5, 6,
    ]  # fmt: skip


def test_the_wiring_of_the_document_is_that_of_the_device_tree() -> None:
    for pin, signal in (("0", "reset"), ("1", "drdy"), ("2", "start"), ("3", "cs"), ("7", "button")):
        assert re.search(rf"{signal}-gpios = <&xiao_d {pin} ", OVERLAY)
    for row in ("| D0 | P0.02 | PWDN/RESET", "| D1 | P0.03 | DRDY", "| D2 | P0.28 | START", "| D3 | P0.29 | CS"):
        assert row in README
    assert "NRF_PSEL(PWM_OUT0, 1, 11)" in OVERLAY
    assert "| D6 | P1.11 | CLK" in README


def test_links_of_the_document_lead_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", README) if "://" not in link]
    assert links
    assert [link for link in links if not (FIRMWARE / link).exists()] == []

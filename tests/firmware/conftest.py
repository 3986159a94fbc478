"""The firmware is compiled once; every test boots its own sensor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.firmware.compiled_leg import CompiledLeg, compile_leg

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def leg(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CompiledLeg]:
    compiled = CompiledLeg(compile_leg(tmp_path_factory.mktemp("firmware")))
    yield compiled
    compiled.close()

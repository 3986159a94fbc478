"""Tracks on the disk are the same as in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.playing import recorded
from detectors.criteria import named
from detectors.rescore import Rescorer
from detectors.simulate import simulate_night
from soleus.track_store import MappedTracks

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray


@pytest.mark.parametrize("dtype", [np.float64, np.uint16, np.bool_])
def test_arrays_come_back_with_their_values_and_types(tmp_path: Path, dtype: type[Any]) -> None:
    arrays: list[NDArray[Any]] = [np.arange(length).astype(dtype) for length in (3, 0, 1000)]
    kept = MappedTracks(tmp_path).keep(arrays)
    assert all(np.array_equal(one, held) and one.dtype == held.dtype for one, held in zip(arrays, kept, strict=True))
    assert not kept[0].flags.writeable


def test_arrays_of_several_types_are_held_read_only_where_the_system_has_its_temporary_files() -> None:
    rng = np.random.default_rng(1)
    arrays = [rng.normal(size=5), rng.normal(size=3) > 0, np.array([], dtype=np.float32), np.arange(7, dtype=np.int32)]
    held = MappedTracks().keep(arrays)
    assert [one.dtype for one in held] == [one.dtype for one in arrays]
    assert all(np.array_equal(one, other) for one, other in zip(held, arrays, strict=True))
    with pytest.raises(ValueError, match="read-only"):
        held[0][0] = 1.0


def test_nothing_is_left_in_the_folder(tmp_path: Path) -> None:
    MappedTracks(tmp_path).keep([np.zeros(10)])
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_night_whose_tracks_lie_on_the_disk_has_the_same_score(tmp_path: Path) -> None:
    night, wasm = recorded(simulate_night(0.1, 1003, "clean")), named("wasm-2016")
    mapped = Rescorer(night, wasm, store=MappedTracks(tmp_path)).score(wasm, with_rejected=True)
    assert mapped == Rescorer(night, wasm).score(wasm, with_rejected=True)

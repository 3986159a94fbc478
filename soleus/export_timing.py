"""What the timing channel of an exported night says, so that it is scored as the night was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ingest.files.edf_plan import n_unplaced, planned
from ingest.files.edf_timing import LABEL, n_timing_words, timing_words
from ingest.files.edf_writing import Described
from soleus.scoring import movement_sensors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from ingest.files.edf_column import Column
    from ingest.files.edf_grid import Grid
    from ingest.files.edf_steps import Scale
    from ingest.files.edf_survey import Signal
    from ingest.night.folder import NightFolder, NightInfo

_LOWEST, _HIGHEST = -(1 << 15), (1 << 15) - 1


class Timing:
    """The timing channel of one file.

    Parameters
    ----------
    told : mapping
        What it says of the night; streams are added.
    n_records : int
        Data records of the file.
    """

    def __init__(self, told: Mapping[str, Any], n_records: int) -> None:
        self._streams: list[tuple[int, int, dict[str, Any]]] = []
        self._told = {**told, "n_records": n_records}
        self._n_records = n_records

    def add(self, signal: Signal, labels: Sequence[str], scales: Sequence[Scale], grid: Grid) -> None:
        """Take a stream; `grid` is a new one, that of the file."""
        self._streams.append((signal.first_ns, len(self._streams), planned(signal, labels, scales, grid)))

    def channel(self) -> Described:
        """Return the channel as the header describes it."""
        n_words = n_timing_words(self._everything(), sum(n_unplaced(told) for _, _, told in self._streams))
        return Described(LABEL, "", -(-n_words // self._n_records), (_LOWEST, _HIGHEST))

    def words(self, columns: Sequence[Column]) -> NDArray[np.int16]:
        """Return the numbers of the channel; `columns` are the streams as they were written, in the order of adding."""
        numbers = [np.zeros(0, dtype=np.int32)]
        for _, position, told in sorted(self._streams, key=lambda one: one[:2]):
            stored = [values.reshape(-1).astype(np.int32) for values in columns[position].unplaced]
            # A night that goes on has more by now than when it was looked through.
            numbers.append(np.resize(np.concatenate([numbers[0], *stored]), n_unplaced(told)))
        return timing_words(self._everything(), np.concatenate(numbers))

    def _everything(self) -> dict[str, Any]:
        """Return what is said; what begins first stands first, because that may score the movements of a leg."""
        return {**self._told, "streams": [told for _, _, told in sorted(self._streams, key=lambda one: one[:2])]}


def timing_of(
    folder: NightFolder, info: NightInfo, signals: Sequence[Signal], *, start_ns: int, n_records: int
) -> Timing:
    """Return the timing channel of a night, without its streams.

    Parameters
    ----------
    folder, info : NightFolder, NightInfo
        The night.
    signals : sequence of Signal
        What it holds.
    start_ns : int
        UTC of the first place of the file, ns.
    n_records : int
        Data records of the file.
    """
    stored = folder.read_summary() or {}
    first_ns, stop_ns = min(one.first_ns for one in signals), max(one.stop_ns for one in signals)
    span_ns = [stored.get("start_ns", first_ns), stored.get("end_ns", stop_ns)]
    scoring = {leg.value: sensor for leg, sensor in movement_sensors(info).items()}
    return Timing({"start_ns": start_ns, "span_ns": span_ns, "movement_sensors": scoring}, n_records)

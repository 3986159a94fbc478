"""What became of the truth: compares a demonstration's night with the simulation that it was played from.

Runs after the night, in a process of its own: nothing that scored the night has seen the truth.
"""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from detectors.events import EventKind
from detectors.matching import match
from detectors.signal import NS_PER_S, Gap, Leg, SampleBlock
from detectors.simulate import simulate_night
from ingest.night.entries import event_of
from ingest.night.folder import NightFolder
from ingest.night.journal import Journal
from ingest.night.packets import read_log
from soleus.config import load_settings
from soleus.night_decoding import NightDecoding
from soleus.nights import journal_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from detectors.events import Event
    from detectors.simulate import TruthEvent
    from ingest.night.folder import NightInfo

# Zahid et al. 2023 count an event as found from this overlap on (science.md 8.1).
IOU_MIN = 0.3
KINDS = (EventKind.LEG_MOVEMENT, EventKind.CRAMP, EventKind.SHIFT)


def received(folder: NightFolder, info: NightInfo) -> tuple[int, int]:
    """Return how many samples the packet log holds, and how many gaps, by decoding all of it."""
    night, samples, gaps = NightDecoding(info), 0, 0
    for items in chain((night.feed(record) for _, record in read_log(folder.packets)), [night.finish()]):
        for item in items:
            if isinstance(item, SampleBlock):
                samples += len(item.data)
            gaps += isinstance(item, Gap) and item.n_missing != 0
    return samples, gaps


def compare(truth: Sequence[TruthEvent], events: Sequence[Event], zero_ns: int) -> dict[str, Any]:
    """Match events with the truth, leg by leg.

    Parameters
    ----------
    truth : sequence of TruthEvent
        What was simulated.
    events : sequence of Event
        What was found.
    zero_ns : int
        UTC of the simulation's time zero, ns.

    Returns
    -------
    dict
        ``truth`` counts what stands clear of the noise by kind; ``found`` how much of that was matched
        or missed, and ``false``: what was found and overlaps nothing that was simulated on that leg,
        clear or not; ``unclear`` counts the rest of the simulation.
    """
    result: dict[str, Any] = {"truth": {}, "found": {}, "unclear": {}}
    for kind in KINDS:
        simulated = [event for event in truth if event.kind is kind]
        matched = missed = false = 0
        for leg in (Leg.LEFT, Leg.RIGHT):
            mine = [event for event in simulated if event.leg is leg]
            clear = [event.clear for event in mine]
            found = _spans(_found(events, kind, leg), zero_ns)
            pairs = match(found, np.array([(e.onset_s, e.end_s) for e in mine]).reshape(-1, 2), iou_min=IOU_MIN)
            hit = {pair[1] for pair in pairs.pairs}
            matched += sum(1 for number, is_clear in enumerate(clear) if is_clear and number in hit)
            missed += sum(1 for number, is_clear in enumerate(clear) if is_clear and number not in hit)
            everything = np.array([(e.onset_s, e.end_s) for e in truth if e.leg is leg]).reshape(-1, 2)
            false += sum(1 for number in pairs.false if not _overlaps(found[number], everything))
        result["truth"][kind.value] = matched + missed
        result["unclear"][kind.value] = len(simulated) - matched - missed
        result["found"][kind.value] = {"matched": matched, "missed": missed, "false": false}
    return result


def _found(events: Sequence[Event], kind: EventKind, leg: Leg) -> list[Event]:
    """Return what was found of one kind; a cramp-like event counts from tier 1, the lowest that pages show."""
    return [e for e in events if e.kind is kind and e.leg is leg and e.measures.get("tier", 1) >= 1]


def _spans(events: Sequence[Event], zero_ns: int) -> NDArray[np.float64]:
    seconds = [((e.onset_ns - zero_ns) / NS_PER_S, (e.end_ns - zero_ns) / NS_PER_S) for e in events]
    return np.array(seconds, dtype=np.float64).reshape(-1, 2)


def _overlaps(span: NDArray[np.float64], others: NDArray[np.float64]) -> bool:
    return bool(((others[:, 0] < span[1]) & (others[:, 1] > span[0])).any())


@click.command()
@click.argument("night", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--config", type=click.Path(path_type=Path), required=True)
@click.option("--hours", type=float, required=True)
@click.option("--seed", type=int, required=True)
@click.option("--regime", required=True)
@click.option("--zero-ns", type=int, required=True)
def main(night: Path, config: Path, hours: float, seed: int, regime: str, zero_ns: int) -> None:
    """Print the comparison as JSON."""
    settings = load_settings(config)
    folder = NightFolder(night)
    info = folder.read_info()
    samples, gaps = received(folder, info)
    with Journal(journal_path(settings)) as journal:
        events = [event_of(entry) for entry in journal.events(info.person, info.night, info.scoring)]
    truth = simulate_night(hours, seed=seed, regime=regime).truth
    click.echo(json.dumps({"samples_received": samples, "gaps": gaps, **compare(truth, events, zero_ns)}))


if __name__ == "__main__":
    main()

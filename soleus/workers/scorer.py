"""The scorer's process: packet log to journal, from the night's first record, however often it is started."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import closing, suppress
from pathlib import Path

import click

from ingest.night.folder import NightFolder
from ingest.night.index import current_index
from ingest.night.journal import Journal
from ingest.night.outbox_bound import OutboxGate, OutboxMeter
from ingest.night.packets import LogFollower
from soleus.config import Config, load
from soleus.effective import effective
from soleus.final_scoring import concluded, keep
from soleus.findings import Findings, entries_of, facts_of
from soleus.night_decoding import log_pieces
from soleus.nights import journal_path
from soleus.plugins import failure_lines
from soleus.pyramids import PyramidKeeper
from soleus.scoring import NightScoring, on_disk
from soleus.supervise import under_supervision
from soleus.workers.full_disk import noting_a_full_disk

log = logging.getLogger(__name__)

# How often the log is looked at, s of the wall clock: pages move twice a second, a larger step scores more at once.
POLL_S = 0.5
# The numbers of the night so far are for pages; they need not follow every movement.
SUMMARY_EVERY_S = 2.0
# A page that opens late in the night finds the log indexed up to the last minute.
INDEX_EVERY_S = 60.0


class LiveScorer:
    """Follow a packet log and keep the journal and the folder up to date.

    Parameters
    ----------
    folder : NightFolder
        The night.
    config : Config
        Settings and thresholds.
    """

    def __init__(self, folder: NightFolder, config: Config) -> None:
        self._folder = folder
        self._info = folder.read_info()
        self._scoring = NightScoring(self._info, config.criteria)
        self._journal = Journal(journal_path(config.settings))
        settings = config.settings
        self._outbox = OutboxGate(OutboxMeter(self._journal, settings.effective_delivery, settings.outbox.max_bytes))
        self._tracks = folder.tracks(truncate=True)
        self._extremes = PyramidKeeper(folder)
        self._sync_log = on_disk(folder.packets)
        self._summary_at = 0.0
        self._told: set[str] = set()
        self._index_at = time.monotonic() + INDEX_EVERY_S
        folder.write_config(effective(config))

    def step(self, follower: LogFollower) -> bool:
        """Score what is new in the log and return whether there was anything."""
        records = follower.poll()
        if not records:
            return False
        findings = self._scoring.feed(record for _, record in records)
        self._keep_curves(findings)
        self._tell_failures()
        entries = entries_of(findings, self._info)
        if entries:
            self._sync_log()
            self._journal.put(self._outbox.admit(entries))
        if time.monotonic() >= self._summary_at:
            self._summary_at = time.monotonic() + SUMMARY_EVERY_S
            self._folder.write_summary(self._progress())
        if time.monotonic() >= self._index_at:
            self._index_at = time.monotonic() + INDEX_EVERY_S
            current_index(self._folder)
        return True

    @property
    def ended(self) -> bool:
        """Whether the night was ended on purpose."""
        return self._scoring.ended

    def finish(self) -> None:
        """Write the final word on the night to the journal and the folder."""
        folder, info, first = self._folder, self._info, self._scoring
        findings = first.finish()
        self._keep_curves(findings)
        self._tell_failures()
        self._sync_log()
        self._journal.put(self._outbox.admit(facts_of(findings, info)))
        if first.decoding.n_late:
            self._tracks.close()
            self._tracks = folder.tracks(truncate=True)
            self._extremes.begin_again()
        night = concluded(first, lambda: log_pieces(folder.packets), take=self._keep_curves)
        final = night.scoring.final_entries()
        self._journal.reconcile(info.person, info.night, info.scoring, final, kinds=self._outbox.kinds)
        keep(folder, night)
        self._extremes.finish()
        if self._outbox.is_full or self._outbox.n_left_out:
            text = "the outbox was full, epochs and health were left out: soleus replay %s --publish brings them later"
            log.warning(text, folder.path.name)

    def close(self) -> None:
        """Close the journal and what pages draw."""
        self._tracks.close()
        self._journal.close()
        self._extremes.close()

    def _tell_failures(self) -> None:
        """Say once of each detector of others that it ended."""
        failed = self._scoring.failed_plugins
        new = {name: failed[name] for name in failed.keys() - self._told}
        self._told |= new.keys()
        for line in failure_lines(new):
            log.warning("%s", line)

    def _keep_curves(self, findings: Findings) -> None:
        for track in findings.tracks:
            self._tracks.append(track)
        self._extremes.take(findings.samples)

    def _progress(self) -> dict[str, object]:
        start_ns, end_ns = self._scoring.span_ns
        return {"start_ns": start_ns, "end_ns": end_ns, "final": False, "summary": dict(self._scoring.summary())}


async def run(folder: NightFolder, config: Config) -> None:
    """Score until the night has ended, or until told to stop."""
    async with under_supervision() as orders:
        with closing(LiveScorer(folder, config)) as scorer, closing(LogFollower(folder.packets)) as follower:
            while not orders.stop.is_set():
                if scorer.step(follower):
                    await asyncio.sleep(0)
                elif scorer.ended:
                    scorer.finish()
                    break
                else:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(orders.stop.wait(), POLL_S)


@click.command()
@click.argument("night", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--config", type=click.Path(path_type=Path), required=True)
def main(night: Path, config: Path) -> None:
    """Score one night while it is recorded."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s scorer: %(message)s")
    with noting_a_full_disk():
        asyncio.run(run(NightFolder(night), load(config)))


if __name__ == "__main__":
    main()

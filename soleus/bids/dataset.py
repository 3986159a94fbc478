"""A BIDS data set, night by night."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

from detectors.signal import NS_PER_S, Quantity
from soleus import __version__
from soleus.bids.labels import bids_labels
from soleus.bids.sidecars import (
    CHANNEL_COLUMNS,
    CHANNEL_WORDS,
    TASK,
    channel_rows,
    emg_json,
    event_table,
    events_json,
    json_text,
    tsv,
)
from soleus.errors import ConfigError
from soleus.exporting import BDF_SUFFIX, NightExport

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from ingest.night.folder import NightFolder
    from soleus.exported import Export
    from soleus.sheets.night_sheets import ScoredNight

    Told = Callable[[str], None]

BIDS_VERSION: Final = "1.11.1"
README: Final = """# Nights with sensors on the legs

Made by Soleus {version} from nights that were recorded at home with leg-worn sensors: surface EMG and acceleration.

- One session is one night, named by the date and time of its evening. Dates are real ones: shift or remove them, and
  those in the headers of the recordings, before the data set leaves you.
- Where samples are missing the line of a recording is flat; its annotations say where and why. Samples are placed by
  fitted clocks of the sensors.
- Events were found by software and can be wrong. `cramp` is a cramp-like contraction. They are no diagnosis, and
  nothing measures pain, breathing or sleep stages.
- Age, sex and health of the participants are not known to Soleus.
"""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set that is being written.

    Parameters
    ----------
    folder : Path
        An empty folder.
    nights : sequence of (NightFolder, ScoredNight)
        What goes into it.
    """

    folder: Path
    nights: Sequence[tuple[NightFolder, ScoredNight]]

    def write(self, told: Told) -> list[str]:
        """Write everything.

        Parameters
        ----------
        told : callable
            Is told what of a night is not in the data set, and why, in a line.

        Returns
        -------
        list of str
            The nights that are in it.

        Raises
        ------
        ConfigError
            If none has EMG.
        """
        people = bids_labels(scored.info.person for _, scored in self.nights)
        kept: list[tuple[str, ScoredNight]] = []
        for person, label in people.items():
            theirs = [one for one in self.nights if one[1].info.person == person]
            sessions = bids_labels(scored.info.night for _, scored in theirs)
            for folder, scored in theirs:
                if self._night(folder, scored, f"sub-{label}", f"ses-{sessions[scored.info.night]}", told):
                    kept.append((f"sub-{label}", scored))
        if not kept:
            msg = f"no EMG in {', '.join(scored.info.night for _, scored in self.nights)}, expected some for BIDS"
            raise ConfigError(msg)
        self._describe(kept)
        return [scored.info.night for _, scored in kept]

    def _night(self, folder: NightFolder, scored: ScoredNight, subject: str, session: str, told: Told) -> bool:
        """Write one night; return whether it could be."""
        try:
            night = NightExport(folder, scored.info)
        except ConfigError as error:
            told(f"left out: {error}")
            return False
        home = self.folder / subject / session / "emg"
        home.mkdir(parents=True)
        stem = f"{subject}_{session}_task-{TASK}"
        path = home / f"{stem}_emg{BDF_SUFFIX if night.needs_24_bits else '.edf'}"
        written = night.write(path, scored.events, in_utc=True)
        if not any(one.quantity == Quantity.EMG.value for one in written.channels):
            told(f"left out: {folder.path}: no EMG in it, and BIDS has acceleration only beside some")
            path.unlink()
            home.rmdir()
            home.parent.rmdir()
            # Other nights of the person may be there already.
            if not any(home.parents[1].iterdir()):
                home.parents[1].rmdir()
            return False
        columns, rows = event_table(scored.events, round(written.start.timestamp()) * NS_PER_S)
        kinds = (event.kind.value for event in scored.events)
        self._text(home / f"{stem}_emg.json", json_text(emg_json(written, scored.info)))
        self._text(home / f"{stem}_channels.tsv", tsv(CHANNEL_COLUMNS, channel_rows(written)))
        words = {name: {"Description": text} for name, text in CHANNEL_WORDS.items()}
        self._text(home / f"{stem}_channels.json", json_text(words))
        self._text(home / f"{stem}_events.tsv", tsv(columns, rows))
        self._text(home / f"{stem}_events.json", json_text(events_json(columns, kinds)))
        self._scan(home.parent / f"{subject}_{session}_scans.tsv", path, written)
        return True

    def _scan(self, table: Path, recording: Path, written: Export) -> None:
        """Say when a recording began, in the table of the session."""
        acquired = written.start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        row = {"filename": recording.relative_to(table.parent).as_posix(), "acq_time": acquired}
        self._text(table, tsv(["filename", "acq_time"], [row]))

    def _describe(self, kept: Sequence[tuple[str, ScoredNight]]) -> None:
        """Write what is said of the whole data set."""
        description: dict[str, Any] = {
            "Name": "Nights with sensors on the legs",
            "BIDSVersion": BIDS_VERSION,
            "DatasetType": "raw",
            "GeneratedBy": [{"Name": "Soleus", "Version": __version__}],
        }
        self._text(self.folder / "dataset_description.json", json_text(description))
        self._text(self.folder / "README.md", README.format(version=__version__))
        sites: dict[str, set[str]] = {}
        for subject, scored in kept:
            sites.setdefault(subject, set()).add(scored.info.site)
        rows = [{"participant_id": subject, "site": ", ".join(sorted(names))} for subject, names in sites.items()]
        self._text(self.folder / "participants.tsv", tsv(["participant_id", "site"], rows))
        words = {"site": {"Description": "Home, ward or study, as configured."}}
        self._text(self.folder / "participants.json", json_text(words))

    @staticmethod
    def _text(path: Path, text: str) -> None:
        path.write_text(text, encoding="utf-8", newline="")

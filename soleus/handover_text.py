"""What stands in the README.txt beside a person's data."""

from __future__ import annotations

README = """Everything that Soleus keeps of {person}
========================================

This folder was written by "soleus privacy export". It holds copies; nothing was
removed or changed by it. Only you can read it: whoever you give it to sees your
nights. Soleus is a research tool; what it found is no diagnosis.

nights/           one folder for each night
  packets.log     everything that the sensors sent, as they sent it
  events.json     what was found (movements, cramp-like contractions, ...)
  epochs.json     every half minute in a few numbers
  summary.json    the numbers of the night
  night.json      which sensors were worn where
  config.json     the settings of that night
  certificate.json  what of the night is there and what is missing
  tracks/         the curves that the pages show
  extremes/       lowest and highest samples, so that pages open fast
  night.edf       all samples for other programs (EDFbrowser, MNE, ...), if you
                  asked for it with --edf, or had exported it before
journal/          what was found and what you wrote down, of all nights
  journal.jsonl   every entry as it is kept, one on a line (JSON)
  *.csv           the same as tables, for a spreadsheet: event, epoch, night,
                  health (the sensors), marker (button presses), diary
labels/           what raters marked in the nights, if anybody did
  acts.jsonl      every act as it is kept, one on a line (JSON): also what was
                  taken back, and when who scored blind
  marks.csv       the marks that stand, for a spreadsheet
criteria/         which criteria files name the nights, if thresholds were chosen by
                  looking at them
influxdb/         what the database holds, one table for each measurement
settings.json     the settings in force when this was written; no passwords
manifest.json     a list of all files with their size and SHA-256

Times: names that end in _ns are nanoseconds since 1970 in UTC; the first column
of each table says the same moment as a date (UTC). A text that a spreadsheet
would run as a formula begins with an apostrophe in the tables.

Not in here, because it could not be had:
{missing}
What this computer cannot know of is not here either: backups, earlier exports,
other computers that collect nights, and programs that listen to the broker.

The files are described in docs/night-folder.md, docs/mqtt.md and
docs/influxdb.md of Soleus.
"""

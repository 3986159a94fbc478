"""The night folder: packet log, journal, tracks."""

"""Errors of the configuration and of the command line.

ConfigError     a setting is unknown, impossible or missing; found before anything is started
"""

from __future__ import annotations


class ConfigError(Exception):
    """A setting is wrong; the message says what, got, expected and where."""

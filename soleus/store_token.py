"""InfluxDB's token: from a file or the environment, never from the configuration or the command line."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from soleus.config import STORE_TOKEN_VARIABLE, secret
from soleus.errors import ConfigError

# Where containers find what they are given; nobody else is in there.
_CONTAINER = Path("/run/secrets")


@dataclass(frozen=True, slots=True)
class TokenSource:
    """Where the token is.

    Parameters
    ----------
    file : Path or None
        File whose first line it is; otherwise it is in ``SOLEUS_STORE_TOKEN``.
    """

    file: Path | None

    def read(self) -> str:
        """Return the token.

        Raises
        ------
        ConfigError
            If it cannot be read, or is not there, or cannot be one.
        """
        token = secret(self.file, STORE_TOKEN_VARIABLE)
        where = f"${STORE_TOKEN_VARIABLE}" if self.file is None else str(self.file)
        if token is None:
            msg = f"InfluxDB wants a token: give --token-file, token_file in [store], or ${STORE_TOKEN_VARIABLE}"
            raise ConfigError(msg)
        if not token:
            msg = f"{where}: is empty, expected InfluxDB's token on its first line"
            raise ConfigError(msg)
        if not token.isascii() or not token.isprintable():
            msg = f"{where}: is no token of InfluxDB, expected printable ASCII characters"
            raise ConfigError(msg)
        return token

    def fresh(self) -> str:
        """Return the token as it is now; empty if it cannot be read, as while it is being exchanged."""
        try:
            return self.read()
        except ConfigError:
            return ""

    def exposure(self) -> str:
        """Return what is wrong with who may read the file; empty if nothing is."""
        if self.file is None or os.name != "posix":
            return ""
        place = self.file.resolve()
        if place.is_relative_to(_CONTAINER) or not place.stat().st_mode & stat.S_IROTH:
            return ""
        if not all(folder.stat().st_mode & stat.S_IXOTH for folder in place.parents):
            return ""  # nobody else gets as far as the file
        return f"{self.file} holds a token and can be read by everybody here, expected chmod 600"

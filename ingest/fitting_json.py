"""Reading JSON from others: only what journal, database and broker can hold."""

from __future__ import annotations

import json
import math

from ingest.errors import DecodeError

# The journal and InfluxDB hold whole numbers of 64 bits with a sign.
_INT64 = range(-(2**63), 2**63)
# What is sent nests three levels deep; Python gives up at a few hundred.
_MOST_NESTED = 16


def json_that_fits(payload: bytes) -> object:
    """Return what a JSON payload says.

    Raises
    ------
    DecodeError
        If it is no JSON, or says what neither journal nor database can hold.
    """
    try:
        value = json.loads(payload.decode(), parse_constant=_refuse, parse_float=_finite)
        _must_fit(value)
    except (ValueError, RecursionError) as error:
        msg = f"the payload is no JSON that we can keep: {error}"
        raise DecodeError(msg) from error
    return value


def _refuse(constant: str) -> object:
    msg = f"{constant} is not a JSON number"
    raise ValueError(msg)


def _finite(digits: str) -> float:
    """Read a number; 1e999 is one in JSON, and infinite in Python."""
    value = float(digits)
    if math.isinf(value):
        msg = "a number is beyond what 64 bits hold"
        raise ValueError(msg)
    return value


def _must_fit(value: object, levels_left: int = _MOST_NESTED) -> None:
    """Raise ValueError for what JSON can say and neither journal, database nor broker can hold."""
    if isinstance(value, str):
        # Half a surrogate pair (an escape of JSON) is no text.
        value.encode()
    elif isinstance(value, int):
        if value not in _INT64:
            msg = "a whole number is beyond 64 bits"
            raise ValueError(msg)
    elif isinstance(value, dict | list):
        if levels_left == 0:
            msg = f"it nests deeper than {_MOST_NESTED} levels"
            raise ValueError(msg)
        items = ("".join(value), *value.values()) if isinstance(value, dict) else value
        for item in [item for item in items if type(item) is not float]:  # most are, and need no look
            _must_fit(item, levels_left - 1)

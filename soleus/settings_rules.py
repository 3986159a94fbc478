"""What a setting may be: each rule refuses a value in words that begin with its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Sequence

# These words become parts of MQTT topics, file names and database tags.
WORD = re.compile(r"[\w.-]+")
LIKE_AN_ADDRESS = re.compile(r"(?i)[0-9a-f]{2}:")
ADDRESS = re.compile(r"(?i)[0-9a-f]{2}(:[0-9a-f]{2}){5}")


def check_address(text: str) -> None:
    """Refuse what begins like a Bluetooth address and is none; a name that is advertised may be anything else.

    Raises
    ------
    ValueError
        If it is no address.
    """
    if LIKE_AN_ADDRESS.match(text) and not ADDRESS.fullmatch(text):
        msg = f"address is {text!r}, expected six pairs of 0-9 and A-F such as C4:00:00:00:00:01"
        raise ValueError(msg)


def check_word(name: str, value: str) -> None:
    """Refuse what cannot be part of a topic, a file name and a tag.

    Raises
    ------
    ValueError
        If it has other characters than a word.
    """
    if not WORD.fullmatch(value):
        msg = f"{name} is {value!r}, expected letters, digits, '.', '_' and '-' only"
        raise ValueError(msg)


def check_url(name: str, value: str | None, schemes: tuple[str, ...]) -> None:
    """Refuse what is no address of a server; None is none.

    Raises
    ------
    ValueError
        If it cannot be one, or has a password in it.
    """
    if value is None:
        return
    expected = " or ".join(f"{scheme}://host:port" for scheme in schemes)
    try:
        parts = urlsplit(value)
        valid = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        msg = f"{name} is {value!r}, expected {expected}"
        raise ValueError(msg)
    if parts.password is not None:
        msg = f"{name} contains a password, expected it in a file or the environment"
        raise ValueError(msg)


def check_both(name: str, value: object, other_name: str, other: object) -> None:
    """Refuse one of two settings without the other.

    Raises
    ------
    ValueError
        If only one is set.
    """
    if (value is None) != (other is None):
        given, missing = (other_name, name) if value is None else (name, other_name)
        msg = f"{given} is set and {missing} is not, expected both or none"
        raise ValueError(msg)


def check_none_within(kind: str, names: Sequence[str]) -> None:
    """Refuse a name that continues another's with a dot: channels are called that.

    Raises
    ------
    ValueError
        With the place of the longer one in the file.
    """
    for number, name in enumerate(names):
        other = next((one for one in names if name.startswith(f"{one}.")), None)
        if other is not None:
            msg = f"{kind}[{number}].name is {name!r}, which reads as a channel of {other!r}, expected another name"
            raise ValueError(msg)


def check_all_differ(kind: str, what: str, values: Sequence[str]) -> None:
    """Refuse tables of which two say the same, in upper or lower case.

    Raises
    ------
    ValueError
        With the place of the second one in the file.
    """
    seen: dict[str, int] = {}
    for number, value in enumerate(values):
        first = seen.setdefault(value.casefold() if what == "address" else value, number)
        if first != number:
            msg = (
                f"{kind}[{number}].{what} is {value!r}, which {kind}[{first}] has, expected a different {what} for each"
            )
            raise ValueError(msg)

"""What a value is, and not what it says: it may be somebody's diary, and goes into a log."""

from __future__ import annotations


def unquoted(value: object) -> str:
    """Return a word or two about a value that came as JSON.

    Parameters
    ----------
    value : object
        What came.

    Examples
    --------
    >>> [unquoted(value) for value in ("my secret", ["a"], {"b": 1}, None, True, -1, 2.5)]
    ['a string of 9 characters', 'a list', 'an object', 'null', 'true', '-1', '2.5']
    """
    match value:
        case str():
            return f"a string of {len(value)} characters"
        case list():
            return "a list"
        case dict():
            return "an object"
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case _:
            return repr(value)

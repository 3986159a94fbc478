"""Numbers that may be unknown, each with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Unknown(NamedTuple):
    """A number that cannot be known, and why."""

    why: str


NO_SIGNAL: Final = Unknown("no valid signal")
NO_MOTION: Final = Unknown("no valid signal of acceleration")
TOO_FEW: Final = Unknown("too few movements")


def rate(n: float, hours: float, missing: Unknown | None = None, nowhere: Unknown = NO_SIGNAL) -> float | Unknown:
    """Return a count per hour.

    Parameters
    ----------
    n : float
        The count; what counts half makes it a fraction.
    hours : float
        Valid hours that it was found in.
    missing : Unknown, optional
        Why there is no index in this night, if there is none.
    nowhere : Unknown
        What to say without hours.

    Returns
    -------
    float or Unknown
        Per hour.

    Examples
    --------
    >>> rate(30, 2.0), rate(30, 0.0), rate(30, 2.0, Unknown("one leg only"))
    (15.0, Unknown(why='no valid signal'), Unknown(why='one leg only'))
    """
    if missing is not None:
        return missing
    return n / hours if hours > 0 else nowhere


def enough(hours: float, least_h: float, where: str = "") -> Unknown | None:
    """Say why there is no index per hour of a night, or None if there is one.

    Parameters
    ----------
    hours : float
        Valid hours.
    least_h : float
        Hours that an index needs.
    where : str
        Which hours: nothing, or for example ``in the sleep period``.

    Returns
    -------
    Unknown or None
        The reason.

    Examples
    --------
    >>> enough(1.94, 4.0)
    Unknown(why='1.9 h of valid signal, an index needs 4 h')
    """
    if hours <= 0 and not where:
        return NO_SIGNAL
    if hours < least_h:
        return Unknown(f"{hours:.1f} h of valid signal{f' {where}' if where else ''}, an index needs {least_h:g} h")
    return None


def told(numbers: Mapping[str, Any]) -> dict[str, Any]:
    """Return numbers as plain values: unknown ones are None, and ``reasons`` has their reasons.

    Parameters
    ----------
    numbers : mapping
        Values by name, or why they are unknown.

    Returns
    -------
    dict
        The same names in the same order, and ``reasons``.
    """
    values = {key: None if isinstance(value, Unknown) else value for key, value in numbers.items()}
    return {**values, "reasons": {key: value.why for key, value in numbers.items() if isinstance(value, Unknown)}}

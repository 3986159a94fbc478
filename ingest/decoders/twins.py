"""Notifications that come twice each, for streams without a counter or a clock to tell by.

After a reconnect Bluetooth may hand out each notification twice (hbldh/bleak#2002). At rest a sensor may just as well
send equal bytes twice, and a link that was held up hands both out at once. What tells them apart: a link that doubles
does so from its first packet on, or to every packet from some point on.
"""

from __future__ import annotations

from dataclasses import dataclass

MOST_APART = 0.25
"""A notification that comes again does so within this part of the time that its samples last."""
N_PAIRS = 8
"""So many pairs in a row, each unlike the one before, are no chance."""


@dataclass(slots=True)
class _Heard:
    """What one characteristic sent last.

    Parameters
    ----------
    payload : bytes
        The newest notification.
    mono_ns : int
        When it came, ns.
    is_alone : bool
        Whether it was not half of a pair yet.
    is_other : bool
        Whether it differs from the one before it.
    is_doubled : bool or None
        Whether this link doubles; None while nothing speaks against it.
    n_pairs : int
        Pairs in a row.
    """

    payload: bytes
    mono_ns: int
    is_alone: bool = True
    is_other: bool = True
    is_doubled: bool | None = None
    n_pairs: int = 0


class Twins:
    """Tells notifications that Bluetooth handed out twice, from equal ones that were sent one after the other."""

    def __init__(self) -> None:
        self._heard: dict[str, _Heard] = {}
        self._length_ns: dict[str, int] = {}

    def last(self, characteristic: str, length_ns: int) -> None:
        """Note how long the samples of a characteristic's notifications last, ns; without it, none is a twin."""
        self._length_ns[characteristic] = length_ns

    def unlinked(self) -> None:
        """Begin anew: each link doubles or does not."""
        self._heard.clear()

    def is_twin(self, characteristic: str, payload: bytes, mono_ns: int) -> bool:
        """Take a notification; tell whether it is the one before once more."""
        heard = self._heard.get(characteristic)
        if heard is None:
            self._heard[characteristic] = _Heard(payload, mono_ns)
            return False
        is_equal = payload == heard.payload
        is_near = mono_ns - heard.mono_ns <= MOST_APART * self._length_ns.get(characteristic, -1)
        if heard.is_alone and is_equal and is_near:
            heard.is_alone = False
            heard.n_pairs += heard.is_other
            heard.is_doubled = heard.is_doubled is not False or heard.n_pairs >= N_PAIRS
            return heard.is_doubled
        if heard.is_alone:
            heard.is_doubled, heard.n_pairs = False, 0
        heard.payload, heard.mono_ns, heard.is_alone, heard.is_other = payload, mono_ns, True, not is_equal
        return False

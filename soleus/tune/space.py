"""What may vary: fields of the criteria, each over a range or over a list of values."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from soleus.errors import ConfigError
from soleus.thresholds import apply_overrides, flatten, read_as, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from detectors.criteria import Criteria

OPTION = "--vary"
LOG = "log"
EXPECTED = "GROUP.FIELD=LOW:HIGH, LOW:HIGH:log, LOW:HIGH:STEP or A,B,C"
# A step that was meant to reach the end must not miss it by the last bit.
TINY = 1e-9
MOST_VALUES = 10_000
# Each of them waits for the database: more would not end.
MOST_COMBINATIONS = 100_000


@dataclass(frozen=True, slots=True)
class Range:
    """A threshold that may take every value of a range.

    Parameters
    ----------
    name : str
        Its dotted name, such as ``leg_movement.onset_uv``.
    low, high : float
        The range, ends included.
    is_log : bool
        Whether it is searched by ratios instead of by differences.
    is_whole : bool
        Whether only whole numbers are meant.

    Raises
    ------
    ValueError
        If the range is empty, or cannot be searched by ratios.
    """

    name: str
    low: float
    high: float
    is_log: bool = False
    is_whole: bool = False

    def __post_init__(self) -> None:
        if not self.low < self.high:
            msg = f"goes from {self.low:g} to {self.high:g}, expected the smaller number first"
            raise ValueError(msg)
        if not math.isfinite(self.high - self.low):
            msg = f"goes from {self.low:g} to {self.high:g}, expected a range whose width is a number"
            raise ValueError(msg)
        if self.is_log and not self.low > 0:
            msg = f"begins at {self.low:g}, expected more than 0 for {LOG}"
            raise ValueError(msg)

    @property
    def words(self) -> str:
        """The range as it is written."""
        return f"{self.low:.12g}:{self.high:.12g}{f':{LOG}' if self.is_log else ''}"

    def at_its_edge(self, value: object) -> bool:
        """Return whether a value lies within a hundredth of the range of one of its ends."""
        if not isinstance(value, int | float):
            return False
        low, high, at = (math.log(one) if self.is_log else one for one in (self.low, self.high, value))
        return min(at - low, high - at) <= (high - low) / 100


@dataclass(frozen=True, slots=True)
class Values:
    """A threshold that may take one of some values.

    Parameters
    ----------
    name : str
        Its dotted name.
    values : tuple
        What it may be, each once and of the type of the threshold.
    """

    name: str
    values: tuple[object, ...]

    @property
    def words(self) -> str:
        """The values as they are written."""
        return ",".join(str(value).lower() if isinstance(value, bool | None) else str(value) for value in self.values)

    def at_its_edge(self, value: object) -> bool:
        """Return whether a number is the smallest or largest of at least three that there are."""
        numbers = [one for one in self.values if isinstance(one, int | float) and not isinstance(one, bool)]
        return len(numbers) > 2 and value in (min(numbers), max(numbers))  # noqa: PLR2004 - of two each is an end


Varied = Range | Values


def parse_varied(text: str, criteria: Criteria) -> Varied:
    """Read what follows ``--vary``.

    Parameters
    ----------
    text : str
        ``GROUP.FIELD=LOW:HIGH``, ``LOW:HIGH:log``, ``LOW:HIGH:STEP`` or ``A,B,C``.
    criteria : Criteria
        The set that the threshold belongs to; says its type.

    Returns
    -------
    Range or Values
        What may vary.

    Raises
    ------
    ConfigError
        If the name is unknown, or the values are none that the threshold can take.

    Examples
    --------
    >>> from detectors.criteria import named
    >>> parse_varied("leg_movement.onset_uv=4:12:log", named("wasm-2016")).words
    '4:12:log'
    >>> parse_varied("leg_movement.onset_uv=6:8:0.5", named("wasm-2016")).words
    '6.0,6.5,7.0,7.5,8.0'
    """
    name, equals, wanted = (part.strip() for part in text.partition("="))
    if not equals or not wanted:
        msg = f"{OPTION} {text}: expected {EXPECTED}"
        raise ConfigError(msg)
    known = flatten(criteria)
    if name not in known:
        msg = f"{OPTION}: {unknown(name, known)}"
        raise ConfigError(msg)
    if ":" in wanted:
        return _range(name, wanted.split(":"), criteria)
    return _values(name, wanted.split(","), criteria)


def all_differ(varied: Sequence[Varied]) -> tuple[Varied, ...]:
    """Return what may vary by name, each threshold once.

    Raises
    ------
    ConfigError
        If there is nothing, or one threshold comes twice.
    """
    if not varied:
        msg = f"{OPTION}: nothing may vary, expected at least one {EXPECTED}"
        raise ConfigError(msg)
    names = [one.name for one in varied]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        msg = f"{OPTION}: {twice} comes {names.count(twice)} times, expected it once"
        raise ConfigError(msg)
    return tuple(sorted(varied, key=lambda one: one.name))


def grid(varied: Sequence[Varied]) -> list[dict[str, object]]:
    """Return every combination of the values, the last threshold changing first.

    Raises
    ------
    ConfigError
        If a threshold may take any value of a range, or there are too many combinations.
    """
    for one in varied:
        if isinstance(one, Range):
            msg = f"{OPTION} {one.name}={one.words}: a grid needs values, expected LOW:HIGH:STEP or A,B,C"
            raise ConfigError(msg)
    lists = [one.values for one in varied if isinstance(one, Values)]
    n = math.prod(map(len, lists))
    if n > MOST_COMBINATIONS:
        msg = f"{OPTION}: a grid of {n} combinations, expected at most {MOST_COMBINATIONS}, or --search tpe or random"
        raise ConfigError(msg)
    return [
        dict(zip([one.name for one in varied], combination, strict=True)) for combination in itertools.product(*lists)
    ]


def applied(criteria: Criteria, values: Mapping[str, object]) -> Criteria:
    """Return a criteria set with the values of one try.

    Raises
    ------
    ConfigError
        If the values contradict each other.
    """
    return apply_overrides(criteria, values, dict.fromkeys(values, OPTION))


def _range(name: str, parts: list[str], criteria: Criteria) -> Varied:
    where = f"{OPTION} {name}={':'.join(parts)}"
    if isinstance(flatten(criteria)[name], bool) or len(parts) not in {2, 3}:
        msg = f"{where}: expected {EXPECTED}; only a number has a range"
        raise ConfigError(msg)
    low, high = (read_as(criteria, name, part.strip(), OPTION) for part in parts[:2])
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        msg = f"{where}: expected two numbers"
        raise ConfigError(msg)
    is_whole = isinstance(low, int)
    try:
        if parts[2:] in ([], [LOG]):
            return Range(name, low, high, is_log=bool(parts[2:]), is_whole=is_whole)
        Range(name, low, high)
    except ValueError as error:
        msg = f"{where}: {error}"
        raise ConfigError(msg) from error
    step = read_as(criteria, name, parts[2].strip(), OPTION)
    if not isinstance(step, int | float) or not 0 < step <= high - low or (high - low) / step > MOST_VALUES:
        msg = f"{where}: the step is {parts[2]}, expected more than 0 and at most {high - low:g}"
        raise ConfigError(msg)
    n = math.floor((high - low) / step * (1 + TINY)) + 1
    # Rounded to what a person writes: 6.3 and not 6.300000000000001.
    numbers = [low + number * step for number in range(n)]
    return Values(name, tuple(numbers if is_whole else (float(f"{number:.12g}") for number in numbers)))


def _values(name: str, texts: list[str], criteria: Criteria) -> Values:
    values = [read_as(criteria, name, text.strip(), OPTION) for text in texts]
    return Values(name, tuple(dict.fromkeys(values)))

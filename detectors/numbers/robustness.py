"""How far the indices of a night depend on the thresholds that they were found with."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from detectors.emg.movement_variants import MovementVariants
from detectors.numbers.index_range import range_of
from detectors.numbers.unknown import NO_SIGNAL, Unknown
from detectors.numbers.varied_movements import VariedMovements
from detectors.signal import Quantity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from detectors.annotations import Span
    from detectors.criteria import Criteria
    from detectors.emg.criteria import LegMovementCriteria
    from detectors.numbers.night_view import NightView
    from detectors.rules.series_counts import Counted
    from detectors.rules.series_criteria import SeriesCriteria
    from detectors.signal import Gap, Stream
    from detectors.track import Track

# What is varied, one at a time.
LEG_MOVEMENT_FIELDS: Final = (
    "onset_uv",
    "onset_ratio",
    "offset_uv",
    "offset_ratio",
    "quiet_s",
    "min_s",
    "morphology_s",
    "max_lf_hf",
)
SERIES_FIELDS: Final = (
    "lm_max_s",
    "clm_max_s",
    "bilateral_clm_max_s",
    "same_leg_gap_s",
    "bilateral_gap_s",
    "bilateral_onsets_s",
    "imi_min_s",
    "imi_max_s",
)
_RULES: Final = ("wasm", "aasm")
# Active signal of a leg beyond which nothing is tried: that is a night of artefact.
MOST_ACTIVE_S: Final = 3 * 3600.0
_TOO_ACTIVE: Final = Unknown("more than three hours of activity on one leg")
_BY_ACCELERATION: Final = Unknown("movements come from acceleration, whose thresholds are not varied")


class Variant(NamedTuple):
    """One set of thresholds: what was changed, by which factor, and the rules that follow."""

    name: str
    factor: float
    movement: LegMovementCriteria
    wasm: SeriesCriteria
    aasm: SeriesCriteria


def variants(criteria: Criteria) -> Iterator[Variant]:
    """Yield the thresholds as they are, and with each in turn changed by ``validity.vary_share``.

    Parameters
    ----------
    criteria : Criteria
        The thresholds.

    Yields
    ------
    Variant
        Those that contradict another threshold are left out.
    """
    base = Variant("", 1.0, criteria.leg_movement, criteria.wasm, criteria.aasm)
    yield base
    share = criteria.validity.vary_share
    groups = (("movement", "leg_movement", LEG_MOVEMENT_FIELDS), *((rules, rules, SERIES_FIELDS) for rules in _RULES))
    for field, group, names in groups:
        held = getattr(base, field)
        for name in names:
            value = getattr(held, name)
            for factor in (1 - share, 1 + share) if value else ():
                changed = _changed(held, name, factor * value)
                if changed is None:
                    continue
                variant = base._replace(name=f"{group}.{name}", factor=factor, **{field: changed})
                yield _with_shortest(variant, factor) if name == "min_s" else variant


def _with_shortest(variant: Variant, factor: float) -> Variant:
    """Return a variant whose rules ignore no movement that its detector finds, and the other way round."""
    rules = {
        name: _changed(getattr(variant, name), "lm_min_s", factor * getattr(variant, name).lm_min_s) for name in _RULES
    }
    return variant._replace(**{name: changed for name, changed in rules.items() if changed is not None})


def _changed(criteria: Any, name: str, value: float) -> Any:
    """Return criteria with one threshold changed; None where the others do not allow it."""
    changes = {name: value}
    if name == "clm_max_s" and criteria.lm_max_s == criteria.clm_max_s:
        # Where every movement is a candidate the two are one limit.
        changes["lm_max_s"] = value
    elif name == "lm_max_s" and criteria.lm_max_s == criteria.clm_max_s:
        return None
    try:
        return replace(criteria, **changes)
    except ValueError:
        return None


class Robustness:
    """Score the movements of a night again with other thresholds.

    Parameters
    ----------
    criteria : Criteria
        ``leg_movement``, ``wasm`` and ``aasm`` are varied; ``validity`` says by how much.

    Notes
    -----
    Movements are looked for in the active stretches of the channels that score them, a few minutes
    of activity at a time. Resting levels and rhythmic trains stay as they were found.
    """

    def __init__(self, criteria: Criteria) -> None:
        self._criteria = criteria
        self._variants = tuple(variants(criteria))
        self._channels: dict[Stream, MovementVariants] = {}
        self._told: dict[Span, dict[str, Any] | Unknown] = {}

    def feed(self, stream: Stream, item: Track | Gap) -> None:
        """Take a track, or a gap, of the stream that scores the movements of its leg.

        Parameters
        ----------
        stream : Stream
            A channel of EMG; other streams are ignored.
        item : Track or Gap
            In the order in which the features give them; tracks that are not needed are ignored.
        """
        if stream.quantity is not Quantity.EMG:
            return
        if stream not in self._channels:
            share, movements = self._criteria.validity.vary_share, [variant.movement for variant in self._variants]
            self._channels[stream] = MovementVariants(stream, movements, share, MOST_ACTIVE_S)
        self._told = {}
        self._channels[stream].feed(item)

    def finish(self, night: NightView, asleep: NightView | None = None) -> dict[str, Any] | Unknown:
        """Return the range of each index.

        Parameters
        ----------
        night : NightView
            The finished night; its basis is the stages of a person, or none.
        asleep : NightView, optional
            The night with estimated sleep, where there is an estimate.

        Returns
        -------
        dict or Unknown
            For each index its ``value``, ``low``, ``high``, the share of variants above the limit that
            it is compared with, a ``text``, and which threshold moves it most, ``widest``, empty where none does;
            ``plms_per_h`` is over both rule sets.
            ``by_threshold`` has the periodic index of the rule set with a threshold at its lower and
            its higher value.
        """
        # The numbers of a night are asked for more than once, and nothing else of them takes so long.
        if night.span not in self._told:
            self._told[night.span] = self._unknown(night) or self._tried(night, asleep)
        return self._told[night.span]

    def _tried(self, night: NightView, asleep: NightView | None) -> dict[str, Any]:
        """Try every variant."""
        varied = VariedMovements(night, tuple(self._channels.values()))
        tried = [
            (variant, {rules: varied.counted(variant.movement, getattr(variant, rules)) for rules in _RULES})
            for variant in self._variants
        ]
        spread = _Spread(night, tried)
        told = spread.told()
        if asleep is not None and asleep.too_short is None:
            told |= {f"{name}_est": value for name, value in _Spread(asleep, tried).periodic().items()}
        return {**told, "by_threshold": spread.by_threshold()}

    def _unknown(self, night: NightView) -> Unknown | None:
        """Say why nothing can be tried."""
        if any(channel.overfull for channel in self._channels.values()):
            return _TOO_ACTIVE
        if not night.valid.movement_h():
            return NO_SIGNAL
        if night.too_short is not None:
            return night.too_short
        for channel in self._channels.values():
            channel.close()
        return None if self._channels else _BY_ACCELERATION


class _Spread:
    """The indices of a night under every variant.

    Parameters
    ----------
    night : NightView
        Whose hours and sleep count.
    tried : sequence of (Variant, mapping of str to Counted)
        What each variant counts under each rule set; the first is the thresholds as they are.
    """

    def __init__(self, night: NightView, tried: Sequence[tuple[Variant, Mapping[str, Counted]]]) -> None:
        self._night, self._tried = night, tried
        self._sleep_h = night.valid.movement_h(night.sleep)
        # Most variants find the same movements.
        self._asleep = cache(night.in_sleep)
        self._limit_per_h = night.criteria.validity.compare_per_h

    def told(self) -> dict[str, Any]:
        """Return the range of each index."""
        hours = self._night.valid.movement_h()
        varied = [(variant, counts["wasm"]) for variant, counts in self._tried if _bears_on(variant, "wasm")]
        return {
            "variants": len(self._tried),
            "varied_percent": 100 * self._night.criteria.validity.vary_share,
            "compare_per_h": self._limit_per_h,
            "lm_per_h": self._range([(variant, counts.lm / hours) for variant, counts in varied]),
            "clm_per_h": self._range([(variant, counts.clm / hours) for variant, counts in varied]),
            **self.periodic(),
        }

    def periodic(self) -> dict[str, Any]:
        """Return the range of periodic movements per hour of sleep, or of the recording."""
        if not self._sleep_h:
            return {}
        rates = {rules: self._rates(rules) for rules in _RULES}
        ranges = {f"plms_{rules}_per_h": self._range(varied) for rules, varied in rates.items()}
        return {**ranges, "plms_per_h": self._range([one for varied in rates.values() for one in varied])}

    def by_threshold(self) -> dict[str, dict[str, float]]:
        """Return the periodic index with each threshold at its lower and its higher value."""
        found: dict[str, dict[str, float]] = {}
        for rules in reversed(_RULES) if self._sleep_h else ():
            for variant, rate in self._rates(rules):
                if variant.name:
                    found.setdefault(variant.name, {})["lower" if variant.factor < 1 else "higher"] = rate
        return found

    def _range(self, varied: Sequence[tuple[Variant, float]]) -> dict[str, Any]:
        return range_of([(variant.name, rate) for variant, rate in varied], self._limit_per_h)

    def _rates(self, rules: str) -> list[tuple[Variant, float]]:
        asleep = self._asleep
        return [
            (variant, sum(weight for onset_ns, weight in counts[rules].plm if asleep(onset_ns)) / self._sleep_h)
            for variant, counts in self._tried
            if _bears_on(variant, rules)
        ]


def _bears_on(variant: Variant, rules: str) -> bool:
    """Return whether a variant can change what a rule set counts."""
    group = variant.name.partition(".")[0]
    return group not in _RULES or group == rules

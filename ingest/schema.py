"""What is in InfluxDB: measurements, tags, and the type of every field. ``docs/influxdb.md`` describes it.

InfluxDB takes the type of a field from the first value that it sees; here the type is fixed beforehand, so that a whole
number can never make a column of integers out of a measure.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ingest.unquoted import unquoted

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_HIGHEST_INT64 = 2**63 - 1


class FieldType(StrEnum):
    """Type of a field."""

    FLOAT = "float"
    INTEGER = "integer"
    STRING = "string"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measurement (the database's word for a table).

    Parameters
    ----------
    name : str
        Its name.
    tags : tuple of str
        Tags that its points may carry; a point leaves out what it has no value for.
    fields : mapping of str to FieldType
        Fields with a fixed name.
    measures : frozenset of str
        Further fields that this version writes, all of type float. A point may carry others: a detector may measure
        something new, and it is a float too.
    time : str
        What the time of a point is the time of, for the documentation.
    """

    name: str
    tags: tuple[str, ...]
    fields: Mapping[str, FieldType]
    measures: frozenset[str] = frozenset()
    time: str = ""

    def field_type(self, name: str) -> FieldType:
        """Return the type of a field.

        Raises
        ------
        ValueError
            If the name cannot be a field's name.
        """
        kind = self.fields.get(name)
        if kind is not None:
            return kind
        # Writers ask this for every field of every point: what we named ourselves need not be looked at.
        if name not in self.measures and (not _NAME.fullmatch(name) or name == "time" or name in self.tags):
            msg = f"{self.name}: {name!r} cannot be a field, expected lower case letters, digits and '_', and no tag"
            raise ValueError(msg)
        return FieldType.FLOAT

    def tag_text(self, tags: Mapping[str, str]) -> str:
        """Return tags in line protocol, each with a comma before it; a tag without a value is left out.

        Raises
        ------
        ValueError
            If there are others than those of the measurement, or a value cannot be one.
        """
        known = [name for name in sorted(tags) if name in self.tags]
        if len(known) < len(tags):
            msg = f"{self.name}: tags {sorted(tags.keys() - set(known))} are not in the schema"
            raise ValueError(msg)
        return "".join([f",{name}={_tag(self.name, name, tags[name])}" for name in known if tags[name]])


_REVISED = {"revision": FieldType.INTEGER, "valid": FieldType.INTEGER}

# What the detectors of this version measure; a test compares with a simulated hour.
_EVENT_MEASURES = (
    # the person's own word: 1 it was one, 0 it was none, -1 the word was taken back
    "confirmed "
    # any event
    "peak_uv mean_uv median_uv p95_uv area_uv_s resting_uv ratio lf_hf line_ratio rise_ratio band_low_hz band_high_hz "
    "peak_g resting_g orientation_change_deg n_missing n uncertain low "
    # leg movements and their series
    "clm plm_wasm plm_aasm bilateral moved moved_peak_g in_train in_cramp with_activation "
    # cramp-like contractions, weak activity and possible episodes
    "confidence tier duty modulation profile rhythm_share rhythm_prominence rhythm_depth n_bouts longest_bout_s "
    "muscle_ratio common_mode after_twitches followed until_quiet_s quiet_before_s held_s tremor_s turn_deg "
    "with_cramp term_duration term_amplitude term_profile term_stationarity term_cleanliness term_rest_before "
    "term_consequence term_muscle term_twitches term_upright term_bursts term_held term_tremor "
    # twitches, trains and clonus
    "peak_to_peak_uv n_potentials noise_uv transient width_s width_class rate_hz n_bursts burst_s regularity anchor_s "
    "peak_cv hft hflm alternating alma "
    # turns, restlessness, standing, walking and awakenings
    "major both_legs prolonged emg_active_s steps continued tilt_deg cadence_hz upright_s long uncertain_share "
    # sensors that are not worn and electrodes that are off
    "sd_g range_g handling_deg electrode_off_share respiration_ratio pulse_ratio"
)
_EPOCH_MEASURES = (
    "valid_s quality_class envelope_mean_uv envelope_max_uv resting_uv line_ratio movement_mean_g movement_max_g "
    "tilt_deg"
)
_HEALTH_MEASURES = (
    "battery_pct battery_mv count queue_pct temperature_c n_dropped lead_off away_s is_over "
    # a minute of battery and link
    "minute_s linked_share n_expected n_received n_lost_air n_duplicate n_malformed n_late n_lead_off n_device "
    "notifications_per_s longest_silence_s rssi_dbm"
)
_NIGHT_MEASURES = (
    "valid_h good_h one_leg truncated lm clm plm_wasm plm_aasm plm_series plm_series_mean_n lm_per_h clm_per_h "
    "plms_wasm_per_h plms_aasm_per_h plmw_wasm_per_h silms_per_h isolms_per_h plms_wasm_per_h_est plms_aasm_per_h_est "
    "plmw_wasm_per_h_est silms_per_h_est isolms_per_h_est periodicity_index imi_mode_s log_imi_mean log_imi_sd "
    "bilateral_percent moved_share with_activation_share "
    "cramp_probable cramp_possible cramp_total_s cramp_longest_s possible_episodes cramps_then_awake_est "
    "awake_after_cramps_est_min "
    "series_then_awake_est tib_est_h spt_est_h tst_est_h se_est_percent sol_est_min waso_est_min awakenings_est "
    "awakenings_5min_est longest_undisturbed_min plms_half_night_ratio plms_half_night_ratio_est "
    "movement_index_percent movement_index_percent_est fragmentation_index fragmentation_index_est "
    "restlessness_per_h restlessness_per_h_est restlessness shifts shifts_major bed_exits brief_jerks "
    "sleep_unknown_est_min uncertain_share_est tst_uncleaned_est_h rhythmic_trains clonus tonic tonic_low twitches "
    "twitch_clusters twitches_per_quiet_min transients both_legs_h still_h leg_vertical_h resting_mismatch_min"
)
# What a night's summary says about each sensor; the other numbers are the whole night's and carry no tags
# `sensor` and `kind`.
PER_SENSOR = frozenset({"valid_h", "good_h", "grade"})

LEG_EVENT = Measurement(
    "leg_event",
    ("site", "person", "scoring", "kind", "sensor", "leg"),
    {"duration_s": FieldType.FLOAT, "end_ms": FieldType.INTEGER, "quality": FieldType.STRING, **_REVISED},
    frozenset(_EVENT_MEASURES.split()),
    "onset",
)
LEG_EPOCH = Measurement(
    "leg_epoch",
    # `kind` is what the epoch summarises: emg or acceleration, which may share a sensor and a start.
    ("site", "person", "scoring", "kind", "sensor", "leg"),
    {"duration_s": FieldType.FLOAT, **_REVISED},
    frozenset(_EPOCH_MEASURES.split()),
    "start of the 30 s",
)
SENSOR_HEALTH = Measurement(
    "sensor_health",
    ("site", "person", "sensor", "kind"),
    {"detail": FieldType.STRING, **_REVISED},
    frozenset(_HEALTH_MEASURES.split()),
    "of the report",
)
NIGHT = Measurement(
    "night",
    ("site", "person", "scoring", "sensor", "kind"),
    {
        "duration_s": FieldType.FLOAT,
        "grade": FieldType.STRING,
        "night_grade": FieldType.STRING,
        "sleep_basis": FieldType.STRING,
        "movement_source": FieldType.STRING,
        # Names of the numbers that this revision has no value for, each between two blanks.
        "unknown": FieldType.STRING,
        **_REVISED,
    },
    frozenset(_NIGHT_MEASURES.split()),
    "start of the night",
)
NIGHT_HOUR = Measurement(
    "night_hour",
    # `since` is what the hours count from: sleep_onset, start (of the night) or midnight.
    ("site", "person", "scoring", "since", "hour"),
    dict(_REVISED),
    frozenset({"valid_h", "lm", "plms_wasm", "plms_wasm_per_h", "cramps"}),
    "start of the night",
)
SLEEP_EPOCH = Measurement(
    "sleep_epoch",
    ("site", "person", "scoring"),
    {"state": FieldType.STRING, "basis": FieldType.STRING, **_REVISED},
    time="start of the 30 s",
)
DIARY = Measurement(
    "diary",
    ("site", "person", "kind", "sensor"),
    # `end_ms` is there where an entry says for how long: of a medicine that is taken for two weeks, `duration_h`.
    {"text": FieldType.STRING, "end_ms": FieldType.INTEGER, **_REVISED},
    # What people may write down is without end; these are what the dashboards ask for.
    frozenset({"sleep_quality", "intensity_1_10", "dose_mg", "duration_h"}),
    "of the entry",
)


def unknown(numbers: Mapping[str, object]) -> str:
    """Return the names of a night's numbers that have no value, each between two blanks.

    A database keeps the number of an earlier revision where a later one has none; who reads it asks that the name is
    not in here.

    Parameters
    ----------
    numbers : mapping of str to object
        The summary of the night.

    Examples
    --------
    >>> " lm_per_h " in unknown({"lm_per_h": 21.5}), " lm_per_h " in unknown({"lm_per_h": None})
    (False, True)
    """
    names = NIGHT.measures - PER_SENSOR
    return f" {' '.join(sorted(name for name in names if not isinstance(numbers.get(name), int | float)))} "


MEASUREMENTS = {m.name: m for m in (LEG_EVENT, LEG_EPOCH, SENSOR_HEALTH, NIGHT, NIGHT_HOUR, SLEEP_EPOCH, DIARY)}

Value = float | int | str


@dataclass(frozen=True, slots=True)
class Point:
    """One point: the same measurement, tags and time is the same point, and the last write wins field by field.

    Parameters
    ----------
    measurement : Measurement
        Where it belongs.
    tags : mapping of str to str
        Values of the measurement's tags; an empty one is left out.
    fields : mapping of str to value
        At least one.
    time_ns : int
        UTC, ns.
    """

    measurement: Measurement
    tags: Mapping[str, str]
    fields: Mapping[str, Value]
    time_ns: int

    def line(self) -> str:
        r"""Return the point in line protocol, with the types of the schema.

        Raises
        ------
        ValueError
            If a tag or field does not fit the schema.

        Examples
        --------
        >>> Point(DIARY, {"person": "p 1", "kind": "cramp"}, {"text": 'in "bed"', "valid": 1}, 5).line()
        'diary,kind=cramp,person=p\\ 1 text="in \\"bed\\"",valid=1i 5'
        """
        measurement = self.measurement
        if not self.fields:
            msg = f"{measurement.name}: the point has 0 fields, expected at least one"
            raise ValueError(msg)
        fields = [f"{name}={_field(measurement, name, value)}" for name, value in self.fields.items()]
        return f"{measurement.name}{measurement.tag_text(self.tags)} {','.join(fields)} {self.time_ns}"


def _tag(measurement: str, key: str, value: str) -> str:
    if value.isalnum():
        return value
    # A backslash at the end would escape the separator behind it, and line protocol has no way to escape it.
    if value.endswith("\\") or not value.isprintable():
        msg = f"{measurement}: tag {key} ends in a backslash or holds a control character"
        raise ValueError(msg)
    return value.replace(",", r"\,").replace("=", r"\=").replace(" ", r"\ ")


def _field(measurement: Measurement, name: str, value: Value) -> str:
    kind = measurement.field_type(name)
    # Most are floats.
    if kind is FieldType.FLOAT and isinstance(value, (int, float)) and math.isfinite(value):
        return repr(float(value))
    match kind:
        case FieldType.STRING if isinstance(value, str):
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'
        case FieldType.INTEGER if isinstance(value, int) and abs(value) <= _HIGHEST_INT64:
            return f"{int(value)}i"
        case _:
            msg = f"{measurement.name}.{name} is {unquoted(value)}, expected a {kind} that InfluxDB can hold"
            raise ValueError(msg)

"""When the rows of a table were measured: its start, its gaps, and clocks on the wall that were changed meanwhile."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import datetime, timedelta
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from detectors.layout import Stretch
from detectors.signal import NS_PER_S, Clock, Gap, GapCause, Knot
from ingest.errors import DecodeError
from ingest.files.table_layout import DATE
from ingest.files.wall_clock import utc_ns, zone_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from detectors.layout import Part
    from detectors.signal import Stream
    from ingest.files.table_layout import TableLayout
    from ingest.files.table_survey import Jump, StreamSurvey

# From 2001 on: so many seconds mean a date, and no time since a recording began.
_DATED_NS: Final = 10**9 * NS_PER_S
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - what a column says, without an offset
_US: Final = timedelta(microseconds=1)
_NS_PER_US: Final = 1000
# A sensor is not worn on for a week after it fell silent; a longer step is a damaged time.
_LONGEST_GAP_NS: Final = 7 * 86_400 * NS_PER_S


class TimeColumn(NamedTuple):
    """What the times of a table mean.

    Parameters
    ----------
    place : str
        The file, for messages.
    layout : TableLayout
        What is declared.
    time_zone : str or None
        Where it was recorded.
    is_utc : bool
        Whether dates say their offset.
    """

    place: str
    layout: TableLayout
    time_zone: str | None
    is_utc: bool

    @property
    def is_local(self) -> bool:
        """Whether the column says what a clock on the wall showed."""
        return self.layout.time is not None and self.layout.time[1] == DATE and not self.is_utc

    def start_ns(self, survey: StreamSurvey) -> int:
        """Return when the first row was measured, UTC ns.

        Parameters
        ----------
        survey : StreamSurvey
            The stream.

        Returns
        -------
        int
            UTC, ns.

        Raises
        ------
        DecodeError
            If nothing says it, or the clock showed it twice or never.
        """
        first_ns = survey.first_ns
        if first_ns is not None and self.is_local:
            return self._local_ns(first_ns, survey.jumps)
        if first_ns is not None and (self.is_utc or first_ns >= _DATED_NS):
            return first_ns
        if self.layout.start is None:
            raise DecodeError(f"{self.place}: nothing says when it began, expected start in {self.layout.path}")
        return utc_ns(self.layout.start, self.time_zone, self.place) + (first_ns or 0)

    def elapsed_ns(self, jump: Jump) -> int:
        """Return how long a step really was, ns: less than it seems where the clocks went forward, more where back.

        Parameters
        ----------
        jump : Jump
            A step that is not the usual one.

        Returns
        -------
        int
            ns.

        Raises
        ------
        DecodeError
            If time went back and no change of the clocks says why.
        """
        step_ns = jump.step_ns
        if self.is_local and self.time_zone is not None:
            zone = zone_of(self.time_zone)
            before, after = (_local(at_ns).replace(tzinfo=zone) for at_ns in (jump.before_ns, jump.before_ns + step_ns))
            # After an hour that came twice began anew, its later coming is meant; before that, the earlier.
            folds = (0, 1) if step_ns > 0 else (1,)
            shifts = [(after.replace(fold=fold).utcoffset() or _US) - (before.utcoffset() or _US) for fold in folds]
            steps_ns = [step_ns - shift // _US * _NS_PER_US for shift in shifts]
            step_ns = min((one for one in steps_ns if one > 0), default=step_ns)
        if step_ns > _LONGEST_GAP_NS:
            raise DecodeError(
                f"{self.place}: row {jump.row + 1}: {step_ns / NS_PER_S:g} s after the one before, expected one night"
            )
        if step_ns <= 0:
            hint = "" if self.time_zone else "; if the clocks went back, say where with time_zone"
            raise DecodeError(
                f"{self.place}: row {jump.row + 1}: the time goes back {-jump.step_ns / NS_PER_S:g} s, "
                f"expected later than the row before{hint}"
            )
        return step_ns

    def _local_ns(self, first_ns: int, jumps: Sequence[Jump]) -> int:
        local = _local(first_ns)
        rest_ns = first_ns % _NS_PER_US
        if self.time_zone is not None and any(jump.step_ns < 0 for jump in jumps):
            # The clocks went back while it was recorded: what came twice is meant as it came first.
            first = local.replace(tzinfo=zone_of(self.time_zone), fold=0)
            return utc_ns(first, None, self.place) + rest_ns
        return utc_ns(local, self.time_zone, self.place) + rest_ns


def clock_of(survey: StreamSurvey, column: TimeColumn, fs_hz: float) -> tuple[Clock, list[tuple[int, int]]]:
    """Return the clock of a stream, and where samples are missing between two rows.

    Parameters
    ----------
    survey : StreamSurvey
        The stream.
    column : TimeColumn
        What its times mean.
    fs_hz : float
        Its rate.

    Returns
    -------
    tuple of (Clock, list of (int, int))
        A knot at the start and behind every gap; row behind a gap, and how many samples are missing before it.

    Raises
    ------
    DecodeError
        If time goes back.
    """
    knots = [Knot(0, column.start_ns(survey), fs_hz)]
    gaps: list[tuple[int, int]] = []
    n_missing = 0
    for jump in survey.jumps:
        step_ns = column.elapsed_ns(jump)
        lost = round(step_ns * fs_hz / NS_PER_S) - 1
        if lost < 1:
            continue
        n_missing += lost
        gaps.append((jump.row, lost))
        before = knots[-1].time_ns + round((jump.row - 1 + n_missing - lost - knots[-1].index) * NS_PER_S / fs_hz)
        knots.append(Knot(jump.row + n_missing, before + step_ns, fs_hz))
    return Clock(tuple(knots)), gaps


def parts_of(survey: StreamSurvey, stream: Stream, clock: Clock, gaps: Sequence[tuple[int, int]]) -> Iterator[Part]:
    """Yield what of a stream was measured.

    Parameters
    ----------
    survey : StreamSurvey
        The stream: rows without a number are missing.
    stream : Stream
        The stream.
    clock : Clock
        Its clock.
    gaps : sequence of (int, int)
        Row behind a gap, and how many samples are missing before it.

    Yields
    ------
    Stretch or Gap
        In order.
    """
    rows, lost = [row for row, _ in gaps], list(accumulate((n for _, n in gaps), initial=0))
    # Rows that are there, cut where samples are missing between two of them.
    runs = pairwise([-1, *(row for run in survey.missing for row in run), survey.n_rows])
    present = [(max(begin, 0), end) for begin, end in list(runs)[::2]]
    cuts = [[begin, *rows[bisect_right(rows, begin) : bisect_left(rows, end)], end] for begin, end in present]
    stop: int | None = None
    for low, high in (pair for borders in cuts for pair in pairwise(borders) if pair[1] > pair[0]):
        first = low + lost[bisect_right(rows, low)]
        if stop is not None and first > stop:
            yield Gap(stream, clock, stop, first - stop, GapCause.SILENCE)
        yield Stretch(stream, clock, first, high - low, low)
        stop = first + high - low


def _local(time_ns: int) -> datetime:
    return _EPOCH + time_ns // _NS_PER_US * _US

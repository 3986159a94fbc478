"""The traces of one event: the envelope over all of it, and half a minute of the raw signal."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dashboards.report import shapes
from dashboards.report.shapes import Box, Label, Line, Picture
from dashboards.signals import UnreadableLogError
from dashboards.web.clocktime import clock_text
from dashboards.web.columns import min_max
from dashboards.web.night_json import LEVELS, LONGEST_RAW_S
from dashboards.web.wording import quantity_text
from detectors.channels import worn_name
from detectors.signal import NS_PER_S, Quantity
from detectors.track import TrackName

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from dashboards.book import NightBook, NightView
    from dashboards.report.shapes import Point, Shape
    from dashboards.signals import RawView, Stretch, TrackView
    from detectors.events import Event

RAW_S = 25.0
BEFORE_S = 5.0
"""The raw signal begins so long before the onset: without rest before it nobody sees that it began."""
WIDTH_MM, HEIGHT_MM = 138.0, 21.0
_ENVELOPE_MM, _BETWEEN_MM = 52.0, 6.0
_PLOT_MM = 14.6
_TOP_MM = 3.2
_AROUND = 0.25
_COLUMNS_PER_MM = 6
_TEXT_PT = 6.2
_NO_LOG = "the samples of this sensor are not there"


class _Plot(NamedTuple):
    """Where one trace is drawn, mm, and which time and values that stands for."""

    left: float
    width: float
    span_ns: tuple[int, int]
    low: float
    high: float

    def x(self, t_ns: NDArray[np.floating] | float) -> NDArray[np.float64]:
        """Return where moments stand, mm."""
        begin_ns, end_ns = self.span_ns
        share = (np.asarray(t_ns, np.float64) - begin_ns) / (end_ns - begin_ns)
        return self.left + self.width * np.clip(share, 0.0, 1.0)

    def y(self, values: NDArray[np.floating] | float) -> NDArray[np.float64]:
        """Return where values stand, mm from the top."""
        share = (np.asarray(values, np.float64) - self.low) / max(self.high - self.low, 1e-12)
        return _TOP_MM + _PLOT_MM * (1.0 - np.clip(share, 0.0, 1.0))


def raw_span_ns(event: Event) -> tuple[int, int]:
    """Return the stretch of the raw signal that is drawn, UTC ns."""
    begin_ns = event.onset_ns - round(BEFORE_S * NS_PER_S)
    return begin_ns, begin_ns + round(RAW_S * NS_PER_S)


def whole_span_ns(event: Event) -> tuple[int, int]:
    """Return the stretch of the envelope that is drawn, UTC ns: the event with a quarter of it on both sides."""
    around_ns = max(round(_AROUND * (event.end_ns - event.onset_ns)), round(BEFORE_S * NS_PER_S))
    raw_begin_ns, raw_end_ns = raw_span_ns(event)
    begin_ns = min(event.onset_ns - around_ns, raw_begin_ns)
    end_ns = max(event.end_ns + around_ns, raw_end_ns)
    return begin_ns, min(end_ns, begin_ns + round(LONGEST_RAW_S * NS_PER_S))


def traces_of(book: NightBook, view: NightView, event: Event) -> Picture | str:
    """Return the traces of an event.

    Parameters
    ----------
    book : NightBook
        Where the samples are.
    view : NightView
        The night of the event.
    event : Event
        The event.

    Returns
    -------
    Picture or str
        The picture; where there are no samples, why.
    """
    sensor = worn_name(event.sensor, [sensor.name for sensor in view.sensors])
    if sensor is None:
        return _NO_LOG
    try:
        stretch = book.raw(view.card.night_id, sensor, *whole_span_ns(event))
    except UnreadableLogError as error:
        return str(error)
    except OSError:
        # The log may have been put away: what was scored of it stands, and so does the rest of the report.
        return _NO_LOG
    pieces, unit = _signal(stretch, event)
    if not pieces:
        return _NO_LOG
    offset_s = view.card.utc_offset_s
    whole = _envelope(stretch, event, offset_s) if unit == "µV" else _moved(pieces, event, offset_s)
    drawn = [*whole, *_raw(pieces, unit, event, offset_s)]
    return Picture(WIDTH_MM, HEIGHT_MM, tuple(drawn), f"Envelope of the whole event, and {RAW_S:g} s of raw signal.")


class _Piece(NamedTuple):
    start_ns: int
    fs_hz: float
    values: NDArray[np.float64]


def _signal(stretch: Stretch, event: Event) -> tuple[list[_Piece], str]:
    """Return the samples of the channel that the event was found in, around 0, and their unit; EMG before others."""
    emg = [signal for signal in stretch.signals if signal.quantity is Quantity.EMG]
    if emg and event.measures.get("peak_g") is None:
        axis = next((i for i, name in enumerate(emg[0].axes) if event.sensor.endswith(f".{name}")), 0)
        return [_centred(signal, signal.data[:, axis]) for signal in emg], "µV"
    moved = [signal for signal in stretch.signals if signal.quantity is Quantity.ACCELERATION]
    return [_centred(signal, np.linalg.norm(signal.data, axis=1)) for signal in moved], "g"


def _centred(signal: RawView, values: NDArray[np.floating]) -> _Piece:
    whole = np.asarray(values, np.float64)
    return _Piece(signal.start_ns, signal.fs_hz, whole - (np.median(whole) if len(whole) else 0.0))


def _raw(pieces: Sequence[_Piece], unit: str, event: Event, offset_s: int) -> Iterator[Shape]:
    span_ns = raw_span_ns(event)
    cut = [piece for piece in (_between(piece, span_ns) for piece in pieces) if len(piece.values)]
    most = max((float(np.abs(piece.values).max()) for piece in cut), default=0.0) or 1.0
    left = _ENVELOPE_MM + _BETWEEN_MM
    plot = _Plot(left, WIDTH_MM - left, span_ns, -most, most)
    yield from _frame(plot, event)
    key = "peak_uv" if unit == "µV" else "peak_g"
    yield Label(left, _TOP_MM - 0.9, f"Raw signal, {RAW_S:g} s, ±{quantity_text(key, most)}", _TEXT_PT, shapes.SOFT)
    for piece in cut:
        reduced = min_max(piece.values[:, np.newaxis], round(plot.width * _COLUMNS_PER_MM))
        at_ns = piece.start_ns + (np.arange(len(reduced.low)) + 0.5) * reduced.bucket / piece.fs_hz * NS_PER_S
        both = np.stack((reduced.low[:, 0], reduced.high[:, 0]), axis=1).ravel()
        yield Line(_points(plot, np.repeat(at_ns, 2), both), shapes.TRACE, shapes.HAIRLINE_MM)
    yield from _seconds(plot, event, offset_s)


def _between(piece: _Piece, span_ns: tuple[int, int]) -> _Piece:
    first, stop = (max(0, round((t_ns - piece.start_ns) / NS_PER_S * piece.fs_hz)) for t_ns in span_ns)
    start_ns = piece.start_ns + round(first / piece.fs_hz * NS_PER_S)
    return _Piece(start_ns, piece.fs_hz, piece.values[first:stop])


def _envelope(stretch: Stretch, event: Event, offset_s: int) -> Iterator[Shape]:
    tracks = [track for track in stretch.tracks if track.name is TrackName.ENVELOPE_UV and len(track.values)]
    own = [track for track in tracks if track.sensor == event.sensor] or tracks
    highest = [float(np.nanmax(track.values)) for track in own if np.isfinite(track.values).any()]
    plot = _Plot(0.0, _ENVELOPE_MM, whole_span_ns(event), 0.0, max(highest, default=1.0) or 1.0)
    yield from _frame(plot, event)
    if not highest:
        yield Label(1.5, _TOP_MM + _PLOT_MM / 2, "no envelope", _TEXT_PT, shapes.SOFT)
        return
    upper = quantity_text("envelope_uv", plot.high)
    yield Label(0.0, _TOP_MM - 0.9, f"Envelope, 0 to {upper}; dashed: onset level", _TEXT_PT, shapes.SOFT)
    for track in own:
        yield from _lines(plot, track, shapes.TRACE, shapes.LINE_MM)
    levels = [step.threshold for step in event.why if step.rule in LEVELS and 0 < step.threshold < plot.high]
    for level in levels[:1]:
        at = float(plot.y(level))
        yield Line(((0.0, at), (_ENVELOPE_MM, at)), shapes.CRAMP, shapes.HAIRLINE_MM, dashed=True)
    yield from _seconds(plot, event, offset_s)


def _moved(pieces: Sequence[_Piece], event: Event, offset_s: int) -> Iterator[Shape]:
    """Yield how far acceleration was from its middle over the whole event, the highest of each column."""
    most = max(float(np.abs(piece.values).max(initial=0.0)) for piece in pieces) or 1.0
    plot = _Plot(0.0, _ENVELOPE_MM, whole_span_ns(event), 0.0, most)
    yield from _frame(plot, event)
    yield Label(0.0, _TOP_MM - 0.9, f"Acceleration, 0 to {quantity_text('peak_g', most)}", _TEXT_PT, shapes.SOFT)
    for piece in pieces:
        reduced = min_max(np.abs(piece.values)[:, np.newaxis], round(plot.width * _COLUMNS_PER_MM))
        at_ns = piece.start_ns + (np.arange(len(reduced.high)) + 0.5) * reduced.bucket / piece.fs_hz * NS_PER_S
        if len(reduced.high) > 1:
            yield Line(_points(plot, at_ns, reduced.high[:, 0]), shapes.TRACE, shapes.LINE_MM)
    yield from _seconds(plot, event, offset_s)


def _lines(plot: _Plot, track: TrackView, ink: str, width_mm: float) -> Iterator[Shape]:
    """Yield a track, the highest value of each column; a gap begins a new line."""
    reduced = min_max(track.values[:, np.newaxis], round(plot.width * _COLUMNS_PER_MM))
    at_ns = track.start_ns + (np.arange(len(reduced.high)) + 0.5) * reduced.bucket * track.hop_s * NS_PER_S
    values = reduced.high[:, 0]
    edges = np.flatnonzero(np.diff(np.concatenate(([False], np.isfinite(values), [False])))).reshape(-1, 2)
    for first, stop in edges.tolist():
        if stop - first > 1:
            yield Line(_points(plot, at_ns[first:stop], values[first:stop]), ink, width_mm)


def _points(plot: _Plot, at_ns: NDArray[np.floating], values: NDArray[np.floating]) -> tuple[Point, ...]:
    return tuple(zip(plot.x(at_ns).tolist(), plot.y(values).tolist(), strict=True))


def _frame(plot: _Plot, event: Event) -> Iterator[Shape]:
    """Yield the ground of a plot, and in it, darker, how long the event lasted."""
    yield Box(plot.left, _TOP_MM, plot.width, _PLOT_MM, "", shapes.LINE)
    first, stop = plot.x(np.array([event.onset_ns, event.end_ns], np.float64)).tolist()
    if stop > first:
        yield Box(first, _TOP_MM, stop - first, _PLOT_MM, shapes.GROUND)


def _seconds(plot: _Plot, event: Event, offset_s: int) -> Iterator[Shape]:
    """Yield the clock at the onset, and how long the plot is."""
    onset = float(plot.x(float(event.onset_ns)))
    below = _TOP_MM + _PLOT_MM
    lasts_s = (plot.span_ns[1] - plot.span_ns[0]) / NS_PER_S
    yield Line(((onset, below), (onset, below + 0.8)), shapes.SOFT)
    yield Label(onset, below + 2.9, clock_text(event.onset_ns, offset_s, seconds=True), _TEXT_PT, shapes.SOFT, "middle")
    yield Label(plot.left + plot.width, below + 2.9, f"{lasts_s:.0f} s", _TEXT_PT, shapes.SOFT, "end")

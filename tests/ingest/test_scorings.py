"""Lists of what people scored: every format gives the same events, and what is not read is counted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import edfio
import numpy as np
import pytest

from detectors.events import EventKind, Stage, StageSpan
from detectors.signal import NS_PER_S, Leg
from ingest.errors import DecodeError
from ingest.files.events_tsv import read_events
from ingest.files.parquet import write_parquet
from ingest.files.scorings import joined, read_scoring
from ingest.files.sheet import CellType, Sheet, SheetColumn, csv_text
from ingest.files.wall_clock import instant_ns

if TYPE_CHECKING:
    from detectors.annotations import Span
    from ingest.files.events_tsv import ScoredEvents
    from ingest.files.sheet import Cell

RATERS = Path(__file__).parents[1] / "data" / "rbdtector"
EXPORTS = RATERS / "exports"
SHARED = ("Sleep profile - test1 Unbekannt.txt", "Flow Events - test1 Unbekannt.txt",
          "Classification Arousals - test1 Unbekannt.txt")  # fmt: skip
GENERIC = {"rater1": "Generic - test1 Unbekannt.txt", "rater2": "Generic_NO_test1.txt"}
START_NS = instant_ns(datetime(2026, 10, 24, 22, 30, tzinfo=UTC))


def moves(scored: ScoredEvents) -> list[tuple[float, float, Leg]]:
    return [(m.onset_ns / NS_PER_S, m.end_ns / NS_PER_S, m.leg) for m in scored.movements]


def stages(scored: ScoredEvents) -> list[tuple[float, float, Stage]]:
    return [(s.onset_ns / NS_PER_S, s.end_ns / NS_PER_S, s.stage) for s in scored.annotations.stages]


def spans(listed: tuple[Span, ...]) -> list[tuple[float, float]]:
    return [(one.onset_ns / NS_PER_S, one.end_ns / NS_PER_S) for one in listed]


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding)
    return path


@pytest.mark.parametrize("rater", GENERIC)
def test_the_exports_of_a_real_hour_are_the_list_that_was_made_of_them(rater: str) -> None:
    expected = read_events(RATERS / f"{rater}.tsv")
    scored = joined([read_scoring(EXPORTS / name) for name in (*SHARED, GENERIC[rater])])
    assert scored.annotations == expected.annotations
    assert moves(scored) == moves(expected)
    flat = read_scoring(EXPORTS / f"rbdtector_expert{rater[-1]}.csv")
    assert (moves(flat), flat.annotations) == (moves(expected), expected.annotations)


def test_what_of_an_export_is_not_read_is_counted_by_name() -> None:
    left_out = dict(read_scoring(EXPORTS / GENERIC["rater1"]).left_out)
    assert (left_out["ChinArtifact"], left_out["LeftLegArtifact"], left_out["LeftArmPhasic"]) == (58, 4, 123)
    assert not any("LegPhasic" in name for name in left_out)


def test_clock_times_are_counted_from_the_start_of_the_recording() -> None:
    begin_ns = instant_ns(datetime(2020, 9, 23, 0, 45, tzinfo=UTC))
    of_list, of_recording = (read_scoring(EXPORTS / SHARED[1], start_ns=at) for at in (None, begin_ns))
    assert [one.onset_ns - 15 * 60 * NS_PER_S for one in of_recording.annotations.respiratory] == [
        one.onset_ns for one in of_list.annotations.respiratory
    ]
    # The same hour, said in the time of Berlin.
    there = read_scoring(EXPORTS / SHARED[1], start_ns=begin_ns - 7200 * NS_PER_S, time_zone="Europe/Berlin")
    assert there == of_recording


def test_a_list_of_another_night_is_refused() -> None:
    with pytest.raises(DecodeError, match=r"begins at 2020-09-23 01:00:00, 2222\.9 days before the recording"):
        read_scoring(EXPORTS / SHARED[1], start_ns=START_NS)


def test_a_list_runs_over_midnight_and_over_the_change_of_the_clocks(tmp_path: Path) -> None:
    head = "Start Time: 24.10.2026 22:30:00\nSignal Type: Impuls\n\n"
    rows = ("23:59:59,500-00:00:01,000; 2;LeftLegAny", "02:30:00,000-02:30:02,000; RightLegAny",
            "02:29:59,000-02:30:05,000; 6;Hypopnea", "05:00:00,000-05:00:01,000; LeftLegAny")  # fmt: skip
    path = written(tmp_path / "list.txt", head + "\n".join(rows) + "\n", "cp1252")
    scored = read_scoring(path, start_ns=START_NS - 7200 * NS_PER_S, time_zone="Europe/Berlin")
    # The program adds what has elapsed to the clock of the evening: 05:00 is six hours and a half after 22:30.
    assert moves(scored) == [
        (5399.5, 5401.0, Leg.LEFT), (14400.0, 14402.0, Leg.RIGHT), (23400.0, 23401.0, Leg.LEFT),
    ]  # fmt: skip
    assert spans(scored.annotations.respiratory) == [(14399.0, 14405.0)]


TABLES = {
    "semicolons and commas": "Type;Start;Duration;Channel\nWake;0,0;30;\nLimb Movement;31,25;0,5;Leg/L\n"
    "Arousal;40;3;C4\n",
    "onset and end": "onset_s,end_s,description,side\n0,30,Sleep stage W,\n31.25,31.75,LM,left\n40,43,EEG arousal,\n",
    "milliseconds": "label\tstart_ms\tduration_ms\nW\t0\t30000\nLML\t31250\t500\nAR\t40000\t3000\n",
    "times of the day": "Patient:\tx\n\nSleep Stage\tTime [hh:mm:ss]\tEvent\tDuration[s]\tLocation\n"
    "W\t22:30:00\tSLEEP-S0\t30\tROC-LOC\nW\t22:30:31.250\tPLM\t0.5\tLAT\nW\t22:30:40\tArousal\t3\tC4-A1\n",
    "dates": "event,start,duration\nSleep stage W,2026-10-24T22:30:00,30\nPLM (Left),2026-10-24 22:30:31.25,0.5\n"
    "Arousal (ASDA),2026-10-24 22:30:40,3\n",
    "dates with an offset": "event,start,end\nW,2026-10-25T00:30:00+02:00,2026-10-25T00:30:30+02:00\n"
    "LML,2026-10-24T22:30:31.25Z,2026-10-24T22:30:31.75Z\nAROUSAL,2026-10-24T22:30:40Z,2026-10-24T22:30:43Z\n",
    "Luna": "class\tinstance\tchannel\tstart\tstop\tmeta\nW\t.\t.\t0\t30\t.\n"
    "LM\t.\tLLeg\t31.25\t31.75\t.\narousal\t.\tC3\t40\t43\t.\n",
    "UTC": f"kind,leg,onset_ns,end_ns\nsleep stage w,,{START_NS},{START_NS + 30 * NS_PER_S}\nleg_movement,left,"
    f"{START_NS + 31_250_000_000},{START_NS + 31_750_000_000}\narousal,,{START_NS + 40 * NS_PER_S},"
    f"{START_NS + 43 * NS_PER_S}\n",
}  # fmt: skip


@pytest.mark.parametrize("start_ns", [START_NS, None])
@pytest.mark.parametrize("kind", TABLES)
def test_a_table_is_read_whatever_its_columns_are_called_and_its_times_count_from(
    kind: str, start_ns: int | None, tmp_path: Path
) -> None:
    scored = read_scoring(written(tmp_path / "list.csv", TABLES[kind]), start_ns=start_ns)
    assert stages(scored) == [(0.0, 30.0, Stage.WAKE)]
    assert moves(scored) == [(31.25, 31.75, Leg.LEFT)]
    assert spans(scored.annotations.arousals) == [(40.0, 43.0)]
    assert scored.left_out == ()


def test_the_same_table_is_read_in_utf_16_and_with_a_mark(tmp_path: Path) -> None:
    text = TABLES["milliseconds"]
    plain = read_scoring(written(tmp_path / "list.csv", text))
    for encoding in ("utf-16", "utf-8-sig"):
        assert read_scoring(written(tmp_path / "list.csv", text, encoding)) == plain


@pytest.mark.slow
def test_exported_events_come_back_as_csv_and_as_parquet(tmp_path: Path) -> None:
    columns = [("night", "TEXT"), ("kind", "TEXT"), ("leg", "TEXT"), ("onset_ns", "WHOLE"), ("end_ns", "WHOLE"),
               ("duration_s", "NUMBER"), ("revision", "WHOLE")]  # fmt: skip
    rows: list[dict[str, Cell]] = [
        {"night": "n1", "kind": "leg_movement", "leg": "left", "onset_ns": START_NS + 1, "end_ns": START_NS + 7},
        {"night": "n1", "kind": "cramp", "leg": "right", "onset_ns": START_NS + 2, "end_ns": START_NS + 9},
    ]
    sheet = Sheet("events", "", tuple(SheetColumn(name, CellType[kind], "") for name, kind in columns), tuple(rows))
    write_parquet(tmp_path / "events.parquet", sheet)
    path = written(tmp_path / "events.csv", csv_text(sheet))
    for scored in (read_scoring(one, start_ns=START_NS) for one in (path, tmp_path / "events.parquet")):
        assert [(m.onset_ns, m.end_ns, m.leg, m.sensor) for m in scored.movements] == [(1, 7, Leg.LEFT, "events")]
        assert [(o.kind, o.onset_ns, o.end_ns, o.leg) for o in scored.others] == [(EventKind.CRAMP, 2, 9, Leg.RIGHT)]
    many = Sheet("events", "", sheet.columns, (rows[0], {**rows[1], "night": "n2"}))
    with pytest.raises(DecodeError, match="got 2 nights"):
        read_scoring(written(tmp_path / "many.csv", csv_text(many)), start_ns=START_NS)


def annotated(path: Path, *notes: edfio.EdfAnnotation, signals: int = 0) -> Path:
    settings = {"recording": edfio.Recording(startdate=datetime(2026, 10, 24, tzinfo=UTC).date()),
                "starttime": datetime(2026, 10, 24, 22, 30, tzinfo=UTC).time()}  # fmt: skip
    channels = [edfio.EdfSignal(np.zeros(100 * 60), 100, label="LEG/L", physical_range=(-1, 1))] * signals
    edfio.Edf(channels, annotations=notes, **settings).write(path)  # type: ignore[arg-type]  # as given
    return path


@pytest.mark.parametrize("signals", [0, 1])
def test_annotations_are_read_beside_signals_and_alone(signals: int, tmp_path: Path) -> None:
    notes = [edfio.EdfAnnotation(0, 30, "Sleep stage W"), edfio.EdfAnnotation(30, None, "Sleep stage 2"),
             edfio.EdfAnnotation(31.25, 0.5, "PLM (Right)"), edfio.EdfAnnotation(40, 12, "Obstructive apnea"),
             edfio.EdfAnnotation(52, 3, "Arousal"), edfio.EdfAnnotation(55, None, "Lights off")]  # fmt: skip
    path = annotated(tmp_path / "notes.edf", *notes, signals=signals)
    for start_ns, shift_s in ((None, 0.0), (START_NS, 0.0), (START_NS - 60 * NS_PER_S, 60.0)):
        scored = read_scoring(path, start_ns=start_ns)
        assert stages(scored) == [
            (shift_s, shift_s + 30, Stage.WAKE), (shift_s + 30, shift_s + 60, Stage.N2),
        ]  # fmt: skip
        assert moves(scored) == [(shift_s + 31.25, shift_s + 31.75, Leg.RIGHT)]
        assert spans(scored.annotations.respiratory) == [(shift_s + 40, shift_s + 52)]
        assert spans(scored.annotations.arousals) == [(shift_s + 52, shift_s + 55)]
        assert scored.left_out == (("Lights off", 1),)


@pytest.mark.parametrize("first", [0, 1])
def test_a_table_of_epochs_counts_them_from_its_first(first: int, tmp_path: Path) -> None:
    rows = "".join(f"{first + number},{stage}\n" for number, stage in enumerate("WR2"))
    scored = read_scoring(written(tmp_path / "hypnogram.csv", f"Epoch,Stage\n{rows}"))
    assert stages(scored) == [(0.0, 30.0, Stage.WAKE), (30.0, 60.0, Stage.REM), (60.0, 90.0, Stage.N2)]


def test_a_hypnogram_has_a_stage_per_line(tmp_path: Path) -> None:
    path = written(tmp_path / "hypnogram.txt", "stage\n0\nN1\n2\n?\nREM\n")
    assert [(span[0], span[2]) for span in stages(read_scoring(path))] == [
        (0.0, Stage.WAKE), (30.0, Stage.N1), (60.0, Stage.N2), (120.0, Stage.REM),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty, expected EDF"),
        ("hello\nworld\n", "begins with 'hello', expected EDF"),
        ("onset,duration,type\nsoon,1,LML\n", ":2: onset is 'soon', expected a number of seconds"),
        ("onset,duration,type\n1,-1,LML\n", ":2: duration is -1, expected 0 s or more"),
        ("onset,end,type\n2,1,LML\n", ":2: ends 1 s before its onset"),
        ("onset,duration,type\n1\n", ":2: got 1 columns, expected 3 or more as in the header"),
        ("onset,duration,type\n1,2,Snore\n2,2,Snore\n", "got 2 rows of 'Snore', expected sleep stages"),
        ("onset,duration,type\n0,60,N2\n30,30,N3\n", "sleep stage N3 begins at 30.0 s, expected at or after"),
        ("onset,duration,type\n1e999,2,LML\n", ":2: onset is '1e999', expected a number of seconds"),
        ("onset,duration,type\n1e999999999,2,LML\n", ":2: onset is '1e999999999', expected a number of seconds"),
        (
            "onset,type\n2026-10-24T22:30:00,LML\n2026-10-24T22:31:00Z,LML\n",
            ":3: got '2026-10-24T22:31:00Z', expected no offset from UTC as '2026-10-24T22:30:00' has",
        ),
        (
            "onset,end,type\n2026-10-24T22:30:00Z,2026-10-24T22:31:00,LML\n",
            ":2: got '2026-10-24T22:31:00', expected an offset from UTC as '2026-10-24T22:30:00Z' has",
        ),
        ('{"events": "' + "x, " * 50_000 + '"}', "is no table (field larger than field limit (131072))"),
        ("start,event\n22:30:00,LML\n22:61:00,LML\n", ":3: got '22:61:00', expected a time of the day"),
        ("Start Time: yesterday\n\n01:00:00,000; N2\n", "start time: got 'yesterday', expected a date and a time"),
        ("Start Time: 01.02.2026 01:00:00\n\nnothing\n", ":3: got 'nothing', expected 'time; event'"),
        ("W\nN2\ncoffee\n", ":3: got 'coffee', expected a sleep stage for each 30 s"),
        ("\0\1\2", "byte 0 is 0"),
    ],
)
def test_what_is_wrong_in_a_list_is_said_in_one_line(text: str, told: str, tmp_path: Path) -> None:
    path = written(tmp_path / "list.txt", text)
    with pytest.raises(DecodeError) as caught:
        read_scoring(path)
    assert told in str(caught.value)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("onset", ["2026-10-26T22:31:00", "2026-10-26T22:31:00Z", "26.10.2026 22:31:00", "1793053860"])
def test_a_table_whose_dates_are_of_another_night_is_refused(onset: str, tmp_path: Path) -> None:
    path = written(tmp_path / "list.csv", f"onset;duration;type\n{onset};2;LML\n")
    with pytest.raises(DecodeError, match=r"list.csv:2: begins at 2026-10-26 22:31:00, 2.0 days after the recording"):
        read_scoring(path, start_ns=START_NS)


def test_of_two_dates_that_a_table_may_mean_it_is_the_one_of_the_recording(tmp_path: Path) -> None:
    path = written(tmp_path / "list.csv", "onset,duration,type\n10/11/2026 22:31:00,2,LML\n")
    for month, day in ((10, 11), (11, 10)):
        start_ns = instant_ns(datetime(2026, month, day, 22, 30, tzinfo=UTC))
        assert moves(read_scoring(path, start_ns=start_ns)) == [(60.0, 62.0, Leg.LEFT)]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_a_note_may_hold_what_elsewhere_ends_a_line(ends: str, tmp_path: Path) -> None:
    rows = ["onset,duration,type,note", "1,2,LML,one\x0btwo\N{LINE SEPARATOR}three\x0c", "5,1,LMR,"]
    path = tmp_path / "list.csv"
    path.write_bytes(ends.join(rows).encode())
    assert moves(read_scoring(path)) == [(1.0, 3.0, Leg.LEFT), (5.0, 6.0, Leg.RIGHT)]


def test_stages_that_overlap_by_rounding_follow_each_other(tmp_path: Path) -> None:
    scored = read_scoring(written(tmp_path / "list.csv", "onset,duration,type\n0,30.5,N1\n30,30,N2\n"))
    assert scored.annotations.stages[0] == StageSpan(0, 30 * NS_PER_S, Stage.N1)

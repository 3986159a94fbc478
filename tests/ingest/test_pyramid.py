"""Buckets of raw samples: the lowest and the highest of each are those of its samples, however they came."""

from __future__ import annotations

import resource
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.signal import NS_PER_S, Clock, Knot, Leg, Quantity, SampleBlock, Stream, Unit
from ingest.night.certificate import file_hashes
from ingest.night.pyramid import PyramidStore
from ingest.night.pyramid_files import LEVELS, is_whole
from ingest.night.pyramid_reading import StoredPyramid, finest_that_fits, stored_pyramids

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ZERO_NS = 1_790_022_600 * NS_PER_S
FS_HZ = 62.5
SIZE = 8
"""Samples of a finest bucket at this rate: an eighth of a second."""
STEP_NS = round(NS_PER_S / FS_HZ)
STREAM = Stream("left-shin", Leg.LEFT, "ankle", Quantity.ACCELERATION, Unit.G, ("x", "y"), FS_HZ)
EVER = (0, 2**62)
LONG_GAP = round(1000 * FS_HZ)


def block(start: int, n: int, *, segment: int = 0, at_ns: int = ZERO_NS, seed: int = 0) -> SampleBlock:
    """Samples whose time is counted from `at_ns`, with values that are like no others."""
    data = np.random.default_rng([seed, start, segment]).normal(size=(n, 2))
    return SampleBlock(replace(STREAM, segment=segment), Clock((Knot(0, at_ns, FS_HZ),)), start, data)


def written(directory: Path, blocks: list[SampleBlock], *, whole: bool = True) -> StoredPyramid:
    shutil.rmtree(directory, ignore_errors=True)
    store = PyramidStore(directory)
    for each in blocks:
        store.append(each)
        store.flush()
    if whole:
        store.finish(0)
    store.close()
    (stored,) = stored_pyramids(directory)
    return stored


def expected(blocks: list[SampleBlock]) -> dict[int, tuple[list[float], list[float]]]:
    """Return the extremes of each finest bucket by its time: slowly, sample by sample, run by run."""
    held: dict[int, list[np.ndarray]] = {}
    before: SampleBlock | None = None
    run_start = 0
    for each in blocks:
        if (
            before is None
            or each.stream.segment != before.stream.segment
            or not 0 <= each.start - before.stop <= round(900 * FS_HZ)
        ):
            run_start = each.start
        for number, sample in enumerate(each.data, start=each.start):
            bucket = run_start + (number - run_start) // SIZE * SIZE
            held.setdefault(each.clock.at(bucket), []).append(sample.astype(np.float32))
        before = each
    return {t: (np.min(found, axis=0).tolist(), np.max(found, axis=0).tolist()) for t, found in held.items()}


@st.composite
def recordings(draw: st.DrawFn) -> list[SampleBlock]:
    """Blocks of odd lengths with gaps between, some long, some with the count lost."""
    blocks, start, segment, at_ns = [], draw(st.integers(0, 2**40)), 0, ZERO_NS
    at_ns -= round(start * NS_PER_S / FS_HZ)
    for n in draw(st.lists(st.integers(1, 200), min_size=1, max_size=20)):
        blocks.append(block(start, n, segment=segment, at_ns=at_ns))
        start += n
        after = draw(st.sampled_from(("next", "next", "gap", "long", "boot")))
        if after == "gap":
            start += draw(st.integers(1, 100))
        elif after == "long":
            start += LONG_GAP
        elif after == "boot":
            at_ns = blocks[-1].clock.at(start) + NS_PER_S
            start, segment = 0, segment + 1
    return blocks


@pytest.mark.slow
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(blocks=recordings(), whole=st.booleans())
def test_the_extremes_of_every_bucket_are_those_of_its_samples(
    tmp_path: Path, blocks: list[SampleBlock], *, whole: bool
) -> None:
    stored = written(tmp_path / "extremes", blocks, whole=whole)
    found = stored.within(EVER, 0)
    kept = ~np.isnan(found.low[:, 0])
    rows = zip(found.start_ns[kept], found.low[kept].tolist(), found.high[kept].tolist(), strict=True)
    got = {int(t): (low, high) for t, low, high in rows}
    wanted = expected(blocks)
    if not whole:
        # The bucket that is still open is not there yet.
        assert wanted.keys() - got.keys() <= {max(wanted)}
        wanted = {t: wanted[t] for t in got}
    assert got == wanted


@pytest.mark.slow
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(recordings(), st.integers(1, LEVELS - 1), st.floats(0, 1), st.floats(0, 1))
def test_longer_buckets_say_what_the_finest_ones_in_them_say(
    tmp_path: Path, blocks: list[SampleBlock], level: int, one: float, other: float
) -> None:
    stored = written(tmp_path / "extremes", blocks)
    first_ns, last_ns = blocks[0].clock.at(blocks[0].start), blocks[-1].clock.at(blocks[-1].stop)
    span_ns = tuple(sorted(first_ns + round(share * (last_ns - first_ns)) for share in (one, other)))
    fine, long = (stored.within((span_ns[0], span_ns[1]), each) for each in (0, level))
    assert len(long.start_ns) <= len(fine.start_ns)
    if len(fine.start_ns):
        owner = np.searchsorted(long.start_ns, fine.start_ns, side="right") - 1
        for number in range(len(long.start_ns)):
            np.testing.assert_array_equal(np.fmin.reduce(fine.low[owner == number]), long.low[number])
            np.testing.assert_array_equal(np.fmax.reduce(fine.high[owner == number]), long.high[number])


def test_how_the_samples_are_cut_changes_no_byte(tmp_path: Path) -> None:
    whole = block(100, 5000)
    pieces = [
        replace(whole, start=100 + a, data=whole.data[a:b]) for a, b in ((0, 1), (1, 77), (77, 4000), (4000, 5000))
    ]
    at_once, cut = written(tmp_path / "a", [whole]), written(tmp_path / "b", pieces)
    files = [sorted(stored.directory.iterdir()) for stored in (at_once, cut)]
    assert [path.name for path in files[0]] == [path.name for path in files[1]]
    assert all(one.read_bytes() == other.read_bytes() for one, other in zip(*files, strict=True))


def test_buckets_lie_where_a_clock_that_was_corrected_has_them(tmp_path: Path) -> None:
    clock = Clock((Knot(0, ZERO_NS, FS_HZ), Knot(1875, ZERO_NS + 31 * NS_PER_S, FS_HZ * 0.99)))
    stored = written(tmp_path / "extremes", [replace(block(0, 4000), clock=clock)])
    found = stored.within(EVER, 0)
    off_ns = [abs(int(t) - clock.at(number * SIZE)) for number, t in enumerate(found.start_ns)]
    # Only the bucket in which the correction happens is off, by what it corrects in that time.
    assert sorted(off_ns)[-2] <= 1
    assert len(found.start_ns) == 500


def test_what_lies_outside_of_a_span_is_not_read(tmp_path: Path) -> None:
    stored = written(tmp_path / "extremes", [block(0, 6000)])
    span_ns = ZERO_NS + 10 * NS_PER_S, ZERO_NS + 20 * NS_PER_S
    found = stored.within(span_ns, 0)
    bucket_ns = SIZE * STEP_NS
    assert span_ns[0] - bucket_ns < found.start_ns[0] <= span_ns[0]
    assert span_ns[1] - bucket_ns <= found.start_ns[-1] < span_ns[1]
    assert not len(stored.within((ZERO_NS - NS_PER_S, ZERO_NS), 0).start_ns)
    assert not len(stored.within((found.start_ns[-1] + 3600 * NS_PER_S, 2**62), 0).start_ns)


def test_a_writer_that_was_killed_leaves_what_is_right_and_does_not_call_it_whole(tmp_path: Path) -> None:
    log = tmp_path / "packets.log"
    log.write_bytes(b"")
    blocks = [block(0, 3001), block(3001, 2000)]
    whole = written(tmp_path / "whole", blocks).within(EVER, 0)
    assert is_whole(tmp_path / "whole", log)
    killed = written(tmp_path / "killed", blocks, whole=False)
    assert not is_whole(tmp_path / "killed", log)
    for path in killed.directory.glob("*.f32"):
        # Cut within a bucket, each file at another place.
        path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3 - 3])
    for level in range(LEVELS):
        left = killed.within(EVER, level)
        assert len(left.low) > 0
    left = killed.within(EVER, 0)
    np.testing.assert_array_equal(left.low, whole.low[: len(left.low)])


@pytest.mark.parametrize("damage", ["grown log", "cut file", "no file", "no word", "not ours"])
def test_only_what_is_there_and_of_this_log_is_called_whole(tmp_path: Path, damage: str) -> None:
    log, directory = tmp_path / "packets.log", tmp_path / "extremes"
    log.write_bytes(b"")
    written(directory, [block(0, 3000)])
    assert is_whole(directory, log)
    level, word = next(directory.glob("*.0.f32")), directory / "whole.json"
    damages: dict[str, Callable[[], object]] = {
        "grown log": lambda: log.write_bytes(b"more"),
        "cut file": lambda: level.write_bytes(level.read_bytes()[:-8]),
        "no file": level.unlink,
        "no word": word.unlink,
        "not ours": lambda: word.write_text("[1]"),
    }
    damages[damage]()
    assert not is_whole(directory, log)


def test_a_new_writer_removes_what_was_there(tmp_path: Path) -> None:
    directory = tmp_path / "extremes"
    written(directory, [block(0, 3000)])
    PyramidStore(directory).close()
    assert list(directory.iterdir()) == []


def test_a_night_that_was_removed_does_not_come_back(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        PyramidStore(tmp_path / "removed" / "extremes")


def test_two_streams_of_one_quantity_do_not_mix(tmp_path: Path) -> None:
    store = PyramidStore(tmp_path / "extremes")
    other = replace(STREAM, axes=("a",))
    store.append(block(0, 100))
    store.append(SampleBlock(other, block(0, 1).clock, 0, np.full((100, 1), 5.0)))
    store.finish(0)
    found = {stored.stream.axes: stored.within(EVER, 0) for stored in stored_pyramids(tmp_path / "extremes")}
    assert found["a",].low.tolist() == [[5.0]] * 13
    assert found["x", "y"].low.max() < 5.0


def test_samples_that_are_no_numbers_or_too_large_hide_no_others(tmp_path: Path) -> None:
    data = np.array([[np.nan, 1e300], [1.0, 2.0], [np.nan, -3.0]])
    found = written(tmp_path / "extremes", [replace(block(0, 3), data=data)]).within(EVER, 0)
    assert found.low.tolist() == [[1.0, -3.0]]
    assert found.high.tolist() == [[1.0, np.inf]]


def test_a_disk_that_is_full_is_an_error_and_every_file_is_closed(tmp_path: Path) -> None:
    store = PyramidStore(tmp_path / "extremes")
    store.append(block(0, 100))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            store.flush()
        # A file that stayed open would say so when it is collected, and fail this test.
        with pytest.raises(OSError, match="File too large"):
            store.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_count_that_jumps_far_costs_no_disk(tmp_path: Path) -> None:
    stored = written(tmp_path / "extremes", [block(0, 10), block(2**35, 10), block(2**50, 10), block(60, 10)])
    assert sum(path.stat().st_size for path in stored.directory.iterdir()) < 2000


def test_the_level_is_the_one_that_a_value_is_not_shorter_than(tmp_path: Path) -> None:
    stored = written(tmp_path / "extremes", [block(0, 10)])
    assert [finest_that_fits(stored, hop_s) for hop_s in (0.01, 0.128, 1.0, 1.03, 9.0, 1e6)] == [0, 0, 0, 1, 2, 2]


def test_no_certificate_vouches_for_what_can_be_made_again(tmp_path: Path) -> None:
    (tmp_path / "packets.log").write_bytes(b"")
    written(tmp_path / "extremes", [block(0, 10)])
    assert list(file_hashes(tmp_path)) == ["packets.log"]

"""Damaged files through every importer: samples that keep every promise, or our own error in one line."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from benchmarks.fuzz_files.__main__ import NOISE_MB, Tally, distinct, line, run
from benchmarks.fuzz_files.damage import Copy, Example, damaged, sealed_cwa, sealed_log
from benchmarks.fuzz_files.examples import MADE, example
from benchmarks.fuzz_files.trial import FAULT, READ, REFUSED, Came, nth_copy, tried

if TYPE_CHECKING:
    from pathlib import Path

N_COPIES = 6


@pytest.mark.slow
@pytest.mark.parametrize("kind", MADE)
def test_a_damaged_file_is_read_or_refused_in_one_line(kind: str, tmp_path: Path) -> None:
    good = example(kind)
    assert tried(good, Copy(good.files, "nothing"), tmp_path).outcome == READ
    for number in range(N_COPIES):
        came = tried(good, nth_copy(kind, number, seed=7), tmp_path)
        assert came.outcome in {READ, REFUSED}, f"{number}: {came.what}: {came.said}"
        assert came.growth_mb < 2 * NOISE_MB


def test_what_is_not_our_own_error_is_a_fault(tmp_path: Path) -> None:
    absent = Example("absent.edf", {"other.edf": b"0"}, ("other.edf",))
    came = tried(absent, Copy(absent.files, "nothing"), tmp_path)
    assert (came.outcome, came.said.splitlines()[-1].split(":")[0]) == (FAULT, "FileNotFoundError")


@pytest.mark.slow
def test_copies_are_tried_in_a_process_of_their_own() -> None:
    advanced: list[None] = []
    tally = run("axivity-ax6", 3, 1, lambda: advanced.append(None))
    assert (len(tally.came), len(advanced), tally.faults, tally.good.outcome) == (3, 3, [], READ)
    assert "3 copies" in line(tally)


def test_a_kind_that_was_not_tried_says_so() -> None:
    nothing = Came("?", FAULT, "died", 0.0, 0.0, 0.0)
    assert line(Tally("edf", nothing, [nothing], ["died"])).split() == ["edf", "was", "not", "tried"]


def test_the_same_numbers_make_the_same_copy_and_others_another() -> None:
    assert nth_copy("scored-lines", 3, 1) == nth_copy("scored-lines", 3, 1)
    assert len({nth_copy("scored-lines", number, seed).what for number in range(5) for seed in range(5)}) > 20


def test_every_kind_of_damage_is_done() -> None:
    good = Example("a", {"a": bytes(range(200)) * 30}, ("a",), sealed=sealed_cwa)
    done = {word for n in range(200) for word in damaged(good, Random(n)).what.split()}  # noqa: S311 - damage
    assert {"cut", "flipped", "flipped,", "overwritten", "put", "right"} <= done


def test_wrong_bits_get_right_checksums() -> None:
    stored = example("axivity-ax3").files["ax3.cwa"]
    assert sealed_cwa(stored) == stored
    record = bytes([0x1E, 6, 0, 0, 0, 0, 1, 0, 0x55])
    assert sealed_log(record + b"\0")[-1] == 0x1E ^ 6 ^ 1 ^ 0x55 ^ 0xFF


def test_faults_that_end_alike_are_shown_once_with_how_many_there_are() -> None:
    faults = [f"edf, copy {number}: Traceback\n  File {number}\nKeyError: 3" for number in range(3)]
    first, second = distinct(["csv, copy 1: needed 90 MB", *faults])
    assert first == f"3 times KeyError: 3; for example {faults[0]}"
    assert second.startswith("1 times csv, copy 1")

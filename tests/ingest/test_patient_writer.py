"""What a writer does when the database does not take points now: waits, says so once a minute, and gives nothing up."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from ingest.influx import InfluxWriter, Verdict
from ingest.patient_writer import LONGEST_REFUSED_S, LONGEST_RETRY_S, PatientWriter
from tests.scripted_influx import ACCEPTED, RESET, SILENCE, scripted_influx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tests.scripted_influx import ScriptedInflux

LINES = ("a,person=anna x=1 1", "a,person=anna x=2 2")
MINUTE_S = 60.0


class Clock:
    """A time that passes when somebody sleeps."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.slept_s: list[float] = []

    def time_s(self) -> float:
        return self.now_s

    async def sleep(self, wait_s: float) -> None:
        self.slept_s.append(wait_s)
        self.now_s += wait_s


@contextmanager
def writer(
    answers: Sequence[int],
    clock: Clock,
    fresh_token: Callable[[], str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Iterator[tuple[PatientWriter, ScriptedInflux]]:
    """Run a server that gives some answers and then accepts, and a writer to it."""
    script = iter(answers)
    # Only silence is waited for; a busy computer may take long over an answer.
    timeout_s = 1.0 if SILENCE in answers else 30.0
    with (
        scripted_influx(lambda _: (next(script, ACCEPTED), ""), headers) as server,
        InfluxWriter(server.address, timeout_s=timeout_s) as influx,
    ):
        yield PatientWriter(influx, fresh_token, sleep=clock.sleep, now_s=clock.time_s), server


@pytest.mark.slow
@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 502, 503, SILENCE, RESET])
async def test_what_is_not_the_points_fault_is_waited_for_and_nothing_is_lost(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    with writer([status, status], clock) as (patient, server):
        assert (await patient.write(LINES)).verdict is Verdict.ACCEPTED
    assert server.accepted == list(LINES)
    assert len(clock.slept_s) == 2
    assert caplog.text.count("trying again") == 1
    assert "anna" not in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(("status", "verdict"), [(413, Verdict.TOO_LARGE)])
async def test_413_is_for_whoever_made_the_batch_to_mend(status: int, verdict: Verdict) -> None:
    clock = Clock()
    with writer([status], clock) as (patient, _):
        assert (await patient.write(LINES)).verdict is verdict
    assert clock.slept_s == []


async def test_each_wait_is_longer_than_the_last_up_to_a_minute_and_none_is_the_same_for_two_writers() -> None:
    waits = []
    for _ in range(2):
        clock = Clock()
        with writer([503] * 10, clock) as (patient, _):
            await patient.write(LINES)
        waits.append(clock.slept_s)
    expected = [min(0.5 * 2**number, LONGEST_RETRY_S) for number in range(10)]
    for slept_s in waits:
        assert all(least <= wait_s <= 1.25 * least for least, wait_s in zip(expected, slept_s, strict=True))
    assert waits[0] != waits[1]


@pytest.mark.parametrize("status", [429, 503])
async def test_429_and_503_are_asked_again_no_sooner_than_the_database_wishes(status: int) -> None:
    clock = Clock()
    with writer([status], clock, headers={"Retry-After": "9"}) as (patient, _):
        await patient.write(LINES)
    assert 9.0 <= clock.slept_s[0] <= 9.0 * 1.25


async def test_429_with_an_endless_wait_is_asked_again_after_minutes() -> None:
    clock = Clock()
    with writer([429], clock, headers={"Retry-After": "31536000"}) as (patient, _):
        await patient.write(LINES)
    assert clock.slept_s[0] <= 300.0 * 1.25


@pytest.mark.parametrize("status", [401, 403])
async def test_401_and_403_make_the_writer_read_its_token_again(status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    clock = Clock()
    # A file that is being exchanged is missing for a moment, then empty.
    tokens = iter(["", "secret", "newer"])
    with writer([status] * 3, clock, lambda: next(tokens)) as (patient, server):
        await patient.write(LINES)
    assert server.logins == ["Token secret"] * 3 + ["Token newer"]
    assert "the token has changed" in caplog.text
    assert "newer" not in caplog.text


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_401_403_and_404_are_said_once_a_minute_and_noticed_soon_when_they_end(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    with writer([status] * 40, clock) as (patient, _):
        await patient.write(LINES)
    assert max(clock.slept_s) <= LONGEST_REFUSED_S * 1.25
    minutes = sum(clock.slept_s) / MINUTE_S
    assert minutes > 5
    assert minutes - 1 <= len(caplog.records) <= minutes + 1
    assert all(f"HTTP {status}" in record.getMessage() for record in caplog.records)


async def test_another_fault_is_said_at_once(caplog: pytest.LogCaptureFixture) -> None:
    with writer([503, 401, SILENCE], Clock()) as (patient, _):
        await patient.write(LINES)
    assert [word in record.getMessage() for word, record in zip(("503", "401", "answer"), caplog.records, strict=True)]


async def test_it_is_said_when_it_is_over(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with writer([503], Clock()) as (patient, _):
        await patient.write(LINES)
        await patient.write(LINES)
    assert caplog.text.count("InfluxDB answers our writes again") == 1

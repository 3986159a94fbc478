"""The parts of the load of many homes: the night they send, what is counted, and what is computed from it."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from benchmarks.delivery.turns import in_turns
from benchmarks.load.cost import Cost
from benchmarks.load.homes import Homes, Plan
from benchmarks.load.nights import Said, fields_and_series, home, newest, of, read, rows, simulated, size, write
from benchmarks.load.page import PAGE, TEXT, Measured, page
from benchmarks.load.sizing import CATCHING_UP, MORNING_S, MORNING_SHARE, NIGHT_S, Night, need, night_of
from benchmarks.load.slow_line import serve
from benchmarks.load.stages import Used, since, stage_of
from benchmarks.load.text import told
from ingest import wire
from ingest.night.entries import TopicKind
from tests.system.generated_night import generated_night
from tests.system.servers import free_port

if TYPE_CHECKING:
    from pathlib import Path

NIGHT = [Said(float(second), entry) for second, entry in enumerate(generated_night(seed=21, n_movements=20))]
EVENT = Cost({"broker": 10.0, "writers": 100.0, "database": 20.0}, 3000.0, holds=True)
EPOCH = Cost({"broker": 10.0, "writers": 50.0, "database": 10.0}, 5000.0, holds=True)
EACH = {TopicKind.EVENT: EVENT, TopicKind.EPOCH: EPOCH}


def played(missing: int = 0) -> Homes:
    expected = rows(NIGHT)
    found = {name: one._replace(points=one.points - missing) for name, one in expected.items()}
    cpu_s = dict.fromkeys(("journal", "relay", "broker", "writers", "database", "rewrite"), 0.5)
    return Homes(
        Plan(1, 2, 2.0), 2.5, len(NIGHT), (30.0, 90.0, 120.0), cpu_s, {"broker": 9.0}, 999, expected, found, 5000
    )


def test_a_night_comes_out_of_its_file_as_it_went_in(tmp_path: Path) -> None:
    write(tmp_path / "night.jsonl", NIGHT)
    assert read(tmp_path / "night.jsonl") == NIGHT


def test_two_homes_send_the_same_night_under_names_that_share_nothing() -> None:
    one, other = ([of(home(number), said.entry) for said in NIGHT] for number in (1, 2))
    assert {entry.key for entry in one}.isdisjoint(entry.key for entry in other)
    assert [entry.body for entry in one] == [entry.body for entry in other]
    topics = [wire.entry_topic(home(number).site, entries[0]) for number, entries in ((1, one), (2, other))]
    assert topics == ["soleus/v1/site0001/p0001/event", "soleus/v1/site0002/p0002/event"]


def test_what_the_database_must_hold_is_every_point_once_in_its_newest_revision() -> None:
    held = rows(NIGHT)
    events = [entry for entry in newest(NIGHT).values() if entry.topic_kind is TopicKind.EVENT]
    assert held["leg_event"] == (20, sum(entry.revision for entry in events))
    assert held["leg_epoch"] == (120, 0)
    # The whole night, and each of its three sensors and kinds.
    assert held["night"] == (4, 0)


def test_every_revision_is_a_message() -> None:
    whole, events = size(NIGHT), size(NIGHT, [TopicKind.EVENT])
    assert whole.messages == len(NIGHT)
    assert whole.entries == len(newest(NIGHT))
    assert events.messages > events.entries == 20
    assert events.mqtt_bytes < whole.mqtt_bytes


def test_a_night_that_comes_again_writes_more_fields_into_the_same_series() -> None:
    once, twice = fields_and_series(NIGHT), fields_and_series([*NIGHT, *NIGHT])
    assert (twice[0], twice[1]) == (2 * once[0], once[1])


@pytest.mark.slow
def test_a_simulated_night_says_everything_in_the_order_of_time() -> None:
    said = simulated(0.1, seed=1)
    assert [one.at_s for one in said] == sorted(one.at_s for one in said)
    kinds = [one.entry.topic_kind for one in said]
    assert kinds.count(TopicKind.EPOCH) == 2 * 2 * 12
    assert kinds.count(TopicKind.HEALTH) == 2 * 6
    assert kinds.count(TopicKind.NIGHT) == 1
    assert rows(said)["leg_epoch"].points == 48
    # What a collector sends of a night: also when the person slept.
    assert rows(said)["sleep_epoch"].points == 12


@pytest.mark.parametrize(
    ("command", "stage"),
    [
        ("mosquitto -c /tmp/x/config/mosquitto.conf", "broker"),
        ("/usr/bin/influxd run -config /tmp/mosquitto/influxdb.conf", "database"),
        ("nginx: worker process", "rewrite"),
        ("/usr/bin/python -m soleus store --name writer0 --group writers", "writers"),
        ("/usr/bin/python -m benchmarks.load.street --folder /tmp/store/homes", "other"),
        ("", "other"),
    ],
)
def test_processor_time_is_told_by_what_a_process_is(command: str, stage: str) -> None:
    assert stage_of(command.split()) == stage


def test_a_stage_that_was_not_there_before_has_used_all_that_it_used() -> None:
    assert since({"broker": Used(1.0, 5.0)}, {"broker": Used(3.0, 6.0), "writers": Used(2.0, 1.0)}) == {
        "broker": 2.0,
        "writers": 2.0,
    }


def test_the_ratio_is_that_of_neighbouring_runs() -> None:
    busy = (10.0, 1.0, 10.0)
    found = in_turns(lambda run: busy[run], lambda run: 2 * busy[run], 3)
    assert found == (10.0, 20.0, 0.5)


def test_what_many_need_is_the_cost_of_a_message_times_their_messages() -> None:
    night = Night(events=28_800, others=28_800, at_end=1800)
    one, many = need(1, night, EACH), need(1000, night, EACH)
    assert one.mean_per_s == pytest.approx(57_600 / NIGHT_S)
    assert one.peak_per_s == pytest.approx(CATCHING_UP * 2.0 + MORNING_SHARE * 1800 / MORNING_S)
    # Two events of 100 µs and two epochs of 50 µs each second, half an event more in the morning, half busy.
    assert one.cores["writers"] == pytest.approx((2.5 * 100 + 2 * 50) / 1e6 / 0.5)
    assert many.cores["database"] == pytest.approx(1000 * one.cores["database"])


def test_what_comes_at_the_last_moment_belongs_to_the_morning() -> None:
    entries = [one.entry for one in NIGHT]
    said = [*(Said(0.0, entry) for entry in entries[:-5]), *(Said(9.0, entry) for entry in entries[-5:])]
    night = night_of(said)
    assert (night.at_end, night.messages) == (5, len(entries))


def test_a_run_that_lost_a_point_says_so() -> None:
    assert played().holds
    assert told(NIGHT, played())[-1] == "nothing lost"
    assert not played(missing=1).holds
    assert told(NIGHT, played(missing=1))[-1] == "LOST SOMETHING"


def test_the_page_is_the_text_with_every_number_filled_in() -> None:
    written = page(Measured(8.0, NIGHT, played(), EACH, 8.5))
    assert "$" not in written
    assert "its packet log has 68 MB a night" in written
    assert re.search(r"^\| 1 000 000 \| .* TB \| .* TB \|$", written, re.MULTILINE)


def test_the_committed_page_has_the_text_of_today() -> None:
    written = set(PAGE.read_text(encoding="utf-8").splitlines())
    fixed = [line for line in TEXT.read_text(encoding="utf-8").splitlines() if "$" not in line]
    assert [line for line in fixed if line not in written] == []


async def test_a_request_on_the_slow_line_arrives_later_and_its_answer_at_once() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readexactly(4))
        await writer.drain()
        writer.close()

    target, port = free_port(), free_port()
    async with await asyncio.start_server(echo, "127.0.0.1", target):
        line = asyncio.create_task(serve(port, target, 0.05))
        async with asyncio.timeout(60.0):
            reader, writer = await _connected(port)
            began_s = time.monotonic()
            writer.write(b"ping")
            assert await reader.read() == b"ping"
        assert time.monotonic() - began_s >= 0.05
        writer.close()
        line.cancel()
        with suppress(asyncio.CancelledError):
            await line


async def _connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    while True:
        with suppress(ConnectionRefusedError):
            return await asyncio.open_connection("127.0.0.1", port)
        await asyncio.sleep(0.01)

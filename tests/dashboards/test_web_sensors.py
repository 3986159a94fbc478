"""The page of the sensors: numbers, what to do, and nothing of what nobody measured."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from dashboards.sensor_report import MissingSpan, SensorReport
from dashboards.web.sensors import panel_of
from dashboards.web.sensors_drawing import WIDTH, picture_of
from dashboards.web.sensors_figures import figures_of
from detectors.signal import NS_PER_S, GapCause
from tests.fakes import EARLIER_ID, NIGHT_ID, FakeNightBook
from tests.synthetic_night import SENSORS, START_NS
from tests.web_client import client_of

if TYPE_CHECKING:
    from starlette.testclient import TestClient

CARD = FakeNightBook().nights()[0]
MINUTES = 450
GOOD = {"n_expected": 1e6, "n_received": 1e6, "n_resent": 0.0, "n_lost": 0.0, "links_lost": 0.0, "clock_slope_ppm": 3.0}


def report(
    account: dict[str, float] | None = None, missing: tuple[MissingSpan, ...] = (), **minutes: object
) -> SensorReport:
    columns = {"linked_share": np.ones(MINUTES), "longest_silence_s": np.full(MINUTES, 0.2), **minutes}
    return SensorReport(
        SENSORS[0],
        "lsp",
        START_NS,
        {name: np.asarray(values, np.float32) for name, values in columns.items()},
        {**GOOD, **(account or {})},
        missing,
    )


def advice(one: SensorReport, **valid_h: float) -> tuple[str, ...]:
    return panel_of(one, CARD, valid_h or {"emg": 7.0}).advice


def text_of(one: SensorReport, key: str) -> str:
    return next(fact.text for fact in panel_of(one, CARD).facts if fact.key == key)


def missing(cause: str, lasts_s: float, at_s: float = 600.0) -> MissingSpan:
    onset_ns = START_NS + round(at_s * NS_PER_S)
    return MissingSpan(onset_ns, onset_ns + round(lasts_s * NS_PER_S), cause)


def test_a_good_night_asks_for_nothing() -> None:
    assert advice(report()) == ("Nothing to do: 100 % of the samples arrived.",)
    assert text_of(report(), "links_lost") == "none"


def test_the_battery_says_what_it_would_have_lasted() -> None:
    falling = report(battery_pct=np.linspace(90, 60, MINUTES))
    battery = figures_of(falling).battery
    assert battery is not None
    assert battery.per_h_pct == pytest.approx(4.0, abs=0.02)
    assert text_of(falling, "battery_full_h") == "about 15 h more; full, about 25 h (4 points an hour)"


@pytest.mark.parametrize("levels", [np.full(MINUTES, 80.0), np.r_[81.0, np.full(MINUTES - 1, 80.0)]])
def test_a_battery_that_hardly_fell_tells_no_rate(levels: object) -> None:
    assert text_of(report(battery_pct=levels), "battery_full_h") == "cannot tell: it hardly fell"


def test_a_battery_seen_for_an_hour_tells_no_rate() -> None:
    levels = np.full(MINUTES, np.nan)
    levels[:60] = np.linspace(90, 80, 60)
    assert text_of(report(battery_pct=levels), "battery_full_h") == "cannot tell: it hardly fell"


def test_a_sensor_that_does_not_say_its_battery_has_no_number() -> None:
    fact = next(fact for fact in panel_of(report(), CARD).facts if fact.key == "battery_pct")
    assert (fact.text, fact.value) == ("the sensor does not say", None)


def test_a_level_that_no_battery_has_is_not_known() -> None:
    levels = np.linspace(90, 60, MINUTES)
    levels[[0, -1]] = (255.0, -3.0)
    assert text_of(report(battery_pct=levels), "battery_pct") == "90 % at first, 60 % at last"
    assert figures_of(report(battery_pct=np.full(MINUTES, 255.0))).battery is None


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        (np.linspace(40, 12, MINUTES), "The battery ended at 12 %."),
        (np.linspace(95, 5, MINUTES), "At this rate a full battery lasts about 8 h"),
        (np.linspace(40, 80, MINUTES), "The battery rose in the night."),
    ],
)
def test_what_to_do_about_a_battery(levels: object, said: str) -> None:
    lasting = replace(CARD, end_ns=CARD.start_ns + 9 * 3600 * NS_PER_S)
    assert any(said in line for line in panel_of(report(battery_pct=levels), lasting).advice)


def test_a_weak_signal_asks_for_a_shorter_way_and_a_strong_one_does_not() -> None:
    away = np.ones(MINUTES)
    away[100:140] = 0.0
    weak, strong = (
        report({"links_lost": 3.0}, linked_share=away, rssi_dbm=np.full(MINUTES, dbm)) for dbm in (-88.0, -55.0)
    )
    assert advice(weak)[0].startswith("The signal was weak, median \N{MINUS SIGN}88 dBm. Put the computer")
    assert advice(strong) == ("8.9 % of the minutes had no link, though the signal was strong while it was linked.",)


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (GapCause.AIR, "1 min 40 s in one piece were lost on the air while it was linked."),
        (GapCause.DEVICE, "left out by the sensor itself: distance is not the reason."),
        (GapCause.MALFORMED, "could not be read."),
        (GapCause.SILENCE, "without a packet though the link stood."),
        (GapCause.END, "It stopped at 22:57 and did not come back."),
    ],
)
def test_each_cause_of_loss_has_its_own_sentence(cause: str, said: str) -> None:
    assert any(said in line for line in advice(report(missing=(missing(cause, 100.0),))))


def test_a_second_lost_on_the_air_in_a_night_asks_for_nothing() -> None:
    assert advice(report(missing=(missing(GapCause.AIR, 1.2),)))[0].startswith("Nothing to do")


def test_a_sensor_that_delivered_nothing_has_words_and_no_numbers() -> None:
    nothing = report(
        {"n_received": 0.0, "n_lost": 1e6}, linked_share=np.zeros(MINUTES), battery_pct=np.full(MINUTES, 4.0)
    )
    panel = panel_of(nothing, CARD)
    assert panel.facts == ()
    figures = figures_of(nothing)
    assert {figures.clock_ppm, figures.n_lost, figures.n_resent, figures.received_share, figures.silence} == {None}
    assert not re.search(r"\d", " ".join(panel.advice))
    assert panel.advice[0].startswith("Nothing arrived from it, and its battery was low.")
    assert "no link" in advice(report({"n_received": 0.0}, linked_share=np.zeros(MINUTES)))[0]
    assert "It was linked, and nothing arrived" in advice(report({"n_received": 0.0}))[0]


def test_a_sensor_of_which_nothing_could_be_scored_says_so() -> None:
    panel = panel_of(report(), CARD, {})
    assert panel.facts[0].text == "no valid signal"
    assert panel.facts[0].value is None
    assert panel.advice[0].startswith("Nothing of what arrived could be scored")


def test_shares_are_never_rounded_to_all_or_nothing() -> None:
    assert text_of(report({"n_received": 999_900.0}), "received_share") == "more than 99.9 % of the samples"
    assert text_of(report({"n_received": 100.0}), "received_share") == "less than 0.1 % of the samples"


def test_minutes_without_any_packet_add_up_to_one_silence() -> None:
    away, silences = np.ones(MINUTES), np.full(MINUTES, 0.3)
    away[200:205] = 0.0
    silences[200:205] = np.nan
    silence = figures_of(report(linked_share=away, longest_silence_s=silences)).silence
    assert silence is not None
    assert (silence.lasted_s, silence.minute) == (300.0, 204)


def test_the_strip_shows_where_the_link_was_and_the_line_is_lifted_where_nothing_is_known() -> None:
    away, battery = np.ones(MINUTES), np.full(MINUTES, 50.0)
    away[225:] = 0.0
    battery[100:200] = np.nan
    picture = picture_of(report(linked_share=away, battery_pct=battery, missing=(missing("air", 0.1),)), CARD)
    assert [(one.name, one.d.split("v")[0]) for one in picture.link] == [
        ("linked", f"M0.0 0h{WIDTH / 2}"),
        ("unlinked", f"M{WIDTH / 2} 0h{WIDTH / 2}"),
    ]
    assert picture.battery.count("M") == 2
    assert picture.gaps[0].d.startswith("M26.7 0h2.0")


def test_nothing_known_draws_nothing() -> None:
    bare = SensorReport(SENSORS[0], "lsp", 0)
    picture = picture_of(bare, CARD)
    assert (picture.link, picture.gaps, picture.battery, picture.rssi) == ((), (), "", "")
    assert not panel_of(bare, CARD).delivered


def test_the_page_and_the_json_hold_the_same_numbers(client: TestClient) -> None:
    answer = client.get(f"/api/night/{NIGHT_ID}/sensors").json()
    html = client.get(f"/night/{NIGHT_ID}/sensors").text
    for sensor in answer["sensors"]:
        section = html.partition(f'data-sensor="{sensor["sensor"]}"')[2].partition("</section>")[0]
        shown = {key: float(value) for value, key in re.findall(r'<data value="([^"]+)" data-fact="([^"]+)"', section)}
        known = {key: one["value"] for key, one in sensor["figures"].items() if one["value"] is not None}
        assert shown == pytest.approx(known)
        for line in sensor["advice"]:
            assert line in section
    left = answer["sensors"][0]
    assert left["missing"] == [{"onset_s": 11_700.0, "duration_s": 410.0, "cause": "reconnect"}]
    assert None in left["minutes"]["battery_pct"]


def test_the_first_address_is_that_of_the_newest_night(client: TestClient) -> None:
    newest, same = client.get("/sensors").text, client.get(f"/night/{NIGHT_ID}/sensors").text
    assert newest.partition("<main")[2] == same.partition("<main")[2]
    assert f'href="/night/{EARLIER_ID}/sensors" rel="prev"' in newest
    assert f'href="/night/{NIGHT_ID}/sensors" rel="next"' in client.get(f"/night/{EARLIER_ID}/sensors").text


def test_an_unknown_night_is_404_and_no_night_is_said(client: TestClient) -> None:
    assert client.get("/night/1999-01-01/sensors").status_code == 404
    assert client.get("/api/night/1999-01-01/sensors").json() == {"error": "there is no night of this name"}
    assert "No night yet" in client_of(FakeNightBook(empty=True)).get("/sensors").text


def test_what_is_settled_at_the_end_is_not_known_while_the_night_runs() -> None:
    running = replace(CARD, running=True)
    so_far = report()
    bare = SensorReport(so_far.view, "lsp", so_far.start_ns, so_far.minutes, {"n_expected": 10.0, "n_received": 10.0})
    said = {fact.key: fact.text for fact in panel_of(bare, running).facts}
    assert said["clock_slope_ppm"] == said["n_resent"] == "not known while the night runs"
    assert "the night runs: so far" in client_of(FakeNightBook(running=True)).get("/sensors").text

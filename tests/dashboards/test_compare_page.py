"""Two periods side by side: what is said where one can tell, where one cannot, and where there are too few nights."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from dashboards.comparison import Block, Comparison, Measure, Period, Phase, Plan, Side, Verdict
from dashboards.web.compare_words import result_of
from dashboards.web.weeks_figures import METRICS, nights_of, series_of
from dashboards.web.weeks_notice import notice
from dashboards.web.weeks_periods import bands_of
from tests.dashboards.test_words_everywhere import found_in
from tests.fakes import FakeNightBook
from tests.shown_text import numbers_in, pieces_of
from tests.web_client import client_of

A = Period("without", date(2026, 2, 4), date(2026, 2, 20))
B = Period("magnesium <b>", date(2026, 2, 21), date(2026, 3, 10))
SIDES = (Side(A, 16, 14, 98.0, 35.0), Side(B, 18, 16, 112.5, 18.0))
CHANGED = Comparison(
    Measure.CRAMPS, *SIDES, ratio=0.448, low=0.23, high=0.81, p_real=0.972, verdict=Verdict.CHANGED, nights_more=None,
    why="count changed from 35 over 14 valid nights to 18 over 16 valid nights",
)  # fmt: skip
OPEN = replace(
    CHANGED, measure=Measure.PLM, ratio=None, low=None, high=3.0, p_real=0.5, verdict=Verdict.CANNOT_TELL,
    nights_more=44, to_tell=0.5, why="cannot tell yet: about 44 more nights",
)  # fmt: skip
FEW = replace(SIDES[1], n_valid_nights=4)
TOO_FEW = replace(CHANGED, b=FEW, ratio=0.1, verdict=Verdict.TOO_FEW, why="magnesium has 4 valid nights")
OF_A_SIDE = ("n_nights", "n_valid_nights", "valid_h", "count")
BY_HAND = "a_first=2026-02-04&a_last=2026-02-20&a_name=early&b_first=2026-02-21&b_last=2026-03-10"


class Told(FakeNightBook):
    """A book whose comparison a test made."""

    told: tuple[Comparison, ...] = (CHANGED, OPEN)

    def periods(self) -> tuple[Period, ...]:
        return (A, B)

    def compare(self, a: Period, b: Period) -> tuple[Comparison, ...]:
        return tuple(replace(one, a=replace(one.a, period=a), b=replace(one.b, period=b)) for one in self.told)


def facts_of(page: str) -> dict[str, str]:
    return dict(re.findall(r'<data value="[^"]*" data-fact="(ratio|interval|p_real|nights_more)">([^<]*)</data>', page))


@pytest.mark.slow
def test_what_can_be_told_is_told_with_its_interval_and_every_number_is_that_of_the_comparison() -> None:
    page = client_of(Told()).get(f"/compare?{BY_HAND}").text
    changed, rest = page.split('data-measure="plm"')
    assert "Count changed from 35 over 14 valid nights to 18 over 16 valid nights" in changed
    assert facts_of(changed) == {"ratio": "0.45 times", "interval": "0.23 to 0.81", "p_real": "97 %"}
    assert "Cannot tell yet: about 44 more nights" in rest
    assert facts_of(rest) == {"interval": "up to 3", "p_real": "50 %", "nights_more": "about 44, to tell 0.5 times"}
    values = re.findall(r'data value="([^"]*)" data-fact="(\w+)"', changed)
    shown = [(name, float(value)) for value, name in values if name in OF_A_SIDE]
    assert shown == [(name, float(getattr(side, name))) for side in SIDES for name in OF_A_SIDE]
    assert [word for piece in pieces_of(page) for word in found_in(piece.text)] == []


def test_with_too_few_nights_there_is_no_number_to_compare_anywhere() -> None:
    result = result_of(TOO_FEW)
    assert (result.facts, result.picture, result.told) == ((), None, False)
    book = Told()
    book.told = (TOO_FEW,)
    client = client_of(book)
    page = client.get(f"/compare?{BY_HAND}").text
    assert facts_of(page) == {}
    assert 'data-fact="count"' not in page
    (told,) = client.get(f"/api/compare?{BY_HAND}").json()["comparisons"]
    assert [told[name] for name in ("ratio", "low", "high", "p_real", "to_tell", "nights_more")] == [None] * 6
    assert told["a"]["count"] is told["b"]["count"] is None


@pytest.mark.slow
def test_a_period_of_the_diary_is_chosen_by_name_and_one_by_hand_by_its_evenings() -> None:
    client = client_of(Told())
    key = client.get("/api/compare").json()["periods"][1]["key"]
    answer = client.get("/api/compare", params={"a_first": "2026-02-04", "a_last": "2026-02-20", "b": key}).json()
    names = [answer["comparisons"][0][side]["period"]["name"] for side in "ab"]
    assert names == ["First period", B.name]
    page = client.get("/compare", params={"a_first": "2026-02-04", "a_last": "2026-02-20", "b": key}).text
    assert f'<option value="{html.escape(key)}" selected>' in page


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("a_first=", "First period: neither a period nor evenings, expected one of them"),
        ("a_first=soon&a_last=x", "First period: the evening is 'soon', expected a date as in 2026-03-14"),
        ("a=none", "First period: there is no period 'none' in the diary"),
        ("a_first=2026-02-20&a_last=2026-02-04&a_name=late", "late: ends 2026-02-04, before it begins 2026-02-20"),
        (
            f"a_first=2026-02-04&a_last=2026-02-20&a_name={'n' * 81}",
            "the name of a period has 81 characters, expected at most 80",
        ),
    ],
)  # fmt: skip
def test_what_is_no_period_is_said_in_a_line(query: str, why: str) -> None:
    asked = f"{query}&b_first=2026-02-21&b_last=2026-03-10"
    client = client_of(Told())
    answer = client.get(f"/api/compare?{asked}")
    assert (answer.status_code, answer.json()) == (400, {"error": why})
    page = client.get(f"/compare?{asked}")
    assert page.status_code == 400
    assert f"{why[:1].upper()}{why[1:]}." in html.unescape(page.text)


@pytest.mark.slow
def test_real_nights_are_compared_before_a_remedy_and_with_it() -> None:
    client = client_of(FakeNightBook())
    page = client.get("/compare").text
    assert 'value="before magnesium"' in page
    shown = client.get("/compare?a_first=2026-02-11&a_last=2026-02-24&b_first=2026-02-25&b_last=2026-03-14").text
    for measure in Measure:
        assert f'data-measure="{measure}"' in shown
    assert facts_of(shown)
    # The book lists one night of the second period, and it is simulated.
    assert "simulated night" in shown
    same = client.get("/compare?a_first=2026-02-11&a_last=2026-02-24&b_first=2026-02-20&b_last=2026-03-14")
    assert same.status_code == 400


@pytest.mark.slow
def test_the_evenings_of_a_plan_that_are_off_are_two_bands_of_one_look() -> None:
    phases = (Phase.OFF, Phase.ON, Phase.OFF)
    first = date(2026, 2, 4)
    plan = Plan("magnesium", tuple(Block(one, first + timedelta(days=7 * n), 7) for n, one in enumerate(phases)))
    off = plan.period(Phase.OFF)
    assert off is not None
    (band,) = bands_of([off], nights_of(FakeNightBook().weeks(90)))
    assert [stretch.width for stretch in band.stretches] == [70, 70]
    assert band.stretches[1].x - band.stretches[0].x == 140


@pytest.mark.slow
def test_bands_lie_where_the_days_of_the_charts_are_and_end_with_them() -> None:
    nights = nights_of(FakeNightBook().weeks(14))
    first = date(1970, 1, 1) + timedelta(days=int(nights.days[0]))
    whole = Period("long", first - timedelta(days=100), first + timedelta(days=100))
    early = Period("early", first - timedelta(days=9), first - timedelta(days=1))
    bands = bands_of([early, whole, Period("one", first, first), whole], nights)
    assert [band.stretches[0] for band in bands[:2]] == [(0, 10 * int(nights.days[-1] - nights.days[0] + 1)), (0, 10)]
    assert bands[0].style == bands[2].style != bands[1].style


def test_a_notice_tells_what_changed_besides_the_count_on_top_and_nothing_otherwise() -> None:
    figures = FakeNightBook().weeks(30)
    assert notice([series_of(nights_of(figures), metric) for metric in METRICS]) == ()
    rising = [
        replace(one, summary={**one.summary, "plms_wasm_per_h": 5.0 + n, "cramp_probable": n})
        for n, one in enumerate(figures)
    ]
    (line,) = notice([series_of(nights_of(rising), metric) for metric in METRICS])
    assert line.startswith("Periodic leg movements: changed from about 5")
    assert numbers_in("over 27 valid nights") <= numbers_in(line)
    assert notice([series_of(nights_of(rising[:13]), metric) for metric in METRICS]) == ()

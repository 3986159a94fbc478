"""How often and how much somebody on another computer may ask."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from dashboards.web.app import create_app
from dashboards.web.limits import MOST_KEYS, Buckets, RequestRate, Tries, household
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.web_client import HERE, PASSWORD, Clock, Far, client_of, far_app, far_client, far_from, make_tries

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

API = f"/api/night/{NIGHT_ID}"


def guess(far: Far) -> int:
    return far.sign_in("wrong").status_code


@pytest.mark.slow
def test_an_address_has_five_tries_and_then_one_every_20_s() -> None:
    far = far_client()
    assert [guess(far) for _ in range(7)] == [403] * 5 + [429] * 2
    answer = far.sign_in(PASSWORD)
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "20"
    assert "try again in 20 s" in answer.text
    far.clock.s += 20.0
    assert [guess(far), guess(far)] == [403, 429]
    far.clock.s += 20.0
    assert far.sign_in().status_code == 303


@pytest.mark.slow
def test_the_right_password_costs_no_try() -> None:
    far = far_client()
    for _ in range(7):
        assert far.sign_in().status_code == 303
        far.client.cookies.delete("soleus_session")
    assert [guess(far) for _ in range(6)] == [403] * 5 + [429]


def test_many_addresses_together_have_50_tries() -> None:
    clock = Clock()
    tries = make_tries(clock)
    waits_s = [tries.begin(f"browser {n}", f"address {n // 5}") for n in range(55)]
    assert waits_s == [0.0] * 50 + [4.0] * 5
    clock.s += 4.0
    assert tries.begin("browser", "another address") == 0.0


def test_who_guesses_elsewhere_does_not_lock_a_known_browser_out() -> None:
    app, login, clock = far_app()
    owner = far_from(app, login, clock)
    owner.sign_in()
    for number in range(50):
        login.tries.begin("", f"198.51.100.{number}")
    stranger = far_from(app, login, clock, address="203.0.113.1")
    assert stranger.sign_in().status_code == 429
    owner.client.cookies.delete("soleus_session")
    assert owner.sign_in().status_code == 303


def test_who_takes_a_known_browsers_cookie_has_no_more_tries_than_it() -> None:
    app, login, clock = far_app()
    owner = far_from(app, login, clock)
    owner.sign_in()
    owner.client.cookies.delete("soleus_session")
    token = owner.form_token()
    cookie = {"cookie": f"soleus_browser={owner.client.cookies['soleus_browser']}"}
    codes = []
    for number in range(6):
        thief = far_from(app, login, clock, address=f"198.51.100.{number}")
        answer = thief.client.post("/login", data={"token": token, "password": "wrong"}, headers=cookie)
        codes.append(answer.status_code)
    assert codes == [403] * 5 + [429]


def test_no_number_of_addresses_fills_the_memory() -> None:
    clock = Clock()
    buckets = Buckets(1, 1.0, now_s=clock)
    for number in range(3 * MOST_KEYS):
        buckets.take(number)
    assert len(buckets) == MOST_KEYS
    assert buckets.take(3 * MOST_KEYS - 1) == 1.0
    assert buckets.take(0) == 0.0


def test_a_bucket_never_holds_more_than_it_may() -> None:
    clock = Clock()
    buckets = Buckets(2, 1.0, now_s=clock)
    buckets.take("a")
    clock.s += 3600.0
    assert [buckets.take("a") for _ in range(3)] == [0.0, 0.0, 1.0]
    buckets.give_back("nobody")
    assert len(buckets) == 1


def test_of_many_known_browsers_the_oldest_is_forgotten() -> None:
    clock = Clock()
    tries = Tries(Buckets(1, 0.01, now_s=clock), Buckets(1, 0.01, now_s=clock))
    for number in range(257):
        tries.begin(f"{number}", f"{number}")
        tries.succeed(f"{number}", f"{number}", f"{number}!")
    tries.begin("x", "x")
    assert tries.begin("256!", "y") == 0.0
    assert tries.begin("0!", "z") > 0.0


def test_an_ipv6_household_counts_once() -> None:
    assert household("2001:db8:1:2:3::4") == household("2001:db8:1:2:ffff::1")
    assert household("2001:db8:1:2::1") != household("2001:db8:1:3::1")
    assert household("fe80::1%eth0") == household("fe80::2")
    assert household("::ffff:192.0.2.1") == "192.0.2.1"
    assert household("testclient") == "testclient"


async def answer_ok(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("ok")(scope, receive, send)


def test_who_asks_faster_than_any_page_is_told_to_wait() -> None:
    clock = Clock()
    app = RequestRate(answer_ok, Buckets(3, 0.5, now_s=clock))
    fast = TestClient(app, client=("198.51.100.1", 1))
    assert [fast.get("/api/x").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = fast.get("/api/x")
    assert refused.json()["error"].startswith("too many requests")
    assert refused.headers["retry-after"] == "2"
    assert TestClient(app, client=("198.51.100.2", 1)).get("/").status_code == 200
    clock.s += 2.0
    assert fast.get("/").status_code == 200


def test_requests_are_counted_where_others_can_reach_the_pages() -> None:
    watched, _, _ = far_app()
    assert RequestRate in [part.cls for part in watched.user_middleware]
    assert RequestRate not in [part.cls for part in create_app(FakeNightBook()).user_middleware]


@pytest.mark.slow
def test_no_address_takes_a_large_body() -> None:
    book = FakeNightBook(running=True)
    far = far_client(book)
    far.sign_in()
    headers = {"content-type": "application/json"}
    for path, unread in (
        (f"{API}/marks", 413),
        ("/login", 413),
        ("/logout", 413),
        ("/", 405),
        (API, 405),
        ("/no", 404),
    ):
        assert far.client.post(path, content=b"x" * 70_000, headers=headers).status_code == 413
        pieces = (b"x" * 10_000 for _ in range(100))
        # What has no use for a body does not read one that does not tell its length.
        assert far.client.post(path, content=pieces, headers=headers).status_code == unread
    assert not book.marked


def test_an_answer_before_the_end_of_a_request_ends_the_connection() -> None:
    client = client_of(FakeNightBook(running=True))
    pieces = (b"x" * 100 for _ in range(3))
    assert client.post("/nowhere", content=pieces).headers["connection"] == "close"
    assert client.post("/nowhere", content=b"x").headers["connection"] == "close"
    for read in (client.post(f"{API}/marks", json={}), client.get("/nowhere"), client.post("/nowhere")):
        assert "connection" not in read.headers


def test_a_body_on_this_computer_is_bounded_too() -> None:
    client = client_of(FakeNightBook(running=True))
    headers = {"content-type": "application/json", "content-length": "70000"}
    answer = client.post(f"{API}/marks", content=b"x" * 70_000, headers=headers)
    assert answer.status_code == 413
    assert "content-security-policy" in answer.headers


def test_tls_is_remembered_but_not_for_the_other_programs_of_this_computer() -> None:
    app, login, clock = far_app()
    assert "strict-transport-security" not in far_from(app, login, clock).client.get("/login").headers
    secure = far_from(app, login, clock, scheme="https")
    assert secure.client.get("/login").headers["strict-transport-security"] == "max-age=2592000"
    here = TestClient(app, base_url="https://localhost:8642")
    assert "strict-transport-security" not in here.get("/login").headers


def test_on_every_address_each_address_is_answered_and_no_unknown_name() -> None:
    client = far_client().client
    for ours in (f"{HERE}:8642", "[2001:db8::1]:8642", "127.0.0.1", "localhost"):
        assert client.get("/login", headers={"host": ours}).status_code == 200
    others = ("evil.example", f"{HERE}.evil.example", f"{HERE}@evil.example", f"{HERE}/x", "", "[::1", "a b", "0x7f.1")
    for host in others:
        answer = client.get("/login", headers={"host": host})
        assert answer.status_code == 400
        assert "set web.name" in answer.text


def test_every_refusal_carries_the_headers_too() -> None:
    far = far_client()
    for answer in (
        far.client.get(API),
        far.client.get("/", headers={"host": "evil.example"}),
        far.client.post("/login", headers={"origin": "http://evil.example"}),
        far.client.get("/", headers={"accept": "text/html"}, follow_redirects=False),
    ):
        assert answer.status_code >= 303
        assert re.match("default-src 'self';", answer.headers["content-security-policy"])
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"

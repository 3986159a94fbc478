"""The door of an app that others can reach."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from dashboards.web.sessions import DAY_S, Sessions
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.web_client import PASSWORD, far_app, far_client, far_from

if TYPE_CHECKING:
    from httpx2 import Response
    from starlette.testclient import TestClient

    from tests.web_client import Far

API = f"/api/night/{NIGHT_ID}"
PAGE = {"accept": "text/html,*/*"}
PROTECTED = ("/", f"/night/{NIGHT_ID}", f"/night/{NIGHT_ID}/event/x", API, f"{API}/tracks", f"{API}/raw", "/nowhere")


@pytest.fixture(scope="module")
def outside() -> TestClient:
    return far_client().client


@pytest.mark.parametrize("path", PROTECTED)
def test_nobody_gets_past_the_door_without_the_password(outside: TestClient, path: str) -> None:
    client = outside
    assert client.get(path, follow_redirects=False).status_code == 401
    page = client.get(path, headers=PAGE, follow_redirects=False)
    assert page.status_code == (401 if path.startswith("/api/") else 303)
    if page.status_code == 303:
        assert page.headers["location"] == f"/login?next={quote(path, safe='')}"
    assert client.get(path, headers={"cookie": "soleus_session=guessed"}).status_code == 401
    assert client.post(path, json={}).status_code == 401


@pytest.mark.parametrize(
    "path", ["/login/", "/login/../", "/static/../night/x", "/static/%2e%2e/api/night/x", "//", "/LOGIN", "/logout"]
)
def test_no_way_of_writing_an_address_leads_round_the_door(outside: TestClient, path: str) -> None:
    assert outside.get(path, follow_redirects=False).status_code in {401, 404}


@pytest.mark.slow
def test_the_password_opens_the_door_and_leads_to_where_one_wanted_to_go() -> None:
    far = far_client()
    answer = far.sign_in(goal=f"/night/{NIGHT_ID}?x=1")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/night/{NIGHT_ID}?x=1"
    assert far.client.get(f"/night/{NIGHT_ID}").status_code == 200
    assert far.client.get(API).status_code == 200
    assert far.client.get("/login", follow_redirects=False).headers["location"] == "/"


GOALS = ("https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "x")


@pytest.mark.slow
def test_the_door_leads_nowhere_else() -> None:
    far = far_client()
    for goal in GOALS:
        assert far.sign_in(goal=goal).headers["location"] == "/"
        there = far.client.get("/login", params={"next": goal}, follow_redirects=False)
        assert there.headers["location"] == "/"
        far.client.cookies.delete("soleus_session")


def test_a_wrong_password_is_refused_without_an_echo() -> None:
    far = far_client()
    for given in ("", "wrong", PASSWORD.upper(), f"{PASSWORD} ", "\N{GRINNING FACE}"):
        answer = far.sign_in(given)
        assert answer.status_code == 403
        assert "That is not the password" in answer.text
        assert not given.strip() or given.strip() not in answer.text
        assert "soleus_session" not in answer.headers.get("set-cookie", "")
        assert far.client.get(API).status_code == 401


def cookies_of(answer: Response) -> dict[str, str]:
    return {line.partition("=")[0]: line for line in answer.headers.get_list("set-cookie")}


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_cookies_stay_out_of_scripts_other_sites_and_with_tls_out_of_plain_connections(scheme: str) -> None:
    cookies = cookies_of(far_client(scheme=scheme).sign_in())
    prefix = "__Host-" if scheme == "https" else ""
    assert set(cookies) == {f"{prefix}soleus_session", f"{prefix}soleus_browser"}
    for cookie in cookies.values():
        told = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"httponly", "samesite=strict", "path=/"} <= told
        assert ("secure" in told) == (scheme == "https")
        assert any(re.fullmatch(r"max-age=\d+", part) for part in told)
        assert not any(part.startswith("domain") for part in told)


def test_signing_out_ends_the_session_also_for_who_kept_the_cookie() -> None:
    app, login, clock = far_app()
    far = far_from(app, login, clock)
    far.sign_in()
    kept = f"soleus_session={far.client.cookies['soleus_session']}"
    token = re.search(r'action="/logout"><input type="hidden" name="token" value="(\w+)"', far.client.get("/x").text)
    assert token
    thief = far_from(app, login, clock)
    assert thief.client.get(API, headers={"cookie": kept}).status_code == 200
    answer = far.client.post("/logout", data={"token": token[1]}, follow_redirects=False)
    assert answer.headers["location"] == "/login"
    assert "soleus_session" not in far.client.cookies
    assert far.client.get(API).status_code == 401
    assert thief.client.get(API, headers={"cookie": kept}).status_code == 401


@pytest.mark.slow
def test_a_session_ends_after_two_weeks_without_use_and_after_three_months() -> None:
    far = far_client()
    far.sign_in()
    far.clock.s += 13.9 * DAY_S
    assert far.client.get(API).status_code == 200
    far.clock.s += 14 * DAY_S
    assert far.client.get(API).status_code == 401
    far.sign_in()
    for _ in range(6):
        far.clock.s += 13 * DAY_S
        assert far.client.get(API).status_code == 200
    far.clock.s += 12.1 * DAY_S
    assert far.client.get(API).status_code == 401


def test_of_many_sessions_the_one_that_was_used_longest_ago_ends() -> None:
    sessions = Sessions()
    first, second = sessions.open(), sessions.open()
    sessions.renew(first)
    for _ in range(63):
        sessions.open()
    assert sessions.renew(first)
    assert not sessions.renew(second)


def post_login(far: Far, headers: dict[str, str], **form: str) -> int:
    return far.client.post("/login", data=form, headers=headers, follow_redirects=False).status_code


def test_a_form_counts_only_from_our_own_page_in_the_same_browser() -> None:
    app, login, clock = far_app()
    far, other = far_from(app, login, clock), far_from(app, login, clock)
    token, foreign = far.form_token(), other.form_token()
    assert post_login(far, {}, password=PASSWORD) == 403
    assert post_login(far, {}, password=PASSWORD, token="é") == 403  # noqa: S106 - no password
    assert post_login(far, {}, password=PASSWORD, token=foreign) == 403
    assert post_login(other, {}, password=PASSWORD, token=token) == 403
    for elsewhere in ({"origin": "http://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
        assert post_login(far, elsewhere, password=PASSWORD, token=token) == 403
    assert post_login(far, {"origin": "http://192.0.2.7:8642"}, password=PASSWORD, token=token) == 303


def test_nobody_else_can_sign_one_out() -> None:
    far = far_client()
    far.sign_in()
    assert far.client.post("/logout", data={}, follow_redirects=False).status_code == 403
    assert far.client.post("/logout", data={"token": "0" * 64}, follow_redirects=False).status_code == 403
    assert far.client.get("/logout").status_code == 405
    assert far.client.get(API).status_code == 200


def test_a_form_that_is_none_is_refused() -> None:
    far = far_client()
    far.form_token()
    for body in (b"x" * 5000, b"password=\xff\xfe", b"&".join([b"a=b"] * 20), b"%", b""):
        answer = far.client.post("/login", content=body, headers={"content-type": "application/x-www-form-urlencoded"})
        assert answer.status_code == (413 if len(body) > 4096 else 403)


@pytest.mark.slow
def test_there_is_no_door_on_this_computer_alone(client: TestClient) -> None:
    assert client.get("/login").status_code == 404
    assert "/logout" not in client.get(f"/night/{NIGHT_ID}").text


def test_the_page_works_without_a_script() -> None:
    client = far_client().client
    answer = client.get("/login")
    assert '<form class="login" method="post" action="/login">' in answer.text
    assert '<label for="password">' in answer.text
    assert "<script" not in answer.text.replace('<script src="/static/theme.js"></script>', "")
    assert "form-action 'self'" in answer.headers["content-security-policy"]
    assert client.get("/static/page.css").status_code == 200


def test_a_marker_needs_the_password_too() -> None:
    book = FakeNightBook(running=True)
    far = far_client(book)
    assert far.client.post(f"{API}/marks", json={}).status_code == 401
    assert not book.marked
    far.sign_in()
    assert far.client.post(f"{API}/marks", json={}).status_code == 204
